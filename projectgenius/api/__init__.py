"""What every endpoint of the API shares. A module each, since Django REST framework loads them one by one."""

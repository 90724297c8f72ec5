"""Version 1 of the API for courses and what hangs on them."""

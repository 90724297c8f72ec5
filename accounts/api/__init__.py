"""Version 1 of the API for people."""

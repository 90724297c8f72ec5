"""Counting requests, so that limits hold for all processes."""

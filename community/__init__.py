"""Announcements, reviews and achievements."""

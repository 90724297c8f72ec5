"""Courses, enrollment, progress and certificates."""

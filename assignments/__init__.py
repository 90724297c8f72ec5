"""Assignments, submissions, groups and grading."""

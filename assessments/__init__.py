"""Quizzes, questions, attempts and their analytics."""

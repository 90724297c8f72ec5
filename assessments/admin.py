"""Everything about quizzes in the admin site."""

from assessments import (
    admin_analytics,
    admin_attempts,
    admin_changes,
    admin_interchange,
    admin_judge,
    admin_questions,
    admin_quizzes,
)

__all__ = [
    "admin_analytics",
    "admin_attempts",
    "admin_changes",
    "admin_interchange",
    "admin_judge",
    "admin_questions",
    "admin_quizzes",
]

"""Everything about quizzes in the admin site."""

from assessments.admin import (
    analytics,
    attempts,
    changes,
    interchange,
    judge,
    questions,
    quizzes,
)

__all__ = [
    "analytics",
    "attempts",
    "changes",
    "interchange",
    "judge",
    "questions",
    "quizzes",
]

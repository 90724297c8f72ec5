"""What the lists of quizzes and their rows can be narrowed by; each only by fields that its readers see.

Nothing narrows by a score, by points or by what is correct: whoever could would find them out.
"""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    AttemptStatus,
    CodingQuestion,
    Difficulty,
    GradingState,
    Question,
    QuestionResponse,
    QuestionType,
    Quiz,
    QuizAttempt,
    QuizAvailability,
)
from projectgenius.api.filters import IdFilter, TruthFilter


class QuizFilter(django_filters.FilterSet):
    """Quizzes."""

    course = IdFilter()
    lesson = IdFilter()
    is_published = TruthFilter()

    class Meta:
        model = Quiz
        fields = ("course", "lesson", "is_published")


class QuizAvailabilityFilter(django_filters.FilterSet):
    """When quizzes are open."""

    course = IdFilter("quiz__course")
    quiz = IdFilter()

    class Meta:
        model = QuizAvailability
        fields = ("course", "quiz")


class QuestionFilter(django_filters.FilterSet):
    """Questions; those who list them read the whole of them."""

    course = IdFilter("quiz__course")
    quiz = IdFilter()
    lesson = IdFilter()
    question_type = django_filters.ChoiceFilter(choices=QuestionType.choices)
    difficulty = django_filters.ChoiceFilter(choices=Difficulty.choices)
    is_retired = TruthFilter()

    class Meta:
        model = Question
        fields = ("course", "quiz", "lesson", "question_type", "difficulty", "is_retired")


class CodingQuestionFilter(django_filters.FilterSet):
    """Coding parts of questions."""

    course = IdFilter("question__quiz__course")
    quiz = IdFilter("question__quiz")

    class Meta:
        model = CodingQuestion
        fields = ("course", "quiz", "language")


class AttemptFilter(django_filters.FilterSet):
    """Attempts."""

    course = IdFilter("quiz__course")
    quiz = IdFilter()
    user = IdFilter()
    status = django_filters.ChoiceFilter(choices=AttemptStatus.choices, method="by_status")
    is_preview = TruthFilter()
    is_voided = TruthFilter("voided_at", "isnull", exclude=True, label=_("Voided"))

    class Meta:
        model = QuizAttempt
        fields = ("course", "quiz", "user", "status", "is_preview", "is_voided")

    def by_status(self, rows: Any, name: str, value: str) -> QuerySet[QuizAttempt]:
        """An attempt whose end has come is in progress no more, though nothing may have closed it yet."""
        if value == AttemptStatus.IN_PROGRESS:
            return rows.open_at(timezone.now())  # type: ignore[no-any-return]
        return rows.filter(status=value)  # type: ignore[no-any-return]


class ResponseFilter(django_filters.FilterSet):
    """Responses."""

    course = IdFilter("attempt__quiz__course")
    quiz = IdFilter("attempt__quiz")
    attempt = IdFilter()
    question = IdFilter()
    user = IdFilter("attempt__user")
    grading = django_filters.ChoiceFilter(choices=GradingState.choices)
    is_flagged = TruthFilter()

    class Meta:
        model = QuestionResponse
        fields = ("course", "quiz", "attempt", "question", "user", "grading", "is_flagged")

"""The score of an attempt, worked out again whenever one of its responses was graded: by key, judge or person."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.audit import after_commit
from assessments.grading import score_attempt
from assessments.models import QuestionResponse, QuizAttempt
from assessments.paper import points_possible
from assessments.signals import attempt_graded


def settle_score(attempt: QuizAttempt, responses: Iterable[QuestionResponse], now: datetime) -> None:
    """Work the score out of the responses' points; it stays empty while one waits. Saves nothing."""
    attempt.score = score_attempt((row.points_earned for row in responses), points_possible(attempt.paper))
    attempt.is_count_due = not attempt.is_preview
    if attempt.score is not None and attempt.graded_at is None:
        attempt.graded_at = now
    if attempt.score is not None:
        after_commit(lambda: attempt_graded.send(QuizAttempt, attempt=attempt), robust=True)


@transaction.atomic
def settle_attempt(*, attempt: QuizAttempt, now: datetime | None = None) -> QuizAttempt:
    """Work the score of an ended attempt out of its responses as they are now, and save it.

    Locks the attempt: who grades a response locks the attempt first too, so no two settle past each other.
    """
    locked = QuizAttempt.objects.select_for_update(of=("self",)).select_related("quiz").get(pk=attempt.pk)
    if not locked.is_running:
        settle_score(locked, QuestionResponse.objects.filter(attempt=locked), now or timezone.now())
        locked.save(update_fields=["score", "is_count_due", "graded_at"])
    return locked

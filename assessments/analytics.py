"""The figures of a quiz: kept up to date attempt by attempt, and worked out anew from nothing by a command.

Counted are finished attempts of students; previews and voided ones are not. Each attempt remembers what was counted
of it, so that a regrade, a void or a reopening takes exactly that away again. Both ways end in the same figures.
"""

from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, fields
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from assessments.item_analysis import analyse_items
from assessments.models import AttemptStatus, Quiz, QuizAnalytics, QuizAttempt

CHUNK = 500  # attempts counted in one transaction
ITEMS_REST = timedelta(
    minutes=10
)  # the analysis of the questions reads all attempts: not more often than this
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Counted:
    """What attempts add to the figures. `scores` is the sum of percentages, `seconds` of the times taken."""

    completed: int = 0
    abandoned: int = 0
    scored: int = 0
    scores: Decimal = Decimal(0)
    seconds: int = 0

    def plus(self, other: "Counted") -> "Counted":
        return Counted(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def minus(self, other: "Counted") -> "Counted":
        return Counted(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def as_json(self) -> dict[str, Any]:
        """As an attempt keeps it: `{"completed": 1, "abandoned": 0, "scored": 1, "scores": "75.00", …}`."""
        return {**asdict(self), "scores": str(self.scores)}

    @classmethod
    def from_json(cls, kept: dict[str, Any] | None) -> "Counted":
        return cls(**{**kept, "scores": Decimal(kept["scores"])}) if kept else cls()


def counted_of(attempt: QuizAttempt) -> Counted:
    """What one attempt counts as it is now; nothing while it runs, for a preview and once it was voided."""
    if attempt.is_preview or attempt.is_voided or attempt.is_running:
        return Counted()
    if attempt.status == AttemptStatus.ABANDONED:
        return Counted(abandoned=1)
    is_scored = attempt.score is not None
    return Counted(
        completed=1,
        scored=int(is_scored),
        scores=attempt.score or Decimal(0),
        seconds=attempt.time_taken or 0,
    )


def figures_of(total: Counted) -> dict[str, Any]:
    """The documented columns. Empty where nothing can be said: no attempt, none completed, none with a score.

    `difficulty_rating = 5 × (1 − mean share of points)`, and the share of points is the score.
    """
    finished = total.completed + total.abandoned
    average = total.scores / total.scored if total.scored else None
    return {
        "total_attempts": finished,
        "average_score": _cents(average),
        "completion_rate": _cents(Decimal(100 * total.completed) / finished if finished else None),
        "average_time_seconds": _cents(Decimal(total.seconds) / total.completed if total.completed else None),
        "difficulty_rating": _cents(None if average is None else 5 * (1 - average / 100)),
    }


def _cents(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(CENT, ROUND_HALF_UP)


SUMS = {
    "completed": "completed_count",
    "abandoned": "abandoned_count",
    "scored": "scored_count",
    "scores": "score_sum",
    "seconds": "time_sum",
}


def count_due_attempts(*, quiz_id: int) -> int:
    """Bring the figures up to date by the attempts that changed; returns how many. May be run twice without harm."""
    count = 0
    while done := _count_some(quiz_id):
        count += done
    return count


@transaction.atomic
def _count_some(quiz_id: int) -> int:
    row = locked_analytics(quiz_id)
    due = QuizAttempt.objects.select_for_update(of=("self",)).without_paper()
    attempts = list(due.filter(quiz=quiz_id, is_count_due=True).order_by("pk")[:CHUNK])
    if attempts:
        _write(row, _take_in(_total_of(row), attempts))
    return len(attempts)


@transaction.atomic
def rebuild_quiz_analytics(*, quiz: Quiz, now: datetime | None = None) -> QuizAnalytics:
    """Work everything out anew from the attempts themselves, whatever stood there before.

    New attempts wait for the end of it to be counted, and so does who regrades.
    """
    row = locked_analytics(quiz.pk)
    rows = QuizAttempt.objects.select_for_update(of=("self",)).without_paper().filter(quiz=quiz)
    ids = list(QuizAttempt.objects.filter(quiz=quiz).order_by("pk").values_list("pk", flat=True))
    total = Counted()
    for start in range(0, len(ids), CHUNK):
        attempts = list(rows.filter(pk__in=ids[start : start + CHUNK]).order_by("pk"))
        for attempt in attempts:
            attempt.counted = None
        total = _take_in(total, attempts)
    _write(row, total)
    return refresh_items(quiz=quiz, now=now)


def refresh_quiz_analytics(*, quiz: Quiz, now: datetime | None = None) -> QuizAnalytics:
    """Count what is due and analyse the questions at once, for who does not want to wait for the background."""
    count_due_attempts(quiz_id=quiz.pk)
    return refresh_items(quiz=quiz, now=now)


@transaction.atomic
def refresh_items(*, quiz: Quiz, now: datetime | None = None) -> QuizAnalytics:
    """Analyse the questions anew."""
    row = locked_analytics(quiz.pk)
    row.items = analyse_items(quiz)
    row.items_at = now or timezone.now()
    row.save(update_fields=["items", "items_at"])
    return row


def locked_analytics(quiz_id: int) -> QuizAnalytics:
    """The quiz's row, made if it is missing, locked: counting comes one after the other."""
    QuizAnalytics.objects.bulk_create([QuizAnalytics(quiz_id=quiz_id)], ignore_conflicts=True)
    return QuizAnalytics.objects.select_for_update(of=("self",)).get(quiz=quiz_id)


def _total_of(row: QuizAnalytics) -> Counted:
    return Counted(**{name: getattr(row, column) for name, column in SUMS.items()})


def _take_in(total: Counted, attempts: Iterable[QuizAttempt]) -> Counted:
    """Exchange what was counted of these attempts for what they count now."""
    attempts = list(attempts)
    for attempt in attempts:
        now = counted_of(attempt)
        total = total.minus(Counted.from_json(attempt.counted)).plus(now)
        attempt.counted, attempt.is_count_due = now.as_json(), False
    QuizAttempt.objects.bulk_update(attempts, ["counted", "is_count_due"])
    return total


def _write(row: QuizAnalytics, total: Counted) -> None:
    for field in fields(total):
        setattr(row, SUMS[field.name], getattr(total, field.name))
    for name, value in figures_of(total).items():
        setattr(row, name, value)
    row.save()


def refresh_due_quizzes(*, now: datetime | None = None) -> int:
    """The background's turn: count every quiz with changed attempts, and analyse its questions when it is time.

    Returns how many quizzes had something to count.
    """
    now = now or timezone.now()
    due = QuizAttempt.objects.filter(is_count_due=True).order_by("quiz_id").values_list("quiz_id", flat=True)
    quizzes = list(due.distinct())
    for quiz_id in quizzes:
        count_due_attempts(quiz_id=quiz_id)
    for quiz in Quiz.objects.with_stale_items(before=now - ITEMS_REST):
        refresh_items(quiz=quiz, now=now)
    return len(quizzes)


def score_distribution(quiz: Quiz) -> list[int]:
    """How many scores lie in each tenth: 0 to below 10, …, 90 to 100 per cent."""
    tenths = [0] * 10
    rows = QuizAttempt.objects.counting().filter(
        quiz=quiz, score__isnull=False, status=AttemptStatus.COMPLETED
    )
    for score, number in rows.order_by().values_list("score").annotate(number=Count("pk")):
        tenths[min(9, int(score // 10))] += number
    return tenths

"""Points and feedback given by a person: first grades, changed ones, and what a colleague did meanwhile."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from assessments.grading import is_full, rounded
from assessments.models import GradingState, QuestionResponse, QuizAttempt, ScoreChange
from assessments.paper import Entry, entry_of
from assessments.permissions import can_grade_response
from assessments.settling import settle_score
from projectgenius.db import NOT_STORABLE
from projectgenius.errors import Conflict

LONGEST_FEEDBACK = 20_000  # characters
LONGEST_REASON = 1_000


def grade_mark(response: QuestionResponse) -> str:
    """What a form keeps of the grade that it shows, to find out whether somebody changed it meanwhile."""
    points = "" if response.points_earned is None else f"{response.points_earned:.2f}"
    time = response.graded_at.timestamp() if response.graded_at else ""
    said = (str(response.grading), points, response.feedback or "", time)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


@transaction.atomic
def grade_by_hand(
    *,
    response: QuestionResponse,
    points: Decimal,
    by: Any,
    feedback: str | None = None,
    reason: str = "",
    seen: str | None = None,
    now: datetime | None = None,
) -> QuestionResponse:
    """Give a response its points, and feedback with them; `feedback=None` leaves what stands there.

    `seen` is the `grade_mark` that the grader looked at. No regrade takes these points away. A score that the student
    has seen changes with a `reason` only. Raises PermissionDenied, ValidationError `out_of_range`,
    `too_many_decimals`, `too_long`, `reason_required`, and Conflict `running`, `voided`, `preview`, `not_asked`,
    `left_out`, `waits_for_judge`, `graded_meanwhile`.
    """
    now = now or timezone.now()
    attempt, row, entry = _locked(response, by)
    _require_unchanged(row, seen)
    if row.grading == GradingState.JUDGE:
        raise Conflict(_("The judge still works on this program."), code="waits_for_judge")
    points = check_points(points, Decimal(entry["points"]))
    feedback = row.feedback if feedback is None else check_feedback(feedback)
    reason = check_reason(reason)
    old_points, old_score = row.points_earned, attempt.score
    if points != old_points and needs_reason(attempt, now) and not reason:
        message = _("The student has seen this score. Say why it changes.")
        raise ValidationError({"reason": ValidationError(message, code="reason_required")})
    row.points_earned, row.is_correct, row.feedback = points, is_full(entry, points), feedback
    row.grading, row.is_by_hand, row.graded_by, row.graded_at = GradingState.DONE, True, by, now
    entry.pop("by_hand", None)  # what a regrade had set aside
    row.save(
        update_fields=[
            "points_earned",
            "is_correct",
            "feedback",
            "grading",
            "is_by_hand",
            "graded_by",
            "graded_at",
        ]
    )
    settle_score(attempt, QuestionResponse.objects.filter(attempt=attempt), now)
    attempt.save(update_fields=["score", "is_count_due", "graded_at", "paper"])
    if points != old_points:
        change = ScoreChange(
            attempt=attempt,
            question_id=row.question_id,
            changed_by=by,
            reason=reason,
            old_points=old_points,
            new_points=points,
            old_score=old_score,
            new_score=attempt.score,
        )
        _note(change, row)
    return row


@transaction.atomic
def give_feedback(
    *,
    response: QuestionResponse,
    feedback: str,
    by: Any,
    seen: str | None = None,
    now: datetime | None = None,
) -> QuestionResponse:
    """Write to the student about a response; points and score stay. Raises as `grade_by_hand`."""
    attempt, row, _entry = _locked(response, by)
    _require_unchanged(row, seen)
    row.feedback = check_feedback(feedback)
    row.save(update_fields=["feedback"])
    # The text itself is kept in its row alone: the log is append-only, and a person can be erased.
    record_event("grade.feedback", actor=by, row=row, course_id=attempt.quiz.course_id)
    return row


def _locked(response: QuestionResponse, by: Any) -> tuple[QuizAttempt, QuestionResponse, Entry]:
    """The attempt, locked, the response as it stands, and its question as it was asked. Refuses what is not graded."""
    attempts = QuizAttempt.objects.select_for_update(of=("self",)).select_related("quiz__course", "user")
    attempt = attempts.get(pk=response.attempt_id)
    row = QuestionResponse.objects.select_related("graded_by").get(pk=response.pk)
    row.attempt = attempt
    if not can_grade_response(by, row):
        raise PermissionDenied(_("Your own work is graded by somebody else, others’ by those who teach."))
    if attempt.is_running:
        raise Conflict(_("This attempt is still running."), code="running")
    if attempt.is_voided:
        raise Conflict(_("This attempt does not count: it was voided."), code="voided")
    if attempt.is_preview:
        raise Conflict(_("This is a preview. It is not graded."), code="preview")
    entry = entry_of(attempt.paper, row.question_id)
    if entry is None:
        raise Conflict(_("This attempt does not ask that question."), code="not_asked")
    if entry.get("regraded") == "omit":
        raise Conflict(_("This question was left out of the score."), code="left_out")
    return attempt, row, entry


def _require_unchanged(row: QuestionResponse, seen: str | None) -> None:
    if seen is None or seen == grade_mark(row):
        return
    name = row.graded_by.display_name if row.graded_by else _("Somebody")
    message = _("%(name)s graded this while you were reading. Look at it, then decide.")
    raise Conflict(message % {"name": name}, code="graded_meanwhile")


def check_points(points: Decimal, most: Decimal) -> Decimal:
    """Points with two decimals, 0 to `most`."""
    if not points.is_finite() or not 0 <= points <= most:
        message = _("Give 0 to %(most)s points.") % {"most": f"{most.normalize():f}"}
        raise ValidationError({"points": ValidationError(message, code="out_of_range")})
    if points != rounded(points):
        message = _("Points have at most two decimals.")
        raise ValidationError({"points": ValidationError(message, code="too_many_decimals")})
    return rounded(points)


def check_feedback(feedback: str) -> str:
    """The text, trimmed and not too long."""
    return _short(feedback, "feedback", LONGEST_FEEDBACK)


def check_reason(reason: str) -> str:
    """The reason, trimmed and not too long."""
    return _short(reason, "reason", LONGEST_REASON)


def _short(text: str, field: str, longest: int) -> str:
    text = NOT_STORABLE.sub("", text).strip()
    if len(text) > longest:
        message = _("Write %(longest)s characters or fewer.") % {"longest": longest}
        raise ValidationError({field: ValidationError(message, code="too_long")})
    return text


def needs_reason(attempt: QuizAttempt, now: datetime | None = None) -> bool:
    """Whether the student may have seen the score, so that changing it takes a reason."""
    results_at = attempt.quiz.results_at
    return attempt.score is not None and (results_at is None or results_at <= (now or timezone.now()))


def _note(change: ScoreChange, row: QuestionResponse) -> None:
    """Write down old and new, for the student and for the log."""
    change.save()
    record_event(
        "grade.give" if change.old_points is None else "grade.change",
        actor=change.changed_by,
        row=row,
        course_id=change.attempt.quiz.course_id,
        before={"points": as_text(change.old_points), "score": as_text(change.old_score)},
        after={"points": as_text(change.new_points), "score": as_text(change.new_score)},
        reason=change.reason,
    )


def as_text(number: Decimal | None) -> str | None:
    """A number as JSON keeps it, so that no digit is lost."""
    return None if number is None else str(number)

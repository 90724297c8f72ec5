"""What those who teach do to an attempt of a student: void it, reopen it, add time. Each with a reason, each logged.

They lock in the order in which a start does: the enrollment, then the attempt.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from assessments.finishing import finish_attempt
from assessments.hand_grading import check_reason
from assessments.models import AttemptStatus, GradingState, QuestionResponse, QuizAttempt
from assessments.permissions import can_manage_attempt
from assessments.timing import has_ended
from courses.models import CourseEnrollment
from projectgenius.errors import Conflict

MOST_MINUTES = 7 * 24 * 60


@transaction.atomic
def void_attempt(*, attempt: QuizAttempt, by: Any, reason: str, now: datetime | None = None) -> QuizAttempt:
    """An attempt counts no more: neither for score, limit, figures nor completion. It stays, and keeps its number.

    One that runs is closed first, so its student can begin another. Raises PermissionDenied, ValidationError
    `reason_required`, and Conflict `preview`, `voided`.
    """
    now = now or timezone.now()
    locked, reason = _locked(attempt, by, reason)
    if locked.is_voided:
        raise _voided()
    if locked.is_running:
        finish_attempt(attempt=locked, now=now)
        locked.refresh_from_db(fields=["status", "score", "completed_at", "time_taken", "graded_at"])
    locked.voided_at, locked.void_reason, locked.is_count_due = now, reason, True
    locked.save(update_fields=["voided_at", "void_reason", "is_count_due"])
    _note("void", locked, by, reason, before={"score": _text(locked.score)})
    return locked


@transaction.atomic
def reopen_attempt(
    *, attempt: QuizAttempt, minutes: int, by: Any, reason: str, now: datetime | None = None
) -> QuizAttempt:
    """Let a student go on with an ended attempt for `minutes` from now, also after the quiz has closed.

    The answers stay; all is graded again at the end, but for points that a person gave to an answer that does not
    change. Raises PermissionDenied, ValidationError `minutes`, `reason_required`, and Conflict `preview`, `voided`,
    `running`, `other_running`, `judging`.
    """
    now = now or timezone.now()
    locked, reason = _locked(attempt, by, reason)
    _check_minutes(minutes)
    if locked.is_voided:
        raise _voided()
    if locked.is_running and not has_ended(locked.deadline, now):
        raise Conflict(_("This attempt is still running. Add time instead."), code="running")
    if locked.is_running:
        locked = finish_attempt(attempt=locked, now=now)
    if QuizAttempt.objects.running().filter(quiz=locked.quiz_id, user=locked.user_id).exists():
        raise Conflict(_("Another attempt of this student is running."), code="other_running")
    responses = QuestionResponse.objects.filter(attempt=locked)
    if responses.filter(grading=GradingState.JUDGE).exists():
        message = _("The judge still works on a program of this attempt. Try again in a minute.")
        raise Conflict(message, code="judging")
    before = {"status": str(locked.status), "score": _text(locked.score)}
    responses.filter(is_by_hand=False).update(
        points_earned=None, is_correct=None, graded_at=None, judged=None
    )
    responses.update(grading=GradingState.OPEN)
    locked.status, locked.score = AttemptStatus.IN_PROGRESS, None
    locked.completed_at = locked.graded_at = None
    locked.resumed_at = locked.seen_at = now
    locked.deadline = now + timedelta(minutes=minutes)
    locked.extra_minutes += minutes
    locked.is_count_due = True
    locked.save()
    after = {"status": str(locked.status), "deadline": locked.deadline.isoformat()}
    _note("reopen", locked, by, reason, before=before, after=after)
    return locked


@transaction.atomic
def add_time(
    *, attempt: QuizAttempt, minutes: int, by: Any, reason: str, now: datetime | None = None
) -> QuizAttempt:
    """Move the deadline of a running attempt back by `minutes`, at most to the closing time of the quiz.

    Only one that was reopened goes beyond that. Raises PermissionDenied, ValidationError `minutes`,
    `reason_required`, and Conflict `preview`, `voided`, `ended`, `no_deadline`, `closes`.
    """
    now = now or timezone.now()
    locked, reason = _locked(attempt, by, reason)
    _check_minutes(minutes)
    if locked.is_voided:
        raise _voided()
    if not locked.is_running or has_ended(locked.deadline, now):
        raise Conflict(_("This attempt is over. Reopen it instead."), code="ended")
    if locked.deadline is None:
        raise Conflict(_("This attempt has no time limit."), code="no_deadline")
    old, new = locked.deadline, locked.deadline + timedelta(minutes=minutes)
    availability = getattr(locked.quiz, "availability", None)
    if availability and availability.closes_at and locked.resumed_at is None:
        new = min(new, availability.closes_at)
    if new <= old:
        message = _("The quiz closes then. Move its closing time first, or reopen the attempt afterwards.")
        raise Conflict(message, code="closes")
    locked.deadline = new
    locked.extra_minutes += minutes
    locked.save(update_fields=["deadline", "extra_minutes"])
    _note(
        "add_time",
        locked,
        by,
        reason,
        before={"deadline": old.isoformat()},
        after={"deadline": new.isoformat(), "minutes": minutes},
    )
    return locked


def _locked(attempt: QuizAttempt, by: Any, reason: str) -> tuple[QuizAttempt, str]:
    """The attempt behind the locks of its enrollment and its own, and the reason as it is kept."""
    rows = QuizAttempt.objects.select_related("quiz__course", "quiz__availability", "user")
    found = rows.without_paper().get(pk=attempt.pk)
    if not can_manage_attempt(by, found):
        raise PermissionDenied(_("Your own work is changed by somebody else, others’ by those who teach."))
    if found.is_preview:
        raise Conflict(_("This is a preview. It does not count anyway."), code="preview")
    if not (reason := check_reason(reason)):
        message = _("Say why. The reason is kept with the attempt.")
        raise ValidationError({"reason": ValidationError(message, code="reason_required")})
    places = CourseEnrollment.objects.filter(student=found.user_id, course=found.quiz.course_id)
    list(places.select_for_update(of=("self",)).order_by().values_list("pk"))
    return rows.select_for_update(of=("self",)).get(pk=found.pk), reason


def _check_minutes(minutes: int) -> None:
    if not 1 <= minutes <= MOST_MINUTES:
        message = _("Give 1 to %(most)s minutes.") % {"most": MOST_MINUTES}
        raise ValidationError({"minutes": ValidationError(message, code="minutes")})


def _voided() -> Conflict:
    return Conflict(_("This attempt does not count: it was voided."), code="voided")


def _text(number: Any) -> str | None:
    return None if number is None else str(number)


def _note(
    verb: str,
    attempt: QuizAttempt,
    by: Any,
    reason: str,
    *,
    before: dict[str, Any],
    after: dict[str, Any] | None = None,
) -> None:
    record_event(
        f"grade.{verb}",
        actor=by,
        row=attempt,
        course_id=attempt.quiz.course_id,
        before={"student": attempt.user_id, **before},
        after=after,
        reason=reason,
    )

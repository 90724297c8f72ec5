"""Answering: each answer is saved as it is given, with the mark on its question and the place of its reader.

Only the attempt's own row is locked, so no student waits for another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.models import QuestionResponse, QuizAttempt
from assessments.paper import Entry, entry_of, question_at
from assessments.shapes import check_response
from assessments.timing import has_ended, seconds_between
from projectgenius.errors import Conflict

HIGHEST_VERSION = 2**31 - 1  # what the column holds


@dataclass(frozen=True)
class Saved:
    """What the server has after a save; `is_newer` is false when it kept a newer answer than the packet's.

    `is_new`: the question had no answer before. `is_repeated`: the packet had come before, and says what is stored.
    """

    response: QuestionResponse
    is_newer: bool
    attempt: QuizAttempt
    is_new: bool = False
    is_repeated: bool = False


@transaction.atomic
def save_response(
    *,
    attempt: QuizAttempt,
    question_id: int,
    response: Any,
    version: int,
    is_flagged: bool | None = None,
    position: int | None = None,
    by: User | None = None,
    now: datetime | None = None,
) -> Saved:
    """Save one answer as it is given. `version` counts the saves of this answer; an older or equal one changes nothing.

    A caller that has not asked yet whether a person may answer names that person as `by`: the statement that locks
    asks too, and `QuizAttempt.DoesNotExist` is the answer to those who may not. Raises Conflict `ended`, `not_asked`,
    and ValidationError for `version` and `response`.
    """
    now = now or timezone.now()
    _check_version(version)
    locked = _locked(attempt, by, now)
    check_response(_entry(locked, question_id), response)
    row = _row(locked, question_id)
    if version <= row.version:
        is_repeated = version == row.version and response == row.response
        return Saved(row, is_newer=False, attempt=locked, is_repeated=is_repeated)
    is_new = row.version == 0
    row.response, row.version, row.saved_at = response, version, now
    row.is_by_hand = False  # after a reopening: the points of a person were for what stood there before
    if is_flagged is not None:
        row.is_flagged = is_flagged
    row.seconds += seconds_between(locked.seen_at, now)
    row.save()
    _note_presence(locked, position, now)
    return Saved(row, is_newer=True, attempt=locked, is_new=is_new)


@transaction.atomic
def mark_question(
    *,
    attempt: QuizAttempt,
    question_id: int,
    is_flagged: bool,
    by: User | None = None,
    now: datetime | None = None,
) -> QuestionResponse:
    """Flag a question to come back to, or take the flag away; its answer and the answer's version stay.

    Rights and refusals as in `save_response`.
    """
    now = now or timezone.now()
    locked = _locked(attempt, by, now)
    _entry(locked, question_id)
    row = _row(locked, question_id)
    if row.is_flagged != is_flagged:
        row.is_flagged = is_flagged
        row.save()
    return row


@transaction.atomic
def save_position(
    *, attempt: QuizAttempt, position: int, by: User | None = None, now: datetime | None = None
) -> QuizAttempt:
    """Note which question is open, from 1; the time until now was spent on the one that was open before.

    Rights and refusals as in `save_response`.
    """
    now = now or timezone.now()
    locked = _locked(attempt, by, now)
    seconds = seconds_between(locked.seen_at, now)
    left = question_at(locked.paper, locked.position)
    if seconds and left:
        row = _row(locked, left)
        row.seconds += seconds
        row.save()
    _note_presence(locked, position, now)
    return locked


def require_running(attempt: QuizAttempt, now: datetime) -> None:
    """Refuse what may only be done before the end. Raises Conflict `ended`."""
    if not attempt.is_running or has_ended(attempt.deadline, now):
        raise Conflict(_("This attempt is over. What you saved before was handed in."), code="ended")


def _locked(attempt: QuizAttempt, by: User | None, now: datetime) -> QuizAttempt:
    allowed = QuizAttempt.objects.all() if by is None else QuizAttempt.objects.answerable_by(by)
    locked = allowed.select_for_update(of=("self",)).get(pk=attempt.pk)
    require_running(locked, now)
    return locked


def _entry(attempt: QuizAttempt, question_id: int) -> Entry:
    entry = entry_of(attempt.paper, question_id)
    if entry is None:
        raise Conflict(_("This attempt does not ask that question."), code="not_asked")
    return entry


def _row(attempt: QuizAttempt, question_id: int) -> QuestionResponse:
    """What was saved for the question, or a new row; the attempt is locked, so nobody else makes one."""
    found = QuestionResponse.objects.filter(attempt=attempt, question_id=question_id).first()
    return found or QuestionResponse(attempt=attempt, question_id=question_id)


def _check_version(version: int) -> None:
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= HIGHEST_VERSION:
        message = _("Number the saves of an answer from 1.")
        raise ValidationError({"version": ValidationError(message, code="version")})


def _note_presence(attempt: QuizAttempt, position: int | None, now: datetime) -> None:
    """Keep the sign of life, and the place if one was told; one beyond the paper means its nearest end."""
    if position is not None:
        attempt.position = min(max(1, position), max(1, len(attempt.paper)))
    attempt.seen_at = max(now, attempt.seen_at or now)
    attempt.save(update_fields=["seen_at", "position"])

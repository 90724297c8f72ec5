"""The end of an attempt: handing in, running out of time, and the grading of what was saved until then.

Who ends an attempt locks its row first, as who saves an answer does: an answer is either in before the end, and graded,
or refused.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import after_commit
from accounts.models import User
from assessments.grading import grade_response, is_full
from assessments.judging import request_judging
from assessments.models import AttemptStatus, GradingState, QuestionResponse, QuizAttempt
from assessments.paper import question_at
from assessments.settling import settle_score
from assessments.shapes import is_empty
from assessments.signals import attempt_submitted
from assessments.timing import has_ended, seconds_between, seconds_taken

logger = logging.getLogger(__name__)

# What ending an attempt changes of its row.
ENDED_FIELDS = ("status", "score", "completed_at", "time_taken", "graded_at", "is_count_due")


@transaction.atomic
def submit_attempt(
    *, attempt: QuizAttempt, by: User | None = None, now: datetime | None = None
) -> QuizAttempt:
    """Hand in what was saved. Handing in twice changes nothing; after the end it is closed as of its end.

    A caller that has not asked yet whether a person may hand it in names that person as `by`:
    `QuizAttempt.DoesNotExist` is the answer to those who may not.
    """
    return finish_attempt(attempt=attempt, by=by, now=now or timezone.now(), is_submitted=True)


@transaction.atomic
def finish_attempt(
    *, attempt: QuizAttempt, now: datetime, is_submitted: bool = False, by: User | None = None
) -> QuizAttempt:
    """Grade what was saved and close the attempt: `completed`, or `abandoned` when time ran out on an empty paper."""
    allowed = QuizAttempt.objects.all() if by is None else QuizAttempt.objects.answerable_by(by)
    locked = allowed.select_for_update(of=("self",)).select_related("quiz").get(pk=attempt.pk)
    if not locked.is_running:
        return locked
    responses = {row.question_id: row for row in QuestionResponse.objects.filter(attempt=locked)}
    for entry in locked.paper:
        row = responses.setdefault(
            entry["question"], QuestionResponse(attempt=locked, question_id=entry["question"])
        )
        apply_grade(row, entry, now)
    in_time = is_submitted and not has_ended(locked.deadline, now)
    if in_time and (open_question := question_at(locked.paper, locked.position)):
        responses[open_question].seconds += seconds_between(locked.seen_at, now)
    _save_all(responses.values())
    is_blank = all(is_empty(row.response) for row in responses.values())
    locked.status = AttemptStatus.COMPLETED if in_time or not is_blank else AttemptStatus.ABANDONED
    ended_at = now if in_time or locked.deadline is None else min(now, locked.deadline)
    locked.completed_at = ended_at
    began_at = locked.resumed_at or locked.started_at
    locked.time_taken = (locked.time_taken or 0) + seconds_taken(
        started_at=began_at, ended_at=ended_at, deadline=locked.deadline
    )
    settle_score(locked, responses.values(), now)
    locked.save(update_fields=ENDED_FIELDS)
    if any(row.grading == GradingState.JUDGE for row in responses.values()):
        request_judging(attempt=locked)
    after_commit(lambda: attempt_submitted.send(QuizAttempt, attempt=locked), robust=True)
    return locked


def apply_grade(row: QuestionResponse, entry: dict[str, Any], now: datetime) -> None:
    """Grade one response by its key, or say who has to. Points that a person gave stay."""
    if row.is_by_hand:
        row.grading = GradingState.DONE
        return
    points = grade_response(entry, row.response)
    row.points_earned, row.is_correct = points, is_full(entry, points)
    if points is not None:
        row.grading, row.graded_at = GradingState.DONE, now
    else:
        row.grading = GradingState.JUDGE if entry["type"] == "coding" else GradingState.PERSON


def _save_all(rows: Iterable[QuestionResponse]) -> None:
    """One statement for new rows and one for old ones, whatever their number."""
    rows = list(rows)
    QuestionResponse.objects.bulk_create(row for row in rows if row._state.adding)
    QuestionResponse.objects.bulk_update(
        [row for row in rows if not row._state.adding],
        ["points_earned", "is_correct", "grading", "graded_at", "seconds"],
    )


def close_if_ended(*, attempt: QuizAttempt, now: datetime | None = None) -> QuizAttempt:
    """An attempt as whoever reads it has to find it: closed, when its end has come and no job has been by yet.

    Every door that shows an attempt calls this. Returns the attempt it was given, with what it brought along.
    """
    now = now or timezone.now()
    if attempt.is_running and has_ended(attempt.deadline, now):
        ended = finish_attempt(attempt=attempt, now=now)
        for name in ENDED_FIELDS:
            setattr(attempt, name, getattr(ended, name))
    return attempt


def close_those_ended(attempts: Iterable[QuizAttempt], *, now: datetime | None = None) -> None:
    """The same for a page of a list."""
    now = now or timezone.now()
    for attempt in attempts:
        close_if_ended(attempt=attempt, now=now)


def close_ended(*, now: datetime | None = None, limit: int = 5000) -> int:
    """Close the attempts whose end has come; returns how many. Each in a transaction of its own.

    One that cannot be closed is logged and keeps no other one open.
    """
    now = now or timezone.now()
    due = QuizAttempt.objects.ended_by(now).order_by("deadline").values_list("pk", flat=True)[:limit]
    count = 0
    for pk in list(due):
        try:
            finish_attempt(attempt=QuizAttempt(pk=pk), now=now)
            count += 1
        except Exception:
            logger.exception("Attempt %s could not be closed.", pk)
    return count

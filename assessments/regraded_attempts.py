"""Writing what a regrade worked out: papers, points and scores, with old and new for the student and for the log."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from accounts.audit import after_commit, record_event
from accounts.models import User
from assessments.grading import is_full
from assessments.hand_grading import as_text
from assessments.judging import request_judging
from assessments.models import GradingState, QuestionResponse, QuizAttempt, Regrade, ScoreChange
from assessments.new_keys import Graded, Outcome
from assessments.paper import Entry
from assessments.signals import attempt_graded

Todo = tuple[QuizAttempt, Outcome, list[QuestionResponse]]


def write_outcomes(regrade: Regrade, todo: Iterable[Todo], by: User, now: datetime | None = None) -> None:
    """Save some attempts, which are locked; an attempt that is already as it should be is passed over."""
    now = now or timezone.now()
    attempts: list[QuizAttempt] = []
    responses: list[QuestionResponse] = []
    changes: list[ScoreChange] = []
    for attempt, outcome, rows in todo:
        if outcome.paper == attempt.paper and not outcome.changed:
            continue
        entries = {entry["question"]: entry for entry in outcome.paper}
        for row in rows:
            if graded := outcome.changed.get(row.question_id):
                changes.append(_change_of_points(regrade, by, row, graded))
                responses.append(_regraded(row, graded, entries[row.question_id], now))
        if outcome.score != attempt.score:
            changes.append(_change_of_score(regrade, by, attempt, outcome))
            _log(regrade, by, attempt, outcome)
        attempts.append(_with(attempt, outcome, now))
    QuizAttempt.objects.bulk_update(attempts, ["paper", "score", "is_count_due", "graded_at"])
    QuestionResponse.objects.bulk_update(
        responses, ["points_earned", "is_correct", "grading", "graded_at", "judged"]
    )
    ScoreChange.objects.bulk_create(changes)
    if judged := sorted({row.attempt_id for row in responses if row.grading == GradingState.JUDGE}):
        ask_judge.enqueue(judged)


@task()
def ask_judge(attempts: list[int]) -> None:
    """Have the programs of some attempts (ids) judged; in the background, for a student's runs are nobody else's."""
    for pk in attempts:
        request_judging(attempt=QuizAttempt(pk=pk))


@transaction.atomic
def note_score_after_judging(*, attempt: QuizAttempt) -> None:
    """A regrade that sent a program to the judge left the score open: say what it has become. Twice adds nothing."""
    if _open_change(attempt) is None:
        return
    score = (
        QuizAttempt.objects.select_for_update(of=("self",)).values_list("score", flat=True).get(pk=attempt.pk)
    )
    change = _open_change(attempt)
    if change is None or score is None:
        return
    change.pk, change.created_at, change.new_score = None, timezone.now(), score
    change.save(force_insert=True)


def _open_change(attempt: QuizAttempt) -> ScoreChange | None:
    """The last change of the attempt's score by a regrade, if it took a score away and gave no new one."""
    changes = ScoreChange.objects.filter(attempt=attempt, question=None).exclude(regrade=None)
    last = changes.order_by("-pk").first()
    return last if last and last.new_score is None and last.old_score is not None else None


def _regraded(row: QuestionResponse, graded: Graded, entry: Entry, now: datetime) -> QuestionResponse:
    row.points_earned, row.grading = graded.points, GradingState(graded.grading)
    row.is_correct = None if entry.get("regraded") == "omit" else is_full(entry, graded.points)
    row.graded_at = now if graded.points is not None else None
    if row.grading == GradingState.JUDGE:
        row.judged = None
    return row


def _with(attempt: QuizAttempt, outcome: Outcome, now: datetime) -> QuizAttempt:
    """The attempt after it; who listens is told where the score is a new one."""
    is_new = outcome.score is not None and outcome.score != attempt.score
    attempt.paper, attempt.score, attempt.is_count_due = outcome.paper, outcome.score, True
    if attempt.score is not None and attempt.graded_at is None:
        attempt.graded_at = now
    if is_new:
        after_commit(partial(attempt_graded.send, QuizAttempt, attempt=attempt), robust=True)
    return attempt


def _change_of_points(regrade: Regrade, by: User, row: QuestionResponse, graded: Graded) -> ScoreChange:
    return ScoreChange(
        attempt_id=row.attempt_id,
        question_id=row.question_id,
        regrade=regrade,
        changed_by=by,
        reason=regrade.reason,
        old_points=row.points_earned,
        new_points=graded.points,
    )


def _change_of_score(regrade: Regrade, by: User, attempt: QuizAttempt, outcome: Outcome) -> ScoreChange:
    return ScoreChange(
        attempt=attempt,
        regrade=regrade,
        changed_by=by,
        reason=regrade.reason,
        old_score=attempt.score,
        new_score=outcome.score,
    )


def _log(regrade: Regrade, by: User, attempt: QuizAttempt, outcome: Outcome) -> None:
    record_event(
        "grade.regrade",
        actor=by,
        row=attempt,
        course_id=regrade.quiz.course_id,
        before={"score": as_text(attempt.score)},
        after={"score": as_text(outcome.score), "regrade": regrade.pk},
        reason=regrade.reason,
    )

"""Code that people send in for challenges goes through the same judge as that of quizzes."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from assessments.judge import Case, Limits, Program, Report, SandboxUnavailable, Verdict, judge
from legacy.models import Submission, SubmissionStatus
from projectgenius.background.handling import handled

logger = logging.getLogger(__name__)

LIMITS = Limits(seconds=5, memory_mb=128)
MOST_TRIES = 3
WAITING = (SubmissionStatus.PENDING, SubmissionStatus.RUNNING)
LOST_AFTER = timedelta(minutes=1)


class JudgeFailed(Exception):
    """The judge could not say; the task is tried again after a pause."""


@transaction.atomic
def request_judging(*, submission: Submission) -> None:
    """Put a submission on the judge's queue, in the transaction that makes it."""
    judge_in_background.using(run_after=timezone.now()).enqueue(submission.pk)  # as programs in quizzes


@task(queue_name="judge")
@handled(tries=MOST_TRIES, pause=timedelta(seconds=30))
def judge_in_background(submission_id: int) -> None:
    """Judge what was sent in."""
    if submission := Submission.objects.filter(pk=submission_id, status__in=WAITING).first():
        judge_submission(submission=submission)


def judge_submission(*, submission: Submission, now: datetime | None = None) -> Submission:
    """Run a submission on all tests of its challenge; its status is the verdict, its score the percentage passed.

    What is over already stays as it is. Raises JudgeFailed where the judge is to blame, and changes nothing then.
    """
    Submission.objects.filter(pk=submission.pk, status__in=WAITING).update(status=SubmissionStatus.RUNNING)
    tests = submission.challenge.test_cases
    cases = [Case(test["input"], test["output"]) for test in tests]
    try:
        report = judge(Program(submission.language, submission.code), cases, LIMITS)
    except SandboxUnavailable as off:
        raise JudgeFailed(str(off)) from off
    if report.is_ours:
        raise JudgeFailed(next((one.detail for one in report.results if one.detail), "internal error"))
    score, feedback = score_of(report, len(tests)), feedback_of(report, tests)
    return _finish(submission.pk, SubmissionStatus(report.verdict.value), score, feedback, now)


@transaction.atomic
def _finish(
    pk: int, status: SubmissionStatus, score: Decimal | None, feedback: str, now: datetime | None
) -> Submission:
    """Write the verdict down, once: the first worker to end has judged it."""
    row = Submission.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.status in WAITING:
        row.status, row.score, row.feedback = status, score, feedback
        row.executed_at = now or timezone.now()
        row.save(update_fields=["status", "score", "feedback", "executed_at"])
    return row


def score_of(report: Report, tests: int) -> Decimal:
    """`100 × passed / tests`, two decimals, half up; 0 without a test."""
    passed = sum(result.passed for result in report.results)
    return (Decimal(100 * passed) / (tests or 1)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def feedback_of(report: Report, tests: Sequence[dict[str, Any]]) -> str:
    """Numbers and verdicts of the tests, nothing of their data; of a program that does not compile what was said."""
    if report.verdict == Verdict.COMPILE_ERROR:
        return report.compile.message.replace("\0", "\ufffd")[:10_000] if report.compile else ""
    lines = [f"{place}: {result.verdict.value}" for place, result in enumerate(report.results, 1)]
    return "\n".join(lines[: len(tests)])


def give_up_lost(*, now: datetime | None = None) -> int:
    """Mark what no task will judge any more as `internal_error`; returns how many."""
    old = (now or timezone.now()) - LOST_AFTER
    waiting = Submission.objects.filter(status__in=WAITING, submitted_at__lt=old)
    asked = DBTaskResult.objects.filter(task_path=judge_in_background.module_path)
    alive = {one["args"][0] for one in asked.filter(finished_at=None).values_list("args_kwargs", flat=True)}
    ended = {one["args"][0] for one in asked.failed().values_list("args_kwargs", flat=True)}
    lost = [pk for pk in waiting.values_list("pk", flat=True) if pk in ended - alive]
    for pk in lost:
        logger.error("Submission %s: the judge failed.", pk)
        _finish(pk, SubmissionStatus.INTERNAL_ERROR, None, "", now)
    return len(lost)

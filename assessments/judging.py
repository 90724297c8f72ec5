"""Programs on their way through the judge: put on the queue, judged by a worker, graded.

Runs stand in a queue of their own, so that a long judging keeps no mail waiting. A worker may be lost at any moment:
its run goes to another one. Each beginning has a number (`tries`), and only the latest one may write what it found.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from assessments import judge_door
from assessments.grading import grade_tests, is_full
from assessments.judge import SandboxUnavailable, Verdict
from assessments.judge_turns import asked_at, seconds_for
from assessments.models import (
    CodeRun,
    CodingQuestion,
    GradingState,
    Question,
    QuestionResponse,
    Quiz,
    QuizAttempt,
    RunKind,
    RunState,
)
from assessments.paper import Entry, entry_of
from assessments.permissions import can_edit_quiz
from assessments.proving import fingerprint_of
from assessments.run_limits import count_run, is_offered
from assessments.run_reports import failed_report, judged_of
from assessments.settling import settle_attempt
from assessments.shapes import check_coding
from projectgenius.background.handling import handled

logger = logging.getLogger(__name__)

QUEUE = "judge"
MOST_TRIES = 3
LOST_AFTER = timedelta(minutes=1)  # a run that is younger may not have its task yet where clocks differ
LIMITS = ("time_limit_seconds", "memory_limit_mb", "checker", "tolerance")


class JudgeFailed(Exception):
    """The judge could not say; the task is tried again after a pause."""


# --- Asking ---------------------------------------------------------------------------------------


@transaction.atomic
def request_judging(*, attempt: QuizAttempt) -> list[CodeRun]:
    """Put the coding responses of an ended attempt that wait for the judge on the queue, each with all its tests.

    The attempt is locked and a response has one waiting run at most, so asking twice makes no second one.
    """
    locked = QuizAttempt.objects.select_for_update(of=("self",)).get(pk=attempt.pk)
    waiting = QuestionResponse.objects.filter(attempt=locked, grading=GradingState.JUDGE).exclude(
        code_runs__in=CodeRun.objects.waiting().filter(kind=RunKind.ALL_TESTS)
    )
    runs = []
    for response in waiting:
        entry = entry_of(locked.paper, response.question_id)
        if entry is None or not response.response:
            continue
        run = CodeRun.objects.create(
            user_id=locked.user_id,
            question_id=response.question_id,
            response=response,
            kind=RunKind.ALL_TESTS,
            language=entry["coding"]["language"],
            code=response.response["code"],
            task={name: entry["coding"][name] for name in LIMITS},
        )
        judge_response.using(run_after=timezone.now()).enqueue(run.pk)
        runs.append(run)
    return runs


@transaction.atomic
def judge_again(*, response: QuestionResponse) -> list[CodeRun]:
    """Ask the judge once more about a response that it could not judge and nobody has graded yet."""
    attempt = QuizAttempt.objects.select_for_update(of=("self",)).get(pk=response.attempt_id)
    failed = QuestionResponse.objects.filter(
        pk=response.pk, grading=GradingState.PERSON, is_by_hand=False, points_earned=None
    )
    if failed.filter(judged__verdict=Verdict.INTERNAL_ERROR).update(grading=GradingState.JUDGE, judged=None):
        return request_judging(attempt=attempt)
    return []


@transaction.atomic
def request_solution_check(
    *,
    quiz: Quiz,
    coding: CodingQuestion,
    by: User,
    question: Question | None = None,
    is_counted: bool = True,
) -> CodeRun:
    """Run a reference solution against all tests. `coding` holds the values to be proven, saved or not.

    With `is_counted` off the run does not count against the person's limits: for many at once, from a command.

    Raises PermissionDenied, ValidationError by field, and Conflict `too_many_runs`, `runs_waiting`, `judge_off`,
    `language_off`. A saved question is marked when it passes; `proof_of` is for values that are not saved.
    """
    if not can_edit_quiz(by, quiz) or (question is not None and question.quiz_id != quiz.pk):
        raise PermissionDenied
    check_coding(coding)
    if is_counted:
        count_run(by, coding.language)
    place = asked_at(by=by) if is_counted else timezone.now()
    run = CodeRun.objects.create(
        user=by,
        question=question,
        kind=RunKind.SOLUTION,
        language=coding.language,
        code=coding.solution,
        task={**_values_of(coding), "quiz": quiz.pk, "fingerprint": fingerprint_of(coding)},
    )
    run_program.using(run_after=place).enqueue(run.pk)
    return run


def _values_of(coding: CodingQuestion) -> Entry:
    return {
        "test_cases": coding.test_cases,
        "time_limit_seconds": coding.time_limit_seconds,
        "memory_limit_mb": coding.memory_limit_mb,
        "checker": coding.checker,
        "tolerance": str(coding.tolerance),
    }


def proof_of(*, coding: CodingQuestion, by: User) -> str:
    """The proof for values that are about to be saved: their fingerprint if a check by this person passed, or empty."""
    mark = fingerprint_of(coding)
    passed = CodeRun.objects.filter(
        user=by, kind=RunKind.SOLUTION, report__verdict=Verdict.ACCEPTED, task__fingerprint=mark
    )
    return mark if passed.exists() else ""


# --- In the worker --------------------------------------------------------------------------------


@task(queue_name=QUEUE)
@handled(tries=MOST_TRIES, pause=timedelta(seconds=1))
def run_program(run_id: int) -> None:
    """Run a program that somebody waits for: on samples, own input, or a solution on all tests."""
    process(run_id=run_id)


@task(queue_name=QUEUE)
@handled(tries=MOST_TRIES, pause=timedelta(seconds=30))
def judge_response(run_id: int) -> None:
    """Judge a program that was handed in."""
    process(run_id=run_id)


@dataclass(frozen=True)
class Turn:
    """One worker's go at a run: the run as it was begun, what to judge it by, and the number of the go."""

    run: CodeRun
    entry: Entry
    number: int


def process(*, run_id: int) -> None:
    """Judge a run and keep what was found. Raises JudgeFailed where another try may help."""
    turn = begin(run_id=run_id)
    if turn is None:
        return
    try:
        report = judge_door.judge_run(turn.run, turn.entry["coding"], seconds_for(turn.run))
    except SandboxUnavailable as off:
        _fail(turn, off.reason, is_off=True)
    except judge_door.JudgeBroken as broken:
        _fail(turn, str(broken), is_off=False)
    else:
        finish(turn=turn, report=report)


def _fail(turn: Turn, reason: str, *, is_off: bool) -> None:
    """After the last try, and where somebody waits for a judge that is off, the run has failed; else once more."""
    is_awaited = turn.run.kind != RunKind.ALL_TESTS
    is_hopeless = is_off and is_awaited and not is_offered(turn.run.language)
    if is_hopeless or turn.number >= MOST_TRIES:
        give_up(run_id=turn.run.pk, reason=reason, is_off=is_off, turn=turn)
        return
    raise JudgeFailed(reason)


@transaction.atomic
def begin(*, run_id: int, now: datetime | None = None) -> Turn | None:
    """Take a run on; None when it is over, or was taken on too often."""
    run = _locked(run_id)
    if run is None or run.is_over:
        return None
    run.tries += 1
    run.state, run.started_at = RunState.RUNNING, now or timezone.now()
    run.save(update_fields=["tries", "state", "started_at"])
    entry = _entry(run)
    return Turn(run, entry, run.tries)


def _locked(run_id: int) -> CodeRun | None:
    """The run, locked; the attempt first where it has one: all who grade lock in this order."""
    attempts = QuizAttempt.objects.filter(responses__code_runs=run_id)
    list(attempts.select_for_update(of=("self",)).order_by().values_list("pk"))
    return CodeRun.objects.select_for_update(of=("self",)).filter(pk=run_id).first()


def _entry(run: CodeRun) -> Entry:
    """What to judge by: the paper's coding entry for what was handed in, the run's own values otherwise."""
    if run.response is None:
        return {"points": "1", "coding": {**run.task, "language": run.language}}
    entry = entry_of(run.response.attempt.paper, run.response.question_id)
    if entry is None:
        raise JudgeFailed("The paper does not ask this question any more.")
    return entry


@transaction.atomic
def finish(*, turn: Turn, report: dict[str, Any], now: datetime | None = None) -> bool:
    """Keep what the judge found and grade the response; False, and nothing written, if another go has begun since."""
    now = now or timezone.now()
    run = _locked(turn.run.pk)
    if run is None or run.is_over or run.tries != turn.number:
        logger.warning("Run %s: go %d is not the latest, result not written.", turn.run.pk, turn.number)
        return False
    run.state, run.report, run.finished_at = RunState.FINISHED, report, now
    run.save(update_fields=["state", "report", "finished_at"])
    if run.kind == RunKind.ALL_TESTS and run.response_id:
        _grade(run.response_id, turn.entry, report, now)
    if run.kind == RunKind.SOLUTION and run.question_id and report["verdict"] == Verdict.ACCEPTED:
        _prove(run.question_id, turn.run.task["fingerprint"])
    return True


def _grade(response_id: int, entry: Entry, report: dict[str, Any], now: datetime) -> None:
    """Give the points for the tests that passed, unless a person has given some."""
    row = QuestionResponse.objects.select_for_update(of=("self",)).get(pk=response_id)
    row.judged = judged_of(report, entry)
    if row.grading == GradingState.JUDGE and not row.is_by_hand:
        passed = [test["verdict"] == Verdict.ACCEPTED for test in report["tests"]]
        row.points_earned = grade_tests(entry, passed)
        row.is_correct = is_full(entry, row.points_earned)
        row.grading, row.graded_at = GradingState.DONE, now
    row.save(update_fields=["judged", "points_earned", "is_correct", "grading", "graded_at"])
    settle_attempt(attempt=QuizAttempt(pk=row.attempt_id), now=now)


def _prove(question_id: int, mark: str) -> None:
    coding = CodingQuestion.objects.select_for_update().filter(question_id=question_id).first()
    if coding is not None and fingerprint_of(coding) == mark:
        coding.solution_proven = mark
        coding.save(update_fields=["solution_proven"])


@transaction.atomic
def give_up(
    *, run_id: int, reason: str, is_off: bool = False, turn: Turn | None = None, now: datetime | None = None
) -> None:
    """The judge has failed for good: the run says so, and what was handed in waits for a person."""
    run = _locked(run_id)
    if run is None or run.is_over or (turn is not None and run.tries != turn.number):
        return
    run.state, run.report = RunState.FAILED, failed_report(reason, is_off=is_off)
    run.finished_at = now or timezone.now()
    run.save(update_fields=["state", "report", "finished_at"])
    if run.kind == RunKind.ALL_TESTS and run.response_id:
        waiting = QuestionResponse.objects.filter(pk=run.response_id, grading=GradingState.JUDGE)
        waiting.update(grading=GradingState.PERSON, judged=judged_of(run.report, None))
    logger.error("Run %s: the judge failed: %s", run.pk, reason)


def give_up_lost(*, now: datetime | None = None) -> int:
    """Give up the runs that nothing will run any more: their task has failed for good, or is gone; returns how many."""
    old = (now or timezone.now()) - LOST_AFTER
    waiting = list(
        CodeRun.objects.waiting().filter(created_at__lt=old).order_by("pk").values_list("pk", flat=True)
    )
    if not waiting:
        return 0
    paths = [run_program.module_path, judge_response.module_path]
    alive = DBTaskResult.objects.filter(task_path__in=paths, finished_at=None)
    coming = {task["args"][0] for task in alive.values_list("args_kwargs", flat=True)}
    lost = [pk for pk in waiting if pk not in coming]
    for pk in lost:
        give_up(run_id=pk, reason="its worker was lost each time")
    return len(lost)

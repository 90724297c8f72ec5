"""Running a program on samples or on one's own input while an attempt runs, as often as one likes within limits."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import set_identity
from accounts.models import User
from assessments.attempts import require_running
from assessments.judge_turns import asked_at, refuse_over_budget
from assessments.judging import run_program
from assessments.models import CodeRun, Quiz, QuizAttempt, RunKind
from assessments.paper import Entry, entry_of
from assessments.permissions import can_answer_attempt, can_edit_quiz
from assessments.querysets import TRIED
from assessments.run_limits import count_run
from assessments.shapes import code_problem, error
from projectgenius.background.tasks import delete_in_chunks
from projectgenius.db import NOT_STORABLE
from projectgenius.errors import Conflict
from projectgenius.row_security import asking_role

LONGEST_INPUT = 64_000  # characters


@transaction.atomic
def request_run(
    *,
    attempt: QuizAttempt,
    question_id: int,
    kind: str,
    code: str,
    own_input: str = "",
    by: User,
    now: datetime | None = None,
) -> CodeRun:
    """Put a program on the judge's queue, for the sample tests or an input of one's own. Saves no response.

    Raises PermissionDenied; ValidationError for `kind`, `code`, `own_input`; Conflict `ended`, `not_asked`,
    `no_samples`, `judge_time_used`, `judge_off`, `language_off`, `runs_waiting`, `too_many_runs`.
    """
    now = now or timezone.now()
    if not can_answer_attempt(by, attempt):
        raise PermissionDenied
    require_running(attempt, now)
    entry = entry_of(attempt.paper, question_id)
    if entry is None or entry["coding"] is None:
        raise Conflict(_("This attempt does not ask for a program there."), code="not_asked")
    _check(kind, code, own_input)
    values = _values_for(kind, entry["coding"])
    refuse_over_budget(by=by, now=now)
    count_run(by, entry["coding"]["language"], now)
    place = asked_at(by=by, now=now)
    run = CodeRun.objects.create(
        user=by,
        question_id=question_id,
        kind=kind,
        language=entry["coding"]["language"],
        code=code,
        own_input=own_input if kind == RunKind.OWN_INPUT else "",
        task=values,
    )
    run_program.using(run_after=place).enqueue(run.pk)
    return run


def _check(kind: str, code: str, own_input: str) -> None:
    problems = {}
    if kind not in TRIED:
        problems["kind"] = error(_("Choose the sample tests or your own input."), "unknown_kind")
    if not isinstance(code, str) or not code.strip():
        problems["code"] = error(_("Write a program first."), "no_code")
    elif problem := code_problem(code):
        problems["code"] = problem
    if not isinstance(own_input, str) or NOT_STORABLE.search(own_input):
        problems["own_input"] = error(_("Write your input as text."), "not_a_text")
    elif len(own_input) > LONGEST_INPUT:
        problems["own_input"] = error(_("Your input is too long: at most 64,000 characters."), "too_long")
    if problems:
        raise ValidationError(problems)


def _values_for(kind: str, coding: Entry) -> Entry:
    """Tests and limits that go with a run: of the tests the samples alone, with their numbers on the paper."""
    samples = [
        {**test, "number": number}
        for number, test in enumerate(coding["test_cases"], start=1)
        if test.get("sample")
    ]
    if kind == RunKind.SAMPLES and not samples:
        raise Conflict(_("This question has no sample tests. Run it on your own input."), code="no_samples")
    limits = {
        name: coding[name] for name in ("time_limit_seconds", "memory_limit_mb", "checker", "tolerance")
    }
    return {**limits, "test_cases": samples if kind == RunKind.SAMPLES else []}


def latest_run(*, attempt: QuizAttempt, question_id: int, by: User) -> CodeRun | None:
    """The run that a page shows when it is opened again: the last one of this sitting."""
    own = CodeRun.objects.visible_to(by).tried().filter(question=question_id)
    return own.filter(created_at__gte=attempt.started_at).first()


def may_see_run(user: User, run: CodeRun) -> bool:
    """Runs are their owner's. What was handed in shows with its response, when the quiz lets it show; a reference
    solution shows hidden tests, so it stays with who may edit the quiz.
    """
    if run.kind != RunKind.SOLUTION:
        return run.user_id == user.pk and run.is_try
    quiz = Quiz.objects.select_related("course").filter(pk=run.task.get("quiz")).first()
    return run.user_id == user.pk and quiz is not None and can_edit_quiz(user, quiz)


def forget_runs_of(*, user: User, by: Any) -> None:
    """Delete the programs that a person tried out. What was handed in is part of the academic record, and stays.

    Runs show to nobody but who asked for them, so the system takes them away.
    """
    role = asking_role()
    set_identity(by, role="system")
    CodeRun.objects.filter(user=user).exclude(kind=RunKind.ALL_TESTS).delete()
    set_identity(by, role=role or None)


def forget_old_runs(*, now: datetime | None = None) -> None:
    """Delete runs that nobody handed in, CODE_RUNS_KEPT_DAYS after they were asked for."""
    old = (now or timezone.now()) - timedelta(days=settings.CODE_RUNS_KEPT_DAYS)
    delete_in_chunks(CodeRun.objects.exclude(kind=RunKind.ALL_TESTS).filter(created_at__lt=old))

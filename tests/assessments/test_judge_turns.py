"""Nobody keeps the judge from others: whose program is next, and how much of its time a person may take."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from assessments.attempts import save_response, submit_attempt
from assessments.judge import Case, CaseResult, Report, Verdict
from assessments.judge_turns import LEAST, refuse_over_budget, seconds_for
from assessments.models import CodeRun, QuestionResponse, QuizAttempt
from assessments.run_reports import public_report
from assessments.runs import request_run
from projectgenius.background.schedule import Scheduler
from projectgenius.background.worker import LeasedWorker
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.running import (
    coding_attempt,
    judged_by,
    make_due,
    question_of,
    submitted,
    verdicts,
    work,
)

pytestmark = pytest.mark.django_db

SLOW = 30  # seconds that the judge takes for a program of these tests
SLOWLY = "while True: pass\n"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, traveller: Any) -> None:
        self.traveller = traveller
        self.began = timezone.now()

    def passes(self, seconds: float) -> None:
        self.traveller.shift(timedelta(seconds=seconds))

    @property
    def seconds(self) -> float:
        return (timezone.now() - self.began).total_seconds()


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def step(clock: Clock, monkeypatch: Any) -> Iterator[Callable[[], bool]]:
    """One worker, which takes SLOW seconds for each slow program, and a second for others; idle it waits a second."""

    def say(program: Any, cases: Sequence[Case], *_args: Any, within: float, **_options: Any) -> Report:
        clock.passes(min(SLOW, within) if program.source == SLOWLY else 1)
        return Report(Verdict.ACCEPTED, None, (CaseResult(Verdict.ACCEPTED),) * len(cases))

    worker = LeasedWorker(lease=timedelta(seconds=60), batch=True)
    worker.scheduler = Scheduler({})

    def step() -> bool:
        if worker.step():
            return True
        clock.passes(1)
        return False

    with judged_by(monkeypatch, say):
        yield step


def attempts_of(count: int) -> list[QuizAttempt]:
    """Running attempts of so many students at one quiz."""
    quiz = make_quiz(kinds="c")
    return [make_attempt(quiz=quiz, student=UserFactory()) for _each in range(count)]


def run_in(attempt: QuizAttempt, code: str = SLOWLY) -> CodeRun:
    return request_run(
        attempt=attempt, question_id=question_of(attempt), kind="own_input", code=code, by=attempt.user
    )


def take_all(attempt: QuizAttempt) -> set[str]:
    """Ask for runs until none is given; returns why not."""
    while True:
        try:
            run_in(attempt)
        except Conflict as refused:
            return {str(refused.code)}


def hand_in(attempt: QuizAttempt) -> QuestionResponse:
    question = question_of(attempt)
    save_response(attempt=attempt, question_id=question, response={"code": "print()"}, version=1)
    submit_attempt(attempt=attempt)
    return QuestionResponse.objects.get(attempt=attempt)


def test_student_who_runs_all_that_is_allowed_keeps_nobody_waiting(
    clock: Clock, step: Callable[[], bool]
) -> None:
    greedy, alice, ben = attempts_of(3)
    reasons = set()
    while clock.seconds < 1200:
        reasons |= take_all(greedy)
        if alice.status == "in_progress" and clock.seconds > 300:
            began, run, response = clock.seconds, run_in(alice, "print()"), hand_in(ben)
            while not (run.is_over and response.grading == "done"):
                reasons |= take_all(greedy)
                step()
                run.refresh_from_db()
                response.refresh_from_db()
            assert clock.seconds - began <= 2 * SLOW
            alice.status = "seen"
        step()
    own = CodeRun.objects.filter(user=greedy.user, finished_at__isnull=False)
    used = [(run.finished_at, run.finished_at - run.started_at) for run in own]  # type: ignore[operator]
    for end, _seconds in used:
        within = [seconds for at, seconds in used if end - timedelta(minutes=10) < at <= end]  # type: ignore[operator]
        assert sum(within, timedelta()).total_seconds() <= 60 + 3 * LEAST
    assert reasons == {"runs_waiting", "judge_time_used"}


def test_what_is_handed_in_does_not_wait_for_an_endless_stream_of_runs(
    clock: Clock, step: Callable[[], bool], settings: Any
) -> None:
    settings.CODE_RUN_SECONDS = settings.CODE_RUNS_PER_MINUTE = 10**6
    *crowd, ben = attempts_of(7)
    for _each in range(10):
        for attempt in crowd:
            take_all(attempt)
        step()
    response, began = hand_in(ben), clock.seconds
    before = CodeRun.objects.waiting().count()
    while response.grading != "done":
        for attempt in crowd:
            take_all(attempt)
        step()
        response.refresh_from_db()
        assert clock.seconds - began <= (before + 2) * SLOW
    assert CodeRun.objects.waiting().count() >= before - 1


def test_second_run_of_a_person_waits_for_the_first_ones_of_others(clock: Clock) -> None:
    greedy, alice, ben = attempts_of(3)
    asked = [run_in(greedy), run_in(greedy), run_in(greedy)]
    clock.passes(30)
    response = hand_in(ben)
    clock.passes(20)
    last = run_in(alice)
    handed_in = response.code_runs.get()
    order = [task.args_kwargs["args"][0] for task in DBTaskResult.objects.ready()]
    assert order == [run.pk for run in (asked[0], last, asked[1], asked[2], handed_in)]


def test_refusal_says_when_the_time_is_free_again(clock: Clock, student: User) -> None:
    for minute in (0, 3, 4):
        CodeRun.objects.create(
            user=student, kind="samples", language="c", code="x", state="finished",
            started_at=clock.began + timedelta(minutes=minute),
            finished_at=clock.began + timedelta(minutes=minute, seconds=25),
        )  # fmt: skip
    clock.passes(5 * 60)
    with pytest.raises(Conflict, match=r"run for 60 seconds within ten minutes.* again in 6 minutes"):
        refuse_over_budget(by=student)
    clock.passes(5 * 60 + 24)
    with pytest.raises(Conflict, match=r"in 1 minute\."):
        refuse_over_budget(by=student)
    clock.passes(1)
    refuse_over_budget(by=student)
    refuse_over_budget(by=UserFactory())


def test_run_may_take_what_is_left_to_its_person(clock: Clock, student: User, settings: Any) -> None:
    settings.JUDGING_SECONDS = 100
    run = CodeRun(user=student, kind="samples")
    assert seconds_for(run) == 60
    for _each in range(2):
        CodeRun.objects.create(
            user=student, kind="own_input", language="c", code="x", state="finished",
            started_at=clock.began, finished_at=clock.began + timedelta(seconds=29),
        )  # fmt: skip
    assert seconds_for(run) == LEAST
    assert {seconds_for(CodeRun(user=student, kind=kind)) for kind in ("all_tests", "solution")} == {100}


# --- Tests that were not run -----------------------------------------------------------------------


def test_tests_not_run_after_slow_ones_are_not_passed(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, verdicts("accepted", "time_limit", "not_run")):
        work()
    response.refresh_from_db()
    assert (response.points_earned, response.grading) == (1, "done")
    assert [test["verdict"] for test in response.judged["tests"]] == ["accepted", "time_limit", "not_run"]


def test_tests_not_run_though_none_was_slow_are_never_the_students_fault(
    student: User, monkeypatch: Any
) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, verdicts("accepted", "wrong_answer", "not_run")):
        for _each in range(3):
            work()
            make_due()
    response.refresh_from_db()
    assert (response.points_earned, response.grading, response.judged["note"]) == (
        None,
        "person",
        "judge_failed",
    )


def test_try_tells_of_samples_that_were_not_run(student: User, monkeypatch: Any) -> None:
    samples = [{"input": "1", "output": "1", "sample": True}] * 3
    attempt = coding_attempt(student, test_cases=samples)
    run = request_run(attempt=attempt, question_id=question_of(attempt), kind="samples", code="x", by=student)
    with judged_by(monkeypatch, verdicts("accepted", "not_run", "not_run")):
        work()
    run.refresh_from_db()
    report = public_report(run)
    assert (report["verdict"], report["message"]) == ("not_run", "1 of 3 sample tests passed")
    assert report["tests"][1]["words"] == "Not run: the tests before it took too long"

"""Programs for tests, and a worker in the test's own process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from assessments import judge, judge_door
from assessments.attempts import save_response, submit_attempt
from assessments.judge import Case, CaseResult, Report, Verdict
from assessments.models import QuestionResponse, QuizAttempt
from projectgenius.background.schedule import Scheduler
from projectgenius.background.worker import LeasedWorker
from tests.assessments.factories import make_attempt, make_quiz

ADDS = {
    "python": "a, b = map(int, input().split())\nprint(a + b)\n",
    "c": '#include <stdio.h>\nint main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d\\n", a + b); }\n',
}
SUBTRACTS = "a, b = map(int, input().split())\nprint(a - b)\n"


def work(rounds: int = 50) -> int:
    """Do what is on the queue and due, as a worker would; returns how many tasks were done."""
    worker = LeasedWorker(lease=timedelta(seconds=60), batch=True)
    worker.scheduler = Scheduler({})
    judge.allow_here()
    try:
        for done in range(rounds):
            if not worker.step():
                return done
    finally:
        judge.forbid_here()
    raise AssertionError("The queue does not get empty.")


def make_due() -> None:
    """Let tasks that wait for another try be due now."""
    DBTaskResult.objects.update(run_after=timezone.now() - timedelta(seconds=1))


def coding_attempt(student: User, code: str | None = None, **coding: Any) -> QuizAttempt:
    """A running attempt of a quiz with one coding question; `code` is saved as the answer."""
    quiz = make_quiz(kinds="c")
    question = quiz.questions.get()
    for name, value in coding.items():
        setattr(question.coding, name, value)
    question.coding.save()
    attempt = make_attempt(quiz=quiz, student=student)
    if code is not None:
        save_response(attempt=attempt, question_id=question.pk, response={"code": code}, version=1)
    return attempt


def question_of(attempt: QuizAttempt) -> int:
    """The id of the attempt's only question."""
    return int(attempt.paper[0]["question"])


def submitted(student: User, code: str = ADDS["python"], **coding: Any) -> QuestionResponse:
    """The response of a submitted attempt, which waits for the judge."""
    attempt = submit_attempt(attempt=coding_attempt(student, code, **coding))
    return QuestionResponse.objects.get(attempt=attempt)


Judge = Callable[..., Report]


def verdicts(*values: str) -> Judge:
    """A judge that says these verdicts, whatever the program."""

    def say(_program: Any, cases: Sequence[Case], *_args: Any, **_options: Any) -> Report:
        found = [Verdict(value) for value in values][: len(cases)]
        results = tuple(
            CaseResult(one, 0.01, 8.0, stdout=f"out {case.input}", stderr=f"err {case.input}")
            for one, case in zip(found, cases, strict=True)
        )
        return Report(
            next((one for one in found if one != Verdict.ACCEPTED), Verdict.ACCEPTED), None, results
        )

    return say


@contextmanager
def judged_by(monkeypatch: Any, say: Judge) -> Iterator[None]:
    """Let another judge say."""
    with monkeypatch.context() as patch:
        patch.setattr(judge_door, "judge", say)
        yield


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"

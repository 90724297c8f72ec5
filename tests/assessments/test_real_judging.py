"""The whole way of a program with the real judge: submitted, run in the sandbox, graded, told."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from assessments import judge
from assessments.attempts import save_response, submit_attempt
from assessments.judge_states import record_judge_state
from assessments.judging import request_solution_check
from assessments.models import CodeRun, JudgeState, QuestionResponse, QuizAttempt
from assessments.proving import is_proven
from assessments.run_reports import public_report
from assessments.runs import request_run
from tests.assessments.factories import make_quiz
from tests.assessments.running import ADDS, SUBTRACTS, coding_attempt, question_of, submitted, work

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SECRET_INPUT, SECRET_OUTPUT = "7314159265 1", "7314159266"
SECRET_TESTS = [
    {"input": "1 2\n", "output": "3\n", "sample": True, "points": 1},
    {"input": f"{SECRET_INPUT}\n", "output": f"{SECRET_OUTPUT}\n", "points": 1},
]
# Everything a program could carry a hidden input out with.
TELLTALE = """
import sys, time
text = sys.stdin.read()
print(text, sum(map(int, text.split())))
print(text, file=sys.stderr)
time.sleep(0.05)
raise SystemExit(text)
"""


@pytest.mark.parametrize("language", ["python", "c"])
def test_submitted_program_gets_its_points(student: User, language: str) -> None:
    response = submitted(student, ADDS[language], language=language)
    assert response.attempt.score is None
    work()
    response.refresh_from_db()
    response.attempt.refresh_from_db()
    assert (response.points_earned, response.is_correct) == (Decimal("4.00"), True)
    assert (response.attempt.score, response.attempt.graded_at is None) == (Decimal(100), False)
    assert [test["verdict"] for test in response.judged["tests"]] == ["accepted"] * 3


@pytest.mark.parametrize(
    ("language", "code", "verdict"),
    [
        ("python", SUBTRACTS, "wrong_answer"),
        ("python", "while True: pass\n", "time_limit"),
        ("python", "x = [0] * 10**9\n", "memory_limit"),
        ("python", "while True: print('x' * 1000)\n", "output_limit"),
        ("python", "1 / 0\n", "runtime_error"),
        ("python", "def :\n", "compile_error"),
        ("c", "int main(void) { return 0 }\n", "compile_error"),
    ],
)
def test_wrong_program_is_told_why(student: User, language: str, code: str, verdict: str) -> None:
    attempt = coding_attempt(student, language=language, time_limit_seconds=1)
    run = request_run(
        attempt=attempt, question_id=question_of(attempt), kind="samples", code=code, by=student
    )
    work()
    run.refresh_from_db()
    report = public_report(run)
    assert (report["verdict"], run.state) == (verdict, "finished"), run.report
    words = {
        "wrong_answer": "Wrong answer",
        "time_limit": "Too slow: over 1 s",
        "memory_limit": "Used more than 128 MB",
        "output_limit": "Printed too much",
        "runtime_error": "Error in your code, line 1: ZeroDivisionError: division by zero",
        "compile_error": "Your program does not compile",
    }
    assert report["tests"][0]["words"] == words[verdict]
    assert bool(report["compile"]) == (verdict == "compile_error")


def test_program_runs_on_own_input(student: User) -> None:
    attempt = coding_attempt(student)
    run = request_run(
        attempt=attempt, question_id=question_of(attempt), kind="own_input", code=ADDS["python"],
        own_input="40 2\n", by=student,
    )  # fmt: skip
    work()
    run.refresh_from_db()
    report = public_report(run)
    assert (report["message"], report["tests"][0]["output"]) == ("Accepted", "42\n")
    assert not QuestionResponse.objects.exists()


def test_reference_solution_is_proven_by_the_real_judge() -> None:
    quiz = make_quiz(kinds="c")
    question = quiz.questions.get()
    request_solution_check(quiz=quiz, coding=question.coding, by=quiz.course.instructor, question=question)
    work()
    question.coding.refresh_from_db()
    assert is_proven(question.coding)


def test_nothing_of_a_hidden_test_reaches_the_student(
    student: User, login: Callable[[User], Client], api: Any
) -> None:
    """The input is printed, written to the error output, and died with; nothing of it is told."""
    attempt = coding_attempt(student, TELLTALE, test_cases=SECRET_TESTS)
    ask = {"attempt": attempt, "question_id": question_of(attempt), "code": TELLTALE, "by": student}
    request_run(**ask, kind="samples")
    work()
    submit_attempt(attempt=attempt)
    work()
    response = QuestionResponse.objects.get()
    runs = CodeRun.objects.all()
    assert SECRET_INPUT in json.dumps(runs.get(kind="all_tests").report)  # kept for those who grade
    client = login(student)
    told = [json.dumps(response.judged)]
    for run in runs:
        told.append(json.dumps(public_report(run)))
        address = reverse("assessments:coderun_detail", args=[run.key])
        told += [
            client.get(address).content.decode(),
            client.get(address, headers={"Accept": "application/json"}).content.decode(),
        ]
    handed_in = reverse("assessments:coderun_detail", args=[runs.get(kind="all_tests").key])
    assert client.get(handed_in).status_code == 404  # its verdicts show with the response, when they may
    for text in told:
        for secret in (SECRET_INPUT, SECRET_OUTPUT, SECRET_INPUT.split(maxsplit=1)[0]):
            assert secret not in text
    whole = public_report(runs.get(kind="all_tests"))
    assert all(set(test) == {"number", "is_sample", "verdict", "words"} for test in whole["tests"])
    assert "test_cases" not in runs.get(kind="all_tests").task
    assert SECRET_INPUT not in json.dumps(runs.get(kind="samples").task)


def test_worker_writes_down_what_it_can_run() -> None:
    judge.allow_here()
    state = record_judge_state()
    assert {"python", "c"} <= set(state.languages)
    assert (state.reason, JudgeState.objects.count()) == ("", 1)
    record_judge_state()
    judge.forbid_here()
    assert JudgeState.objects.count() == 1


def test_program_that_was_running_when_time_ended_is_judged_as_saved(student: User) -> None:
    attempt = coding_attempt(student, ADDS["python"])
    save_response(
        attempt=attempt, question_id=question_of(attempt), response={"code": SUBTRACTS}, version=2, by=student
    )
    submit_attempt(attempt=QuizAttempt.objects.get())
    work()
    assert QuestionResponse.objects.get().points_earned == 0


@pytest.mark.parametrize(
    ("code", "verdict", "is_ours"),
    [("import time\ntime.sleep(0.6)\n", "accepted", True), ("while True: pass\n", "time_limit", False)],
)
def test_tests_that_do_not_begin_in_time_are_not_run(code: str, verdict: str, is_ours: bool) -> None:
    with judge.allowed_here():
        report = judge.judge(
            judge.Program("python", code), [judge.Case("")] * 4, judge.Limits(1, 64), within=0.5
        )
    assert [result.verdict for result in report.results] == [verdict, "not_run", "not_run", "not_run"]
    assert (report.verdict, report.is_ours) == ("not_run" if is_ours else verdict, is_ours)

"""Reference solutions are checked by the judge, never by the web process."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from assessments.models import CodeRun, CodingQuestion, JudgeState, Question, Quiz, RunKind
from assessments.proving import is_proven
from courses.models import Course
from tests.assessments.factories import make_quiz
from tests.assessments.running import judged_by, verdicts, work
from tests.courses.factories import HelperFactory

Login = Callable[[User], Client]

TYPED = {
    "content": "Add two numbers.", "points": "4", "language": "python", "starter_code": "", "checker": "standard",
    "tolerance": "0.000001", "time_limit_seconds": "5", "memory_limit_mb": "128", "solution": "print(3)",
    "tests-total": "2", "tests-0-input": "1 2", "tests-0-output": "3", "tests-0-sample": "on",
    "tests-0-points": "1", "tests-1-input": "2 2", "tests-1-output": "4", "tests-1-points": "1",
}  # fmt: skip


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A draft with one coding question, whose solution is not proven."""
    return make_quiz(course=course, kinds="c", is_published=False)


def check_address(quiz: Quiz, question: Question | None = None) -> str:
    if question:
        return reverse("admin:assessments_question_check", args=[question.pk])
    return f"{reverse('admin:assessments_question_check_new')}?quiz={quiz.pk}&question_type=coding"


def save_address(quiz: Quiz) -> str:
    return f"{reverse('admin:assessments_question_add')}?quiz={quiz.pk}&question_type=coding"


def judge(monkeypatch: Any, *found: str) -> None:
    with judged_by(monkeypatch, verdicts(*found)):
        work()


def test_typed_solution_is_checked_and_saved_as_proven(
    quiz: Quiz, instructor: User, login: Login, monkeypatch: Any
) -> None:
    client = login(instructor)
    asked = client.post(check_address(quiz), TYPED).json()
    assert not asked["is_over"]
    run = CodeRun.objects.get()
    assert (run.kind, run.question, run.code) == (RunKind.SOLUTION, None, "print(3)")
    assert [test["output"] for test in run.task["test_cases"]] == ["3", "4"]
    judge(monkeypatch, "accepted", "accepted")
    said = client.get(asked["address"]).json()
    assert said["is_over"]
    assert said["passed"]
    assert client.post(save_address(quiz), TYPED | {"quiz": quiz.pk}).status_code == 302
    coding = CodingQuestion.objects.get(question__content="Add two numbers.")
    assert is_proven(coding)
    assert CodeRun.objects.count() == 1


def test_failing_tests_are_named(quiz: Quiz, instructor: User, login: Login, monkeypatch: Any) -> None:
    client = login(instructor)
    asked = client.post(check_address(quiz), TYPED).json()
    judge(monkeypatch, "accepted", "wrong_answer")
    said = client.get(asked["address"]).json()
    assert not said["passed"]
    assert said["message"] == "1 of 2 tests passed"
    assert [test["passed"] for test in said["tests"]] == [True, False]
    data = TYPED | {"quiz": quiz.pk, "is_checked": "1"}
    page = client.post(save_address(quiz), data, follow=True).content.decode()
    assert "Saved, though the reference solution did not pass its tests." in page
    assert not is_proven(CodingQuestion.objects.get(question__content="Add two numbers."))
    assert CodeRun.objects.count() == 1


def test_without_a_script_it_is_saved_and_checked_behind(
    quiz: Quiz, instructor: User, login: Login, monkeypatch: Any
) -> None:
    client = login(instructor)
    client.post(save_address(quiz), TYPED | {"quiz": quiz.pk})
    coding = CodingQuestion.objects.get(question__content="Add two numbers.")
    assert CodeRun.objects.get().question_id == coding.pk
    address = reverse("admin:assessments_question_change", args=[coding.pk])
    assert "The judge is asked." in client.get(address).content.decode()
    judge(monkeypatch, "accepted", "wrong_answer")
    page = client.get(address).content.decode()
    assert "1 of 2 tests passed" in page
    assert "Test 2: Wrong answer" in page
    data = TYPED | {"tests-0-stored": "1", "tests-1-stored": "1", "tests-1-output": "5"}
    client.post(address, data)
    judge(monkeypatch, "accepted", "accepted")
    assert "The solution passes all tests." in client.get(address).content.decode()
    coding.refresh_from_db()
    assert is_proven(coding)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"solution": " "}, "Write a reference solution first."),
        ({"tests-total": "0"}, "Give 1 to 100 tests."),
        ({"language": "perl"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_checked_says_why(
    fields: Any, words: str, quiz: Quiz, instructor: User, login: Login
) -> None:
    said = login(instructor).post(check_address(quiz), TYPED | fields).json()
    assert words in said["message"]
    assert said["is_over"]
    assert not said["passed"]
    assert not CodeRun.objects.exists()


def test_judge_that_is_off_keeps_nobody_from_saving(
    quiz: Quiz, instructor: User, login: Login, settings: Any
) -> None:
    settings.CODE_RUNS_PER_MINUTE = 0
    client = login(instructor)
    said = client.post(check_address(quiz), TYPED).json()
    assert "Run again in a minute." in said["message"]
    page = client.post(save_address(quiz), TYPED | {"quiz": quiz.pk}, follow=True).content.decode()
    assert "Run again in a minute." in page
    assert CodingQuestion.objects.filter(question__content="Add two numbers.").exists()


def test_language_that_does_not_run_here_is_marked(quiz: Quiz, instructor: User, login: Login) -> None:
    client = login(instructor)
    address = save_address(quiz)
    assert "does not run here now" not in client.get(address).content.decode()
    JudgeState.objects.create(host_name="here", languages=["python"], checked_at=quiz.created_at)
    page = client.get(address).content.decode()
    assert "Java (does not run here now)" in page
    assert "Python (does not" not in page


def test_others_check_nothing_and_see_no_check(
    quiz: Quiz, instructor: User, other_instructor: User, login: Login
) -> None:
    question = quiz.questions.get()
    assistant = HelperFactory(course=quiz.course, role="assistant").user
    asked = login(instructor).post(check_address(quiz, question), TYPED).json()
    for address in (check_address(quiz), check_address(quiz, question)):
        assert login(other_instructor).post(address, TYPED).status_code == 404
        assert login(assistant).post(address, TYPED).status_code == 403
        assert login(instructor).get(address).status_code == 405
    for person in (other_instructor, assistant):
        assert login(person).get(asked["address"]).status_code == 404
    assert CodeRun.objects.count() == 1

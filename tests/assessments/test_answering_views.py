"""Answers that a page's script sends, and how many statements each step of a quiz takes."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from assessments.attempts import save_response, start_attempt
from assessments.models import Quiz, QuizAttempt
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, LessonFactory, ModuleFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def reader(student: User, login: Login) -> Client:
    return login(student)


def send(client: Client, attempt: QuizAttempt, **packet: Any) -> Any:
    return client.post(f"/attempts/{attempt.pk}/save/", json.dumps(packet), content_type="application/json")


def test_script_saves_and_learns_what_the_server_has(reader: Client, student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", time_limit=10), student=student)
    pk = attempt.paper[0]["question"]
    saved = send(reader, attempt, question=pk, response=["b"], version=1, is_flagged=True, position=1).json()
    assert 540 < saved.pop("seconds_left") <= 600
    assert saved == {"response": ["b"], "version": 1, "is_flagged": True, "is_newer": True}
    late = send(reader, attempt, question=pk, response=["a"], version=1).json()
    assert (late["is_newer"], late["response"]) == (False, ["b"])


@pytest.mark.parametrize(
    "packet",
    [
        {},
        [],
        {"question": 1},
        {"question": "1", "response": None, "version": 1},
        {"question": True, "response": None, "version": 1},
        {"question": 1, "response": None, "version": 0},
        {"question": 1, "response": None, "version": 2**63},
        {"question": 1, "response": None, "version": 1, "is_flagged": 1},
        {"question": 1, "response": None, "version": 1, "points_earned": 5},
        {"question": 1, "response": None, "version": 1, "position": -1},
    ],
)
def test_packet_of_another_shape_is_refused(reader: Client, student: User, packet: Any) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m"), student=student)
    answer = reader.post(f"/attempts/{attempt.pk}/save/", json.dumps(packet), content_type="application/json")
    assert answer.status_code == 400
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        answer = reader.post(f"/attempts/{attempt.pk}/save/", body, content_type="application/json")
        assert answer.status_code == 400


def test_script_is_told_what_is_wrong_and_what_is_over(reader: Client, client: Client, student: User) -> None:
    quiz = make_quiz(kinds="m")
    attempt = make_attempt(quiz=quiz, student=student)
    pk = attempt.paper[0]["question"]
    assert send(client, attempt, question=pk, response=["b"], version=1).json() == {"code": "signed_out"}
    assert send(reader, attempt, question=pk, response=["x"], version=1).status_code == 400
    assert send(reader, attempt, question=pk + 1, response=["b"], version=1).json()["code"] == "not_asked"
    reader.post(f"/attempts/{attempt.pk}/submit/")
    over = send(reader, attempt, question=pk, response=["b"], version=1)
    assert (over.status_code, over.json()["code"]) == (409, "ended")


def test_saving_needs_the_token_of_the_page(student: User, login: Login) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m"), student=student)
    strict = login(student)
    strict.handler.enforce_csrf_checks = True
    packet = {"question": attempt.paper[0]["question"], "response": ["b"], "version": 1}
    assert send(strict, attempt, **packet).status_code == 403
    token = strict.get(f"/attempts/{attempt.pk}/state/").json()["token"]
    answer = strict.post(
        f"/attempts/{attempt.pk}/save/",
        json.dumps(packet),
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200


def test_state_is_told_to_its_student_alone(
    reader: Client, client: Client, student: User, login: Login
) -> None:
    quiz = make_quiz(kinds="m", time_limit=10)
    attempt = make_attempt(quiz=quiz, student=student)
    state = reader.get(f"/attempts/{attempt.pk}/state/").json()
    assert state["is_running"]
    assert 540 < state["seconds_left"] <= 600
    assert client.get(f"/attempts/{attempt.pk}/state/").status_code == 401
    assert login(quiz.course.instructor).get(f"/attempts/{attempt.pk}/state/").status_code == 404


# --- Statements


def twenty(**fields: Any) -> Quiz:
    return make_quiz(kinds="mst" * 6 + "me", **fields)


def test_statements_of_each_step(reader: Client, student: User, statements: Statements) -> None:
    quiz = twenty(max_attempts=3, time_limit=30)
    EnrollmentFactory(course=quiz.course, student=student)
    counts = {}

    def count(name: str, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with statements() as seen:
            answer = method(*args, **kwargs)
        counts[name] = len(seen)
        return answer

    reader.get("/help/")
    count("open", reader.get, quiz.get_absolute_url())
    count("start", reader.post, f"/quizzes/{quiz.pk}/start/")
    attempt = QuizAttempt.objects.get()
    count("player", reader.get, f"/attempts/{attempt.pk}/")
    count("questions", reader.get, f"/attempts/{attempt.pk}/questions/")
    pk = attempt.paper[0]["question"]
    count("first save", send, reader, attempt, question=pk, response=["a"], version=1, position=1)
    count("later save", send, reader, attempt, question=pk, response=["b"], version=2, position=1)
    count("late save", send, reader, attempt, question=pk, response=["b"], version=1, position=1)
    form = {f"version-{pk}": 2, f"answer-{pk}": "c", "go": "2"}
    count("form", reader.post, f"/attempts/{attempt.pk}/?question=1", form)
    count("state", reader.get, f"/attempts/{attempt.pk}/state/")
    count("review", reader.get, f"/attempts/{attempt.pk}/review/")
    assert counts == {
        "open": 6,
        "start": 9,
        "player": 5,
        "questions": 5,
        "first save": 6,
        "later save": 6,
        "late save": 4,
        "form": 9,
        "state": 3,
        "review": 5,
    }


def test_starting_again_is_the_same_attempt(student: User) -> None:
    quiz = make_quiz(kinds="m")
    attempt = make_attempt(quiz=quiz, student=student)
    assert start_attempt(quiz=quiz, student=student) == (attempt, False)


def test_statements_of_handing_in_twenty_questions(
    reader: Client,
    student: User,
    statements: Statements,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    quiz = twenty()
    quiz.lesson = LessonFactory(module=ModuleFactory(course=quiz.course), content_type="quiz")
    quiz.save()
    attempt = make_attempt(quiz=quiz, student=student)
    for entry in attempt.paper[:10]:
        save_response(attempt=attempt, question_id=entry["question"], response=None, version=1)
    reader.get("/help/")
    with statements() as seen, django_capture_on_commit_callbacks(execute=True):
        answer = reader.post(f"/attempts/{attempt.pk}/submit/")
    assert answer["Location"] == f"/attempts/{attempt.pk}/result/"
    assert len(seen) <= 15, "\n".join(seen)

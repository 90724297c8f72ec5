"""Taking a quiz by the API: beginning, answering, handing in; and what an attempt shows meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from assessments.models import QuestionResponse, Quiz, QuizAttempt, QuizAvailability
from courses.models import Course
from tests.assessments.factories import make_attempt, make_quiz

Api = Callable[..., APIClient]
ROOT = "/api/v1/"


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """One question of each kind, ten minutes."""
    return make_quiz(kinds="mstec", course=course, time_limit=10)


def start(client: APIClient, quiz: Quiz, **body: Any) -> Any:
    return client.post(f"{ROOT}quizzes/{quiz.pk}/start/", body, format="json")


def save(client: APIClient, attempt: int, question: int, response: Any, version: int = 1, **more: Any) -> Any:
    body = {"attempt": attempt, "question": question, "response": response, "version": version, **more}
    return client.post(f"{ROOT}question-responses/", body, format="json")


def test_student_takes_a_quiz(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    begun = start(client, quiz)
    assert begun.status_code == 201
    attempt = begun.json()
    assert (attempt["status"], attempt["attempt_number"], attempt["score"]) == ("in_progress", 1, None)
    assert 590 <= attempt["remaining_seconds"] <= 600
    asked = [entry["question"] for entry in attempt["paper"]]
    assert asked == list(quiz.questions.values_list("pk", flat=True))
    assert set(attempt["paper"][0]) == {
        "question",
        "type",
        "content",
        "points",
        "options",
        "several",
        "coding",
    }
    answers = [["b"], ["a", "c"], True, "Because.", {"code": "print(1)"}]
    for question, answer in zip(asked, answers, strict=True):
        saved = save(client, attempt["id"], question, answer, is_flagged=question == asked[0], position=2)
        assert saved.status_code == 201, saved.json()
        assert saved.json()["response"] == answer
    again = start(client, quiz)
    assert again.status_code == 200
    assert again.json()["id"] == attempt["id"]
    assert [row["response"] for row in again.json()["responses"]] == answers
    assert [row["is_flagged"] for row in again.json()["responses"]] == [True, *[False] * 4]
    assert again.json()["position"] == 2
    done = client.post(f"{ROOT}quiz-attempts/{attempt['id']}/submit/")
    assert done.status_code == 200
    assert (done.json()["status"], done.json()["paper"], done.json()["responses"]) == (
        "completed",
        None,
        None,
    )
    twice = client.post(f"{ROOT}quiz-attempts/{attempt['id']}/submit/")
    assert (twice.status_code, twice.json()) == (200, done.json())


def test_response_is_changed_by_its_own_address(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    attempt = start(client, quiz).json()
    row = save(client, attempt["id"], attempt["paper"][0]["question"], ["a"]).json()
    address = f"{ROOT}question-responses/{row['id']}/"
    changed = client.patch(address, {"response": ["c"], "version": 2}, format="json")
    assert (changed.status_code, changed.json()["response"], changed.json()["version"]) == (200, ["c"], 2)
    assert client.put(address, {"response": ["c"], "version": 3}, format="json").status_code == 405
    assert client.delete(address).status_code == 405
    refused = client.patch(address, {"response": ["b"], "version": 3, "points_earned": 1}, format="json")
    assert refused.status_code == 400
    assert refused.json()["fields"].keys() == {"points_earned"}
    whole = {**client.get(address).json(), "response": ["c"], "version": 3}
    assert client.patch(address, whole, format="json").status_code == 200, "a row can be sent back whole"
    body = {
        "attempt": attempt["id"],
        "question": row["question"],
        "response": ["a"],
        "version": 9,
        "is_correct": True,
    }
    refused = client.post(f"{ROOT}question-responses/", body, format="json")
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, ["is_correct"])
    assert client.get(address).json()["response"] == ["c"]


def test_older_packet_is_refused_with_the_stored_answer(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    attempt = start(client, quiz).json()
    question = attempt["paper"][0]["question"]
    save(client, attempt["id"], question, ["b"], 5)
    for version in (4, 5):
        late = save(client, attempt["id"], question, ["a"], version)
        assert late.status_code == 409
        assert late.json()["code"] == "stale"
        assert (late.json()["stored"]["response"], late.json()["stored"]["version"]) == (["b"], 5)
    repeated = save(client, attempt["id"], question, ["b"], 5)
    assert repeated.status_code == 200, "a packet that is sent twice is no quarrel"
    assert QuestionResponse.objects.get().response == ["b"]


def test_malformed_answers_are_named(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    attempt = start(client, quiz).json()
    asked = [entry["question"] for entry in attempt["paper"]]
    for question, answer in [
        (asked[0], ["z"]), (asked[0], ["a", "b"]), (asked[0], "a"), (asked[2], "true"), (asked[3], 7),
        (asked[4], "print(1)"), (asked[4], {"code": "x" * 64_001}),
    ]:  # fmt: skip
        refused = save(client, attempt["id"], question, answer)
        assert refused.status_code == 400, answer
        assert refused.json()["fields"].keys() == {"response"}
    for wrong in (
        {"version": 0},
        {"version": "x"},
        {"version": 2**31},
        {"position": 0},
        {"is_flagged": "maybe"},
    ):
        assert (
            save(client, attempt["id"], asked[0], **{"response": ["a"], "version": 1, **wrong}).status_code
            == 400
        )
    foreign = make_quiz(kinds="m").questions.get().pk
    refused = save(client, attempt["id"], foreign, ["a"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_asked")
    assert not QuestionResponse.objects.exists()


def test_answer_after_the_end_is_refused(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    begun = timezone.now() - timedelta(minutes=10, seconds=29)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=begun)
    question = attempt.paper[0]["question"]
    assert save(client, attempt.pk, question, ["b"]).status_code == 201, "within the grace"
    assert client.get(f"{ROOT}quiz-attempts/{attempt.pk}/").json()["remaining_seconds"] == 0
    QuizAttempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(seconds=30))
    late = save(client, attempt.pk, question, ["a"], 2)
    assert (late.status_code, late.json()["code"]) == (409, "ended")
    assert QuestionResponse.objects.get().response == ["b"]


@pytest.mark.parametrize("door", ["list", "detail", "start", "submit"])
@pytest.mark.parametrize("role", ["student", "instructor"])
def test_ended_attempt_never_shows_as_running(
    api: Api, quiz: Quiz, enrolled_student: User, door: str, role: str
) -> None:
    if role == "instructor" and door in ("start", "submit"):
        return
    client = api(enrolled_student if role == "student" else quiz.course.instructor)
    begun = timezone.now() - timedelta(minutes=11)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=begun)
    address = f"{ROOT}quiz-attempts/"
    assert client.get(f"{address}?status=in_progress").json()["count"] == 0
    if door == "list":
        shown = client.get(address).json()["results"][0]
    elif door == "detail":
        shown = client.get(f"{address}{attempt.pk}/").json()
        assert shown["paper"] is None
    elif door == "submit":
        shown = client.post(f"{address}{attempt.pk}/submit/").json()
    else:
        assert start(client, quiz).status_code == 201
        shown = client.get(f"{address}{attempt.pk}/").json()
    assert (shown["status"], shown["remaining_seconds"]) == ("abandoned", None)


def test_start_is_refused_with_the_reason(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    refused = start(client, quiz, is_untimed=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "timer_required")
    Quiz.objects.update(is_timer_optional=True, max_attempts=1)
    untimed = start(client, quiz, is_untimed=True).json()
    assert (untimed["deadline"], untimed["remaining_seconds"]) == (None, None)
    client.post(f"{ROOT}quiz-attempts/{untimed['id']}/submit/")
    assert start(client, quiz).json()["code"] == "no_attempts_left"
    QuizAvailability.objects.create(quiz=quiz, opens_at=timezone.now() + timedelta(days=1))
    Quiz.objects.update(max_attempts=None)
    assert start(client, quiz).json()["code"] == "locked"
    assert QuizAttempt.objects.count() == 1


def test_preview_is_the_teachers_own_and_counts_for_nothing(api: Api, quiz: Quiz) -> None:
    client = api(quiz.course.instructor)
    begun = client.post(f"{ROOT}quizzes/{quiz.pk}/preview/")
    assert begun.status_code == 201
    attempt = begun.json()
    assert attempt["is_preview"] is True
    assert save(client, attempt["id"], attempt["paper"][0]["question"], ["b"]).status_code == 201
    assert client.post(f"{ROOT}quiz-attempts/{attempt['id']}/submit/").json()["status"] == "completed"
    assert not QuizAttempt.objects.counting().exists()


def test_refund_ends_access_at_once_and_keeps_the_work(api: Api, quiz: Quiz, enrolled_student: User) -> None:
    client = api(enrolled_student)
    attempt = start(client, quiz).json()
    question = attempt["paper"][0]["question"]
    row = save(client, attempt["id"], question, ["b"]).json()
    enrolled_student.enrollments.update(payment_status="refunded")
    assert save(client, attempt["id"], question, ["a"], 2).status_code == 403
    address = f"{ROOT}question-responses/{row['id']}/"
    assert client.patch(address, {"response": ["a"], "version": 2}, format="json").status_code == 403
    assert client.post(f"{ROOT}quiz-attempts/{attempt['id']}/submit/").status_code == 403
    shown = client.get(f"{ROOT}quiz-attempts/{attempt['id']}/").json()
    assert (shown["paper"], shown["responses"]) == (None, None)
    assert client.get(address).json()["response"] == ["b"]


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(["read"], 403), (["submit"], 201), (["write:own"], 403), (["read", "submit"], 201)],
)
def test_key_submits_with_its_scope_alone(
    quiz: Quiz, enrolled_student: User, key_client: Any, scopes: list[str], status: int
) -> None:
    client = key_client(enrolled_student, scopes)
    begun = start(client, quiz)
    assert begun.status_code == status
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    saved = save(client, attempt.pk, attempt.paper[0]["question"], ["b"])
    assert saved.status_code == status
    done = client.post(f"{ROOT}quiz-attempts/{attempt.pk}/submit/")
    assert done.status_code == (200 if status == 201 else 403)
    assert client.get(f"{ROOT}quiz-attempts/").status_code == (200 if "read" in scopes else 403)

"""Writing quizzes and their questions by the API."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent
from assessments.models import CodingQuestion, Question, Quiz
from courses.models import Course, HelperRole
from tests.assessments.factories import CODING, QuizFactory, make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory, make_course

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
BODIES: dict[str, dict[str, Any]] = {
    "multiple_choice": {
        "options": [{"id": "a", "text": "2"}, {"id": "b", "text": "3"}],
        "correct_answer": ["a"],
    },
    "true_false": {"correct_answer": False},
    "essay": {"correct_answer": "Because.", "explanation": "So."},
    "coding": {"coding": {"language": "python", "test_cases": CODING["test_cases"], "solution": "print()"}},
}


@pytest.fixture
def client(api: Api, course: Course) -> APIClient:
    """The instructor's."""
    return api(course.instructor)


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return QuizFactory(course=course)


def ask(client: APIClient, quiz: Quiz, kind: str, **more: Any) -> Any:
    body = {"quiz": quiz.pk, "question_type": kind, "content": "Say.", **BODIES[kind], **more}
    return client.post(f"{ROOT}questions/", body, format="json")


@pytest.mark.parametrize("kind", BODIES)
def test_instructor_writes_a_question_of_each_kind(client: APIClient, quiz: Quiz, kind: str) -> None:
    made = ask(client, quiz, kind, points="2.50", difficulty="easy")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["question_type"], row["points"], row["order_index"]) == (kind, "2.50", 1)
    assert (row["coding"] is None) == (kind != "coding")
    address = f"{ROOT}questions/{row['id']}/"
    changed = client.patch(address, {"content": "Say it.", "points": 3}, format="json")
    assert (changed.status_code, changed.json()["content"], changed.json()["points"]) == (
        200,
        "Say it.",
        "3.00",
    )
    whole = client.get(address).json()
    assert client.patch(address, whole, format="json").status_code == 200, "a row can be sent back whole"
    assert client.get(address).json() == {**whole, "updated_at": client.get(address).json()["updated_at"]}
    assert client.delete(address).status_code == 204
    assert not Question.objects.exists()
    assert AuditEvent.objects.get(action="question.delete").course_id == quiz.course_id


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("multiple_choice", {"correct_answer": ["z"]}, "correct_answer"),
        ("multiple_choice", {"correct_answer": []}, "correct_answer"),
        ("multiple_choice", {"options": [{"id": "a", "text": "2"}]}, "options"),
        ("multiple_choice", {"options": {"a": "2"}}, "options"),
        ("true_false", {"correct_answer": "true"}, "correct_answer"),
        ("true_false", {"options": [1, 2]}, "options"),
        ("essay", {"correct_answer": 7}, "correct_answer"),
        ("essay", {"correct_answer": "null \0"}, "correct_answer"),
        ("coding", {"correct_answer": ["a"]}, "correct_answer"),
        ("coding", {"coding": None}, "coding"),
        ("essay", BODIES["coding"], "coding"),
        ("essay", {"points": -1}, "points"),
        ("essay", {"points": "1000.00"}, "points"),
        ("essay", {"content": ""}, "content"),
        ("essay", {"lesson": 999_999}, "lesson"),
        ("essay", {"is_retired": True}, "is_retired"),
        ("essay", {"question_type": "oral"}, "question_type"),
    ],
)
def test_what_is_wrong_is_named_by_field(
    client: APIClient, quiz: Quiz, kind: str, wrong: dict[str, Any], field: str
) -> None:
    refused = ask(client, quiz, kind, **wrong)
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, [field])
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"language": "cobol"}, "language"),
        ({"test_cases": []}, "test_cases"),
        ({"test_cases": [{"input": "1"}]}, "test_cases"),
        ({"test_cases": [{"input": "\0", "output": ""}]}, "test_cases"),
        ({"time_limit_seconds": 31}, "time_limit_seconds"),
        (
            {"time_limit_seconds": 30, "test_cases": [{"input": "1", "output": "1"}] * 21},
            "time_limit_seconds",
        ),
        ({"memory_limit_mb": 1}, "memory_limit_mb"),
        ({"checker": "luck"}, "checker"),
        ({"tolerance": -1}, "tolerance"),
        ({"is_proven": True}, "is_proven"),
    ],
)
def test_what_is_wrong_with_a_program_is_named_within(
    client: APIClient, quiz: Quiz, wrong: dict[str, Any], field: str
) -> None:
    refused = ask(client, quiz, "coding", coding={**BODIES["coding"]["coding"], **wrong})
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, ["coding"])
    assert [*refused.json()["fields"]["coding"]] == [field]
    made = ask(client, quiz, "coding").json()
    address = f"{ROOT}coding-questions/{made['id']}/"
    refused = client.patch(address, wrong, format="json")
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, [field])
    assert client.get(address).json()["test_cases"] == CODING["test_cases"]


def test_coding_part_is_changed_alone(client: APIClient, quiz: Quiz) -> None:
    made = ask(client, quiz, "coding").json()
    changed = client.patch(
        f"{ROOT}questions/{made['id']}/", {"coding": {"language": "c"}}, format="json"
    ).json()
    assert (changed["coding"]["language"], changed["coding"]["solution"]) == ("c", "print()")
    address = f"{ROOT}coding-questions/{made['id']}/"
    part = client.patch(address, {"memory_limit_mb": 256}, format="json").json()
    assert (part["id"], part["question"], part["quiz"], part["memory_limit_mb"]) == (
        made["id"], made["id"], quiz.pk, 256,
    )  # fmt: skip
    again = client.post(
        f"{ROOT}coding-questions/", {"question": made["id"], **BODIES["coding"]["coding"]}, format="json"
    )
    assert (again.status_code, [*again.json()["fields"]]) == (400, ["question"])
    CodingQuestion.objects.all().delete()
    added = client.post(
        f"{ROOT}coding-questions/", {"question": made["id"], **BODIES["coding"]["coding"]}, format="json"
    )
    assert added.status_code == 201, added.json()
    assert client.get(f"{ROOT}coding-questions/?quiz={quiz.pk}&ordering=-id").json()["count"] == 1
    assert client.delete(address).status_code == 204
    assert not Question.objects.exists()


@pytest.mark.parametrize("table", ["quizzes", "questions", "coding-questions", "quiz-attempts"])
def test_number_that_no_database_holds_is_no_row(client: APIClient, table: str) -> None:
    assert client.get(f"{ROOT}{table}/5618583399755356831744/").status_code == 404


def test_question_stays_in_its_quiz_and_keeps_its_type(client: APIClient, quiz: Quiz) -> None:
    made = ask(client, quiz, "essay").json()
    other = QuizFactory(course=quiz.course)
    for body, field in (({"quiz": other.pk}, "quiz"), ({"question_type": "coding"}, "question_type")):
        refused = client.patch(f"{ROOT}questions/{made['id']}/", body, format="json")
        assert (refused.status_code, [*refused.json()["fields"]][:1]) == (400, [field])


def test_questions_are_moved_copied_retired_and_ordered(client: APIClient, course: Course) -> None:
    quiz = make_quiz(kinds="mtc", course=course)
    first, second, third = quiz.questions.values_list("pk", flat=True)
    address = f"{ROOT}questions/{third}/"
    assert client.post(f"{address}move/", {"steps": -5}, format="json").json()["order_index"] == 1
    ids = list(quiz.questions.values_list("pk", flat=True))
    assert ids == [third, first, second]
    copied = client.post(f"{address}copy/", {}, format="json")
    assert copied.status_code == 201
    assert (copied.json()["order_index"], copied.json()["coding"]["solution"]) == (2, CODING["solution"])
    order = {"questions": [first, second, third]}
    assert (
        client.post(f"{ROOT}quizzes/{quiz.pk}/order/", order, format="json").json()["code"] == "order_changed"
    )
    order["questions"].append(copied.json()["id"])
    assert client.post(f"{ROOT}quizzes/{quiz.pk}/order/", order, format="json").status_code == 204
    assert list(quiz.questions.values_list("pk", flat=True)) == order["questions"]
    assert client.post(f"{address}retire/").json()["is_retired"] is True
    assert client.get(f"{ROOT}quizzes/{quiz.pk}/").json()["question_count"] == 3
    assert client.post(f"{address}restore/").json()["order_index"] == 4
    other = make_course(slug="other")
    foreign = QuizFactory(course=other)
    for target, status in ((foreign.pk, 404), (QuizFactory(course=course).pk, 201)):
        assert client.post(f"{address}copy/", {"quiz": target}, format="json").status_code == status
    assert not foreign.questions.exists()


def test_question_in_use_and_quiz_with_attempts_are_kept(client: APIClient, course: Course) -> None:
    quiz = make_quiz(kinds="m", course=course)
    make_attempt(quiz=quiz, student=EnrollmentFactory(course=course).student)
    for address in (f"{ROOT}questions/{quiz.questions.get().pk}/", f"{ROOT}quizzes/{quiz.pk}/"):
        refused = client.delete(address)
        assert (refused.status_code, refused.json()["code"]) == (409, "holds_work")
    assert quiz.questions.exists()


def test_quiz_is_written_published_and_copied(client: APIClient, course: Course) -> None:
    body = {"course": course.pk, "title": "New", "description": "What comes.", "time_limit": 20}
    early = client.post(f"{ROOT}quizzes/", {**body, "is_published": True}, format="json")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    made = client.post(f"{ROOT}quizzes/", body, format="json").json()
    address = f"{ROOT}quizzes/{made['id']}/"
    assert (made["is_published"], made["question_count"]) == (False, 0)
    assert client.post(f"{address}publish/").json()["code"] == "not_ready"
    assert client.get(f"{address}checklist/").json()["findings"][0]["code"] == "no_questions"
    quiz = Quiz.objects.get()
    ask(client, quiz, "true_false")
    assert client.post(f"{address}publish/").json()["is_published"] is True
    assert client.post(f"{address}unpublish/").json()["is_published"] is False
    assert client.patch(address, {"is_published": True}, format="json").status_code == 200
    other = make_course(slug="other", instructor=course.instructor)
    moved = client.patch(address, {"course": other.pk}, format="json")
    assert (moved.status_code, [*moved.json()["fields"]]) == (400, ["course"])
    copied = client.post(f"{address}copy/", {"course": other.pk}, format="json")
    assert (copied.status_code, copied.json()["course"], copied.json()["question_count"]) == (
        201,
        other.pk,
        1,
    )
    assert copied.json()["is_published"] is False
    foreign = make_course(slug="foreign")
    assert client.post(f"{address}copy/", {"course": foreign.pk}, format="json").status_code == 403
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"quiz.publish", "quiz.unpublish", "quiz.copy"} <= actions
    assert client.delete(f"{ROOT}quizzes/{copied.json()['id']}/").status_code == 204


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"passing_score": 101}, "passing_score"),
        ({"time_limit": 0}, "time_limit"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"key_after": "never"}, "key_after"),
        ({"results_at": "soon"}, "results_at"),
        ({"question_count": 9}, "question_count"),
        ({"title": ""}, "title"),
    ],
)
def test_wrong_settings_are_named(client: APIClient, quiz: Quiz, body: dict[str, Any], field: str) -> None:
    refused = client.patch(f"{ROOT}quizzes/{quiz.pk}/", body, format="json")
    assert (refused.status_code, [*refused.json()["fields"]]) == (400, [field])


def test_assistant_reads_the_check_list_and_publishes_nothing(
    course: Course, api: Callable[..., APIClient]
) -> None:
    quiz = make_quiz(course=course, kinds="")
    assistant = api(HelperFactory(course=course, role=HelperRole.ASSISTANT).user)
    answer = assistant.get(f"{ROOT}quizzes/{quiz.pk}/checklist/")
    assert answer.json()["findings"][0]["code"] == "no_questions"
    assert assistant.post(f"{ROOT}quizzes/{quiz.pk}/publish/").status_code == 403

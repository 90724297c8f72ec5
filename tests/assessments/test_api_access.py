"""The law of the quizzes' tables in the API: each role against each action, by status, visible rows and stored row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult
from rest_framework.test import APIClient

from accounts.models import User
from assessments.analytics import refresh_quiz_analytics
from assessments.attempts import save_response, start_preview, submit_attempt
from assessments.models import (
    CodingQuestion,
    Question,
    QuestionResponse,
    Quiz,
    QuizAnalytics,
    QuizAttempt,
    QuizAvailability,
)
from courses.models import Course, PaymentStatus
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory, make_course

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
# Anonymous; a student in nothing, who left, with a payment pending, with an open place, a classmate of that one; the
# course's instructor, its teaching assistant, another course's instructor, an administrator.
ROLES = ("AN", "SN", "LEFT", "SU", "SP", "MATE", "IO", "TA", "IX", "AD")
MODELS: dict[str, Any] = {
    "quizzes": Quiz,
    "quiz-availability": QuizAvailability,
    "questions": Question,
    "coding-questions": CodingQuestion,
    "quiz-attempts": QuizAttempt,
    "question-responses": QuestionResponse,
    "quiz-analytics": QuizAnalytics,
}


def statuses(*found: int) -> dict[str, int]:
    return dict(zip(ROLES, found, strict=True))


@pytest.fixture
def world(
    course: Course, student: User, instructor: User, other_instructor: User, admin_user: User
) -> dict[str, Any]:
    """A course with a quiz and a draft, another course with a quiz; attempts of several; a person for each role."""
    people = {
        "SN": student,
        "LEFT": UserFactory(username="left"),
        "SU": UserFactory(username="unpaid"),
        "SP": EnrollmentFactory(course=course).student,
        "MATE": EnrollmentFactory(course=course).student,
        "IO": instructor,
        "TA": HelperFactory(course=course).user,
        "IX": other_instructor,
        "AD": admin_user,
    }
    quiz = make_quiz(kinds="mc", course=course, time_limit=30)
    other = make_quiz(kinds="mc", course=make_course(slug="other", instructor=other_instructor))
    draft = make_quiz(kinds="mc", course=course)
    rows: dict[str, Any] = {"quiz": quiz, "other_quiz": other, "draft_quiz": draft}
    for name, one in (("rule", quiz), ("other_rule", other), ("draft_rule", draft)):
        rows[name] = QuizAvailability.objects.create(quiz=one)
        prefix = name.removesuffix("rule")
        rows[f"{prefix}question"], coding = one.questions.all()
        rows[f"{prefix}coding"] = coding.coding
        rows[f"{prefix}figures"] = refresh_quiz_analytics(quiz=one)
    takers = {"SP": quiz, "MATE": quiz, "LEFT": quiz, "SU": quiz, "OTHER": other}
    for role, one in takers.items():
        taker = people.get(role) or UserFactory()
        attempt = make_attempt(quiz=one, student=taker)
        saved = save_response(
            attempt=attempt, question_id=attempt.paper[0]["question"], response=["b"], version=1
        )
        rows[f"attempt_{role}"], rows[f"answer_{role}"] = attempt, saved.response
    people["LEFT"].enrollments.update(withdrawn_at=course.created_at)
    people["SU"].enrollments.update(payment_status=PaymentStatus.PENDING)
    rows["ended_SP"] = submit_attempt(attempt=make_attempt(quiz=draft, student=people["SP"]))
    rows["preview"] = start_preview(quiz=quiz, by=instructor)[0]
    Quiz.objects.filter(pk=draft.pk).update(is_published=False)
    return {"people": people, **rows}


def ask(api: Api, world: dict[str, Any], role: str, *, key: bool = False) -> APIClient:
    return api(world["people"].get(role), key=key and role != "AN")


IN_COURSE = {"attempt_SP", "attempt_MATE", "attempt_LEFT", "attempt_SU", "ended_SP", "preview"}
ANSWERS = {"answer_SP", "answer_MATE", "answer_LEFT", "answer_SU"}


def taught(*names: str, hidden: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Rows that those who help to teach see: `names`, each of the course, of the other one, and of the draft."""
    own = {f"{prefix}{name}" for prefix in ("", "draft_") for name in names}
    other = {f"other_{name}" for name in names}
    nobody: dict[str, set[str]] = {role: set() for role in ROLES[1:]}
    return {**nobody, "IO": own, "TA": own, "IX": other, "AD": own | other}


# For each list the named rows that a role sees; a role that is missing must sign in (401).
VISIBLE: dict[str, dict[str, set[str]]] = {
    "quizzes": {**taught("quiz"), "SP": {"quiz"}, "MATE": {"quiz"}},
    "quiz-availability": taught("rule"),
    "questions": taught("question"),
    "coding-questions": taught("coding"),
    "quiz-attempts": {
        "SN": set(),
        "LEFT": {"attempt_LEFT"},
        "SU": {"attempt_SU"},
        "SP": {"attempt_SP", "ended_SP"},
        "MATE": {"attempt_MATE"},
        "IO": IN_COURSE,
        "TA": IN_COURSE,
        "IX": {"attempt_OTHER"},
        "AD": IN_COURSE | {"attempt_OTHER"},
    },
    "question-responses": {
        "SN": set(),
        "LEFT": {"answer_LEFT"},
        "SU": {"answer_SU"},
        "SP": {"answer_SP"},
        "MATE": {"answer_MATE"},
        "IO": ANSWERS,
        "TA": ANSWERS,
        "IX": {"answer_OTHER"},
        "AD": ANSWERS | {"answer_OTHER"},
    },
    "quiz-analytics": taught("figures"),
}
NEVER_A_ROW = {"SN", "LEFT", "SU", "SP", "MATE"}  # students, of figures


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("table", VISIBLE)
def test_each_role_lists_and_reads_its_rows(api: Api, world: dict[str, Any], table: str, key: bool) -> None:
    names = {
        name: row.pk for name, row in world.items() if name != "people" and isinstance(row, MODELS[table])
    }
    for role in ROLES:
        client = ask(api, world, role, key=key)
        answer = client.get(f"{ROOT}{table}/?page_size=100")
        if role not in VISIBLE[table]:
            assert answer.status_code == 401, role
            continue
        if table == "quiz-analytics" and role in NEVER_A_ROW:
            assert answer.status_code == 403, role
            continue
        listed = {row["id"] for row in answer.json()["results"]}
        assert {name for name, pk in names.items() if pk in listed} == VISIBLE[table][role], role
        for name, pk in names.items():
            status = client.get(f"{ROOT}{table}/{pk}/").status_code
            assert status == (200 if name in VISIBLE[table][role] else 404), (role, name)


MULTIPLE = {
    "question_type": "multiple_choice",
    "content": "How many?",
    "options": [{"id": "a", "text": "1"}, {"id": "b", "text": "2"}],
    "correct_answer": ["a"],
}
TESTS = {"language": "python", "test_cases": [{"input": "", "output": "1"}]}
REASON = {"reason": "The net was down."}
# By name: how, the address with the rows in it, the body, and what each role gets.
#                                          AN   SN   LEFT SU   SP   MATE IO   TA   IX   AD
WRITES: dict[str, tuple[str, str, dict[str, Any], dict[str, int]]] = {
    "quiz": ("post", "quizzes/", {"course": "course", "title": "New", "description": "x"},
        statuses(401, 403, 403, 403, 403, 403, 201, 403, 403, 201)),
    "edit_quiz": ("patch", "quizzes/{quiz}/", {"title": "Other"},
        statuses(401, 404, 404, 404, 403, 403, 200, 403, 404, 200)),
    "edit_draft": ("patch", "quizzes/{draft_quiz}/", {"title": "Other"},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "delete_quiz": ("delete", "quizzes/{quiz}/", {},
        statuses(401, 404, 404, 404, 403, 403, 409, 403, 404, 409)),
    "publish": ("post", "quizzes/{draft_quiz}/publish/", {},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "unpublish": ("post", "quizzes/{quiz}/unpublish/", {},
        statuses(401, 404, 404, 404, 403, 403, 200, 403, 404, 200)),
    "copy": ("post", "quizzes/{quiz}/copy/", {},
        statuses(401, 404, 404, 404, 403, 403, 201, 403, 404, 201)),
    "start": ("post", "quizzes/{quiz}/start/", {},
        statuses(401, 404, 404, 404, 200, 200, 403, 403, 404, 403)),
    "start_draft": ("post", "quizzes/{draft_quiz}/start/", {},
        statuses(401, 404, 404, 404, 404, 404, 403, 403, 404, 403)),
    "start_other": ("post", "quizzes/{other_quiz}/start/", {},
        statuses(401, 404, 404, 404, 404, 404, 404, 404, 403, 403)),
    "preview": ("post", "quizzes/{draft_quiz}/preview/", {},
        statuses(401, 404, 404, 404, 404, 404, 201, 403, 404, 403)),
    "rule": ("patch", "quiz-availability/{rule}/", {"closes_at": None},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "new_rule": ("post", "quiz-availability/", {"quiz": "draft_quiz"},
        statuses(401, 404, 404, 404, 404, 404, 400, 403, 404, 400)),
    "delete_rule": ("delete", "quiz-availability/{rule}/", {},
        statuses(401, 404, 404, 404, 404, 404, 204, 403, 404, 204)),
    "question": ("post", "questions/", {"quiz": "quiz", **MULTIPLE},
        statuses(401, 404, 404, 404, 403, 403, 201, 403, 404, 201)),
    "question_in_other": ("post", "questions/", {"quiz": "other_quiz", **MULTIPLE},
        statuses(401, 404, 404, 404, 404, 404, 404, 404, 201, 201)),
    "edit_question": ("patch", "questions/{question}/", {"content": "Other"},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "delete_question": ("delete", "questions/{question}/", {},
        statuses(401, 404, 404, 404, 404, 404, 409, 403, 404, 409)),
    "retire": ("post", "questions/{question}/retire/", {},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "move": ("post", "questions/{question}/move/", {"steps": 1},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "copy_question": ("post", "questions/{question}/copy/", {},
        statuses(401, 404, 404, 404, 404, 404, 201, 403, 404, 201)),
    "coding": ("post", "coding-questions/", {"question": "question", **TESTS},
        statuses(401, 404, 404, 404, 404, 404, 400, 403, 404, 400)),
    "edit_coding": ("patch", "coding-questions/{coding}/", {"memory_limit_mb": 64},
        statuses(401, 404, 404, 404, 404, 404, 200, 403, 404, 200)),
    "delete_coding": ("delete", "coding-questions/{coding}/", {},
        statuses(401, 404, 404, 404, 404, 404, 409, 403, 404, 409)),
    "make_attempt": ("post", "quiz-attempts/", {"quiz": "quiz"}, dict.fromkeys(ROLES, 405)),
    "edit_attempt": ("patch", "quiz-attempts/{attempt_SP}/", {"score": 100}, dict.fromkeys(ROLES, 405)),
    "submit": ("post", "quiz-attempts/{attempt_SP}/submit/", {},
        statuses(401, 404, 404, 404, 200, 404, 403, 403, 404, 403)),
    "submit_left": ("post", "quiz-attempts/{attempt_LEFT}/submit/", {},
        statuses(401, 404, 403, 404, 404, 404, 403, 403, 404, 403)),
    "submit_unpaid": ("post", "quiz-attempts/{attempt_SU}/submit/", {},
        statuses(401, 404, 404, 403, 404, 404, 403, 403, 404, 403)),
    "void": ("post", "quiz-attempts/{attempt_SP}/void/", REASON,
        statuses(401, 404, 404, 404, 403, 404, 200, 403, 404, 200)),
    "delete_attempt": ("delete", "quiz-attempts/{attempt_SP}/", REASON,
        statuses(401, 404, 404, 404, 403, 404, 204, 403, 404, 204)),
    "reopen": ("post", "quiz-attempts/{ended_SP}/reopen/", {"minutes": 5, **REASON},
        statuses(401, 404, 404, 404, 403, 404, 200, 403, 404, 200)),
    "add_time": ("post", "quiz-attempts/{attempt_SP}/add-time/", {"minutes": 5, **REASON},
        statuses(401, 404, 404, 404, 403, 404, 200, 403, 404, 200)),
    "add_time_to_own": ("post", "quiz-attempts/{preview}/add-time/", {"minutes": 5, **REASON},
        statuses(401, 404, 404, 404, 404, 404, 403, 403, 404, 409)),
    "answer": ("post", "question-responses/",
        {"attempt": "attempt_SP", "question": "question", "response": ["a"], "version": 2},
        statuses(401, 404, 404, 404, 200, 404, 403, 403, 404, 403)),
    "answer_left": ("post", "question-responses/",
        {"attempt": "attempt_LEFT", "question": "question", "response": ["a"], "version": 2},
        statuses(401, 404, 403, 404, 404, 404, 403, 403, 404, 403)),
    "answer_preview": ("post", "question-responses/",
        {"attempt": "preview", "question": "question", "response": ["a"], "version": 1},
        statuses(401, 404, 404, 404, 404, 404, 201, 403, 404, 403)),
    "change_answer": ("patch", "question-responses/{answer_SP}/", {"response": ["a"], "version": 2},
        statuses(401, 404, 404, 404, 200, 404, 403, 403, 404, 403)),
    "delete_answer": ("delete", "question-responses/{answer_SP}/", {}, dict.fromkeys(ROLES, 405)),
    "make_figures": ("post", "quiz-analytics/", {"quiz": "quiz"}, dict.fromkeys(ROLES, 405)),
    "edit_figures": ("patch", "quiz-analytics/{figures}/", {"total_attempts": 9}, dict.fromkeys(ROLES, 405)),
    "delete_figures": ("delete", "quiz-analytics/{figures}/", {}, dict.fromkeys(ROLES, 405)),
    "recompute": ("post", "quiz-analytics/{figures}/recompute/", {},
        statuses(401, 403, 403, 403, 403, 403, 200, 403, 404, 200)),
}  # fmt: skip


def send(client: APIClient, world: dict[str, Any], course: Course, name: str) -> Any:
    method, path, body, _expected = WRITES[name]
    ids = {row: one.pk for row, one in world.items() if row != "people"}
    filled = {
        key: {"course": course.pk, **ids}.get(value, value) if key in PARENTS else value
        for key, value in body.items()
    }
    return getattr(client, method)(f"{ROOT}{path.format(**ids)}", filled, format="json")


PARENTS = ("course", "quiz", "question", "attempt")


def stored() -> list[Any]:
    """All rows of these tables as they stand, and what waits to be done or was mailed."""
    rows = [list(model.objects.order_by("pk").values()) for model in MODELS.values()]
    return [*rows, DBTaskResult.objects.count(), len(mail.outbox)]


@pytest.mark.parametrize("name", WRITES)
def test_each_role_writes_what_it_may_and_a_refusal_changes_nothing(
    api: Api, course: Course, world: dict[str, Any], name: str
) -> None:
    before = stored()
    for role in ROLES:
        expected = WRITES[name][3][role]
        if expected < 400:
            continue  # they come below, each with a world as it was
        answer = send(ask(api, world, role), world, course, name)
        assert answer.status_code == expected, (role, answer.content)
        assert stored() == before, role
    allowed = [role for role in ROLES if WRITES[name][3][role] < 400]
    for role in allowed[:1]:
        answer = send(ask(api, world, role), world, course, name)
        assert answer.status_code == WRITES[name][3][role], (role, answer.content)


@pytest.mark.parametrize("name", [name for name in WRITES if WRITES[name][3]["AD"] < 400])
def test_administrator_writes_too_but_not_by_a_key(
    api: Api, course: Course, world: dict[str, Any], name: str
) -> None:
    before = stored()
    refused = send(ask(api, world, "AD", key=True), world, course, name)
    assert (refused.status_code, refused.json()["code"]) == (403, "read_only_key")
    assert stored() == before
    assert send(ask(api, world, "AD"), world, course, name).status_code == WRITES[name][3]["AD"]


SCOPES = ("read", "write:own", "submit", "course:read", "course:write", "grade")
TEACHERS_WRITES = (
    "quiz", "edit_quiz", "delete_rule", "question", "edit_coding", "void", "add_time", "recompute", "preview",
)  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES)
def test_key_does_what_its_scope_says_and_no_more(
    key_client: Any, course: Course, world: dict[str, Any], scope: str
) -> None:
    before = stored()
    if scope != "course:write":
        teacher = key_client(world["people"]["IO"], [scope])
        for name in TEACHERS_WRITES:
            assert send(teacher, world, course, name).status_code in (403, 404), name
        assert stored() == before
    if scope in ("read", "write:own"):
        student = key_client(world["people"]["SP"], [scope])
        for name in ("start", "answer", "change_answer", "submit"):
            refused = send(student, world, course, name)
            assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
        assert stored() == before
    teacher = key_client(world["people"]["IO"], [scope])
    if scope == "read":  # without course:read the owner is a student like any other
        for table in ("questions", "coding-questions", "quiz-availability"):
            assert teacher.get(f"{ROOT}{table}/").json()["count"] == 0
        assert teacher.get(f"{ROOT}quiz-attempts/").json()["count"] == 1, "the own preview"
        assert teacher.get(f"{ROOT}quiz-analytics/").status_code == 403
    if scope == "course:write":
        for name in ("question", "void"):
            assert send(teacher, world, course, name).status_code in (200, 201), name

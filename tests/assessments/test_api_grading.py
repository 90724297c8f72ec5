"""Grades and regrades by the API."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.api_keys import issue_named_key
from accounts.models import User
from assessments.models import QuestionResponse, Quiz, QuizAttempt, Regrade
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_quiz
from tests.assessments.regrades import give_to, hand_in, rekey, score
from tests.courses.factories import HelperFactory

Api = Callable[..., APIClient]
ROOT = "/api/v1/"


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A choice worth one point, and an essay worth five."""
    return make_quiz(kinds="me", course=course)


@pytest.fixture
def attempt(quiz: Quiz) -> QuizAttempt:
    return hand_in(quiz)


def essay(attempt: QuizAttempt) -> QuestionResponse:
    return QuestionResponse.objects.get(attempt=attempt, question__question_type="essay")


def grade_of(row: QuestionResponse) -> str:
    return f"{ROOT}question-responses/{row.pk}/grade/"


@pytest.mark.parametrize("who", ["instructor", "assistant", "admin_user"])
def test_those_who_may_grade_find_what_waits_and_grade_it(
    who: str, attempt: QuizAttempt, api: Api, request: pytest.FixtureRequest
) -> None:
    course = attempt.quiz.course
    by = HelperFactory(course=course).user if who == "assistant" else request.getfixturevalue(who)
    client = api(by)
    waiting = client.get(f"{ROOT}question-responses/", {"grading": "person"}).json()["results"]
    row = essay(attempt)
    assert [one["id"] for one in waiting] == [row.pk]
    mark = client.get(grade_of(row)).json()["mark"]
    body = {"points_earned": "2.50", "feedback": "Go on.", "mark": mark}
    given = client.patch(grade_of(row), body, format="json")
    assert given.status_code == 200, given.json()
    assert given.json()["points_earned"] == "2.50"
    assert given.json()["graded_by"] == by.pk
    assert score(attempt) == Decimal("58.33")
    again = client.patch(grade_of(row), {**body, "reason": "Late."}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "graded_meanwhile")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"points_earned": "5.01"}, "points"),
        ({"points_earned": "-1"}, "points_earned"),
        ({"points_earned": "1.234"}, "points_earned"),
        ({"points_earned": None}, "points_earned"),
        ({"feedback": "x" * 20_001}, "feedback"),
        ({}, "points_earned"),
    ],
)
def test_what_can_never_be_a_grade_is_refused(
    body: dict[str, Any], field: str, attempt: QuizAttempt, instructor: User, api: Api
) -> None:
    refused = api(instructor).patch(grade_of(essay(attempt)), body, format="json")
    assert refused.status_code == 400
    assert field in refused.json()["fields"]
    assert essay(attempt).points_earned is None


def test_students_own_work_and_strangers_are_refused(
    attempt: QuizAttempt, other_instructor: User, admin_user: User, api: Api
) -> None:
    row = essay(attempt)
    for who, status in ((attempt.user, 403), (other_instructor, 404), (UserFactory(), 404), (None, 401)):
        client = api(who)
        assert client.get(grade_of(row)).status_code == status
        assert client.patch(grade_of(row), {"points_earned": 5}, format="json").status_code == status
    give_to(attempt, admin_user)
    assert api(admin_user).patch(grade_of(row), {"points_earned": 5}, format="json").status_code == 403
    assert essay(attempt).points_earned is None


@pytest.mark.parametrize(
    ("scopes", "status"), [(["grade"], 200), (["course:write"], 403), (["read", "submit"], 403)]
)
def test_a_key_grades_with_the_scope_for_it(
    scopes: list[str], status: int, attempt: QuizAttempt, instructor: User
) -> None:
    client = APIClient()
    _row, key = issue_named_key(user=instructor, name="Script", scopes=scopes)
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    given = client.patch(grade_of(essay(attempt)), {"points_earned": 5}, format="json")
    assert given.status_code == status, given.json()


def test_a_regrade_is_previewed_applied_and_dropped(attempt: QuizAttempt, instructor: User, api: Api) -> None:
    quiz, client = attempt.quiz, api(instructor)
    question = rekey(quiz)
    body = {"quiz": quiz.pk, "reason": "Key.", "questions": [{"question": question.pk, "act": "full"}]}
    made = client.post(f"{ROOT}regrades/", body, format="json")
    assert made.status_code == 201, made.json()
    here = f"{ROOT}regrades/{made.json()['id']}/"
    assert (made.json()["state"], client.get(here).json()["preview"]) == ("previewed", [])
    second = client.post(f"{ROOT}regrades/", body, format="json")
    assert (second.status_code, second.json()["code"]) == (409, "regrade_open")
    assert client.post(f"{here}drop/").json()["state"] == "dropped"
    refused = client.post(f"{here}apply/", {}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "dropped")
    client.patch(grade_of(essay(attempt)), {"points_earned": 5}, format="json")
    made = client.post(f"{ROOT}regrades/", {"quiz": quiz.pk, "reason": "Key."}, format="json").json()
    here = f"{ROOT}regrades/{made['id']}/"
    assert client.get(here).json()["preview"][0]["new_score"] == "83.33"
    done = client.post(f"{here}apply/", {"mode": "all"}, format="json")
    assert (done.status_code, done.json()["state"]) == (200, "applied")
    assert score(attempt) == Decimal("83.33")
    assert [one["id"] for one in client.get(f"{ROOT}regrades/", {"state": "applied"}).json()["results"]] == [
        made["id"]
    ]


def test_only_those_who_teach_regrade(
    attempt: QuizAttempt, instructor: User, other_instructor: User, api: Api
) -> None:
    quiz = attempt.quiz
    body = {"quiz": quiz.pk, "reason": "Mine."}
    assistant = HelperFactory(course=quiz.course).user
    row = quiz.regrades.create(started_by=instructor, reason="Key.", state="previewed")
    asked = ((attempt.user, 403, 403), (assistant, 403, 403), (other_instructor, 404, 404), (None, 401, 401))
    for who, making, deciding in asked:
        client = api(who)
        assert client.post(f"{ROOT}regrades/", body, format="json").status_code == making
        for act in ("apply", "drop"):
            assert client.post(f"{ROOT}regrades/{row.pk}/{act}/", {}, format="json").status_code == deciding
    assert api(assistant).get(f"{ROOT}regrades/{row.pk}/").status_code == 200
    assert Regrade.objects.get().state == "previewed"


@pytest.mark.parametrize(
    "more",
    [{"reason": ""}, {"questions": [{"question": 0, "act": "key"}]}, {"questions": []}, {"state": "applied"}],
)
def test_what_can_never_be_a_regrade_is_refused(
    more: dict[str, Any], attempt: QuizAttempt, instructor: User, api: Api
) -> None:
    body = {"quiz": attempt.quiz_id, "reason": "Key.", **more}
    refused = api(instructor).post(f"{ROOT}regrades/", body, format="json")
    assert refused.status_code == 400
    assert not Regrade.objects.exists()


def test_grade_refuses_what_only_the_server_decides_and_takes_what_it_gave(
    attempt: QuizAttempt, api: Api, instructor: User
) -> None:
    row, client = essay(attempt), api(instructor)
    claims = {"is_correct": True, "grading": "graded", "graded_by": 1, "is_by_hand": False}
    answer = client.patch(grade_of(row), {"points_earned": "1.00", **claims}, format="json")
    assert answer.status_code == 400
    assert {"is_correct", "graded_by"} <= answer.json()["fields"].keys() <= claims.keys()
    given = client.patch(grade_of(row), {"points_earned": "1.00", "feedback": "Good."}, format="json").json()
    again = client.patch(grade_of(row), {**given, "reason": "Better."}, format="json")
    assert again.status_code == 200, again.json()

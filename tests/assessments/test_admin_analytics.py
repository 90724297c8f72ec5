"""The page with a quiz's figures."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from assessments.analytics import refresh_quiz_analytics
from assessments.models import Quiz, QuizAnalytics
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_quiz
from tests.assessments.test_analytics import sit
from tests.courses.factories import HelperFactory

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


@pytest.fixture
def quiz(instructor: User) -> Quiz:
    return make_quiz(kinds="mt", course__instructor=instructor, passing_score=50)


def address(quiz: Quiz, act: str = "") -> str:
    return f"/admin/assessments/quiz/{quiz.pk}/analytics/{act}"


def test_instructor_reads_the_figures_as_text(login: Login, quiz: Quiz, instructor: User) -> None:
    for choice, truth in [(["b"], True), (["b"], False), (["a"], True), (["b"], True), (None, False)]:
        sit(quiz, choice, truth)
    refresh_quiz_analytics(quiz=quiz)
    page = login(instructor).get(address(quiz)).content.decode()
    for figure in ("60.0 %", "100.0 %", "2.00", "50–59 %: 2", "3 (75 %)", "1 left empty", "1:00"):
        assert figure in page, figure


def test_quiz_that_nobody_took_says_so(login: Login, quiz: Quiz, instructor: User) -> None:
    assert "Nobody has finished this quiz yet" in login(instructor).get(address(quiz)).content.decode()


def test_assistant_looks_and_does_not_recompute(login: Login, quiz: Quiz) -> None:
    assistant = HelperFactory(course=quiz.course, role="assistant").user
    client = login(assistant)
    assert client.get(address(quiz)).status_code == 200
    assert client.post(address(quiz, "refresh/")).status_code == 403
    assert not QuizAnalytics.objects.filter(quiz=quiz).exists()


def test_instructor_has_them_worked_out_at_once(login: Login, quiz: Quiz, instructor: User) -> None:
    sit(quiz, ["b"], True)
    client = login(instructor)
    assert client.get(address(quiz, "refresh/")).status_code == 405
    assert client.post(address(quiz, "refresh/")).status_code == 302
    row = QuizAnalytics.objects.get(quiz=quiz)
    assert (row.total_attempts, len(row.items)) == (1, 2)


def test_others_do_not_find_it(login: Login, quiz: Quiz, other_instructor: User) -> None:
    for user in (other_instructor, UserFactory()):
        assert login(user).get(address(quiz)).status_code in (302, 404)


def test_page_asks_the_same_however_many_attempts(
    login: Login, quiz: Quiz, instructor: User, statements: Any
) -> None:
    client = login(instructor)
    sit(quiz, ["b"], True)
    refresh_quiz_analytics(quiz=quiz)
    client.get(address(quiz))
    with statements() as few:
        client.get(address(quiz))
    for _number in range(5):
        sit(quiz, ["a"], False)
    refresh_quiz_analytics(quiz=quiz)
    with statements() as many:
        client.get(address(quiz))
    assert len(many) == len(few) <= 12, many

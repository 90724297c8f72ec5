"""The pages of the admin site that void, reopen and extend an attempt."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from assessments.attempts import start_preview, submit_attempt
from assessments.models import QuizAttempt
from courses.models import Course, HelperRole
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import HelperFactory

Login = Callable[[User], Client]
NAMES = ("add_time", "reopen", "void")
VALUES = {"minutes": "15", "reason": "The fire alarm rang."}


@pytest.fixture
def attempt(course: Course, enrolled_student: User) -> QuizAttempt:
    return make_attempt(quiz=make_quiz(kinds="m", course=course, time_limit=10), student=enrolled_student)


def page(name: str, attempt: QuizAttempt) -> str:
    return reverse(f"admin:assessments_quizattempt_{name}", args=[attempt.pk])


def shown(client: Client, attempt: QuizAttempt) -> str:
    return str(client.get(page("change", attempt)).text)


def test_who_teaches_adds_time_reopens_and_voids(
    login: Login, attempt: QuizAttempt, instructor: User
) -> None:
    client = login(instructor)
    text = shown(client, attempt)
    assert (page("add_time", attempt) in text, page("reopen", attempt) in text) == (True, False)
    assert client.post(page("add_time", attempt), VALUES, follow=True).status_code == 200
    attempt.refresh_from_db()
    assert attempt.extra_minutes == 15
    submit_attempt(attempt=attempt)
    text = shown(client, attempt)
    assert (page("add_time", attempt) in text, page("reopen", attempt) in text) == (False, True)
    client.post(page("reopen", attempt), VALUES)
    attempt.refresh_from_db()
    assert attempt.is_running
    client.post(page("void", attempt), VALUES)
    attempt.refresh_from_db()
    assert (attempt.is_voided, attempt.void_reason) == (True, "The fire alarm rang.")
    text = shown(client, attempt)
    assert "voided" in text
    assert page("void", attempt) not in text


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_for_those_who_may(
    name: str, login: Login, attempt: QuizAttempt, other_instructor: User, admin_user: User
) -> None:
    if name == "reopen":
        submit_attempt(attempt=attempt)
    course = attempt.quiz.course
    assistant = HelperFactory(course=course).user
    for person, status in ((other_instructor, 404), (assistant, 403)):
        client = login(person)
        assert client.get(page(name, attempt)).status_code == status
        assert client.post(page(name, attempt), VALUES).status_code == status
    assert page(name, attempt) not in shown(login(assistant), attempt)
    assert login(attempt.user).get(page(name, attempt)).status_code in (302, 403)
    for person in (HelperFactory(course=course, role=HelperRole.CO_INSTRUCTOR).user, admin_user):
        assert login(person).get(page(name, attempt)).status_code == 200
    before = QuizAttempt.objects.values().get()
    attempt.refresh_from_db()
    assert before["extra_minutes"] == 0
    assert not attempt.is_voided


def test_what_the_state_forbids_and_an_empty_reason_stay_on_the_form(
    login: Login, attempt: QuizAttempt, instructor: User
) -> None:
    client = login(instructor)
    assert "This attempt is still running" in client.post(page("reopen", attempt), VALUES).text
    answer = client.post(page("void", attempt), {"reason": "  "})
    assert answer.status_code == 200
    assert "This field is required" in answer.text
    assert (
        "less than or equal to 10080"
        in client.post(page("add_time", attempt), {**VALUES, "minutes": "99999"}).text
    )


def test_list_tells_previews_and_attempts_whose_time_is_over(
    login: Login, course: Course, enrolled_student: User, instructor: User
) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    make_attempt(quiz=quiz, student=enrolled_student, now=timezone.now() - timedelta(hours=1))
    preview, _new = start_preview(quiz=quiz, by=instructor)
    client = login(instructor)
    text = client.get(reverse("admin:assessments_quizattempt_changelist")).text
    assert "time is over" in text
    assert "preview, in progress" in text
    assert "Void" not in shown(client, preview)

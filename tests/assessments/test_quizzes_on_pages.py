"""Where quizzes show beside their own pages: the lesson, the course, the start page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assessments.answering import save_response
from assessments.attempts import start_preview, submit_attempt
from assessments.models import Quiz, QuizAttempt, QuizAvailability
from courses.models import Course, Lesson
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
Statements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    """The last lesson of the course, a quiz."""
    found = Lesson.objects.published().filter(module__course=course).in_order().last()
    assert found
    Lesson.objects.filter(pk=found.pk).update(content_type="quiz")
    return found


@pytest.fixture
def quiz(course: Course, lesson: Lesson) -> Quiz:
    return make_quiz(kinds="mt", course=course, lesson=lesson, title="How to count", time_limit=30)


def page_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def address(lesson: Lesson) -> str:
    return f"/courses/{lesson.module.course.slug}/lessons/{lesson.pk}/"


def test_lesson_and_course_list_the_quiz_with_its_state(
    login: Login, enrolled_student: User, course: Course, lesson: Lesson, quiz: Quiz
) -> None:
    reader = login(enrolled_student)
    page = page_of(reader, address(lesson))
    for words in (
        "How to count",
        "2 questions",
        "30 min",
        "complete when you pass the quiz",
        "Go to the quiz",
    ):
        assert words in page
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    assert "In progress" in page_of(reader, address(lesson))
    for entry, answer in zip(attempt.paper, (["b"], True), strict=True):
        save_response(attempt=attempt, question_id=entry["question"], response=answer, version=1)
    submit_attempt(attempt=attempt)
    for path in (address(lesson), course.get_absolute_url()):
        page = page_of(reader, path)
        assert "How to count" in page
        assert "Passed" in page
        assert "100%" in page


def test_hidden_scores_stay_hidden_in_lists(
    login: Login, enrolled_student: User, course: Course, lesson: Lesson, quiz: Quiz
) -> None:
    Quiz.objects.update(results_at=timezone.now() + timedelta(days=1))
    submit_attempt(attempt=make_attempt(quiz=quiz, student=enrolled_student))
    for path in (address(lesson), course.get_absolute_url(), "/home/"):
        page = page_of(login(enrolled_student), path)
        assert "Not passed<" not in page
    assert "Handed in" in page_of(login(enrolled_student), address(lesson))


def test_strangers_and_drafts_are_left_out(
    login: Login, client: Client, enrolled_student: User, course: Course, quiz: Quiz
) -> None:
    preview = Lesson.objects.get(is_preview=True)
    make_quiz(kinds="m", course=course, lesson=preview, title="On the preview")
    make_quiz(kinds="m", course=course, title="A draft of a quiz", is_published=False)
    for reader in (client, login(UserFactory())):
        for path in (address(preview), course.get_absolute_url()):
            page = page_of(reader, path)
            assert "On the preview" not in page
            assert "How to count" not in page
    page = page_of(login(enrolled_student), course.get_absolute_url())
    assert "On the preview" in page
    assert "A draft of a quiz" not in page
    teacher = login(course.instructor)
    assert "A draft of a quiz" in page_of(teacher, course.get_absolute_url())
    assert "A draft of a quiz" not in page_of(teacher, f"{course.get_absolute_url()}?as=student")


def test_running_attempt_takes_the_place_of_the_next_lesson(
    login: Login, enrolled_student: User, quiz: Quiz
) -> None:
    reader = login(enrolled_student)
    assert "Quiz in progress" not in page_of(reader, "/home/")
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    page = page_of(reader, "/home/")
    assert "Quiz in progress" in page
    assert "30 minutes left" in page
    assert attempt.get_absolute_url() in page
    assert "Start lesson" not in page
    submit_attempt(attempt=attempt)
    assert "Quiz in progress" not in page_of(reader, "/home/")


def test_preview_of_a_teacher_is_no_quiz_in_progress(login: Login, quiz: Quiz) -> None:
    start_preview(quiz=quiz, by=quiz.course.instructor)
    assert "Quiz in progress" not in page_of(login(quiz.course.instructor), "/home/")


def test_home_names_what_closes_within_a_week(login: Login, enrolled_student: User, quiz: Quiz) -> None:
    reader = login(enrolled_student)
    rule = QuizAvailability.objects.create(quiz=quiz, closes_at=timezone.now() + timedelta(days=8))

    def is_due(**change: Any) -> bool:
        QuizAvailability.objects.filter(pk=rule.pk).update(**change)
        return "Due soon" in page_of(reader, "/home/")

    assert not is_due()
    assert is_due(closes_at=timezone.now() + timedelta(days=2))
    assert not is_due(closes_at=timezone.now() - timedelta(hours=1))
    rule.closes_at = timezone.now() + timedelta(days=2)
    rule.save()
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    for entry, answer in zip(attempt.paper, (["b"], True), strict=True):
        save_response(attempt=attempt, question_id=entry["question"], response=answer, version=1)
    submit_attempt(attempt=attempt)
    assert not is_due()


def test_home_shows_every_running_attempt_the_soonest_end_first(
    login: Login, enrolled_student: User, course: Course, quiz: Quiz, statements: Statements
) -> None:
    reader = login(enrolled_student)
    make_attempt(quiz=quiz, student=enrolled_student)
    with statements() as with_one:
        reader.get("/home/")
    for title, limit in (("Without an end", None), ("Soon over", 5)):
        other = make_quiz(kinds="m", course=course, title=title, time_limit=limit)
        make_attempt(quiz=other, student=enrolled_student)
    with statements() as with_three:
        page = page_of(reader, "/home/")
    places = [
        page.index(f'Resume<span class="sr-only"> {title}')
        for title in ("Soon over", "How to count", "Without")
    ]
    assert places == sorted(places)
    for words in ("5 minutes left", "30 minutes left", "No time limit"):
        assert words in page
    assert page.count("btn--primary btn--lg") == 1
    assert len(with_three) == len(with_one)


def test_lists_and_start_page_word_an_attempt_alike(
    login: Login, enrolled_student: User, course: Course, quiz: Quiz
) -> None:
    reader = login(enrolled_student)
    essay = make_quiz(kinds="e", course=course, title="To be read")
    attempt = make_attempt(quiz=essay, student=enrolled_student)
    for path in (course.get_absolute_url(), essay.get_absolute_url()):
        assert "in progress" in page_of(reader, path).lower()
    save_response(attempt=attempt, question_id=attempt.paper[0]["question"], response="Words.", version=1)
    submit_attempt(attempt=attempt)
    for path in (course.get_absolute_url(), essay.get_absolute_url()):
        assert "Waiting to be graded" in page_of(reader, path)
    QuizAttempt.objects.update(status="abandoned")
    for path in (course.get_absolute_url(), essay.get_absolute_url()):
        assert "Nothing handed in" in page_of(reader, path)
    QuizAttempt.objects.update(status="completed")
    Quiz.objects.update(results_at=timezone.now() + timedelta(days=1))
    for path in (course.get_absolute_url(), essay.get_absolute_url()):
        assert "Handed in" in page_of(reader, path)

"""How many statements each page takes: the number is fixed, and does not grow with the rows.

Counted with a real session; without transactions' beginnings and ends, and what tells PostgreSQL who asks.
The once-a-minute note of having opened a lesson is not counted: it has been written lately.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from assessments.models import Quiz
from courses.models import Course, CourseEnrollment, Lesson
from tests.accounts.factories import UserFactory
from tests.courses.factories import (
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    ResourceFactory,
    VideoFactory,
    make_course,
)

Statements = Callable[[], AbstractContextManager[list[str]]]
Login = Callable[[User], Client]


@pytest.fixture
def count(statements: Statements) -> Callable[..., int]:
    """`count(client, url)` is the number of statements of a second visit: the first one fills caches."""

    def visit(client: Client, url: str, status: int = 200) -> int:
        assert client.get(url).status_code == status
        with statements() as seen:
            client.get(url)
        return len(seen)

    return visit


def place_in(course: Course, student: User, done: int = 2) -> CourseEnrollment:
    """An enrollment that was opened just now, with some lessons done."""
    enrollment = EnrollmentFactory(course=course, student=student, last_accessed=timezone.now())
    for lesson in Lesson.objects.published().filter(module__course=course)[:done]:
        CompletionFactory(student=student, lesson=lesson)
    return enrollment


def big_course(size: int, **fields: Any) -> Course:
    """A course of 10 modules and 10 × `size` lessons."""
    return make_course(modules=10, lessons=size, **fields)


def last_lesson(course: Course) -> Lesson:
    return Lesson.objects.published().filter(module__course=course).in_order().reverse()[0]


@pytest.mark.parametrize("rows", [3, 32])
def test_front_page_and_catalogue(
    client: Client, login: Login, student: User, count: Callable[..., int], rows: int
) -> None:
    for _number in range(rows):
        CourseFactory()
    reader = login(student)
    assert count(client, "/") == 1
    assert count(reader, "/") == 3
    assert count(client, "/courses/") == 3
    assert count(reader, "/courses/?q=course&level=Beginner&sort=title") == 5


@pytest.mark.parametrize("rows", [1, 7, 30])
def test_home(login: Login, student: User, count: Callable[..., int], rows: int) -> None:
    for _number in range(rows):
        place_in(make_course(), student)
    assert count(login(student), "/home/") == 6


def test_home_of_somebody_new(login: Login, student: User, count: Callable[..., int], course: Course) -> None:
    assert count(login(student), "/home/") == 5


@pytest.mark.parametrize("size", [1, 10])
def test_course_page(
    client: Client, login: Login, student: User, count: Callable[..., int], size: int
) -> None:
    course = big_course(size)
    place_in(course, student)
    url = course.get_absolute_url()
    assert count(client, url) == 3
    assert count(login(student), url) == 8  # who studies or teaches is told who helps in the course
    assert count(login(course.instructor), url) == 8
    assert count(login(UserFactory()), url) == 6
    assert count(login(student), f"{url}end/") == 6
    assert count(login(student), f"{url}continue/", 302) == 6


@pytest.mark.parametrize("size", [1, 10])
def test_lesson(client: Client, login: Login, student: User, count: Callable[..., int], size: int) -> None:
    course = big_course(size)
    place_in(course, student)
    lesson = last_lesson(course)
    for _number in range(size):
        ResourceFactory(lesson=lesson)
    url = f"{course.get_absolute_url()}lessons/{lesson.pk}/"
    assert count(login(student), url) == 7
    assert count(login(course.instructor), url) == 7
    preview = Lesson.objects.get(is_preview=True)
    assert count(client, f"{course.get_absolute_url()}lessons/{preview.pk}/") == 3


def test_lesson_with_a_video(login: Login, student: User, count: Callable[..., int], course: Course) -> None:
    place_in(course, student)
    lesson = last_lesson(course)
    VideoFactory(lesson=lesson, transcript="![x](/course-images/1/a-1x1.png)")
    assert count(login(student), f"{course.get_absolute_url()}lessons/{lesson.pk}/") == 7


def test_lesson_with_a_quiz(login: Login, student: User, count: Callable[..., int], course: Course) -> None:
    place_in(course, student)
    lesson = last_lesson(course)
    Lesson.objects.filter(pk=lesson.pk).update(content_type="quiz")
    Quiz.objects.create(course=course, lesson=lesson, title="Quiz", description="Count.", is_published=True)
    assert count(login(student), f"{course.get_absolute_url()}lessons/{lesson.pk}/") == 7


@pytest.mark.parametrize("size", [1, 10])
def test_completing_a_lesson(
    login: Login, student: User, statements: Statements, size: int, django_capture_on_commit_callbacks: Any
) -> None:
    course = big_course(size)
    place_in(course, student, done=0)
    client = login(student)
    counts = []
    for lesson in Lesson.objects.published().filter(module__course=course).in_order()[:2]:
        with statements() as seen, django_capture_on_commit_callbacks(execute=True):
            client.post(f"{course.get_absolute_url()}lessons/{lesson.pk}/complete/")
        counts.append(len(seen))
    # A module begun in an earlier step is written apart from one that begins now.
    assert counts == ([13, 14] if size == 1 else [13, 13])


@pytest.mark.parametrize("rows", [3, 30])
def test_certificates(
    client: Client, login: Login, student: User, count: Callable[..., int], rows: int
) -> None:
    for _number in range(rows):
        certificate = CertificateFactory(enrollment__student=student)
    assert count(login(student), "/certificates/") == 3
    assert count(client, certificate.get_absolute_url()) == 1
    assert count(login(student), certificate.get_absolute_url()) == 4

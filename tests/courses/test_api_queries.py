"""What each endpoint costs the database: the same however many rows there are."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, Lesson, Module
from tests.courses.factories import (
    CertificateFactory,
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    ModuleProgressFactory,
    ResourceFactory,
)

Api = Callable[..., APIClient]
ROOT = "/api/v1/"


def more_courses(course: Course, count: int) -> None:
    CourseFactory.create_batch(count)


def more_modules(course: Course, count: int) -> None:
    ModuleFactory.create_batch(count, course=course)


def more_lessons(course: Course, count: int) -> None:
    for _ in range(count):
        LessonFactory(module=ModuleFactory(course=course))


def more_resources(course: Course, count: int) -> None:
    for _ in range(count):
        ResourceFactory(lesson=LessonFactory(module=ModuleFactory(course=course)))


def more_students(course: Course, count: int) -> None:
    module = course.modules.order_by("id")[0]
    for place in EnrollmentFactory.create_batch(count, course=course):
        ModuleProgressFactory(enrollment=place, module=module)
        CompletionFactory(student=place.student, lesson=module.lessons.order_by("id")[0])
        CertificateFactory(enrollment=place)


LISTS: dict[str, tuple[Callable[[Course, int], None], int]] = {
    # the list, what makes it longer, and its statements with the caller's own: session and person
    "courses": (more_courses, 4),
    "modules": (more_modules, 4),
    "lessons": (more_lessons, 4),
    "lesson-resources": (more_resources, 4),
    "course-enrollments": (more_students, 4),
    "module-progress": (more_students, 4),
    "lesson-completions": (more_students, 4),
    "certificates": (more_students, 4),
}


@pytest.mark.parametrize("table", LISTS)
def test_list_costs_the_same_however_long(
    api: Api, course: Course, admin_user: User, statements: Any, table: str
) -> None:
    lengthen, expected = LISTS[table]
    for reader in (course.instructor, admin_user):
        client, counts, lengths = api(reader), [], []
        for size in (3, 30):
            lengthen(course, size)
            with statements() as seen:
                lengths.append(len(client.get(f"{ROOT}{table}/?page_size=100").json()["results"]))
            counts.append(len(seen))
        assert lengths[1] - lengths[0] == 30
        assert counts == [expected, expected], seen


@pytest.mark.parametrize("role", ["anonymous", "student", "enrolled", "instructor"])
def test_contents_cost_the_same_however_long(  # noqa: PLR0917
    api: Api, course: Course, student: User, enrolled_student: User, statements: Any, role: str
) -> None:
    people = {"student": student, "enrolled": enrolled_student, "instructor": course.instructor}
    client, counts = api(people.get(role), key=True), []
    for size in (3, 30):
        more_lessons(course, size)
        with statements() as seen:
            assert client.get(f"{ROOT}courses/{course.pk}/contents/").status_code == 200
        counts.append(len(seen))
    # the key's owner and the own place; the course, its modules, its lessons
    expected = 3 if role == "anonymous" else 5
    assert counts == [expected, expected], seen


def test_reading_a_row_costs_one_statement_more_than_the_caller(
    api: Api, course: Course, enrolled_student: User, statements: Any
) -> None:
    client = api(enrolled_student, key=True)
    module = Module.objects.filter(course=course)[0]
    for path in (f"courses/{course.pk}/", f"modules/{module.pk}/"):
        with statements() as seen:
            assert client.get(ROOT + path).status_code == 200
        assert len(seen) == 2, seen


def test_reading_a_lesson_costs_three_and_notes_the_visit_once_a_minute(
    api: Api, course: Course, enrolled_student: User, statements: Any
) -> None:
    client, lesson = api(enrolled_student, key=True), Lesson.objects.get(title="Lesson 2.1")
    counts = []
    for _ in range(2):
        with statements() as seen:
            assert client.get(f"{ROOT}lessons/{lesson.pk}/").status_code == 200
        counts.append(len(seen))
    # caller, lesson, place; the first time the two notes of the visit
    assert counts == [5, 3], seen

"""What a course consists of for one person, and a person's courses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.models import User
from courses.models import Course, CourseEnrollment, Lesson, Module
from courses.outline import Outline, course_outline, enrolled_courses
from courses.reading import LessonView, next_step
from tests.accounts.factories import AdminFactory
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
    make_course,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def titles(outline: Outline) -> list[str]:
    return [lesson.title for lesson in outline.lessons]


def outline_for(course: Course, user: Any, *, is_open: bool = True) -> Outline:
    return course_outline(course=course, user=user, is_open=is_open)


@pytest.mark.parametrize("who", ["nobody", "student", "other instructor"])
def test_students_see_what_is_published(course: Course, student: User, who: str, request: Any) -> None:
    ModuleFactory(course=course, is_published=False)
    users = {"nobody": AnonymousUser(), "student": student}
    user = users.get(who) or request.getfixturevalue("other_instructor")
    outline = outline_for(course, user, is_open=False)
    assert titles(outline) == ["Lesson 1.1", "Lesson 1.2", "Lesson 2.1", "Lesson 2.2"]
    assert [lesson.is_locked for lesson in outline.lessons] == [False, True, True, True]  # type: ignore[attr-defined]
    assert [part.number for part in outline.modules] == [1, 2]
    assert (outline.total, outline.done) == (4, 0)


def test_who_edits_the_course_sees_drafts(course: Course, instructor: User) -> None:
    ModuleFactory(course=course, is_published=False, order_index=3)
    for user in (instructor, AdminFactory()):
        outline = outline_for(course, user)
        assert "Draft lesson" in titles(outline)
        assert len(outline.modules) == 3


def test_order_is_by_place_and_then_by_age(db: None) -> None:
    course = CourseFactory()
    second, first = (ModuleFactory(course=course, order_index=place) for place in (2, 1))
    twin = ModuleFactory(course=course, order_index=2)
    for module, title, place in [
        (twin, "f", 1),
        (second, "e", 9),
        (first, "b", 2),
        (first, "c", 2),
        (first, "a", 1),
        (second, "d", 1),
    ]:
        LessonFactory(module=module, title=title, order_index=place)
    assert titles(outline_for(course, AnonymousUser())) == ["a", "b", "c", "d", "e", "f"]


def test_empty_modules_are_listed(db: None) -> None:
    module = ModuleFactory()
    outline = outline_for(module.course, AnonymousUser())
    assert [(part.total, part.done, part.minutes) for part in outline.modules] == [(0, 0, 0)]
    assert outline.next_lesson is None


def test_done_lessons_and_the_next_one(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    CompletionFactory(student=enrollment.student, lesson=lessons[0])
    CompletionFactory(student=enrollment.student, lesson=lessons[2])
    outline = outline_for(enrollment.course, enrollment.student)
    assert outline.done == 2
    assert outline.next_lesson == lessons[1]
    assert outline.position(lessons[3]) == 4
    assert outline.neighbours(lessons[0]) == (None, lessons[1])
    assert outline.neighbours(lessons[1]) == (lessons[0], lessons[2])
    assert outline.neighbours(lessons[3]) == (lessons[2], None)


def test_lesson_that_the_outline_lacks_has_no_place(
    course: Course, student: User, draft_lesson: Lesson
) -> None:
    outline = outline_for(course, student)
    assert outline.position(draft_lesson) == 0
    assert outline.neighbours(draft_lesson) == (None, None)


def test_contents_of_lessons_are_not_read(course: Course, statements: Any) -> None:
    with statements() as seen:
        outline_for(course, AnonymousUser())
    assert len(seen) == 2
    assert '"content"' not in "".join(seen)


def test_module_published_meanwhile_does_not_break_the_page(course: Course, student: User) -> None:
    """Modules and lessons are read one after the other; a module may be published between the two."""
    late = Module.objects.filter(title="Module 2")
    late.update(is_published=False)

    def publish_between(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("SELECT") and 'FROM "lessons"' in sql:
            late.update(is_published=True)
        return execute(sql, *more)

    with connection.execute_wrapper(publish_between):
        outline = outline_for(course, student)
    assert titles(outline) == ["Lesson 1.1", "Lesson 1.2"]
    assert titles(outline_for(course, student))[2:] == ["Lesson 2.1", "Lesson 2.2"]


def test_courses_are_listed_with_the_last_opened_first(student: User) -> None:
    opened = {"old": NOON, "new": NOON + timedelta(days=1), "never": None}
    for title, when in opened.items():
        course = CourseFactory(title=title)
        EnrollmentFactory(student=student, course=course, last_accessed=when)
    assert [place.course.title for place in enrolled_courses(student)] == ["new", "old", "never"]


def test_left_and_unpublished_courses_are_not_listed(student: User) -> None:
    EnrollmentFactory(student=student, withdrawn_at=NOON)
    EnrollmentFactory(student=student, course__is_published=False)
    EnrollmentFactory()
    assert enrolled_courses(student) == []


def test_place_says_how_far_and_what_is_next(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    for lesson in (lessons[0], lessons[1], lessons[3]):
        CompletionFactory(student=enrollment.student, lesson=lesson)
    (place,) = enrolled_courses(enrollment.student)
    assert (place.done, place.total, place.is_done) == (3, 4, False)
    assert [(module.number, module.done, module.total) for module in place.modules] == [(1, 2, 2), (2, 1, 2)]
    assert place.next_lesson
    assert (place.next_lesson["id"], place.next_lesson["module_number"], place.lesson_number) == (
        lessons[2].pk,
        2,
        3,
    )
    CompletionFactory(student=enrollment.student, lesson=lessons[2])
    (place,) = enrolled_courses(enrollment.student)
    assert place.is_done
    assert place.next_lesson is None


def test_course_without_lessons_is_not_done(student: User) -> None:
    EnrollmentFactory(student=student)
    (place,) = enrolled_courses(student)
    assert (place.total, place.is_done, place.next_lesson) == (0, False, None)


def test_places_of_any_number_take_two_queries(student: User, statements: Any) -> None:
    for _number in range(3):
        EnrollmentFactory(student=student, course=make_course())
    with statements() as seen:
        for place in enrolled_courses(student):
            assert place.course.instructor.display_name
    assert len(seen) == 2


def test_where_a_student_goes_on(enrollment: CourseEnrollment, lessons: list[Lesson], student: User) -> None:
    course = enrollment.course
    assert next_step(course, enrollment.student) == f"/courses/counting/lessons/{lessons[0].pk}/"
    assert next_step(course, student) == "/courses/counting/"
    assert next_step(course, course.instructor) == f"/courses/counting/lessons/{lessons[0].pk}/"
    for lesson in lessons:
        CompletionFactory(student=enrollment.student, lesson=lesson)
    assert next_step(course, enrollment.student) == "/courses/counting/end/"


def test_completing_leads_to_the_next_lesson_and_at_last_to_the_end(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    student = enrollment.student

    def after(lesson: Lesson) -> str:
        return LessonView.of(lesson, student).following_url

    CompletionFactory(student=student, lesson=lessons[0])
    assert after(lessons[0]) == f"/courses/counting/lessons/{lessons[1].pk}/"
    assert after(lessons[3]) == "/courses/counting/end/", "the last one, though others are left"
    for lesson in lessons[1:]:
        CompletionFactory(student=student, lesson=lesson)
    assert after(lessons[1]) == "/courses/counting/end/", "nothing is left"

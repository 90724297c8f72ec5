"""Many requests at the same moment: one row, one event, the right sums."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, User
from courses.authoring import save_content
from courses.certificates import issue_certificate
from courses.enrollment import enroll_student, unenroll_student
from courses.helping import add_helper
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    CourseHelper,
    Lesson,
    LessonCompletion,
    ModuleProgress,
)
from courses.payments import record_payment
from courses.progress import complete_lesson, record_access, undo_completion
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, LessonFactory, ModuleFactory, make_course
from tests.races import at_once, on_postgresql

pytestmark = [on_postgresql, pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def actions() -> Counter[str]:
    return Counter(AuditEvent.objects.values_list("action", flat=True))


def worked(results: list[Any]) -> list[Any]:
    """What was returned; fails on any error that is not a refusal."""
    assert [
        result for result in results if isinstance(result, Exception) and not isinstance(result, Conflict)
    ] == []
    return [result for result in results if not isinstance(result, Conflict)]


def test_student_who_enrolls_twenty_times_has_one_place(course: Course, student: User) -> None:
    results = at_once(*[lambda: enroll_student(course=course, student=student)] * 20)
    assert len(worked(results)) == 1
    assert {result.code for result in results if isinstance(result, Conflict)} == {"already_enrolled"}
    assert CourseEnrollment.objects.get().is_open
    assert actions() == {"enrollment.create": 1}


def test_student_who_presses_enroll_twenty_times_sees_no_error(
    course: Course, student: User, login: Callable[[User], Client]
) -> None:
    client = login(student)

    def press() -> int:
        browser = Client()
        browser.cookies = client.cookies
        return browser.post("/courses/counting/enroll/").status_code

    assert at_once(*[press] * 20) == [302] * 20
    assert CourseEnrollment.objects.count() == 1
    assert actions()["enrollment.create"] == 1


def test_student_who_comes_back_twenty_times_comes_back_once(course: Course, student: User) -> None:
    enrollment = EnrollmentFactory(course=course, student=student, withdrawn_at=NOON)
    assert len(worked(at_once(*[lambda: enroll_student(course=course, student=student)] * 20))) == 1
    enrollment.refresh_from_db()
    assert enrollment.is_open
    assert actions() == {"enrollment.return": 1}


def test_leaving_and_paying_at_once_are_written_once(db: None) -> None:
    enrollment = EnrollmentFactory(payment_status="pending")
    student = enrollment.student
    worked(
        at_once(
            *[lambda: record_payment(enrollment=enrollment, amount=Decimal(49), reference="1", by=None)] * 8,
            *[lambda: unenroll_student(enrollment=enrollment, by=student)] * 8,
        )
    )
    enrollment.refresh_from_db()
    assert (enrollment.payment_status, enrollment.withdrawn_at is None) == ("paid", False)
    assert actions() == {"payment.record": 1, "enrollment.pay": 1, "enrollment.withdraw": 1}


def test_one_lesson_completed_twenty_times_counts_once(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    student = enrollment.student
    results = at_once(*[lambda: complete_lesson(lesson=lessons[0], student=student)] * 20)
    assert len(worked(results)) == 20
    assert LessonCompletion.objects.count() == 1
    assert ModuleProgress.objects.get().progress == 50
    enrollment.refresh_from_db()
    assert enrollment.progress == 25


def test_twenty_lessons_completed_at_once_all_count(db: None) -> None:
    course = make_course(modules=4, lessons=5)
    enrollment = EnrollmentFactory(course=course)
    lessons = list(Lesson.objects.published())

    def completing(lesson: Lesson) -> Callable[[], CourseEnrollment]:
        return lambda: complete_lesson(lesson=lesson, student=enrollment.student)

    assert len(worked(at_once(*map(completing, lessons)))) == 20
    enrollment.refresh_from_db()
    assert enrollment.progress == 100
    assert enrollment.completed_at is not None
    assert [row.progress for row in ModuleProgress.objects.all()] == [100] * 4
    assert Certificate.objects.count() == 1
    assert actions() == {"certificate.issue": 1}


def test_completing_and_undoing_at_once_ends_with_what_the_rows_say(
    enrollment: CourseEnrollment, lessons: list[Lesson]
) -> None:
    student = enrollment.student
    acts: list[Callable[[], Any]] = []
    for lesson in lessons:
        acts += [
            lambda lesson=lesson: complete_lesson(lesson=lesson, student=student),  # type: ignore[misc]
            lambda lesson=lesson: undo_completion(lesson=lesson, student=student),  # type: ignore[misc]
        ]
    worked(at_once(*acts * 2))
    enrollment.refresh_from_db()
    assert enrollment.progress == 25 * LessonCompletion.objects.count()


def test_completing_while_a_lesson_is_unpublished(
    enrollment: CourseEnrollment, lessons: list[Lesson], run_tasks: Callable[[], int]
) -> None:
    student = enrollment.student
    for lesson in lessons[:2]:
        complete_lesson(lesson=lesson, student=student)
    hidden = Lesson.objects.get(pk=lessons[3].pk)
    hidden.is_published = False
    worked(
        at_once(
            lambda: complete_lesson(lesson=lessons[2], student=student),
            lambda: save_content(row=hidden, by=None),
        )
    )
    run_tasks()
    enrollment.refresh_from_db()
    assert enrollment.progress == 100
    assert enrollment.completed_at is not None
    assert Certificate.objects.count() == 1
    course = Course.objects.get(pk=enrollment.course_id)
    assert (course.lesson_count, course.total_minutes) == (3, 30)


def test_lessons_published_at_once_are_all_in_the_sums(db: None) -> None:
    module = ModuleFactory()
    lessons = [LessonFactory(module=module, is_published=False) for _ in range(10)]

    def publishing(lesson: Lesson) -> Callable[[], None]:
        lesson.is_published = True
        return lambda: save_content(row=lesson, by=None)

    worked(at_once(*map(publishing, lessons)))
    course = Course.objects.get()
    assert (course.lesson_count, course.total_minutes) == (10, 100)


def test_course_saved_while_lessons_are_published_keeps_the_right_sums(db: None) -> None:
    module = ModuleFactory()
    lesson = LessonFactory(module=module, is_published=False)
    lesson.is_published = True
    courses = [Course.objects.get() for _ in range(5)]
    worked(
        at_once(
            *[lambda course=course: save_content(row=course, by=None) for course in courses],  # type: ignore[misc]
            lambda: save_content(row=lesson, by=None),
        )
    )
    assert Course.objects.get().lesson_count == 1


def test_certificate_is_issued_once(enrollment: CourseEnrollment) -> None:
    CourseEnrollment.objects.update(completed_at=NOON)

    def issue() -> Certificate | None:
        return issue_certificate(enrollment=CourseEnrollment.objects.get(pk=enrollment.pk))

    codes = {certificate.code for certificate in worked(at_once(*[issue] * 10))}
    assert codes == {Certificate.objects.get().code}
    assert actions() == {"certificate.issue": 1}


def test_lesson_opened_in_many_tabs_at_once(enrollment: CourseEnrollment, lessons: list[Lesson]) -> None:
    def open_one() -> None:
        record_access(enrollment=CourseEnrollment.objects.get(pk=enrollment.pk), lesson=lessons[0])

    worked(at_once(*[open_one] * 10, lambda: complete_lesson(lesson=lessons[0], student=enrollment.student)))
    row = ModuleProgress.objects.get()
    assert (row.module_id, row.progress) == (lessons[0].module_id, 50)


def test_students_do_not_wait_for_each_other(course: Course, lessons: list[Lesson]) -> None:
    places = [EnrollmentFactory(course=course, student=UserFactory()) for _ in range(10)]
    worked(
        at_once(
            *[
                lambda place=place: complete_lesson(lesson=lessons[0], student=place.student)
                for place in places
            ]  # type: ignore[misc]
        )
    )
    assert {place.progress for place in CourseEnrollment.objects.all()} == {25}


def test_nobody_becomes_student_and_helper_of_a_course_at_the_same_moment(course: Course) -> None:
    for person in UserFactory.create_batch(8):
        results = at_once(
            lambda person=person: enroll_student(course=course, student=person),
            lambda person=person: add_helper(
                course=course, user=person, role="assistant", by=course.instructor
            ),
        )
        assert len(worked(results)) == 1
        places = CourseEnrollment.objects.filter(course=course, student=person).count()
        assert places + CourseHelper.objects.filter(course=course, user=person).count() == 1

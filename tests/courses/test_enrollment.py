"""Taking and leaving a place in a course."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AuditEvent, User
from courses.enrollment import enroll_student, unenroll_student
from courses.models import Course, CourseEnrollment, Lesson, PaymentStatus
from courses.progress import complete_lesson
from courses.signals import student_enrolled
from projectgenius.errors import Conflict
from tests.courses.factories import CourseFactory, EnrollmentFactory

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Events = Callable[[], list[str]]


@pytest.fixture
def priced(db: None) -> Course:
    return CourseFactory(price=Decimal("49.00"))


def test_student_enrolls_in_a_free_course(student: User, course: Course, events: Events) -> None:
    enrollment = enroll_student(course=course, student=student, now=NOON)
    assert enrollment.payment_status == PaymentStatus.FREE
    assert enrollment.is_open
    assert enrollment.enrolled_at == NOON
    assert enrollment.progress == 0
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id, event.table, event.row_id, event.course_id) == (
        "enrollment.create",
        student.pk,
        "course_enrollments",
        str(enrollment.pk),
        course.pk,
    )
    assert event.after == {"student": student.pk, "payment_status": "free"}


def test_student_waits_for_the_payment_of_a_priced_course(student: User, priced: Course) -> None:
    enrollment = enroll_student(course=priced, student=student)
    assert enrollment.payment_status == PaymentStatus.PENDING
    assert not enrollment.is_open


def test_administrator_who_enrolls_a_student_is_the_actor(
    student: User, admin_user: User, course: Course
) -> None:
    enroll_student(course=course, student=student, by=admin_user)
    assert AuditEvent.objects.get().actor_id == admin_user.pk


def test_news_of_the_enrollment_come_once_it_is_committed(
    student: User, course: Course, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[CourseEnrollment] = []

    def hear(enrollment: CourseEnrollment, **kwargs: Any) -> None:
        heard.append(enrollment)

    student_enrolled.connect(hear)
    try:
        with django_capture_on_commit_callbacks() as callbacks:
            enrollment = enroll_student(course=course, student=student)
        assert heard == []
        for callback in callbacks:
            callback()
        assert heard == [enrollment]
    finally:
        student_enrolled.disconnect(hear)


@pytest.mark.parametrize("case", ["draft", "taught", "twice"])
def test_student_cannot_enroll(case: str, enrolled_student: User, course: Course, events: Events) -> None:
    student = course.instructor if case == "taught" else enrolled_student
    if case == "draft":
        course.is_published = False
    with pytest.raises(Conflict) as refusal:
        enroll_student(course=course, student=student)
    codes = {"draft": "course_not_open", "taught": "teaches_course", "twice": "already_enrolled"}
    assert refusal.value.code == codes[case]
    assert CourseEnrollment.objects.count() == 1
    assert events() == []


def test_instructor_of_another_course_enrolls_like_a_student(other_instructor: User, course: Course) -> None:
    assert enroll_student(course=course, student=other_instructor).is_open


def test_leaving_ends_access_and_keeps_the_work(
    enrollment: CourseEnrollment, lessons: list[Lesson], events: Events
) -> None:
    student = enrollment.student
    complete_lesson(lesson=lessons[0], student=student)
    left = unenroll_student(enrollment=enrollment, by=student, now=NOON)
    assert left.withdrawn_at == NOON
    assert not left.is_open
    assert left.progress == 25
    assert student.lesson_completions.count() == 1
    assert events() == ["enrollment.withdraw"]


def test_leaving_twice_changes_nothing(enrollment: CourseEnrollment, events: Events) -> None:
    unenroll_student(enrollment=enrollment, by=enrollment.student, now=NOON)
    again = unenroll_student(enrollment=enrollment, by=enrollment.student)
    assert again.withdrawn_at == NOON
    assert events() == ["enrollment.withdraw"]


def test_coming_back_finds_payment_and_progress(
    enrollment: CourseEnrollment, lessons: list[Lesson], course: Course, events: Events
) -> None:
    student = enrollment.student
    complete_lesson(lesson=lessons[0], student=student)
    unenroll_student(enrollment=enrollment, by=student)
    Course.objects.filter(pk=course.pk).update(price=Decimal("49.00"))
    course.refresh_from_db()
    back = enroll_student(course=course, student=student, now=NOON)
    assert back.pk == enrollment.pk
    assert back.is_open, "who studied for free goes on for free"
    assert back.progress == 25
    assert back.enrolled_at == enrollment.enrolled_at
    assert events() == ["enrollment.withdraw", "enrollment.return"]


@pytest.mark.parametrize(
    ("before", "price", "after"),
    [
        ("pending", "49.00", "pending"),
        ("pending", "0.00", "free"),
        ("paid", "49.00", "paid"),
        ("paid", "0.00", "paid"),
        ("refunded", "0.00", "refunded"),
        ("failed", "49.00", "failed"),
    ],
)
def test_coming_back_keeps_what_was_settled(db: None, before: str, price: str, after: str) -> None:
    course = CourseFactory(price=Decimal(price))
    enrollment = EnrollmentFactory(course=course, payment_status=before, withdrawn_at=NOON)
    back = enroll_student(course=course, student=enrollment.student)
    assert back.payment_status == after
    back.refresh_from_db()
    assert (back.payment_status, back.withdrawn_at) == (after, None)


@pytest.mark.parametrize("status", PaymentStatus.values)
def test_only_a_settled_payment_opens_the_course(db: None, status: str) -> None:
    enrollment = EnrollmentFactory(payment_status=status)
    assert enrollment.is_open == (status in ("paid", "free"))
    assert CourseEnrollment.objects.open().exists() == enrollment.is_open
    enrollment.withdrawn_at = NOON
    enrollment.save()
    assert not enrollment.is_open
    assert not CourseEnrollment.objects.open().exists()

"""Taking and leaving a place in a course."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from courses.models import Course, CourseEnrollment, CourseHelper, EnrollmentMode, PaymentStatus
from courses.progress import recalculate_progress
from courses.signals import student_enrolled
from projectgenius.errors import Conflict


@transaction.atomic
def enroll_student(
    *,
    course: Course,
    student: User,
    by: User | None = None,
    now: datetime | None = None,
    invited: bool = False,
) -> CourseEnrollment:
    """Give `student` a place: `free` in a course without a price, `pending` otherwise.

    Coming back after leaving finds payment and progress as they were. `by` is who did it, if not the student.
    `invited` says that the student has an invitation or a join code: a course for invited students takes nobody
    else, also nobody who left it; who has a place keeps it. Raises Conflict `course_not_open`, `teaches_course`,
    `already_enrolled` or `by_invitation`; however many requests come at once, the unique key leaves one row.
    """
    if not course.is_published:
        raise Conflict(_("This course is not open for enrollment."), code="course_not_open")
    _require_learner(course, student)
    is_own_wish = not invited and (by is None or by.pk == student.pk)
    if course.enrollment_mode == EnrollmentMode.INVITED and is_own_wish:
        _require_place(course, student)
    status = PaymentStatus.FREE if course.is_free else PaymentStatus.PENDING
    enrollment, created = CourseEnrollment.objects.select_for_update(of=("self",)).get_or_create(
        student=student,
        course=course,
        defaults={"payment_status": status, "enrolled_at": now or timezone.now()},
    )
    if not created:
        _come_back(enrollment, status)
    record_event(
        "enrollment.create" if created else "enrollment.return",
        actor=by or student,
        row=enrollment,
        course_id=course.pk,
        after={"student": student.pk, "payment_status": enrollment.payment_status},
    )
    transaction.on_commit(lambda: student_enrolled.send(CourseEnrollment, enrollment=enrollment))
    return enrollment


def _require_learner(course: Course, student: User) -> None:
    """Refuse who owns the course or helps there.

    The stored rows say it, not what an API key leaves of a person's rights; and under the person's lock, as when
    helpers are named: nobody becomes a student and a helper of one course at the same moment.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=student.pk).order_by().values_list("pk"))
    helps = CourseHelper.objects.filter(course=course, user=student)
    if course.instructor_id == student.pk or helps.exists():
        raise Conflict(_("You teach this course, so you cannot enroll in it."), code="teaches_course")


def _require_place(course: Course, student: User) -> None:
    if CourseEnrollment.objects.active().filter(course=course, student=student).exists():
        raise Conflict(_("You are enrolled in this course already."), code="already_enrolled")
    raise Conflict(_("This course takes students with an invitation or a join code."), code="by_invitation")


def _come_back(enrollment: CourseEnrollment, status: PaymentStatus) -> None:
    if enrollment.withdrawn_at is None:
        raise Conflict(_("You are enrolled in this course already."), code="already_enrolled")
    enrollment.withdrawn_at = None
    if enrollment.payment_status == PaymentStatus.PENDING:
        enrollment.payment_status = status
    enrollment.save(update_fields=["withdrawn_at", "payment_status"])
    recalculate_progress(enrollment=enrollment)  # what was left to do may have been unpublished meanwhile


@transaction.atomic
def unenroll_student(
    *, enrollment: CourseEnrollment, by: Any, now: datetime | None = None
) -> CourseEnrollment:
    """Let a student leave: access ends at the next request, work and grades stay. Leaving twice changes nothing."""
    locked = CourseEnrollment.objects.select_for_update().get(pk=enrollment.pk)
    if locked.withdrawn_at is None:
        locked.withdrawn_at = now or timezone.now()
        locked.save(update_fields=["withdrawn_at"])
        record_event(
            "enrollment.withdraw",
            actor=by,
            row=locked,
            course_id=locked.course_id,
            after={"student": locked.student_id},
        )
    return locked

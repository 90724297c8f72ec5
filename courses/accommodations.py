"""Giving a student more time, attempts or days in one course."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.models import Accommodation, Course, CourseEnrollment
from courses.permissions import can_give_accommodation


@transaction.atomic
def give_accommodation(
    *,
    enrollment: CourseEnrollment,
    by: Any,
    time_factor: Decimal = Decimal(1),
    extra_attempts: int = 0,
    extra_days: int = 0,
    note: str = "",
) -> Accommodation:
    """Set what the student is given in this course; what was given before is replaced.

    Attempts that run keep the deadline they began with. Raises PermissionDenied, and ValidationError by field.
    """
    _require_right(enrollment, by)
    list(CourseEnrollment.objects.select_for_update(of=("self",)).filter(pk=enrollment.pk).order_by())
    row = Accommodation.objects.filter(enrollment=enrollment).first() or Accommodation(enrollment=enrollment)
    before = None if row._state.adding else as_values(row)
    row.time_factor, row.extra_attempts, row.extra_days = time_factor, extra_attempts, extra_days
    row.note, row.given_by = note, by
    row.full_clean()
    row.save()
    record_event(
        "accommodation.give",
        actor=by,
        row=row,
        course_id=enrollment.course_id,
        before=before,
        after={"student": enrollment.student_id, **as_values(row)},
    )
    return row


@transaction.atomic
def remove_accommodation(*, accommodation: Accommodation, by: Any) -> None:
    """The student is treated like everybody again. Raises PermissionDenied."""
    enrollment = accommodation.enrollment
    _require_right(enrollment, by)
    record_event(
        "accommodation.remove",
        actor=by,
        row=accommodation,
        course_id=enrollment.course_id,
        before={"student": enrollment.student_id, **as_values(accommodation)},
    )
    accommodation.delete()


def forget_reasons(*, user: Any) -> None:
    """Empty the notes that say why a person was given more, where the account is closed for good."""
    Accommodation.objects.filter(enrollment__student=user).exclude(note="").update(note="")


def _require_right(enrollment: CourseEnrollment, by: Any) -> None:
    if not can_give_accommodation(by, enrollment):
        raise PermissionDenied(_("Those who teach the course give more time, and nobody to oneself."))


def accommodation_of(student: Any, course: Course) -> Accommodation | None:
    """What a student is given in a course, if anything; what of it the student sees are the figures, not the note."""
    own = Accommodation.objects.filter(enrollment__student=student, enrollment__course=course)
    return own.filter(enrollment__withdrawn_at=None).first()


def as_values(row: Accommodation) -> dict[str, Any]:
    """What was given, as the audit log keeps it; the note stays out of it."""
    return {
        "time_factor": str(row.time_factor),
        "extra_attempts": row.extra_attempts,
        "extra_days": row.extra_days,
    }

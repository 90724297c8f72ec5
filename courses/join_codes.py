"""Codes that a class types in to enroll."""

import re
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record_event
from accounts.models import User
from courses.enrollment import enroll_student
from courses.models import Course, CourseEnrollment, CourseJoinCode
from courses.permissions import can_edit_course
from projectgenius.errors import Conflict

UNKNOWN = gettext_lazy("No course can be joined by this code. Check it, or ask for a new one.")


def normalize_join_code(text: str) -> str:
    """A code as it is stored, however it was typed: spaces, hyphens and small letters do not matter."""
    return re.sub(r"[\s\u2010-\u2015-]", "", text).upper()[:20]


@transaction.atomic
def make_join_code(
    *, course: Course, by: Any, expires_at: datetime | None = None, max_uses: int | None = None
) -> CourseJoinCode:
    """A new code for the course. Raises ValidationError for an end in the past or fewer than one use."""
    _require_right(by, course)
    code = CourseJoinCode(course=course, expires_at=expires_at, max_uses=max_uses)
    if expires_at and expires_at <= timezone.now():
        raise ValidationError({"expires_at": ValidationError(_("Choose a time to come."), code="past")})
    code.full_clean()
    code.save()
    values = {"max_uses": max_uses, "expires_at": expires_at.isoformat() if expires_at else None}
    record_event("join_code.create", actor=by, row=code, course_id=course.pk, after=values)
    return code


@transaction.atomic
def end_join_code(*, code: CourseJoinCode, by: Any) -> CourseJoinCode:
    """Let nobody join by it from now on; ending twice changes nothing."""
    _require_right(by, code.course)
    locked = CourseJoinCode.objects.select_for_update().get(pk=code.pk)
    if locked.is_active:
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        record_event("join_code.end", actor=by, row=locked, course_id=locked.course_id)
    return locked


def find_join_code(text: str, now: datetime | None = None) -> CourseJoinCode | None:
    """The code that was typed, if somebody could join by it now."""
    found = CourseJoinCode.objects.select_related("course__instructor").filter(code=normalize_join_code(text))
    code = found.first()
    return code if code and _is_open(code, now or timezone.now()) else None


@transaction.atomic
def join_by_code(*, text: str, student: User, now: datetime | None = None) -> CourseEnrollment:
    """Enroll by a code; a place is counted once, under the code's lock, so that it never lets in one too many.

    Raises Conflict `unknown_code` with one sentence for a code that is unknown, ended, run out or used up, and what
    `enroll_student` raises; then nothing is counted.
    """
    now = now or timezone.now()
    code = (
        CourseJoinCode.objects.select_for_update(of=("self",))
        .select_related("course__instructor")
        .filter(code=normalize_join_code(text))
        .first()
    )
    if code is None or not _is_open(code, now):
        raise Conflict(UNKNOWN, code="unknown_code")
    enrollment = enroll_student(course=code.course, student=student, now=now, invited=True)
    code.uses += 1
    code.save(update_fields=["uses"])
    return enrollment


def _is_open(code: CourseJoinCode, now: datetime) -> bool:
    return (
        code.is_active
        and code.course.is_published
        and (code.expires_at is None or code.expires_at > now)
        and (code.max_uses is None or code.uses < code.max_uses)
    )


def _require_right(by: Any, course: Course) -> None:
    if not can_edit_course(by, course):
        raise PermissionDenied(_("You may look at this course, but not change it."))

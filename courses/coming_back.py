"""Giving a place back to somebody who left."""

from typing import Any

from accounts.permissions import can_manage_site
from courses.enrollment import enroll_student
from courses.invitations import invite
from courses.models import CourseEnrollment, InvitationRole
from projectgenius.errors import Conflict


def enrolls_directly(by: Any) -> bool:
    """Whether `by` gives places without asking the person; others invite."""
    return can_manage_site(by)


def bring_back(*, enrollment: CourseEnrollment, by: Any) -> str:
    """Give the place back, with payment and progress as they were; says what happened: "enrolled" or "invited".

    Whoever teaches the course invites the person, who left or was taken out, and comes back by accepting.
    Raises what `enroll_student` and `invite` raise, but for an invitation that is open already.
    """
    course = enrollment.course
    if enrolls_directly(by):
        enroll_student(course=course, student=enrollment.student, by=by)
        return "enrolled"
    try:
        invite(course=course, email=enrollment.student.email, role=InvitationRole.STUDENT, by=by)
    except Conflict as conflict:
        if conflict.code != "already_invited":
            raise
    return "invited"

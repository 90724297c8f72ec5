"""Who teaches a course beside its owner: named, changed and ended by the owner and by administrators."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from courses.models import Course, CourseHelper, HelperRole
from courses.permissions import can_manage_helpers
from projectgenius.errors import Conflict


@transaction.atomic
def add_helper(*, course: Course, user: User, role: str, by: Any) -> CourseHelper:
    """Let `user` help in the course from the next request on; named again, the role is changed.

    Raises Conflict `teaches_course` for the owner, `is_student` for somebody enrolled (nobody grades a course that
    he or she takes: leave it first), `not_active` for a closed account; PermissionDenied unless `by` may decide.
    """
    _require_right(by, course)
    locked = Course.objects.select_for_update(no_key=True).get(pk=course.pk)
    # Enrolling takes the same lock: nobody becomes a helper and a student of one course at the same moment.
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).order_by().values_list("pk"))
    if locked.instructor_id == user.pk:
        raise Conflict(_("This person owns the course already."), code="teaches_course")
    if not user.is_active:
        raise Conflict(_("This account is closed."), code="not_active")
    if locked.enrollments.active().filter(student=user).exists():
        raise Conflict(
            _("This person is a student of the course and must leave it first."), code="is_student"
        )
    if helper := CourseHelper.objects.filter(course=locked, user=user).first():
        return change_helper_role(helper=helper, role=role, by=by)
    helper = CourseHelper.objects.create(course=locked, user=user, role=HelperRole(role))
    _log("helper.add", helper, by, after={"user": user.pk, "role": helper.role})
    return helper


@transaction.atomic
def change_helper_role(*, helper: CourseHelper, role: str, by: Any) -> CourseHelper:
    """Make a co-instructor an assistant, or the other way round."""
    _require_right(by, helper.course)
    before, helper.role = helper.role, HelperRole(role)
    if before != helper.role:
        helper.save(update_fields=["role"])
        _log("helper.change", helper, by, before={"role": before}, after={"role": str(helper.role)})
    return helper


@transaction.atomic
def remove_helper(*, helper: CourseHelper, by: Any) -> None:
    """End the help at the next request; what the person did stays. A helper may also go on his or her own."""
    if by is None or by.pk != helper.user_id:
        _require_right(by, helper.course)
    _log("helper.remove", helper, by, before={"user": helper.user_id, "role": helper.role})
    helper.delete()


def _require_right(by: Any, course: Course) -> None:
    if not can_manage_helpers(by, course):
        raise PermissionDenied(_("Only the owner of the course names those who help in it."))


def _log(action: str, helper: CourseHelper, by: Any, **values: Any) -> None:
    record_event(action, actor=by, row=helper, course_id=helper.course_id, **values)

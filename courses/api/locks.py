"""Why a lesson that is listed cannot be read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotAuthenticated, PermissionDenied

from courses.availability import Lock
from courses.models import Lesson
from courses.outline import Outline
from courses.permissions import can_edit_course, can_view_course_work
from courses.reading import LessonView, OwnPlace, enrollment_of

SIGN_IN = Lock("sign_in", _("Sign in and enroll in the course to open the lesson."))
ENROLL = Lock("not_enrolled", _("Enroll in the course to open the lesson."))


def lock_of(place: OwnPlace, user: Any) -> Lock:
    """What `user` must do before the lessons of the course open."""
    if not user.is_authenticated:
        return SIGN_IN
    if place.enrollment and place.is_waiting:
        return Lock(f"payment_{place.enrollment.payment_status}", place.waiting_text)
    return ENROLL


def read_lesson(lesson: Lesson, user: Any) -> LessonView:
    """The lesson as `user` reads it; a locked one is refused with the reason (401 for strangers, else 403).

    `lesson` was read `with_right(user)`.
    """
    if lesson.is_readable:  # type: ignore[attr-defined]
        course = lesson.module.course
        return LessonView(
            lesson=lesson,
            course=course,
            enrollment=enrollment_of(course, user),
            can_edit=can_edit_course(user, course),
            sees_all=can_view_course_work(user, course),
            outline=Outline(modules=[]),
            user=user,
        )
    view = LessonView.of(lesson, user)
    lock = view.lock or lock_of(view, user)
    if lock is SIGN_IN:
        raise NotAuthenticated(str(lock.reason))
    raise PermissionDenied(str(lock.reason), code=lock.code)

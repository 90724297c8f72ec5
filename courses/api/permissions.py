"""Who may call the endpoints for courses; the rules themselves stand in `courses.permissions`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from courses.models import (
    Accommodation,
    Certificate,
    Course,
    CourseEnrollment,
    CourseHelper,
    CourseImage,
    CourseInvitation,
    CourseJoinCode,
    LessonCompletion,
    LessonVersion,
    LessonVideo,
)
from courses.permissions import (
    can_create_course,
    can_edit_content,
    can_edit_course,
    can_give_accommodation,
    can_invite,
    can_manage_certificate,
    can_manage_helpers,
    can_undo_completion,
    can_withdraw,
)
from projectgenius.api.policy import Policy, came_by_key

READING = frozenset({"list", "retrieve", "contents", "download"})


class CoursePolicy(Policy):
    """The catalogue is public; instructors make courses; a course is changed by those who teach it."""

    public_actions = frozenset({"list", "retrieve", "contents"})

    def may_act(self, user: Any, action: str) -> bool:
        return action != "create" or can_create_course(user)

    def may_act_on(self, user: Any, action: str, row: Course) -> bool:
        return action in READING or can_edit_course(user, row)


class OutlinePolicy(Policy):
    """Outlines are public; parts of a course are changed by those who teach it."""

    public_actions = frozenset({"list", "retrieve"})

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        return action in READING or can_edit_content(user, row)


class ResourcePolicy(OutlinePolicy):
    """As other parts of a course, but nothing of it is public."""

    public_actions = frozenset()


class AvailabilityPolicy(Policy):
    """Rules are seen by those who help to teach, and changed by those who teach the course."""

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        return action in READING or can_edit_content(user, row.item)


class ImagePolicy(Policy):
    """Pictures of courses: looked at by those who help to teach, changed by those who teach."""

    def may_act_on(self, user: Any, action: str, row: CourseImage) -> bool:
        return action in READING or can_edit_course(user, row.course)


class VideoPolicy(Policy):
    """As visible as their lessons, also to everybody; changed by those who teach the course."""

    public_actions = frozenset({"list", "retrieve"})

    def may_act_on(self, user: Any, action: str, row: LessonVideo) -> bool:
        return action in READING or can_edit_content(user, row.lesson)


class PositionPolicy(Policy):
    """Everybody's own; whether the lesson may be read is asked with the lesson."""


class VersionPolicy(Policy):
    """Read by those who help to teach the course, restored by those who teach it."""

    def may_act_on(self, user: Any, action: str, row: LessonVersion) -> bool:
        return action in READING or can_edit_content(user, row.lesson)


class EnrollmentPolicy(Policy):
    """Students take and leave places; those who teach the course may end them."""

    def may_act_on(self, user: Any, action: str, row: CourseEnrollment) -> bool:
        return action in READING or can_withdraw(user, row)


class AccommodationPolicy(Policy):
    """Seen by the student and by those who help to teach; given by those who teach, and by nobody to oneself."""

    def may_act_on(self, user: Any, action: str, row: Accommodation) -> bool:
        return action in READING or can_give_accommodation(user, row.enrollment)


class CompletionPolicy(Policy):
    """Students mark the lessons that they study, and take the mark back."""

    def may_act_on(self, user: Any, action: str, row: LessonCompletion) -> bool:
        return action in READING or can_undo_completion(user, row)


class HelperPolicy(Policy):
    """Names are read by students and helpers of the course; the owner names them. A helper may go alone."""

    def may_act_on(self, user: Any, action: str, row: CourseHelper) -> bool:
        if action in READING or can_manage_helpers(user, row.course):
            return True
        return action == "destroy" and row.user_id == user.pk


class InvitationPolicy(Policy):
    """Seen by those who help to teach; sent and withdrawn by who may invite in that role."""

    def may_act_on(self, user: Any, action: str, row: CourseInvitation) -> bool:
        return action in READING or can_invite(user, row.course, row.role)


class JoinCodePolicy(Policy):
    """Seen by those who help to teach; made and ended by those who teach the course."""

    def may_act_on(self, user: Any, action: str, row: CourseJoinCode) -> bool:
        return action in READING or can_edit_course(user, row.course)


class ReadingPolicy(Policy):
    """Rows that only the system writes."""


class CertificatePolicy(ReadingPolicy):
    """As `ReadingPolicy`; whoever has the code may check it, and who teaches the course revokes and reissues."""

    public_actions = frozenset({"verify"})

    def may_act_on(self, user: Any, action: str, row: Certificate) -> bool:
        return action in READING or can_manage_certificate(user, row)


def refuse_paid_place_by_key(request: Request, course: Course) -> None:
    """Let a student's key take and leave places in free courses only: no program spends or forfeits money."""
    if came_by_key(request) and not course.is_free and not can_edit_course(request.user, course):
        raise PermissionDenied(
            _("An API key enrolls in free courses only. Sign in for this one."), code="missing_scope"
        )


def refuse_by_key(request: Request) -> None:
    """Let no key take a role: whoever accepts is here in person."""
    if came_by_key(request):
        raise PermissionDenied(_("An API key cannot do this. Sign in."), code="missing_scope")

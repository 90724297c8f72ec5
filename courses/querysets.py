"""Sets of courses and what hangs on them: which rows a person may see."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from courses.standing import SETTLED, StandingRows

if TYPE_CHECKING:  # the names stand in quotes below
    from courses.models.availability import LessonAvailability, ModuleAvailability  # noqa: F401
    from courses.models.content import Course, Lesson, LessonResource, Module  # noqa: F401
    from courses.models.learning import (  # noqa: F401
        Certificate,
        CourseEnrollment,
        LessonCompletion,
        ModuleProgress,
    )
    from courses.models.payments import Payment  # noqa: F401
    from courses.models.teaching import (  # noqa: F401
        CourseHelper,
        CourseImport,
        CourseInvitation,
        CourseJoinCode,
        CourseMessage,
        RosterImport,
    )

CO_INSTRUCTOR = "co_instructor"


def teaches(user: Any, path: str = "") -> Q:
    """The condition that `user` is an instructor of the course found at `path` (such as "module__course__").

    The one place that says what teaching a course means, owner or co-instructor: pages, API and admin all ask it.
    Who is here by an API key that does not open teaching teaches nothing.
    """
    if not user.is_authenticated or not user.acts_as_teacher:
        return Q(pk__in=[])
    co_taught = user.helper_roles.filter(role=CO_INSTRUCTOR).values("course")
    return Q(**{f"{path}instructor": user}) | Q(**{f"{path}pk__in": co_taught})


def helps_teach(user: Any, path: str = "") -> Q:
    """The condition that `user` teaches the course at `path` or is its assistant, who sees what instructors see."""
    if not user.is_authenticated or not user.acts_as_teacher:
        return Q(pk__in=[])
    return Q(**{f"{path}instructor": user}) | Q(**{f"{path}pk__in": user.helper_roles.values("course")})


RowT = TypeVar("RowT", bound=models.Model)


class CourseRows(models.QuerySet[RowT]):
    """Rows that belong to a course; `course_path` leads there and ends in two underscores."""

    course_path: ClassVar[str] = "course__"

    def in_courses_of(self, user: Any) -> Self:
        """Rows of the courses that `user` manages: the own ones, all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(teaches(user, self.course_path))

    def in_read_courses_of(self, user: Any) -> Self:
        """Rows of the courses that `user` helps to teach (assistants too), all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(helps_teach(user, self.course_path))

    def own_or_taught(self, user: Any, own: Q) -> Self:
        """The rows that `own` describes and those of the courses that `user` helps to teach."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(own | helps_teach(user, self.course_path))


class CourseQuerySet(CourseRows["Course"]):
    """Courses."""

    course_path = ""

    def published(self) -> Self:
        """Courses in the catalogue."""
        return self.filter(is_published=True)

    def taught_by(self, user: Any) -> Self:
        """Courses that `user` teaches."""
        return self.filter(teaches(user))

    def visible_to(self, user: Any) -> Self:
        """Published courses, drafts one helps to teach, all for an administrator."""
        if user.is_authenticated and user.is_admin:
            return self
        return self.filter(Q(is_published=True) | helps_teach(user))


class EnrollmentQuerySet(StandingRows, CourseRows["CourseEnrollment"]):
    """Enrollments."""

    def active(self) -> Self:
        """Not left."""
        return self.filter(withdrawn_at__isnull=True)

    def settled(self) -> Self:
        """Paid for, or free."""
        return self.filter(payment_status__in=SETTLED)

    def open(self) -> Self:
        """Enrollments that open the course's lessons."""
        return self.active().settled()

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(student=user))


def open_enrollment(user: Any, course_path: str) -> Exists:
    """Whether `user` has an open enrollment in the row's course."""
    from_courses = user.enrollments.model._default_manager
    return Exists(from_courses.open().filter(student=user, course=OuterRef(course_path)))


class ModuleQuerySet(CourseRows["Module"]):
    """Modules."""

    def published(self) -> Self:
        """Modules that count and show: published in a published course."""
        return self.filter(is_published=True, course__is_published=True)

    def visible_to(self, user: Any) -> Self:
        """The public outline, all of one's own courses, everything for an administrator."""
        if user.is_authenticated and user.is_admin:
            return self
        return self.filter(Q(is_published=True, course__is_published=True) | helps_teach(user, "course__"))


def published_lesson(path: str = "") -> Q:
    """The condition that the lesson at `path`, its module and its course are published."""
    return Q(
        **{
            f"{path}is_published": True,
            f"{path}module__is_published": True,
            f"{path}module__course__is_published": True,
        }
    )


def unlocked(user: Any, path: str = "", now: datetime | None = None) -> Q:
    """The condition that the item at `path` is open to the student `user` now, by its own `availability`.

    The same rule as `courses.availability.lock_of`, which says what it means; the item may be anything that has an
    `Availability`. Whether the student is enrolled at all is asked elsewhere.
    """
    rule, now = f"{path}availability__", now or timezone.now()
    lessons = user.lesson_completions.model._meta.get_field("lesson").related_model._default_manager
    left = lessons.published().exclude(completions__student=user)
    lesson_left = Exists(left.filter(pk=OuterRef(f"{rule}after_lesson_id")))
    module_left = Exists(left.filter(module_id=OuterRef(f"{rule}after_module_id")))
    return (
        (Q(**{f"{rule}opens_at__isnull": True}) | Q(**{f"{rule}opens_at__lte": now}))
        & (Q(**{f"{rule}closes_at__isnull": True}) | Q(**{f"{rule}closes_at__gt": now}))
        & ~Q(lesson_left)
        & ~Q(module_left)
    )


def unlocked_lesson(user: Any, path: str = "", now: datetime | None = None) -> Q:
    """The condition that the lesson at `path` and its module are open to the student `user`; previews always are."""
    both = unlocked(user, path, now) & unlocked(user, f"{path}module__", now)
    return Q(**{f"{path}is_preview": True}) | both


def reachable_lesson(user: Any, path: str = "") -> Q:
    """The condition that `user` may read the lesson at `path`, now or once it is unlocked."""
    preview = Q(**{f"{path}is_preview": True})
    if not user.is_authenticated:
        return published_lesson(path) & preview
    enrolled = Q(open_enrollment(user, f"{path}module__course_id"))
    return (published_lesson(path) & (preview | enrolled)) | helps_teach(user, f"{path}module__course__")


def readable_lesson(user: Any, path: str = "", now: datetime | None = None) -> Q:
    """The condition that `user` may read the lesson at `path`: a preview; an open enrollment and nothing that
    locks it; an own course.
    """
    preview = Q(**{f"{path}is_preview": True})
    if not user.is_authenticated:
        return published_lesson(path) & preview
    enrolled = Q(open_enrollment(user, f"{path}module__course_id")) & unlocked_lesson(user, path, now)
    return (published_lesson(path) & (preview | enrolled)) | helps_teach(user, f"{path}module__course__")


class LessonQuerySet(CourseRows["Lesson"]):
    """Lessons."""

    course_path = "module__course__"

    def published(self) -> Self:
        """Lessons that count and show: they, their module and their course are published."""
        return self.filter(published_lesson())

    def completed_by_result(self) -> Self:
        """Quiz and assignment lessons that hold a published quiz or assignment."""
        return self.filter(
            Q(content_type="quiz", quizzes__is_published=True)
            | Q(content_type="assignment", assignments__is_published=True)
        )

    def with_results(self) -> Self:
        """Bring along, as `has_result`, whether a result completes the lesson."""
        same = self.model._default_manager.filter(pk=OuterRef("pk"))
        return self.annotate(has_result=Exists(same.completed_by_result()))

    def for_page(self) -> Self:
        """Bring along what a lesson's own page shows, and whether it `has_resources` and `has_quizzes`."""
        same = self.model._default_manager.filter(pk=OuterRef("pk"))
        rows = self.annotate(
            has_resources=Exists(same.filter(resources__isnull=False)),
            has_quizzes=Exists(same.filter(quizzes__isnull=False)),
        )
        return rows.select_related("module__course__instructor", "video").with_results()

    def in_order(self) -> Self:
        """Lessons of one course in the order in which they are taken."""
        return self.order_by("module__order_index", "module_id", "order_index", "id")

    def listed_for(self, user: Any) -> Self:
        """Lessons whose title `user` may see in an outline (never their content)."""
        if user.is_authenticated and user.is_admin:
            return self
        return self.filter(published_lesson() | helps_teach(user, "module__course__"))

    def reachable_by(self, user: Any) -> Self:
        """Lessons whose content `user` may read, now or once they are unlocked."""
        if user.is_authenticated and user.is_admin:
            return self
        return self.filter(reachable_lesson(user))

    def unlocked_for(self, user: Any, now: datetime | None = None) -> Self:
        """Lessons that no availability keeps from the student `user` now."""
        return self.filter(unlocked_lesson(user, now=now))

    def with_right(self, user: Any) -> Self:
        """Bring along, as `is_readable`, whether `user` may read the content: the rule of `visible_to`."""
        same = self.model._default_manager.filter(pk=OuterRef("pk"))
        return self.annotate(is_readable=Exists(same.visible_to(user)))

    def visible_to(self, user: Any, now: datetime | None = None) -> Self:
        """Lessons whose content `user` may read."""
        if user.is_authenticated and user.is_admin:
            return self
        return self.filter(readable_lesson(user, now=now))


class ResourceQuerySet(CourseRows["LessonResource"]):
    """Resources of lessons."""

    course_path = "lesson__module__course__"

    def visible_to(self, user: Any) -> Self:
        """Resources of lessons that a signed-in `user` may read."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(readable_lesson(user, "lesson__"))


class LessonAvailabilityQuerySet(CourseRows["LessonAvailability"]):
    """When lessons are open."""

    course_path = "lesson__module__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class ModuleAvailabilityQuerySet(CourseRows["ModuleAvailability"]):
    """When modules are open."""

    course_path = "module__course__"

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class ModuleProgressQuerySet(CourseRows["ModuleProgress"]):
    """Progress in modules."""

    course_path = "enrollment__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(enrollment__student=user))


class CompletionQuerySet(CourseRows["LessonCompletion"]):
    """Completions of lessons."""

    course_path = "lesson__module__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(student=user))


class CertificateQuerySet(CourseRows["Certificate"]):
    """Certificates."""

    course_path = "enrollment__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own, those of courses one teaches, all for an administrator."""
        return self.own_or_taught(user, Q(enrollment__student=user))


class HelperQuerySet(CourseRows["CourseHelper"]):
    """Helpers of courses."""

    def visible_to(self, user: Any) -> Self:
        """Helpers of courses one studies or helps to teach; all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        if user.is_admin:
            return self
        return self.filter(
            Q(open_enrollment(user, "course_id"), course__is_published=True) | helps_teach(user, "course__")
        )


class InvitationQuerySet(CourseRows["CourseInvitation"]):
    """Invitations to courses."""

    def pending(self, now: datetime | None = None) -> Self:
        """Invitations that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now or timezone.now())

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class JoinCodeQuerySet(CourseRows["CourseJoinCode"]):
    """Codes to enroll with."""

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class MessageQuerySet(CourseRows["CourseMessage"]):
    """Messages to students."""

    def visible_to(self, user: Any) -> Self:
        """Those of courses one helps to teach; all for an administrator."""
        return self.in_read_courses_of(user)


class RosterImportQuerySet(CourseRows["RosterImport"]):
    """Imports of students."""

    def visible_to(self, user: Any) -> Self:
        """Those of courses one teaches; all for an administrator."""
        return self.in_courses_of(user)


class CourseImportQuerySet(models.QuerySet["CourseImport"]):
    """Imports of courses."""

    def visible_to(self, user: Any) -> Self:
        """Those that one started; all for an administrator."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(started_by=user)


class PaymentQuerySet(CourseRows["Payment"]):
    """Payments."""

    course_path = "enrollment__course__"

    def visible_to(self, user: Any) -> Self:
        """One's own; all for an administrator. Instructors see none."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_admin else self.filter(enrollment__student=user)

"""What one person sees of a course and of a lesson: gathered once, shown by pages."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from courses.availability import Lock
from courses.models import (
    Certificate,
    ContentType,
    Course,
    CourseEnrollment,
    CourseHelper,
    Lesson,
    LessonResource,
    PaymentStatus,
)
from courses.outline import Outline, course_outline
from courses.permissions import can_edit_course, can_view_course_work
from courses.stripe_checkout import is_on
from projectgenius.markdown import render_markdown

WAITING = {
    PaymentStatus.PENDING: _("Your place is reserved. The lessons open when the payment is recorded."),
    PaymentStatus.FAILED: _(
        "The payment didn’t go through, so the lessons are closed. Your progress is kept."
    ),
    PaymentStatus.REFUNDED: _("The price was paid back, so the lessons are closed. Your progress is kept."),
}
VIEWED_AS_STUDENT = "view_as_student"  # in the session: the id of the course
ICONS = {
    ContentType.TEXT: "book-open",
    ContentType.VIDEO: "play",
    ContentType.QUIZ: "circle-question-mark",
    ContentType.ASSIGNMENT: "pencil",
}


def enrollment_of(course: Course, user: Any) -> CourseEnrollment | None:
    """The place of `user` in the course, left or not; None when there never was one."""
    if not user.is_authenticated:
        return None
    enrollment = (
        CourseEnrollment.objects.filter(course=course, student=user).select_related("certificate").first()
    )
    if enrollment:
        enrollment.course = course
    return enrollment


def viewed_as_student(request: HttpRequest, course: Course) -> bool:
    """Whether somebody who teaches the course looks at it as a student who has just enrolled.

    `?as=student` in the address of any page of the course begins it, `?as=self` ends it; in between the session
    keeps it, for this course alone. Nothing is written meanwhile.
    """
    if not can_view_course_work(request.user, course):
        return False
    wanted = request.GET.get("as")
    if wanted == "student":
        request.session[VIEWED_AS_STUDENT] = course.pk
    elif wanted == "self":
        request.session.pop(VIEWED_AS_STUDENT, None)
    return bool(request.session.get(VIEWED_AS_STUDENT) == course.pk)


def lesson_url(course: Course, lesson: Lesson) -> str:
    """The lesson's page."""
    return reverse("courses:lesson_detail", args=[course.slug, lesson.pk])


def next_step(course: Course, user: Any, *, as_student: bool = False) -> str:
    """Where a student goes on: the first open lesson not done, else the course's end.

    Without a place in the course, or while it has no lessons, that is the course's own page.
    """
    enrollment = enrollment_of(course, user)
    is_open = bool(enrollment and enrollment.is_open) or can_view_course_work(user, course)
    if not is_open:
        return course.get_absolute_url()
    outline = course_outline(course=course, user=user, is_open=True, as_student=as_student)
    if not outline.lessons:
        return course.get_absolute_url()
    if outline.next_lesson is None:  # all done, or what is left is locked: the page says which
        return reverse("courses:course_end", args=[course.slug])
    return lesson_url(course, outline.next_lesson)


@dataclass
class OwnPlace:
    """What a person's enrollment says on every page of the course."""

    course: Course
    enrollment: CourseEnrollment | None
    can_edit: bool
    sees_all: bool  # teaches or assists here: drafts too
    outline: Outline
    user: Any
    as_student: bool = field(default=False, kw_only=True)  # teaches here, and looks at it as a student would

    @property
    def is_open(self) -> bool:
        """Whether the person studies here: enrolled, settled, not left."""
        return self.as_student or bool(self.enrollment and self.enrollment.is_open)

    @property
    def is_waiting(self) -> bool:
        """Enrolled, but not paid for."""
        return bool(
            self.enrollment and not self.enrollment.is_settled and self.enrollment.withdrawn_at is None
        )

    @property
    def can_pay(self) -> bool:
        """Whether the place can be paid for here and now."""
        return self.is_waiting and is_on() and not self.course.is_free

    @property
    def waiting_text(self) -> str | Promise:
        """Why the lessons are closed, for somebody whose payment is not settled."""
        return WAITING[PaymentStatus(self.enrollment.payment_status)] if self.enrollment else ""


def _seen_by(course: Course, user: Any, *, as_student: bool) -> dict[str, Any]:
    """What an `OwnPlace` is made of."""
    enrollment = None if as_student else enrollment_of(course, user)
    sees_all = can_view_course_work(user, course) and not as_student
    is_open = as_student or sees_all or bool(enrollment and enrollment.is_open)
    return {
        "course": course,
        "enrollment": enrollment,
        "can_edit": can_edit_course(user, course) and not as_student,
        "sees_all": sees_all,
        "outline": course_outline(course=course, user=user, is_open=is_open, as_student=as_student),
        "user": user,
        "as_student": as_student,
    }


@dataclass
class CourseView(OwnPlace):
    """A course as one person sees it: the outline, the own place in it, and whether one may edit it."""

    @classmethod
    def of(cls, course: Course, user: Any, *, as_student: bool = False) -> "CourseView":
        return cls(**_seen_by(course, user, as_student=as_student))

    @property
    def certificate(self) -> Certificate | None:
        return getattr(self.enrollment, "certificate", None)

    @cached_property
    def description(self) -> SafeString:
        return render_markdown(self.course.description)

    @cached_property
    def helpers(self) -> list[CourseHelper]:
        """Who helps in the course, for those who study or help there."""
        if not (self.sees_all or (self.is_open and self.course.is_published)):
            return []
        return list(self.course.helpers.select_related("user"))

    @cached_property
    def quizzes(self) -> list[Any]:
        """The course's quizzes for those who study or teach here, each with what was done of it."""
        if not (self.sees_all or self.is_open):
            return []
        return list(self.course.quizzes.listed_for(self.user, as_student=self.as_student))

    @property
    def previews(self) -> list[Lesson]:
        """Lessons open to everybody."""
        return [lesson for lesson in self.outline.lessons if lesson.is_preview]


@dataclass
class LessonView(OwnPlace):
    """A lesson as one person sees it, with the index of its course."""

    lesson: Lesson

    @classmethod
    def of(cls, lesson: Lesson, user: Any, *, as_student: bool = False) -> "LessonView":
        return cls(lesson=lesson, **_seen_by(lesson.module.course, user, as_student=as_student))

    @property
    def is_hidden(self) -> bool:
        """Looked at as a student, who would not find it: the outline does not hold it."""
        return self.as_student and self.position == 0

    @property
    def can_read(self) -> bool:
        """The same rule as `LessonQuerySet.visible_to`, for a lesson that is already listed."""
        return self.sees_all or self.lesson.is_preview or (self.is_open and self.lock is None)

    @cached_property
    def lock(self) -> Lock | None:
        """What its availability says to a student against reading it now."""
        return next((one.lock for one in self.outline.lessons if one.pk == self.lesson.pk), None)  # type: ignore[attr-defined]

    @property
    def key_lesson(self) -> Lesson | None:
        """The lesson to do first, when that opens this one."""
        return self.outline.find(self.lock.lesson) if self.lock else None

    @property
    def locked_text(self) -> str | Promise:
        """Why the lesson cannot be read, in words."""
        if self.is_waiting:
            return self.waiting_text
        return self.lock.reason if self.lock else _("It opens when you enroll in the course.")

    @property
    def icon(self) -> str:
        """The icon of the lesson's kind."""
        return ICONS[ContentType(self.lesson.content_type)]

    @cached_property
    def html(self) -> SafeString:
        return render_markdown(self.lesson.content)

    @cached_property
    def resources(self) -> list[LessonResource]:
        return list(self.lesson.resources.all()) if getattr(self.lesson, "has_resources", True) else []

    @cached_property
    def quizzes(self) -> list[Any]:
        """The quizzes on the lesson that the person may take or edit, each with what was done of it."""
        if not self.user.is_authenticated or not getattr(self.lesson, "has_quizzes", True):
            return []
        return list(self.lesson.quizzes.listed_for(self.user, as_student=self.as_student))

    @property
    def position(self) -> int:
        return self.outline.position(self.lesson)

    @property
    def is_done(self) -> bool:
        return any(one.pk == self.lesson.pk and one.is_done for one in self.outline.lessons)  # type: ignore[attr-defined]

    @property
    def module_number(self) -> int:
        return next(
            (part.number for part in self.outline.modules if part.module.pk == self.lesson.module_id), 0
        )

    @cached_property
    def neighbours(self) -> tuple[Lesson | None, Lesson | None]:
        return self.outline.neighbours(self.lesson)

    @property
    def previous(self) -> Lesson | None:
        return self.neighbours[0]

    @property
    def next(self) -> Lesson | None:
        return self.neighbours[1]

    @property
    def following_url(self) -> str:
        """Where completing leads: the next lesson, or the first open one if that is locked.

        After the last one, or when nothing open is left, the course's end.
        """
        if self.next is None or self.outline.next_lesson is None:
            return reverse("courses:course_end", args=[self.course.slug])
        is_locked: bool = self.next.is_locked  # type: ignore[attr-defined]
        return lesson_url(self.course, self.outline.next_lesson if is_locked else self.next)

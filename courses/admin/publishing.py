"""The page of the admin site on which a course is published, with what it lacks."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.admin.roster import CoursePages, View, course_view
from courses.checklist import Checklist, Finding
from courses.copying import copy_course
from courses.models import Course
from courses.permissions import can_edit_course
from courses.publishing import publish_course, students_of, unpublish_course
from projectgenius.errors import Conflict

IN_BUILDER = ("no_lesson", "empty_module", "no_preview")


@dataclass(frozen=True)
class Line:
    """A finding of a check list with the way to where it is mended; the quizzes' list has the same."""

    message: str
    is_error: bool
    address: str
    link_words: str


def _line(finding: Finding, course: Course) -> Line:
    if finding.code in IN_BUILDER:
        address, words = reverse("admin:courses_course_build", args=[course.pk]), _("Open content")
    elif finding.kind == "lesson":
        address, words = reverse("admin:courses_lesson_change", args=[finding.pk]), _("Open lesson")
    else:
        address, words = reverse("admin:courses_course_change", args=[course.pk]), _("Open settings")
    return Line(finding.message, finding.is_error, address, words)


class PublishPages(CoursePages):
    """The publish page below a course's own."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            ("publish/", course_view(self.publish_page, may=can_edit_course), "publish"),
            ("copy/", course_view(self.copy_page, may=can_edit_course), "copy"),
            *super().course_routes(),
        ]

    def copy_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Make a copy of the course (POST) and go to where it is built."""
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        copied = copy_course(course=course, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("This is the copy, a draft of your own."))
        return HttpResponseRedirect(reverse("admin:courses_course_build", args=[copied.pk]))

    def publish_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """What the course lacks; a POST publishes (with all drafts if wanted) or takes back."""
        refused = ""
        if request.method == "POST":
            try:
                messages.success(request, _do(request, course))
                return HttpResponseRedirect(reverse("admin:courses_course_publish", args=[course.pk]))
            except Conflict as conflict:
                refused = str(conflict.message)
                course.refresh_from_db()
        context = {**self.admin_site.each_context(request), **_context(course), "refused": refused}  # type: ignore[attr-defined]
        context |= {"opts": self.opts, "original": course, "title": course.title}  # type: ignore[attr-defined]
        return TemplateResponse(
            request, "courses/admin/course_publish.html", context, status=409 if refused else 200
        )


def _do(request: HttpRequest, course: Course) -> str:
    """Publish or take back; what was done, in words."""
    if request.POST.get("act") == "unpublish":
        students = unpublish_course(course=course, by=request.user)
        sentence = ngettext(
            "Unpublished. %(count)s student can’t open it until you publish it again.",
            "Unpublished. %(count)s students can’t open it until you publish it again.",
            students,
        )
        return sentence % {"count": students}
    publish_course(course=course, by=request.user, with_drafts=request.POST.get("act") == "publish-all")
    return _("“%(title)s” is published.") % {"title": course}


def _context(course: Course) -> dict[str, Any]:
    checklist = Checklist.of(course)
    as_is, with_drafts = checklist.findings(), checklist.findings(with_drafts=True)
    in_drafts = [finding for finding in with_drafts if finding not in as_is]
    modules, lessons = checklist.drafts
    return {
        "course": course,
        "errors": [_line(finding, course) for finding in as_is if finding.is_error],
        "hints": [_line(finding, course) for finding in as_is if not finding.is_error],
        "draft_findings": [_line(finding, course) for finding in in_drafts],
        "draft_errors": any(finding.is_error for finding in with_drafts),
        "draft_modules": modules,
        "draft_lessons": lessons,
        "drafts_in_words": _drafts_in_words(modules, lessons),
        "students": students_of(course),
    }


def _drafts_in_words(modules: int, lessons: int) -> str:
    parts = [
        ngettext("%(count)s module in draft", "%(count)s modules in draft", modules) % {"count": modules}
        if modules
        else "",
        ngettext("%(count)s lesson in draft", "%(count)s lessons in draft", lessons) % {"count": lessons}
        if lessons
        else "",
    ]
    return ", ".join(part for part in parts if part)

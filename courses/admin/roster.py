"""The students of one course in the admin site: who they are, how far they are, and one of them in detail."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.audit import record_personal_read
from courses.models import Course, CourseEnrollment
from courses.permissions import (
    can_edit_course,
    can_export_roster,
    can_view_course_work,
    can_write_to_students,
)
from courses.roster import (
    SORTS,
    Choice,
    pace,
    progress_grid,
    roster_lines,
    roster_page,
    state_of,
    student_progress,
    with_people,
)
from courses.roster_export import export_roster
from courses.standing import QUIET_DAYS, Standing
from projectgenius.errors import Conflict

View = Callable[..., HttpResponseBase]


def course_view(view: View, may: Callable[[Any, Course], bool] = can_view_course_work) -> View:
    """Find the course among those that the person helps to teach (404), and ask for the right (403).

    What the present state forbids comes back to the roster as a message.
    """

    @wraps(view)
    def page(request: HttpRequest, pk: int, **rest: Any) -> HttpResponseBase:
        courses = Course.objects.in_read_courses_of(request.user).select_related("instructor")
        course = get_object_or_404(courses, pk=pk)
        if not may(request.user, course):
            raise PermissionDenied(_("You may look at this course, but not change it."))
        try:
            return view(request, course, **rest)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect("admin:courses_course_students", pk=course.pk)

    return page


class CoursePages:
    """Further pages below a course's own; a class adds its routes to `course_routes`."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        """Addresses below `<course>/`, their views and names."""
        return []

    def get_urls(self) -> list[Any]:
        site = self.admin_site  # type: ignore[attr-defined]
        found = []
        for route, view, name in self.course_routes():
            wrapped = site.admin_view(view)
            wrapped.model_admin = self
            found.append(path(f"<int:pk>/{route}", wrapped, name=f"courses_course_{name}"))
        return [*found, *super().get_urls()]  # type: ignore[misc]


class RosterPages(CoursePages):
    """Looking at the students of a course."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().course_routes(),
            ("students/", course_view(self.students_page), "students"),
            ("students/progress/", course_view(self.students_progress_page), "students_progress"),
            (
                "students/export/",
                course_view(self.students_export_page, can_export_roster),
                "students_export",
            ),
            ("students/<int:enrollment>/", course_view(self.student_page), "student"),
        ]

    def shown(self, request: HttpRequest, template: str, course: Course, **context: Any) -> HttpResponse:
        """A page of the admin about `course`."""
        site = self.admin_site  # type: ignore[attr-defined]
        return TemplateResponse(
            request,
            f"courses/admin/{template}",
            {
                **site.each_context(request),
                "course": course,
                "may_edit": can_edit_course(request.user, course),
                "may_write": can_write_to_students(request.user, course),
                "may_export": can_export_roster(request.user, course),
                **context,
            },
        )

    def students_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """The roster."""
        choice = Choice.read(request.GET)
        roster = roster_page(course, choice, request.GET.get("page", 1))
        return self.shown(
            request,
            "roster.html",
            course,
            part="list",
            title=course.title,
            roster=roster,
            page_obj=roster.page,
            standings=_standings(choice, roster.counts),
            heads=_heads(choice),
            choice=choice,
            quiet_days=QUIET_DAYS,
            query=urlencode(choice.as_parameters()),
        )

    def students_progress_page(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Module by student."""
        choice = Choice.read(request.GET)
        roster = roster_page(course, choice, request.GET.get("page", 1))
        modules, progress = progress_grid(course, list(roster.page.object_list))
        lines = [
            (line, [(module, progress.get(line.enrollment.pk, {}).get(module.pk)) for module in modules])
            for line in roster.lines
        ]
        return self.shown(
            request,
            "roster_progress.html",
            course,
            part="progress",
            title=course.title,
            roster=roster,
            page_obj=roster.page,
            standings=_standings(choice, roster.counts),
            modules=modules,
            lines=lines,
            choice=choice,
            query=urlencode(choice.as_parameters()),
        )

    def students_export_page(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        """The chosen part of the roster as CSV."""
        return export_roster(course=course, choice=Choice.read(request.GET), by=request.user)

    def student_page(self, request: HttpRequest, course: Course, enrollment: int) -> HttpResponse:
        """One student in detail; an administrator's look is logged."""
        rows = with_people(CourseEnrollment.objects.filter(course=course))
        row = get_object_or_404(rows, pk=enrollment)
        row.course = course
        own_pace = pace(row, course)
        record_personal_read(by=request.user, person_id=row.student_id, course_id=course.pk)
        return self.shown(
            request,
            "roster_student.html",
            course,
            title=row.student.display_name,
            enrollment=row,
            pace=own_pace,
            state=state_of(row, own_pace),
            line=roster_lines(course, [row])[0],
            modules=student_progress(row),
        )


def _standings(choice: Choice, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The links that narrow the roster; a page number does not outlive the list it belongs to."""
    return [
        {
            "label": standing.label,
            "count": counts[standing],
            "is_current": standing == choice.standing,
            "query": urlencode(Choice(standing, choice.search, choice.sort).as_parameters()),
        }
        for standing in Standing
    ]


def _heads(choice: Choice) -> dict[str, dict[str, str]]:
    """For each column the link that sorts by it, and how it is sorted now."""
    heads = {}
    for name in SORTS:
        backwards = choice.sort == name
        sort = f"-{name}" if backwards else name
        heads[name] = {
            "label": SORTS[name][0],
            "query": urlencode(Choice(choice.standing, choice.search, sort).as_parameters()),
            "order": {name: "ascending", f"-{name}": "descending"}.get(choice.sort, ""),
        }
    return heads

"""The pages of the admin site on which a course is built. What can be done there stands in `courses.building`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from courses.building import ACTS, Build, Failure, builder_modules, failure_of, state_in_words
from courses.models import ContentType, Course
from courses.permissions import can_edit_course
from projectgenius.errors import Conflict

BY_SCRIPT = "fetch"  # what the page's own script says of itself in X-Requested-With


class BuilderPages:
    """The page with the course's modules and lessons, and the acts on it. For `CourseAdmin`."""

    def get_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/build/", view(self.build_view), name="courses_course_build"),
            path("<int:pk>/build/<slug:act>/", view(self.act_view), name="courses_course_act"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def editable_course(self: Any, request: HttpRequest, pk: int) -> Course:
        """The course, for those who may change it: 404 where it is not visible, 403 where it is only read."""
        course: Course = get_object_or_404(self.get_queryset(request), pk=pk)
        if not can_edit_course(request.user, course):
            raise PermissionDenied(_("You may look at this course, but not change it."))
        return course

    def build_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """The course's modules and lessons, to be added to, ordered and published."""
        return self.build_page(request, self.editable_course(request, pk))  # type: ignore[no-any-return]

    def build_page(
        self: Any, request: HttpRequest, course: Course, failed: Failure | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **_outline(course, failed),
            "opts": self.opts,
            "original": course,
            "title": course.title,
        }
        status = 400 if failed else 200
        return TemplateResponse(request, "courses/admin/course_build.html", context, status=status)

    def act_view(self: Any, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Do one act: a script is answered with the new outline, a plain form with the page."""
        course = self.editable_course(request, pk)
        if act not in ACTS:
            raise Http404
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        by_script = request.headers.get("X-Requested-With") == BY_SCRIPT
        try:
            outcome = ACTS[act](Build(course=course, by=request.user, data=request.POST))
        except (ValidationError, Conflict) as error:
            return self.refused_act(request, course, act, error, by_script=by_script)  # type: ignore[no-any-return]
        if by_script:
            answer = {"message": outcome.message, "focus": outcome.focus, "html": _html(request, course)}
            return JsonResponse(answer)
        messages.success(request, outcome.message)
        anchor = f"#{outcome.focus}" if outcome.focus else ""
        return HttpResponseRedirect(reverse("admin:courses_course_build", args=[pk]) + anchor)

    def refused_act(
        self: Any, request: HttpRequest, course: Course, act: str, error: Exception, *, by_script: bool
    ) -> HttpResponse:
        """The reason, at the form that was sent; a script also gets the outline if it showed an old one."""
        conflict = isinstance(error, Conflict)
        message = str(error.message) if isinstance(error, Conflict) else " ".join(error.messages)  # type: ignore[attr-defined]
        if not by_script:
            return self.build_page(request, course, failure_of(act, request.POST, message))  # type: ignore[no-any-return]
        answer = {"message": message}
        if conflict and error.code == "order_changed":  # type: ignore[attr-defined]
            answer["html"] = _html(request, course)
        return JsonResponse(answer, status=409 if conflict else 400)


def _outline(course: Course, failed: Failure | None = None) -> dict[str, Any]:
    modules = builder_modules(course)
    return {
        "course": course,
        "modules": modules,
        "kinds": ContentType.choices,
        "failed": failed,
        "contents_in_words": state_in_words(modules),
    }


def _html(request: HttpRequest, course: Course) -> str:
    """The outline alone, as the page shows it."""
    return render_to_string("courses/admin/_builder.html", _outline(course), request)

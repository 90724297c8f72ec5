"""Courses as ZIP archives in the admin site: taking one out, and bringing one in after a look at the report."""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.backoffice import ReadOnlyAdmin, Rows, State
from courses.admin.roster import CoursePages, View, course_view
from courses.course_imports import check_archive_size, import_for_real, start_course_import
from courses.downloads import archive_response
from courses.models import Course, CourseImport
from courses.permissions import can_create_course, can_export_course
from projectgenius.errors import Conflict
from projectgenius.imports import RunStatus

STATUS_COLORS = {
    RunStatus.DONE: "success",
    RunStatus.FAILED: "danger",
    RunStatus.RUNNING: "info",
    RunStatus.WAITING: "info",
}


class ArchivePages(CoursePages):
    """Taking a course out as a ZIP."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().course_routes(),
            ("export/", course_view(self.export_page, can_export_course), "export"),
        ]

    def export_page(self, request: HttpRequest, course: Course) -> HttpResponseBase:
        """What the archive holds; a POST hands it out."""
        if request.method == "POST":
            return archive_response(course, request.user)
        site = self.admin_site  # type: ignore[attr-defined]
        context = {**site.each_context(request), "course": course, "title": course.title}
        return TemplateResponse(request, "courses/admin/course_export.html", context)


class CourseImportForm(forms.ModelForm[CourseImport]):
    """An archive to try."""

    class Meta:
        model = CourseImport
        fields = ("file",)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        check_archive_size(file)
        return file


@admin.register(CourseImport)
class CourseImportAdmin(ReadOnlyAdmin):
    """Archives that somebody brought in: those of an instructor's own, all for administrators."""

    form = CourseImportForm
    list_display = ("archive", "state", "kind", "course", "started_by", "created_at")
    search_fields = ("course__title", "started_by__username")
    ordering = ("-id",)

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "started_by")

    def can_view(self, user: Any, row: CourseImport | None = None) -> bool:
        return can_create_course(user) and (row is None or user.is_admin or row.started_by_id == user.pk)

    def can_add(self, user: Any) -> bool:
        return can_create_course(user)

    def get_fields(self, request: HttpRequest, obj: CourseImport | None = None) -> tuple[str, ...]:
        return ("archive", "state", "kind", "course", "started_by", "created_at") if obj else ("file",)

    def get_urls(self) -> list[URLPattern]:
        state = self.admin_site.admin_view(self.state_view)
        return [path("<int:pk>/state/", state, name="courses_courseimport_state"), *super().get_urls()]

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far an import is, for the script that draws the bar."""
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        return JsonResponse(run.progress, headers={"Cache-Control": "private, no-store"})

    def save_row(self, row: CourseImport, by: Any) -> None:
        row.pk = start_course_import(file=row.file.file, by=by).pk

    def response_post_save_add(self, request: HttpRequest, obj: CourseImport) -> HttpResponse:
        return redirect("admin:courses_courseimport_change", obj.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The report by file; a POST imports what was tried without a fault."""
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if request.method == "POST":
            try:
                run = import_for_real(dry_run=run, by=request.user)  # type: ignore[arg-type]
            except Conflict as conflict:
                messages.error(request, str(conflict.message))
            return redirect("admin:courses_courseimport_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import of a course"),
            "opts": self.opts,
            "original": run,
            "run": run,
            "faults": [line for line in run.report if line.get("kind") != "note"],
            "notes": [line for line in run.report if line.get("kind") == "note"],
            "counts": _counted(run),
            "name": self.archive(run),
        }
        return TemplateResponse(request, "courses/admin/course_import.html", context)

    @admin.display(description=_("Archive"))
    def archive(self, run: CourseImport) -> str:
        return PurePosixPath(run.file.name or "").name or str(_("no longer kept"))

    @display(description=_("State"), ordering="status", label=STATUS_COLORS)
    def state(self, run: CourseImport) -> State:
        return State((run.status, run.get_status_display()))

    @admin.display(description=_("Step"), ordering="is_dry_run")
    def kind(self, run: CourseImport) -> str:
        return str(_("check") if run.is_dry_run else _("import"))


def _counted(run: CourseImport) -> list[tuple[str, int]]:
    """How many rows of each kind, under the names that people know."""
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in _models()}
    return [(names.get(table, table), count) for table, count in run.counts.items()]


def _models() -> Any:
    return Course._meta.apps.get_models()

"""Students out of a CSV file, in the admin site: upload, look at the check, import, watch."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from courses.admin.messages import ActingPages
from courses.admin.roster import View, course_view
from courses.models import Course, RosterImport
from courses.permissions import can_write_to_students
from courses.roster_file import MOST_LINES
from courses.roster_import import import_for_real, start_roster_import

SHOWN_RUNS = 20
SHOWN_FAULTS = 200


class RosterFileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV file"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )


class ImportPages(ActingPages):
    """Imports of students."""

    def course_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().course_routes(),
            ("students/imports/", course_view(self.imports, can_write_to_students), "roster_imports"),
            (
                "students/imports/<int:run>/",
                course_view(self.one_import, can_write_to_students),
                "roster_import",
            ),
            (
                "students/imports/<int:run>/state/",
                course_view(self.import_state, can_write_to_students),
                "roster_import_state",
            ),
        ]

    def imports(self, request: HttpRequest, course: Course) -> HttpResponse:
        """Upload a file to be checked; earlier imports."""
        form = RosterFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = start_roster_import(
                    course=course,
                    file=form.cleaned_data["file"],
                    by=request.user,  # type: ignore[arg-type]
                )
                return redirect("admin:courses_course_roster_import", pk=course.pk, run=run.pk)
            except ValidationError as error:
                form.add_error("file", error)
        return self.shown(
            request,
            "roster_imports.html",
            course,
            part="imports",
            title=course.title,
            form=form,
            most_lines=MOST_LINES,
            enrolls=bool(getattr(request.user, "is_admin", False)),
            runs=list(RosterImport.objects.filter(course=course).select_related("started_by")[:SHOWN_RUNS]),
        )

    def one_import(self, request: HttpRequest, course: Course, run: int) -> HttpResponse:
        """How far an import is and what it found; a check that has ended can be imported."""
        row = _run(course, run)
        if request.method == "POST":
            begun = import_for_real(dry_run=row, by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("The import has begun."))
            return redirect("admin:courses_course_roster_import", pk=course.pk, run=begun.pk)
        return self.shown(
            request,
            "roster_import.html",
            course,
            part="imports",
            title=course.title,
            run=row,
            outcomes=outcomes(row),
            faults=row.report[:SHOWN_FAULTS],
            more_faults=max(0, len(row.report) - SHOWN_FAULTS),
            ready=row.is_dry_run
            and row.status == RosterImport.Status.DONE
            and bool(row.file)
            and row.total > 0,
        )

    def import_state(self, request: HttpRequest, course: Course, run: int) -> JsonResponse:
        """How far an import is, for the script that draws the bar."""
        state = _run(course, run).progress
        return JsonResponse(state, headers={"Cache-Control": "private, no-store"})


def _run(course: Course, pk: int) -> RosterImport:
    return get_object_or_404(RosterImport.objects.filter(course=course).select_related("started_by"), pk=pk)


def outcomes(run: RosterImport) -> list[str]:
    """What was done with the lines, or would be, in words."""
    counts = run.counts
    if run.is_dry_run:
        words: list[tuple[str, Any]] = [
            (
                "enrolled",
                ngettext("%(n)s would be enrolled", "%(n)s would be enrolled", counts.get("enrolled", 0)),
            ),
            (
                "invited",
                ngettext("%(n)s would be invited", "%(n)s would be invited", counts.get("invited", 0)),
            ),
        ]
    else:
        words = [
            ("enrolled", ngettext("%(n)s enrolled", "%(n)s enrolled", counts.get("enrolled", 0))),
            ("invited", ngettext("%(n)s invited", "%(n)s invited", counts.get("invited", 0))),
        ]
    words += [
        ("unchanged", _("%(n)s in the course or invited already")),
        ("refused", _("%(n)s refused")),
        ("faults", ngettext("%(n)s line with a fault", "%(n)s lines with a fault", counts.get("faults", 0))),
    ]
    return [str(text) % {"n": counts[name]} for name, text in words if counts.get(name)]

"""People out of a CSV file, in the admin site: upload, look at the check, import, watch."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import ReadOnlyAdmin, Rows
from accounts.models import UserImport
from accounts.people_file import COLUMNS, MOST_LINES
from accounts.people_import import import_for_real, start_user_import
from accounts.permissions import can_manage_users
from projectgenius.errors import Conflict

SHOWN_FAULTS = 500
OUTCOMES = (
    ("added", _("Added: %(n)s"), _("Would be added: %(n)s")),
    ("unchanged", _("Here already: %(n)s"), _("Here already: %(n)s")),
    ("refused", _("Refused: %(n)s"), _("Refused: %(n)s")),
    ("faults", _("Lines with a fault: %(n)s"), _("Lines with a fault: %(n)s")),
)


class PeopleFileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("CSV file"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )


@admin.register(UserImport)
class UserImportAdmin(ReadOnlyAdmin):
    """Imports of people. Adding one uploads a file to be checked; its page says what was found and imports it."""

    list_display = ("__str__", "is_dry_run", "status", "total", "started_by", "created_at")
    list_filter = (("status", ChoicesDropdownFilter), "is_dry_run")
    search_fields = ("file", "started_by__username")
    fields = ("started_by", "is_dry_run", "status", "total", "done", "created_at", "finished_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("started_by")

    def can_add(self, user: Any) -> bool:
        return can_manage_users(user)

    def get_fields(self, request: HttpRequest, obj: UserImport | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("file",)

    def get_urls(self) -> list[URLPattern]:
        state = self.admin_site.admin_view(self.state_view)
        return [path("<int:pk>/state/", state, name="accounts_userimport_state"), *super().get_urls()]

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Upload a file to be checked."""
        if not self.has_add_permission(request):
            return super().add_view(request, *args, **kwargs)
        is_sent = request.method == "POST"
        form = PeopleFileForm(request.POST, request.FILES) if is_sent else PeopleFileForm()
        if is_sent and form.is_valid():
            try:
                run = start_user_import(file=form.cleaned_data["file"], by=request.user)  # type: ignore[arg-type]
                return redirect("admin:accounts_userimport_change", run.pk)
            except ValidationError as error:
                form.add_error("file", error)
        context = {"form": form, "columns": COLUMNS, "most_lines": MOST_LINES}
        return self.page(request, "user_import_new.html", _("Import people"), context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """How far an import is and what it found; a check that has ended can be imported."""
        run = self.get_object(request, object_id)
        if run is None or not self.has_view_permission(request, run):
            return super().change_view(request, object_id, *args, **kwargs)
        if request.method == "POST":
            try:
                begun = import_for_real(dry_run=run, by=request.user)  # type: ignore[arg-type]
            except Conflict as conflict:
                return self.refuse(request, conflict)
            messages.success(request, _("The import has begun."))
            return redirect("admin:accounts_userimport_change", begun.pk)
        context = {
            "run": run,
            "original": run,
            "outcomes": outcomes(run),
            "faults": run.report[:SHOWN_FAULTS],
            "ready": run.is_dry_run
            and run.status == "done"
            and bool(run.file)
            and run.counts.get("added", 0) > 0,
        }
        return self.page(request, "user_import.html", str(run) or _("Import"), context)

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far an import is, for the script that draws the bar."""
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        return JsonResponse(run.progress, headers={"Cache-Control": "private, no-store"})

    def page(self, request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"accounts/admin/{template}", frame | context)


def outcomes(run: UserImport) -> list[str]:
    """What was done with the lines, or would be, in words."""
    return [
        str(dry if run.is_dry_run else real) % {"n": run.counts[name]}
        for name, real, dry in OUTCOMES
        if run.counts.get(name)
    ]

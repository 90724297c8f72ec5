"""What was written to students and which files of students were imported, as lists over all of somebody's courses."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from courses.admin.roster_import import outcomes
from courses.backoffice import ReadOnlyCourseScopedAdmin
from courses.messages import with_figures
from courses.models import CourseMessage, RosterImport


@admin.register(CourseMessage)
class CourseMessageAdmin(ReadOnlyCourseScopedAdmin):
    """Messages are written on the roster of their course."""

    list_display = ("subject", "course", "sender_name", "created_at", "sent")
    list_filter = (("course", NarrowedFilter),)
    search_fields = ("subject", "course__title")
    fields = ("subject", "course", "sender_name", "created_at", "sent", "body", "replies_to_sender")

    def for_list(self, rows: Rows) -> Rows:
        return with_figures(rows.select_related("course"))

    @admin.display(description=_("Sender"), ordering="sender__username")
    def sender_name(self, message: CourseMessage) -> str:
        return message.sender.display_name

    @admin.display(description=_("Mailed"), ordering=F("mailed"))
    def sent(self, message: Any) -> str:
        return str(_("%(mailed)s of %(chosen)s") % {"mailed": message.mailed, "chosen": message.chosen})


@admin.register(RosterImport)
class RosterImportAdmin(ReadOnlyCourseScopedAdmin):
    """Imports are begun on the roster of their course; the file itself, full of addresses, is not handed out."""

    list_display = ("created_at", "course", "starter", "is_dry_run", "status", "total")
    list_filter = (("course", NarrowedFilter), ("status", ChoicesDropdownFilter), "is_dry_run")
    search_fields = ("course__title",)
    fields = ("course", "starter", "created_at", "is_dry_run", "status", "total", "found", "finished_at")

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "started_by")

    @admin.display(description=_("Started by"), ordering="started_by__username")
    def starter(self, run: RosterImport) -> str:
        return run.started_by.display_name

    @admin.display(description=_("Found"))
    def found(self, run: RosterImport) -> str:
        return ", ".join(outcomes(run)) or "–"

"""Regrades and changes of scores in the admin site: to look at. They are made on the pages of their quiz."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from assessments.models import Regrade, ScoreChange
from courses.backoffice import ReadOnlyCourseScopedAdmin


@admin.register(Regrade)
class RegradeAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("quiz", "reason", "state", "starter", "created_at", "decided_at")
    list_filter = (("quiz", NarrowedFilter), ("state", ChoicesDropdownFilter))
    search_fields = ("quiz__title", "reason")
    fields = ("quiz", "reason", "state", "starter", "created_at", "decider", "decided_at", "gains_only")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("quiz__course", "started_by", "decided_by").defer("preview", "plan")

    @admin.display(description=_("Started by"), ordering="started_by__username")
    def starter(self, regrade: Regrade) -> str:
        return regrade.started_by.display_name

    @admin.display(description=_("Decided by"), ordering="decided_by__username")
    def decider(self, regrade: Regrade) -> str:
        return regrade.decided_by.display_name if regrade.decided_by else "–"


@admin.register(ScoreChange)
class ScoreChangeAdmin(ReadOnlyCourseScopedAdmin):
    list_display = (
        "created_at", "quiz", "student", "old_points", "new_points", "old_score", "new_score", "changer"
    )  # fmt: skip
    list_filter = (("attempt__quiz", NarrowedFilter),)
    search_fields = ("attempt__quiz__title", "attempt__user__username", "attempt__user__full_name", "reason")
    fields = (
        "quiz", "student", "attempt", "question", "old_points", "new_points", "old_score", "new_score", "reason",
        "regrade", "changer", "created_at",
    )  # fmt: skip

    def person_of(self, row: ScoreChange) -> int:
        return row.attempt.user_id

    def for_list(self, rows: Rows) -> Rows:
        related = ("attempt__quiz__course", "attempt__user", "question", "changed_by")
        return rows.select_related(*related).defer("attempt__paper")

    @admin.display(description=_("Quiz"), ordering="attempt__quiz__title")
    def quiz(self, row: ScoreChange) -> str:
        return row.attempt.quiz.title

    @admin.display(description=_("Student"), ordering="attempt__user__username")
    def student(self, row: ScoreChange) -> str:
        return row.attempt.user.display_name

    @admin.display(description=_("Changed by"), ordering="changed_by__username")
    def changer(self, row: ScoreChange) -> str:
        return row.changed_by.display_name if row.changed_by else str(_("the system"))

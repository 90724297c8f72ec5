"""Challenges and what was sent in for them, for administrators."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import BackOfficeAdmin, NarrowedFilter, ReadOnlyAdmin, Rows
from legacy.models import Challenge, Submission


@admin.register(Challenge)
class ChallengeAdmin(BackOfficeAdmin):
    list_display = ("title", "difficulty", "points", "is_active")
    list_filter = ("is_active", "difficulty")
    search_fields = ("title",)
    fields = ("title", "description", "difficulty", "points", "test_cases", "solution", "hints", "is_active")


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("id", "challenge", "user", "language", "status", "score", "submitted_at")
    list_filter = (("challenge", NarrowedFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("challenge__title", "user__username")
    fields = (
        "challenge",
        "user",
        "language",
        "code",
        "status",
        "score",
        "feedback",
        "submitted_at",
        "executed_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("challenge", "user")

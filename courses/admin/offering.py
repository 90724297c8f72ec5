"""Invitations, join codes and helpers in lists, in the admin site; they are made on the course's page "Access"."""

from typing import Any

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from courses.backoffice import ReadOnlyCourseScopedAdmin
from courses.models import CourseHelper, CourseInvitation, CourseJoinCode


@admin.register(CourseInvitation)
class CourseInvitationAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("email", "course", "role", "created_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = (("course", NarrowedFilter), ("role", ChoicesDropdownFilter))
    search_fields = ("email", "course__title")
    fields = (
        "course",
        "email",
        "role",
        "created_at",
        "sender",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "invited_by")

    @admin.display(description=CourseInvitation._meta.get_field("invited_by").verbose_name)  # type: ignore[arg-type]
    def sender(self, row: Any) -> str:
        return str(row.invited_by.display_name)


@admin.register(CourseJoinCode)
class CourseJoinCodeAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("code", "course", "uses", "max_uses", "expires_at", "is_active")
    list_filter = (("course", NarrowedFilter), "is_active")
    search_fields = ("code", "course__title")
    fields = ("course", "code", "uses", "max_uses", "expires_at", "is_active", "created_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course")


@admin.register(CourseHelper)
class CourseHelperAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("person", "course", "role", "created_at")
    list_filter = (("course", NarrowedFilter), ("role", ChoicesDropdownFilter))
    search_fields = ("user__username", "user__full_name", "course__title")
    fields = ("person", "course", "role", "created_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "user")

    @admin.display(description=CourseHelper._meta.get_field("user").verbose_name, ordering="user__username")  # type: ignore[arg-type]
    def person(self, row: Any) -> str:
        return str(row.user.display_name)

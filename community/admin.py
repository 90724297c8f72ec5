"""Announcements, reviews and achievements in the admin site."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.backoffice import BackOfficeAdmin, NarrowedFilter, Rows
from accounts.permissions import can_manage_site
from community.models import Achievement, CourseAnnouncement, CourseReview
from courses.backoffice import CourseScopedAdmin, ReadOnlyCourseScopedAdmin


@admin.register(CourseAnnouncement)
class CourseAnnouncementAdmin(CourseScopedAdmin):
    list_display = ("title", "course", "created_at")
    list_filter = (("course", NarrowedFilter),)
    search_fields = ("title", "course__title")
    fields = ("course", "title", "content")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course")


@admin.register(CourseReview)
class CourseReviewAdmin(ReadOnlyCourseScopedAdmin):
    """Nobody rewrites a review; an administrator may remove one."""

    actions = ()
    list_display = ("course", "rating", "student_name", "review", "created_at")
    list_filter = (("course", NarrowedFilter), "rating")
    search_fields = ("course__title", "student__username", "student__full_name", "review")
    fields = ("course", "student_name", "rating", "review", "created_at", "updated_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "student")

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return can_manage_site(user)

    @admin.display(description=_("Student"), ordering="student__username")
    def student_name(self, row: CourseReview) -> str:
        return row.student.display_name


@admin.register(Achievement)
class AchievementAdmin(BackOfficeAdmin):
    list_display = ("name", "points", "created_at")
    search_fields = ("name",)
    fields = ("name", "description", "badge_url", "points")

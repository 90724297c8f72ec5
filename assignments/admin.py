"""Assignments, groups and what was handed in, in the admin site."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows, as_json
from assignments.models import (
    Assignment,
    AssignmentAnalytics,
    AssignmentGroup,
    AssignmentSubmission,
    GroupMember,
    SubmissionComment,
)
from courses.backoffice import (
    CourseScopedAdmin,
    CourseScopedInline,
    PublishedColumn,
    Publishing,
    ReadOnlyCourseScopedAdmin,
    counted,
)


class MemberInline(CourseScopedInline):
    model = GroupMember
    read_only = True
    hide_title = True
    fields = ("student_name", "role", "joined_at")

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("student", "group__assignment__course")

    @admin.display(description=_("Student"))
    def student_name(self, row: GroupMember) -> str:
        return row.student.display_name


class CommentInline(CourseScopedInline):
    model = SubmissionComment
    read_only = True
    hide_title = True
    fields = ("author", "content", "created_at")

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("user", "submission__assignment__course")

    @admin.display(description=_("Author"))
    def author(self, row: SubmissionComment) -> str:
        return row.user.display_name


@admin.register(Assignment)
class AssignmentAdmin(PublishedColumn, Publishing, CourseScopedAdmin):
    list_display = ("title", "course", "assignment_type", "due_date", "state", "handed_in")
    list_filter = (
        ("course", NarrowedFilter),
        "is_published",
        ("assignment_type", ChoicesDropdownFilter),
    )
    search_fields = ("title", "course__title")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "course",
                    "lesson",
                    "description",
                    "instructions",
                    "assignment_type",
                    "due_date",
                    "is_published",
                )
            },
        ),
        (
            _("Handing in"),
            {
                "classes": ["tab"],
                "fields": (
                    "submission_type",
                    "allowed_file_types",
                    "max_file_size",
                    "is_group_work",
                    "max_group_size",
                ),
            },
        ),
        (
            _("Marks"),
            {
                "classes": ["tab"],
                "fields": (
                    "points",
                    "rubric",
                    "allow_late_submission",
                    "late_penalty_percentage",
                ),
            },
        ),
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "lesson").annotate(
            submissions_count=counted(AssignmentSubmission.objects.all(), "assignment")
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "allowed_file_types":
            field.help_text = _('Such as ["pdf", "md"].')
        return field

    @admin.display(description=_("Handed in"), ordering="submissions_count")
    def handed_in(self, assignment: Assignment) -> int:
        return assignment.submissions_count  # type: ignore[attr-defined, no-any-return]


@admin.register(AssignmentGroup)
class AssignmentGroupAdmin(CourseScopedAdmin):
    """Made and named here; who is in it is shown."""

    list_display = ("name", "assignment", "course", "size")
    list_filter = (("assignment", NarrowedFilter),)
    search_fields = ("name", "assignment__title")
    fields = ("assignment", "name")
    inlines = (MemberInline,)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("assignment__course").annotate(
            members_count=counted(GroupMember.objects.all(), "group")
        )

    def can_delete(self, user: Any, row: Any = None) -> bool:
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: AssignmentGroup | None = None
    ) -> tuple[str, ...]:
        return ("assignment",) if obj else ()

    @admin.display(description=_("Course"), ordering="assignment__course__title")
    def course(self, group: AssignmentGroup) -> str:
        return group.assignment.course.title

    @admin.display(description=_("Members"), ordering="members_count")
    def size(self, group: AssignmentGroup) -> int:
        return group.members_count  # type: ignore[attr-defined, no-any-return]


@admin.register(GroupMember)
class GroupMemberAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("student_name", "group", "assignment", "role", "joined_at")
    list_filter = (("group__assignment", NarrowedFilter),)
    search_fields = ("student__username", "student__full_name", "group__name")
    fields = ("group", "student_name", "role", "joined_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("student", "group__assignment__course")

    @admin.display(description=_("Student"), ordering="student__username")
    def student_name(self, row: GroupMember) -> str:
        return row.student.display_name

    @admin.display(description=_("Assignment"), ordering="group__assignment__title")
    def assignment(self, row: GroupMember) -> str:
        return row.group.assignment.title


@admin.register(AssignmentSubmission)
class AssignmentSubmissionAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("assignment", "student_name", "group", "submitted_at", "is_late", "status", "grade")
    list_filter = (("assignment", NarrowedFilter), ("status", ChoicesDropdownFilter), "is_late")
    search_fields = ("assignment__title", "student__username", "student__full_name")
    inlines = (CommentInline,)
    fields = (
        "assignment",
        "student_name",
        "group",
        "submitted_at",
        "is_late",
        "content",
        "submission_url",
        "status",
        "grade",
        "scores",
        "feedback",
        "grader",
        "graded_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("assignment__course", "student", "group", "graded_by")

    @admin.display(description=_("Student"), ordering="student__username")
    def student_name(self, row: AssignmentSubmission) -> str:
        return row.student.display_name

    @admin.display(description=_("Graded by"))
    def grader(self, row: AssignmentSubmission) -> str:
        return row.graded_by.display_name if row.graded_by else "–"

    @admin.display(description=_("Rubric scores"))
    def scores(self, row: AssignmentSubmission) -> str:
        return as_json(row.rubric_scores)


@admin.register(SubmissionComment)
class SubmissionCommentAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("shortened", "submission", "author", "created_at")
    list_filter = (("submission__assignment", NarrowedFilter),)
    search_fields = ("content", "user__username", "user__full_name")
    fields = ("submission", "author", "content", "created_at", "updated_at")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("submission__assignment__course", "user")

    @admin.display(description=_("Comment"))
    def shortened(self, row: SubmissionComment) -> str:
        return Truncator(row.content).chars(80)

    @admin.display(description=_("Author"), ordering="user__username")
    def author(self, row: SubmissionComment) -> str:
        return row.user.display_name


@admin.register(AssignmentAnalytics)
class AssignmentAnalyticsAdmin(ReadOnlyCourseScopedAdmin):
    list_display = (
        "assignment",
        "total_submissions",
        "late_submissions",
        "average_grade",
        "completion_rate",
        "updated_at",
    )
    list_filter = (("assignment__course", NarrowedFilter),)
    search_fields = ("assignment__title",)
    fields = (
        "assignment",
        "total_submissions",
        "on_time_submissions",
        "late_submissions",
        "average_grade",
        "median_grade",
        "highest_grade",
        "lowest_grade",
        "completion_rate",
        "average_time_to_submit",
        "updated_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("assignment__course")

"""What students do in courses, and the log of it, in the admin site."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from accounts.backoffice import NarrowedFilter, ReadOnlyAdmin, Rows, as_json
from accounts.models import AuditEvent, AuditOrigin, User
from accounts.permissions import can_manage_site, is_back_office
from courses.admin.payments import EnrollmentMoney
from courses.backoffice import ReadOnlyCourseScopedAdmin
from courses.enrollment import enroll_student
from courses.models import Course, CourseEnrollment, LessonCompletion, ModuleProgress
from courses.permissions import can_record_payment


@admin.register(CourseEnrollment)
class CourseEnrollmentAdmin(EnrollmentMoney, ReadOnlyCourseScopedAdmin):
    """Looked at by instructors; an administrator also gives somebody a place, and notes what is paid for it."""

    list_display = (
        "student_name",
        "email",
        "course",
        "progress",
        "payment_status",
        "enrolled_at",
        "last_accessed",
        "withdrawn_at",
    )
    list_filter = (
        ("course", NarrowedFilter),
        ("payment_status", ChoicesDropdownFilter),
        "certificate_issued",
    )
    search_fields = ("student__username", "student__full_name", "student__email", "course__title")
    fields = (
        "student_name",
        "email",
        "course",
        "enrolled_at",
        "progress",
        "completed_at",
        "last_accessed",
        "payment_status",
        "certificate_issued",
        "withdrawn_at",
    )

    def person_of(self, row: CourseEnrollment) -> int:
        return row.student_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("student", "course")

    def can_add(self, user: Any) -> bool:
        return can_manage_site(user)

    def get_fields(self, request: HttpRequest, obj: CourseEnrollment | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("student", "course")
        return (*self.fields, "money") if can_record_payment(request.user) else self.fields

    def save_row(self, row: CourseEnrollment, by: Any) -> None:
        row.pk = enroll_student(course=row.course, student=row.student, by=by).pk

    @admin.display(description=_("Student"), ordering="student__username")
    def student_name(self, row: CourseEnrollment) -> str:
        return row.student.display_name

    @admin.display(description=_("E-mail"), ordering="student__email")
    def email(self, row: CourseEnrollment) -> str:
        return row.student.email


@admin.register(ModuleProgress)
class ModuleProgressAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("student", "module", "course", "progress", "completed_at", "last_accessed")
    list_filter = (("enrollment__course", NarrowedFilter),)
    search_fields = ("enrollment__student__username", "enrollment__student__full_name", "module__title")
    fields = ("student", "course", "module", "progress", "started_at", "completed_at", "last_accessed")

    def person_of(self, row: ModuleProgress) -> int:
        return row.enrollment.student_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("enrollment__student", "enrollment__course", "module")

    @admin.display(description=_("Student"), ordering="enrollment__student__username")
    def student(self, row: ModuleProgress) -> str:
        return row.enrollment.student.display_name

    @admin.display(description=_("Course"), ordering="enrollment__course__title")
    def course(self, row: ModuleProgress) -> str:
        return row.enrollment.course.title


@admin.register(LessonCompletion)
class LessonCompletionAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("student_name", "lesson", "course", "completed_at")
    list_filter = (("lesson__module__course", NarrowedFilter),)
    search_fields = ("student__username", "student__full_name", "lesson__title")
    fields = ("student_name", "lesson", "completed_at")

    def person_of(self, row: LessonCompletion) -> int:
        return row.student_id

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("student", "lesson__module__course")

    @admin.display(description=_("Student"), ordering="student__username")
    def student_name(self, row: LessonCompletion) -> str:
        return row.student.display_name

    @admin.display(description=_("Course"), ordering="lesson__module__course__title")
    def course(self, row: LessonCompletion) -> str:
        return row.lesson.module.course.title


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The log: all of it for administrators, enrollments and grades of the own courses for an instructor."""

    list_display = ("occurred_at", "action", "who", "table", "row_id", "reason")
    list_filter = (("occurred_at", RangeDateTimeFilter),)
    search_fields = ("action", "table", "=row_id", "=request_id")
    fields = (
        "occurred_at",
        "action",
        "who",
        "table",
        "row_id",
        "course_id",
        "changed_from",
        "changed_to",
        "reason",
        "request_id",
        "came_from",
    )

    def narrow(self, rows: Rows, user: Any) -> Rows:
        if can_manage_site(user):
            return rows
        learning = Q(action__startswith="enrollment.") | Q(action__startswith="grade.")
        return rows.filter(learning, course_id__in=Course.objects.in_courses_of(user).values("pk"))

    def for_list(self, rows: Rows) -> Rows:
        name = User.objects.filter(pk=OuterRef("actor_id")).values("username")
        return rows.annotate(actor_name=Subquery(name))

    def can_view(self, user: Any, row: AuditEvent | None = None) -> bool:
        return is_back_office(user)

    def get_fields(self, request: HttpRequest, obj: AuditEvent | None = None) -> tuple[str, ...]:
        """Where an act came from is for administrators."""
        return self.fields if can_manage_site(request.user) else self.fields[:-1]

    @admin.display(description=_("Person"), ordering="actor_id")
    def who(self, event: AuditEvent) -> str:
        if event.actor_id is None:
            return str(_("the system"))
        return getattr(event, "actor_name", None) or str(event.actor_id)

    @admin.display(description=_("Before"))
    def changed_from(self, event: AuditEvent) -> str:
        return as_json(event.before)

    @admin.display(description=_("After"))
    def changed_to(self, event: AuditEvent) -> str:
        return as_json(event.after)

    @admin.display(description=_("From"))
    def came_from(self, event: AuditEvent) -> str:
        origin = AuditOrigin.objects.filter(event=event).first()
        return f"{origin.address}, {origin.user_agent}" if origin else "–"

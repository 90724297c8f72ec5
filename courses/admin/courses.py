"""Courses, their parts, and what students do in them, in the admin site."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from accounts.backoffice import NarrowedFilter, Rows
from courses.admin.access import AccessPages
from courses.admin.accommodations import AccommodationPages
from courses.admin.archive import ArchivePages
from courses.admin.availability import ModuleAvailabilityInline
from courses.admin.builder import BuilderPages
from courses.admin.forms import CourseForm
from courses.admin.markdown import MarkdownPages
from courses.admin.publishing import PublishPages
from courses.admin.roster_import import ImportPages
from courses.authoring import create_course
from courses.backoffice import (
    CourseScopedAdmin,
    CourseScopedInline,
    PublishedColumn,
    Publishing,
    counted,
    link_to,
)
from courses.copying import copy_course
from courses.models import Course, CourseEnrollment, Lesson, Module
from courses.permissions import can_change_owner, can_create_course

USUAL_WEEKS = 4


class LessonInline(CourseScopedInline):
    model = Lesson
    fields = (
        "title",
        "content_type",
        "duration_minutes",
        "is_preview",
        "is_published",
        "order_index",
        "contents",
    )
    readonly_fields = ("contents",)
    ordering_field = "order_index"
    hide_title = True
    tab = True

    @admin.display(description=_("Content"))
    def contents(self, lesson: Lesson) -> str:
        return link_to(lesson, str(_("Write lesson"))) if lesson.pk else str(_("After saving"))


@admin.register(Course)
class CourseAdmin(
    MarkdownPages,
    BuilderPages,
    ArchivePages,
    PublishPages,
    AccessPages,
    AccommodationPages,
    ImportPages,
    PublishedColumn,
    Publishing,
    CourseScopedAdmin,
):
    markdown_fields = ("description",)
    form = CourseForm
    change_form_outer_before_template = "courses/admin/_course_head.html"
    list_display = ("title", "state", "owner", "students", "lesson_count", "updated_at", "contents")
    list_filter = ("is_published", ("level", ChoicesDropdownFilter))
    search_fields = ("title", "category")
    actions = (*Publishing.actions, "copy")  # type: ignore[assignment]
    readonly_fields = ("owner", "students", "lesson_count", "total_minutes", "created_at", "updated_at")
    add_fieldsets: ClassVar[Any] = (
        (
            None,
            {
                "description": _(
                    "A few lines to begin with. Modules and lessons come next; nobody sees anything before you publish."
                ),
                "fields": (
                    "title",
                    "instructor",
                    "outcome",
                    "description",
                    ("level", "category"),
                    ("duration_weeks", "language"),
                    "price",
                ),
            },
        ),
    )
    fieldsets: Any = (
        (
            None,
            {
                "fields": (
                    "title",
                    "slug",
                    "instructor",
                    "outcome",
                    "description",
                    ("level", "category"),
                    ("duration_weeks", "language"),
                    "price",
                    "enrollment_mode",
                )
            },
        ),
        (_("On the course page"), {"classes": ["tab"], "fields": ("outcomes", "audience", "requirements")}),
        (_("Picture"), {"classes": ["tab"], "fields": ("cover_file", "cover_image", "cover_hue")}),
        (
            _("Certificate"),
            {
                "classes": ["tab"],
                "fields": ("certificates_enabled", "certificate_text", "certificate_signature"),
            },
        ),
        (
            _("Figures"),
            {
                "classes": ["tab"],
                "fields": (
                    "students",
                    "lesson_count",
                    "total_minutes",
                    "created_at",
                    "updated_at",
                ),
            },
        ),
    )

    def can_add(self, user: Any) -> bool:
        return can_create_course(user)

    def for_list(self, rows: Rows) -> Rows:
        places = CourseEnrollment.objects.active()
        return rows.select_related("instructor").annotate(students_count=counted(places, "course"))

    def get_fieldsets(self, request: HttpRequest, obj: Course | None = None) -> Any:
        """The owner is chosen by administrators and shown to others; a new course asks for the needful alone."""
        owner = "instructor" if can_change_owner(request.user) else "owner"
        return [
            (
                title,
                {
                    **options,
                    "fields": tuple(owner if name == "instructor" else name for name in options["fields"]),
                },
            )
            for title, options in (self.fieldsets if obj else self.add_fieldsets)
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What most courses begin with."""
        usual = {"instructor": request.user.pk, "duration_weeks": USUAL_WEEKS, "level": Course.Level.BEGINNER}
        return {**usual, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Course, form: ModelForm[Any], change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            create_course(course=obj, by=request.user)  # type: ignore[arg-type]

    @action(description=_("Copy"), permissions=["add"])
    def copy(self, request: HttpRequest, queryset: Rows) -> None:
        """Make a draft of each chosen course."""
        for course in queryset.select_related(None):
            copied = copy_course(course=course, by=request.user)  # type: ignore[arg-type]
            self.message_user(
                request, _("“%(title)s” made, as a draft.") % {"title": copied}, messages.SUCCESS
            )

    def response_add(
        self, request: HttpRequest, obj: Course, post_url_continue: str | None = None
    ) -> HttpResponse:
        """A new course is built next."""
        if IS_POPUP_VAR in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("Course made. Add its first module."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:courses_course_build", args=[obj.pk]))

    def view_on_site(self, course: Course) -> str:
        return course.get_absolute_url()

    @admin.display(description=_("Content"))
    def contents(self, course: Course) -> str:
        address = reverse("admin:courses_course_build", args=[course.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("Build"))

    @admin.display(description=_("Instructor"), ordering="instructor__username")
    def owner(self, course: Course) -> str:
        return course.instructor.display_name if course.instructor_id else str(_("You"))

    @admin.display(description=_("Students"), ordering="students_count")
    def students(self, course: Course) -> int:
        return getattr(course, "students_count", 0)


@admin.register(Module)
class ModuleAdmin(MarkdownPages, PublishedColumn, Publishing, CourseScopedAdmin):
    markdown_fields = ("description",)
    change_form_outer_before_template = "courses/admin/_trail.html"
    list_display = ("title", "course", "state", "lessons", "order_index")
    list_filter = (("course", NarrowedFilter), "is_published")
    search_fields = ("title", "course__title")
    inlines = (LessonInline, ModuleAvailabilityInline)
    fieldsets = (
        (None, {"fields": ("course", "title", "description", "is_published", "order_index", "key")}),
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course").annotate(lessons_count=counted(Lesson.objects.all(), "module"))

    def name_as_choice(self, module: Module) -> str:
        """With its course: modules of several courses may have one name."""
        return f"{module.course} › {module}"

    @admin.display(description=_("Lessons"), ordering="lessons_count")
    def lessons(self, module: Module) -> int:
        return module.lessons_count  # type: ignore[attr-defined, no-any-return]

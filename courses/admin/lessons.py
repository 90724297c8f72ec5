"""Lessons in the admin site: the text with its editor, the video, and what lies beside."""

from typing import Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from courses.admin.availability import LessonAvailabilityInline
from courses.admin.forms import ResourceForm
from courses.admin.lesson_forms import LessonForm, VideoForm
from courses.admin.markdown import MarkdownPages
from courses.backoffice import (
    CourseScopedAdmin,
    CourseScopedInline,
    PublishedColumn,
    Publishing,
    StackedCourseScopedInline,
)
from courses.models import Lesson, LessonResource, LessonVideo
from courses.videos import delete_video, save_video
from projectgenius.markdown_editor import ROWS

VIDEO_FIELDS = (("file", "url"), ("captions", "captions_language"), "transcript", "duration_seconds")


class VideoPages(CourseScopedAdmin):
    """Pages on which a video is saved: by the function that holds the rules."""

    def save_row(self, row: Any, by: Any) -> None:
        if not isinstance(row, LessonVideo):
            super().save_row(row, by)
            return
        self.require_right(row, by)
        save_video(video=row, by=by)

    def delete_row(self, row: Any, by: Any) -> None:
        if not isinstance(row, LessonVideo):
            super().delete_row(row, by)
            return
        self.require_right(row, by)
        delete_video(video=row, by=by)


class VideoInline(StackedCourseScopedInline):
    model = LessonVideo
    form = VideoForm
    fields = VIDEO_FIELDS
    can_delete = True
    hide_title = True
    tab = True


class ResourceInline(CourseScopedInline):
    model = LessonResource
    form = ResourceForm
    fields = ("title", "resource_type", "url", "file", "size")
    readonly_fields = ("size",)
    can_delete = True
    hide_title = True
    tab = True

    @admin.display(description=_("Size"))
    def size(self, resource: LessonResource) -> str:
        return filesizeformat(resource.file_size) if resource.file_size is not None else "–"


@admin.register(Lesson)
class LessonAdmin(MarkdownPages, PublishedColumn, Publishing, VideoPages):
    form = LessonForm
    markdown_fields = ("content",)
    markdown_rows = ROWS
    change_form_before_template = "courses/admin/lesson_before.html"
    change_form_outer_before_template = "courses/admin/_trail.html"
    list_display = ("title", "module", "course", "content_type", "state", "is_preview", "order_index")
    list_filter = (
        ("module__course", NarrowedFilter),
        ("content_type", ChoicesDropdownFilter),
        "is_published",
        "is_preview",
    )
    search_fields = ("title", "module__title", "module__course__title")
    readonly_fields = ("earlier_texts",)
    inlines = (VideoInline, ResourceInline, LessonAvailabilityInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "module",
                    "title",
                    "content_type",
                    "duration_minutes",
                    "is_published",
                    "is_preview",
                    "content",
                )
            },
        ),
        (_("Place and key"), {"fields": ("order_index", "key", "earlier_texts")}),
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("module__course")

    def view_on_site(self, lesson: Lesson) -> str:
        return reverse("courses:lesson_detail", args=[lesson.module.course.slug, lesson.pk])

    @admin.display(description=_("Earlier texts"))
    def earlier_texts(self, lesson: Lesson) -> str:
        """How many there are, with a link to them."""
        count = lesson.versions.count() if lesson.pk else 0
        if not count:
            return str(_("None: the text was not changed yet."))
        words = ngettext("%(count)s earlier text", "%(count)s earlier texts", count) % {"count": count}
        address = f"{reverse('admin:courses_lessonversion_changelist')}?lesson__id__exact={lesson.pk}"
        return format_html('<a class="text-link" href="{}">{}</a>', address, words)

    def name_as_choice(self, lesson: Lesson) -> str:
        """With its course, as modules."""
        return f"{lesson.module.course} › {lesson}"

    @admin.display(description=_("Course"), ordering="module__course__title")
    def course(self, lesson: Lesson) -> str:
        return lesson.module.course.title


@admin.register(LessonResource)
class LessonResourceAdmin(CourseScopedAdmin):
    form = ResourceForm
    list_display = ("title", "lesson", "resource_type", "size")
    list_filter = (("lesson__module__course", NarrowedFilter), ("resource_type", ChoicesDropdownFilter))
    search_fields = ("title", "lesson__title")
    fields = ("lesson", "title", "resource_type", "url", "file", "size")
    readonly_fields = ("size",)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("lesson__module__course")

    @admin.display(description=_("Size"), ordering="file_size")
    def size(self, resource: LessonResource) -> str:
        return filesizeformat(resource.file_size) if resource.file_size is not None else "–"


@admin.register(LessonVideo)
class LessonVideoAdmin(VideoPages):
    form = VideoForm
    list_display = ("lesson", "course", "has_captions", "has_transcript", "updated_at")
    list_filter = (("lesson__module__course", NarrowedFilter),)
    search_fields = ("lesson__title", "lesson__module__course__title")
    fields = ("lesson", *VIDEO_FIELDS)

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("lesson__module__course")

    @admin.display(description=_("Course"), ordering="lesson__module__course__title")
    def course(self, video: LessonVideo) -> str:
        return video.lesson.module.course.title

    @admin.display(description=_("Captions"), boolean=True)
    def has_captions(self, video: LessonVideo) -> bool:
        return bool(video.captions)

    @admin.display(description=_("Transcript"), boolean=True)
    def has_transcript(self, video: LessonVideo) -> bool:
        return bool(video.transcript)

"""Pictures of courses and earlier texts of lessons, in the admin site."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldBooleanSwitchWidget

from accounts.backoffice import NarrowedFilter, Rows
from courses.authoring import restore_version
from courses.backoffice import CourseScopedAdmin, ReadOnlyCourseScopedAdmin
from courses.history import DiffLine, compare
from courses.images import (
    add_image,
    check_alt_text,
    delete_image,
    describe_image,
    image_markdown,
    image_url,
    places_of,
)
from courses.models import Course, CourseImage, LessonVersion
from courses.permissions import can_edit_content, can_edit_course
from projectgenius.pictures import clean_picture

SHOWN_PICTURES = 60


class ImageForm(forms.ModelForm[CourseImage]):
    """A picture: chosen once, described always."""

    upload = forms.FileField(
        label=_("Picture"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PNG, JPEG, WebP or GIF, at most 10 MB."),
    )
    is_decorative = forms.BooleanField(
        label=_("It only decorates"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Nobody misses anything without it."),
    )

    class Meta:
        model = CourseImage
        fields = ("course", "alt_text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "alt_text" in self.fields:
            self.fields["alt_text"].required = False
        if self.instance.pk:
            self.fields.pop("upload", None)
            self.initial["is_decorative"] = not self.instance.alt_text

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        clean_picture(upload, longest_side=1)
        return upload

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_alt_text(data.get("alt_text", ""), data.get("is_decorative", False))
        return data


@admin.register(CourseImage)
class CourseImageAdmin(CourseScopedAdmin):
    form = ImageForm
    list_display = ("picture", "words", "course", "created_at")
    list_display_links = ("picture", "words")
    list_filter = (("course", NarrowedFilter),)
    search_fields = ("alt_text", "course__title")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("course", "upload", "alt_text", "is_decorative")
        return ("course", "picture", "alt_text", "is_decorative", "markdown", "shown_in", "uploaded_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("course", "picture", "markdown", "shown_in", "uploaded_by")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course")

    def save_model(self, request: HttpRequest, obj: CourseImage, form: Any, change: bool) -> None:
        self.require_right(obj, request.user)
        words, decorative = form.cleaned_data["alt_text"], form.cleaned_data["is_decorative"]
        if change:
            describe_image(image=obj, alt_text=words, is_decorative=decorative, by=request.user)
            return
        made = add_image(
            course=obj.course,
            upload=form.cleaned_data["upload"],
            alt_text=words,
            is_decorative=decorative,
            by=request.user,
        )
        obj.__dict__.update(made.__dict__)

    def delete_row(self, row: Any, by: Any) -> None:
        self.require_right(row, by)
        delete_image(image=row, by=by)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.of_course_view)
        return [
            path("of-course/<int:course_id>/", view, name="courses_courseimage_of_course"),
            *super().get_urls(),
        ]

    def of_course_view(self, request: HttpRequest, course_id: int) -> HttpResponse:
        """For the editor: the newest pictures of a course; a POST adds one. Only for those who may edit the course."""
        course = get_object_or_404(Course.objects.in_read_courses_of(request.user), pk=course_id)
        if not can_edit_course(request.user, course):
            raise PermissionDenied
        if request.method == "POST":
            return self._upload(request, course)
        pictures = [_described(image) for image in course.images.order_by("-id")[:SHOWN_PICTURES]]
        return JsonResponse({"pictures": pictures}, headers={"Cache-Control": "private, no-store"})

    def _upload(self, request: HttpRequest, course: Course) -> JsonResponse:
        if "file" not in request.FILES:
            return JsonResponse({"errors": {"file": [_("Choose a picture.")]}}, status=400)
        try:
            image = add_image(
                course=course,
                upload=request.FILES["file"],
                alt_text=request.POST.get("alt_text", ""),
                is_decorative="is_decorative" in request.POST,
                by=request.user,
            )
        except ValidationError as error:
            problems = error.message_dict if hasattr(error, "error_dict") else {"file": error.messages}
            return JsonResponse({"errors": problems}, status=400)
        return JsonResponse(_described(image), status=201)

    @admin.display(description=_("Picture"))
    def picture(self, image: CourseImage) -> str:
        return format_html(
            '<img class="md-thumb" src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
            image_url(image), str(image), image.width, image.height,
        )  # fmt: skip

    @admin.display(description=_("What is to be seen"), ordering="alt_text")
    def words(self, image: CourseImage) -> str:
        return image.alt_text or str(_("Only decorates"))

    @admin.display(description=_("In a text, write"))
    def markdown(self, image: CourseImage) -> str:
        return format_html("<code>{}</code>", image_markdown(image))

    @admin.display(description=_("Shown in"))
    def shown_in(self, image: CourseImage) -> str:
        return ", ".join(places_of(image)) or str(_("No text of the course"))


def _described(image: CourseImage) -> dict[str, Any]:
    """A picture as the editor's script takes it."""
    return {
        "id": image.pk,
        "url": image_url(image),
        "alt_text": image.alt_text,
        "width": image.width,
        "height": image.height,
        "markdown": image_markdown(image),
    }


@admin.register(LessonVersion)
class LessonVersionAdmin(ReadOnlyCourseScopedAdmin):
    list_display = ("title", "lesson", "number", "replaced_by", "replaced_at")
    list_filter = (("lesson__module__course", NarrowedFilter), ("lesson", NarrowedFilter))
    search_fields = ("title", "lesson__title")
    fields = ("lesson", "number", "title", "replaced_by", "replaced_at", "changes")
    change_form_outer_after_template = "courses/admin/version_restore.html"

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("lesson__module__course", "saved_by")

    @admin.display(description=_("Replaced by"), ordering="saved_by__username")
    def replaced_by(self, version: LessonVersion) -> str:
        return version.saved_by.display_name if version.saved_by else "–"

    @admin.display(description=_("Replaced"), ordering="saved_at")
    def replaced_at(self, version: LessonVersion) -> datetime:
        return version.saved_at

    @admin.display(description=_("Compared with the lesson of now"))
    def changes(self, version: LessonVersion) -> str:
        """From this text to the present one, line by line, with signs beside the colors."""
        lines: list[DiffLine] = compare(version.content, version.lesson.content)
        return render_to_string(
            "courses/admin/_diff.html",
            {"lines": lines, "before": version.title, "after": version.lesson.title, "text": version.content},
        )

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        version = kwargs.get("obj")
        context["can_restore"] = bool(version and can_edit_content(request.user, version.lesson))
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.restore_view)
        return [path("<int:pk>/restore/", view, name="courses_lessonversion_restore"), *super().get_urls()]

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the lesson this text again; what it says now becomes the newest earlier text."""
        version = get_object_or_404(self.get_queryset(request), pk=pk)
        if not can_edit_content(request.user, version.lesson):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        restore_version(version=version, by=request.user)
        self.message_user(
            request,
            _("The lesson says again what it said then. The other text is kept here."),
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:courses_lesson_change", args=[version.lesson_id]))

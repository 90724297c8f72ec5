"""Forms of the admin site for courses."""

from pathlib import PurePosixPath
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from courses.archive_files import check_resource_file
from courses.images import COVER_SIDE, SIGNATURE_SIDE
from courses.models import Course, LessonResource
from courses.permissions import can_create_course
from courses.resource_files import note_file_size
from projectgenius.pictures import clean_picture


class PictureWidget(UnfoldAdminFileFieldWidget):
    """Chooses a picture; one that is there can be taken away. It is not shown: no page serves it."""

    template_name = "courses/admin/picture_file.html"


class CoverWidget(PictureWidget):
    """Chooses a cover, and shows the one that is there."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, FieldFile) and value and value.instance.pk:
            context["widget"]["picture"] = reverse(
                "courses:cover_file", args=[PurePosixPath(value.name or "").name]
            )
        return context


class CourseForm(forms.ModelForm[Course]):
    """A course; a new owner must be somebody who may make courses."""

    class Meta:
        model = Course
        fields = ("title", "instructor", "cover_file", "certificate_signature")
        widgets = {"cover_file": CoverWidget, "certificate_signature": PictureWidget}
        # Only `clean_picture` opens what was uploaded, not the framework with all formats that it knows.
        field_classes = {"cover_file": forms.FileField, "certificate_signature": forms.FileField}
        help_texts = {
            "cover_file": _("Wide, 16 to 9; at most 10 MB. It is decoration: nobody should have to read it."),
            "certificate_signature": _("A signature on white or transparent ground; at most 10 MB."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "price" in self.fields:
            self.fields["price"].help_text = _("In %(currency)s, with tax. 0 is free.") % {
                "currency": settings.CURRENCY
            }

    def clean_cover_file(self) -> Any:
        return self._picture("cover_file", COVER_SIDE)

    def clean_certificate_signature(self) -> Any:
        return self._picture("certificate_signature", SIGNATURE_SIDE)

    def _picture(self, name: str, longest_side: int) -> Any:
        """A new picture, made anew; one that stands there stays as it is."""
        file = self.cleaned_data[name]
        return clean_picture(file, longest_side=longest_side) if isinstance(file, UploadedFile) else file

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        owner = data.get("instructor")
        if "instructor" in self.changed_data and owner and not can_create_course(owner):
            self.add_error(
                "instructor", forms.ValidationError(_("Choose an instructor."), code="not_an_instructor")
            )
        if owner and self.instance.pk and self.instance.enrollments.active().filter(student=owner).exists():
            self.add_error(
                "instructor",
                forms.ValidationError(_("This person is enrolled in the course."), code="enrolled"),
            )
        return data


class ResourceFileWidget(UnfoldAdminFileFieldWidget):
    """Chooses a file; one that is there is linked by its download page, which asks who may have it."""

    template_name = "courses/admin/resource_file.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, FieldFile) and value and value.instance.pk:
            context["widget"]["address"] = self.address(value)
            context["widget"]["file_name"] = (value.name or "").rpartition("/")[2]
        return context

    def address(self, value: FieldFile) -> str:
        """The page that hands out the stored file."""
        return reverse("courses:resource_download", args=[value.instance.pk])


class ResourceForm(forms.ModelForm[LessonResource]):
    """A resource: its file is limited in size, and the size is kept."""

    class Meta:
        model = LessonResource
        fields = ("title", "resource_type", "url", "file")
        widgets = {"file": ResourceFileWidget}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            check_resource_file(file)
        return file

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if "file" in self.changed_data and not self.errors:
            note_file_size(self.instance)

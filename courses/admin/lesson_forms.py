"""Forms of the admin site for lessons and their videos."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from courses.admin.forms import ResourceFileWidget
from courses.history import DiffLine, compare
from courses.models import Lesson, LessonVideo
from courses.videos import file_url, prepare_video
from projectgenius.markdown_editor import SHORT_ROWS, MarkdownEditor


class LessonForm(forms.ModelForm[Lesson]):
    """A lesson; what somebody else saved since the page was opened is never written over unseen.

    `loaded_at` is when the lesson was last saved as the page was made. When the stored lesson is newer, saving is
    refused and both texts are shown; saving again then replaces the other's text, which stays in the history.
    """

    loaded_at = forms.CharField(required=False, widget=forms.HiddenInput)
    saved_meanwhile: Lesson | None = None

    class Meta:
        model = Lesson
        fields = ("title", "content")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["loaded_at"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        loaded = data.pop("loaded_at", "")
        if self.instance.pk and loaded:
            self._refuse_if_saved_since(loaded)
        return data

    def _refuse_if_saved_since(self, loaded: str) -> None:
        """Compare under a lock that holds until the whole page is saved: two savers cannot both be first."""
        stored = Lesson.objects.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        if stored is None or stored.updated_at.isoformat() == loaded:
            return
        self.saved_meanwhile = stored
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["loaded_at"] = stored.updated_at.isoformat()
        self.data = data
        message = _("Somebody else saved this lesson meanwhile. Compare both texts, then save again.")
        self.add_error(None, ValidationError(message, code="stale"))

    @property
    def changed_data(self) -> list[str]:
        """What the person changed; the mark of the page is not theirs."""
        return [name for name in super().changed_data if name != "loaded_at"]

    def differences(self) -> list[DiffLine]:
        """From what somebody else saved to what stands in this form."""
        theirs = self.saved_meanwhile.content if self.saved_meanwhile else ""
        return compare(theirs.replace("\r\n", "\n"), str(self.data.get("content", "")).replace("\r\n", "\n"))


class VideoFileWidget(ResourceFileWidget):
    """Chooses a video or captions; what is there is linked by its own address."""

    def address(self, value: FieldFile) -> str:
        video: Any = value.instance
        return file_url(video, value)


class VideoForm(forms.ModelForm[LessonVideo]):
    """A lesson's video: what is uploaded is looked into, captions are written anew."""

    captions_language = forms.CharField(
        label=_("Language of the captions"),
        initial="en",
        max_length=10,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Two letters, such as en or es."),
        validators=[
            RegexValidator(
                r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?\Z",
                _("Enter a language such as en or pt-BR."),
                code="language",
            )
        ],
    )

    class Meta:
        model = LessonVideo
        fields = ("file", "url", "captions", "captions_language", "transcript", "duration_seconds")
        widgets = {
            "file": VideoFileWidget,
            "captions": VideoFileWidget,
            "transcript": MarkdownEditor({"rows": SHORT_ROWS}),
        }
        help_texts = {
            "file": _("MP4, WebM or Ogg."),
            "captions": _("WebVTT (.vtt) or SubRip (.srt)."),
            "duration_seconds": _("May stay empty."),
        }

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            prepare_video(self.instance)
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]

"""Pictures, videos, places in videos and earlier texts, as the API shows and takes them."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from courses.api.serializers import LONG_TEXT
from courses.images import LONGEST_ALT, add_image, describe_image, image_markdown, image_url
from courses.models import Course, CourseImage, Lesson, LessonVersion, LessonVideo, VideoPosition
from courses.permissions import can_edit_content, can_edit_course
from courses.videos import LONGEST, file_url, prepare_video, save_video
from projectgenius.api.serializers import RowField, ServerFields
from projectgenius.links import validate_link


class ImageSerializer(ServerFields, serializers.ModelSerializer[CourseImage]):
    """A picture of a course. Say what is to be seen, or that it only decorates; `markdown` shows it in a text."""

    course = RowField(queryset=Course.objects.all(), parent=True, may=can_edit_course)
    file = serializers.FileField(max_length=200, write_only=True)
    alt_text = serializers.CharField(max_length=LONGEST_ALT, required=False, allow_blank=True)
    is_decorative = serializers.BooleanField(write_only=True, required=False, default=False)
    path = serializers.SerializerMethodField()
    markdown = serializers.SerializerMethodField()

    class Meta:
        model = CourseImage
        fields = (
            "id",
            "course",
            "file",
            "alt_text",
            "is_decorative",
            "path",
            "markdown",
            "width",
            "height",
            "uploaded_by",
            "created_at",
        )
        read_only_fields = ("width", "height", "uploaded_by", "created_at")

    def get_path(self, image: CourseImage) -> str:
        return image_url(image)

    def get_markdown(self, image: CourseImage) -> str:
        return image_markdown(image)

    def create(self, values: dict[str, Any]) -> CourseImage:
        return add_image(
            course=values["course"],
            upload=values["file"],
            alt_text=values.get("alt_text", ""),
            is_decorative=values["is_decorative"],
            by=self.context["request"].user,
        )

    def update(self, image: CourseImage, values: dict[str, Any]) -> CourseImage:
        for name in ("file", "course"):
            if name in values and values[name] != getattr(image, name):
                raise ValidationError({name: "A picture keeps its file and its course. Add another one."})
        return describe_image(
            image=image,
            alt_text=values.get("alt_text", image.alt_text),
            is_decorative=values.get("is_decorative", False),
            by=self.context["request"].user,
        )


class VideoSerializer(ServerFields, serializers.ModelSerializer[LessonVideo]):
    """The video of a lesson: a file sent as a form, or an address on a host that the site allows."""

    lesson = RowField(
        queryset=Lesson.objects.select_related("module__course"),
        parent=True,
        may=can_edit_content,
        seen="listed_for",
    )
    file = serializers.FileField(max_length=200, write_only=True, required=False)
    url = serializers.CharField(max_length=500, allow_blank=True, required=False, validators=[validate_link])
    captions = serializers.FileField(
        max_length=200,
        write_only=True,
        required=False,
        allow_null=True,
        help_text="Null takes the captions away.",
    )
    captions_language = serializers.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?$", required=False)
    file_path = serializers.SerializerMethodField()
    captions_path = serializers.SerializerMethodField()

    class Meta:
        model = LessonVideo
        fields = (
            "id",
            "lesson",
            "file",
            "file_path",
            "url",
            "captions",
            "captions_path",
            "captions_language",
            "transcript",
            "duration_seconds",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs = {
            "transcript": {"max_length": LONG_TEXT},
            "duration_seconds": {"min_value": 1, "max_value": LONGEST},
        }

    @extend_schema_field({"type": ["string", "null"]})
    def get_file_path(self, video: LessonVideo) -> str | None:
        return file_url(video, video.file) or None

    @extend_schema_field({"type": ["string", "null"]})
    def get_captions_path(self, video: LessonVideo) -> str | None:
        return file_url(video, video.captions) or None

    def create(self, values: dict[str, Any]) -> LessonVideo:
        return self._save(LessonVideo(**values))

    def update(self, video: LessonVideo, values: dict[str, Any]) -> LessonVideo:
        for name, value in values.items():
            setattr(video, name, value)
        return self._save(video)

    def _save(self, video: LessonVideo) -> LessonVideo:
        """An address replaces a file, and a file an address; the last one that was sent counts."""
        sent = self.validated_data
        if "file" in sent and not sent.get("url"):
            video.url = ""
        elif sent.get("url") and "file" not in sent:
            video.file = ""  # type: ignore[assignment]
        video.captions = video.captions or ""  # type: ignore[assignment]
        prepare_video(video)
        video.full_clean(exclude=["file", "captions"])
        return save_video(video=video, by=self.context["request"].user)


class PositionSerializer(serializers.ModelSerializer[VideoPosition]):
    """Where the caller stopped in a lesson's video, in seconds."""

    seconds = serializers.IntegerField(min_value=0, max_value=LONGEST)

    class Meta:
        model = VideoPosition
        fields = ("lesson", "seconds", "updated_at")
        read_only_fields = ("lesson", "updated_at")


class VersionRowSerializer(serializers.ModelSerializer[LessonVersion]):
    """An earlier text in a list: without the text."""

    class Meta:
        model = LessonVersion
        fields = ("id", "lesson", "number", "title", "saved_by", "saved_at")
        read_only_fields = fields


class VersionSerializer(serializers.ModelSerializer[LessonVersion]):
    """What a lesson said before; `saved_by` replaced it at `saved_at`."""

    class Meta:
        model = LessonVersion
        fields = (*VersionRowSerializer.Meta.fields, "content")
        read_only_fields = fields

"""Pictures in lessons and courses, videos with captions, and how far a student watched."""

import secrets
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.media_querysets import ImageQuerySet, VersionQuerySet, VideoPositionQuerySet, VideoQuerySet
from courses.models.content import Course, Lesson
from projectgenius.db import CreatedAt, TimeStamped
from projectgenius.links import validate_link


def media_path(row: Any, filename: str) -> str:
    """Where an uploaded file of a course is kept: an unguessable folder, then the file's own name."""
    return f"{row._meta.db_table}/{secrets.token_urlsafe(16)}/{PurePosixPath(filename).name[-80:]}"


class CourseImage(CreatedAt):
    """A picture that the lessons of a course show. Table of our own. `alt_text` says what is to be seen."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="images", verbose_name=_("course")
    )
    file = models.ImageField(
        _("picture"), upload_to=media_path, max_length=255, width_field="width", height_field="height"
    )
    alt_text = models.CharField(
        _("what is to be seen"), max_length=250, help_text=_("For those who cannot see the picture.")
    )
    width = models.PositiveIntegerField(_("width"), default=0, db_default=0, editable=False)
    height = models.PositiveIntegerField(_("height"), default=0, db_default=0, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        db_table = "course_images"
        ordering = ["-id"]
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.alt_text


class LessonVideo(TimeStamped):
    """The video of a lesson: a file of our own, or an outside address if the site allows its host.

    Table of our own: the document's lesson has only its kind.
    """

    lesson = models.OneToOneField(
        Lesson, on_delete=models.CASCADE, related_name="video", verbose_name=_("lesson")
    )
    file = models.FileField(
        _("file"), upload_to=media_path, max_length=255, blank=True, default="", db_default=""
    )
    url = models.CharField(
        _("outside address"),
        max_length=500,
        blank=True,
        default="",
        db_default="",
        validators=[validate_link],
    )
    captions = models.FileField(
        _("captions"),
        upload_to=media_path,
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text=_("WebVTT (.vtt)."),
    )
    captions_language = models.CharField(
        _("language of the captions"), max_length=10, default="en", db_default="en"
    )
    transcript = models.TextField(
        _("transcript"), blank=True, default="", db_default="", help_text=_("Markdown.")
    )
    duration_seconds = models.PositiveIntegerField(_("seconds"), null=True, blank=True)

    objects = VideoQuerySet.as_manager()

    class Meta:
        db_table = "lesson_videos"
        verbose_name = _("video")
        verbose_name_plural = _("videos")

    def __str__(self) -> str:
        return str(_("Video"))


class VideoPosition(models.Model):
    """How far a student watched a lesson's video, in seconds. Table of our own."""

    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="video_positions",
        db_index=False,
        verbose_name=_("student"),
    )
    lesson = models.ForeignKey(
        Lesson, on_delete=models.CASCADE, related_name="video_positions", verbose_name=_("lesson")
    )
    seconds = models.PositiveIntegerField(_("seconds"), default=0, db_default=0)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = VideoPositionQuerySet.as_manager()

    class Meta:
        db_table = "video_positions"
        ordering = ["-updated_at"]
        verbose_name = _("place in a video")
        verbose_name_plural = _("places in videos")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "lesson"], name="video_positions_student_lesson_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id} · {self.lesson_id}: {self.seconds}"


class LessonVersion(models.Model):
    """What a lesson said before it was changed; restoring makes a new one. Table of our own."""

    lesson = models.ForeignKey(
        Lesson,
        on_delete=models.CASCADE,
        related_name="versions",
        db_index=False,
        verbose_name=_("lesson"),
    )
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    content = models.TextField(_("content"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("saved by"),
    )
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        db_table = "lesson_versions"
        ordering = ["-number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["lesson", "number"], name="lesson_versions_lesson_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

"""Videos of lessons: which files and outside addresses are taken, how one is saved, and how far somebody watched."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from courses.captions import clean_captions
from courses.models import Lesson, LessonVideo, VideoPosition

MEGABYTE = 1024 * 1024
# The ending under which a file is kept, and what browsers are told that it is.
TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg"}
SNIFFED = {".mp4": ".mp4", ".m4v": ".mp4", ".webm": ".webm", ".ogv": ".ogv", ".ogg": ".ogv", ".oga": ".ogv"}
SNIFFED_BYTES = 4096
LONGEST = 24 * 60 * 60  # seconds


# --- What is taken ---------------------------------------------------------------------------------


def check_video_file(upload: Any) -> str:
    """The ending of an uploaded video, found by what is in it and not by its name.

    Raises ValidationError `too_large` (setting VIDEO_MAX_MB) or `not_a_video`.
    """
    if upload.size > settings.VIDEO_MAX_MB * MEGABYTE:
        message = _("The video must be smaller than %(limit)s MB. This one has %(size)s MB.")
        raise ValidationError(
            message % {"limit": settings.VIDEO_MAX_MB, "size": -(-upload.size // MEGABYTE)}, code="too_large"
        )
    upload.seek(0)
    head = upload.read(SNIFFED_BYTES)
    upload.seek(0)
    ending = _sniffed(head)
    if ending is None:
        raise ValidationError(_("Choose an MP4, WebM or Ogg video."), code="not_a_video")
    return ending


def _sniffed(head: bytes) -> str | None:
    """The kind of video that these first bytes begin; None for anything else."""
    if head[:4] == b"\x1aE\xdf\xa3":  # WebM and Matroska begin alike and say further on which they are
        return ".webm" if b"\x42\x82\x84webm" in head[:128] else None
    if head[4:8] == b"ftyp":  # brands there are many; QuickTime's own is no MP4, pictures are none either
        return None if head[8:12] in (b"qt  ", b"heic", b"heix", b"mif1", b"avif", b"avis") else ".mp4"
    try:
        found = puremagic.from_string(head)
    except (puremagic.PureError, ValueError):
        return None
    return SNIFFED.get(found.lower())


def check_video_url(url: str) -> None:
    """Refuse an outside address whose host the site does not allow. Raises ValidationError `host_not_allowed`."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.netloc in settings.VIDEO_HOSTS:
        return
    hosts = ", ".join(settings.VIDEO_HOSTS)
    if hosts:
        message = _("Videos can come from: %(hosts)s, by https. Or upload the file.") % {"hosts": hosts}
    else:
        message = _("This site shows no videos from other sites. Upload the file.")
    raise ValidationError(message, code="host_not_allowed")


# --- Saving ----------------------------------------------------------------------------------------


def prepare_video(video: LessonVideo) -> None:
    """Check what was given and put it into the shape that is kept: a sniffed ending, captions written anew.

    Raises ValidationError by field, `one_source` unless there is either a file or an address.
    """
    problems: dict[str, ValidationError] = {}
    for name, check in (("file", _prepare_file), ("captions", _prepare_captions), ("url", _prepare_url)):
        try:
            check(video)
        except ValidationError as error:
            problems[name] = error
    if not problems and bool(video.file) == bool(video.url):
        message = _("Choose a file or enter an address, one of the two.")
        problems["file"] = ValidationError(message, code="one_source")
    if problems:
        raise ValidationError(problems)  # type: ignore[arg-type]


def _new_upload(field: FieldFile) -> Any:
    """The file that was just uploaded into the field; None for a stored one, or none."""
    return field.file if field and not field._committed else None  # type: ignore[attr-defined]


def _prepare_file(video: LessonVideo) -> None:
    if upload := _new_upload(video.file):
        video.file.name = f"video{check_video_file(upload)}"


def _prepare_captions(video: LessonVideo) -> None:
    upload = _new_upload(video.captions)
    if upload is not None:
        video.captions = clean_captions(upload)  # type: ignore[assignment]


def _prepare_url(video: LessonVideo) -> None:
    stored = LessonVideo.objects.filter(pk=video.pk).values_list("url", flat=True).first()
    if video.url and video.url != stored:
        check_video_url(video.url)


@transaction.atomic
def save_video(*, video: LessonVideo, by: Any) -> LessonVideo:
    """Save a video that `prepare_video` has checked; files that it replaces are removed after the commit."""
    before = LessonVideo.objects.select_for_update().filter(pk=video.pk).first() if video.pk else None
    video.save()
    record_event(
        "video.change" if before else "video.create",
        actor=by,
        row=video,
        course_id=video.lesson.module.course_id,
        after={"file": bool(video.file), "url": video.url, "captions": bool(video.captions)},
    )
    if before:
        kept = {video.file.name, video.captions.name}
        _remove_files(field for field in (before.file, before.captions) if field.name not in kept)
    return video


@transaction.atomic
def delete_video(*, video: LessonVideo, by: Any) -> None:
    """Delete a video with its files. Where people stopped is forgotten too."""
    record_event("video.delete", actor=by, row=video, course_id=video.lesson.module.course_id)
    files = [video.file, video.captions]
    VideoPosition.objects.filter(lesson=video.lesson_id).delete()
    video.delete()
    _remove_files(files)


def _remove_files(files: Iterable[FieldFile]) -> None:
    for file in files:
        if file.name:
            transaction.on_commit(lambda storage=file.storage, name=file.name: storage.delete(name))  # type: ignore[misc]


# --- Showing ---------------------------------------------------------------------------------------


def file_name(file: FieldFile) -> str:
    """The last part of a file's address: an unguessable word and the file's ending."""
    path = PurePosixPath(file.name or "")
    return f"{path.parent.name}{path.suffix}"


def file_url(video: LessonVideo, file: FieldFile) -> str:
    """The address of the video's file or of its captions; empty when there is none."""
    return reverse("courses:video_file", args=[video.pk, file_name(file)]) if file else ""


def is_embedded(url: str) -> bool:
    """Whether an outside address is a page to show in a frame, rather than a video file."""
    return PurePosixPath(urlsplit(url).path).suffix.lower() not in TYPES


def is_allowed(url: str) -> bool:
    """Whether the site still shows videos of this host."""
    try:
        check_video_url(url)
    except ValidationError:
        return False
    return True


# --- How far somebody watched ----------------------------------------------------------------------


def save_position(*, lesson: Lesson, student: User, seconds: int) -> VideoPosition:
    """Keep where somebody stopped in a lesson's video; the last word counts.

    The caller has checked that the person may read the lesson. Raises ValidationError `no_video` and `out_of_range`.
    """
    video = LessonVideo.objects.filter(lesson=lesson).first()
    if video is None:
        raise ValidationError(_("This lesson has no video."), code="no_video")
    if not 0 <= seconds <= (video.duration_seconds or LONGEST) + 1:
        message = _("The video does not have this second.")
        raise ValidationError({"seconds": ValidationError(message, code="out_of_range")})
    position = VideoPosition(student=student, lesson=lesson, seconds=seconds, updated_at=timezone.now())
    VideoPosition.objects.bulk_create(
        [position],
        update_conflicts=True,
        update_fields=["seconds", "updated_at"],
        unique_fields=["student", "lesson"],
    )
    return VideoPosition.objects.get(student=student, lesson=lesson)

"""A lesson's video as one person meets it: where it comes from, what is said in it, and where one stopped."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from django.utils.safestring import SafeString

from courses.models import Lesson, LessonVideo, VideoPosition
from courses.videos import TYPES, file_url, is_allowed, is_embedded
from projectgenius.markdown import render_markdown

# A place so near the beginning is no place to go back to.
LEAST_SECONDS = 5


@dataclass
class Player:
    """The video of a lesson and the second at which the person stopped, 0 for the beginning."""

    video: LessonVideo
    start: int
    keeps_position: bool

    @property
    def url(self) -> str:
        """Where the browser gets the video: a file of our own, or an outside address that the site still allows."""
        if self.video.file:
            return file_url(self.video, self.video.file)
        return self.video.url if is_allowed(self.video.url) else ""

    @property
    def is_embedded(self) -> bool:
        """Whether another site's page is shown in a frame."""
        return not self.video.file and is_embedded(self.video.url)

    @property
    def type(self) -> str:
        """The kind of file, for the browser to say beforehand whether it can play it."""
        return TYPES.get(PurePosixPath(self.video.file.name or self.video.url).suffix.lower(), "")

    @property
    def captions_url(self) -> str:
        return file_url(self.video, self.video.captions)

    @cached_property
    def transcript(self) -> SafeString:
        """What is said and shown, as safe HTML; empty when nobody wrote it down."""
        return render_markdown(self.video.transcript, key="transcript")


def player_of(lesson: Lesson, user: Any) -> Player | None:
    """The player of a lesson that `user` may read; None for a lesson without a video. One query when there is one."""
    video: LessonVideo | None = getattr(lesson, "video", None)
    if video is None:
        return None
    start = 0
    if user.is_authenticated:
        mine = VideoPosition.objects.visible_to(user).filter(lesson=lesson)
        start = mine.values_list("seconds", flat=True).first() or 0
    return Player(
        video=video, start=start if start >= LEAST_SECONDS else 0, keeps_position=user.is_authenticated
    )

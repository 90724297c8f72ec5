"""Captions: WebVTT or SubRip comes in, plain WebVTT written anew goes out. Nothing else of the file is kept."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

LARGEST_FILE = 1024 * 1024  # bytes
MOST_CUES = 10_000

TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
TIMING = re.compile(rf"\s*{TIME}\s+-->\s+{TIME}(?P<settings>(?:\s+\S+)*)\s*")
# What WebVTT allows within a cue: bold, italic, underlined, classes, voices, languages, ruby, and times.
ALLOWED_TAG = re.compile(
    rf"</?(?:b|i|u|ruby|rt)>|</?c>|<c(?:\.[\w-]+)+>|</?v>|<v(?:\.[\w-]+)*\s[^<>&\n]+>|</?lang>|<lang\s[\w-]+>|<{TIME}>"
)
SETTING = re.compile(
    r"(?:align:(?:start|center|end|left|right)|(?:line|position):-?\d+(?:\.\d+)?%?(?:,\w[\w-]*)?"
    r"|size:\d+(?:\.\d+)?%|vertical:(?:rl|lr))"
)


@dataclass(frozen=True)
class Cue:
    """One caption: from and to in milliseconds, its words, and where it stands."""

    start: int
    end: int
    text: str
    settings: str = ""


def clean_captions(upload: Any) -> ContentFile[bytes]:
    """The uploaded captions (.vtt or .srt) as a WebVTT file written anew.

    Raises ValidationError `too_large`, `not_text`, `not_captions` or `html_in_captions`, with the line's number.
    """
    if upload.size > LARGEST_FILE:
        raise ValidationError(_("Captions must be smaller than 1 MB."), code="too_large")
    upload.seek(0)
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(_("Save the captions as text in UTF-8."), code="not_text") from None
    return ContentFile(to_webvtt(read_cues(text)).encode(), name="captions.vtt")


def read_cues(text: str) -> list[Cue]:
    """The cues of a WebVTT or SubRip text; notes, styles and regions are left out. Raises as `clean_captions`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    cues: list[Cue] = []
    place = 0
    while place < len(lines):
        if "-->" not in lines[place]:
            place += 1
            continue
        start, end, settings = _timing(lines[place], place + 1)
        first = place + 1
        place = first
        while place < len(lines) and lines[place].strip() and "-->" not in lines[place]:
            _check_tags(lines[place], place + 1)
            place += 1
        words = "\n".join(line.strip() for line in lines[first:place])
        if words:
            cues.append(Cue(start, end, words, settings))
        if len(cues) > MOST_CUES:
            raise ValidationError(_("There are too many captions (at most 10,000)."), code="not_captions")
    if not cues:
        message = _("There is no caption in this file. Choose a WebVTT (.vtt) or SubRip (.srt) file.")
        raise ValidationError(message, code="not_captions")
    return cues


def _timing(line: str, number: int) -> tuple[int, int, str]:
    found = TIMING.fullmatch(line)
    if not found:
        message = _("Line %(line)s: write the time as 00:01:02.500 --> 00:01:05.000.") % {"line": number}
        raise ValidationError(message, code="not_captions")
    parts = found.groups()
    start, end = _milliseconds(parts[:4]), _milliseconds(parts[4:8])
    if end <= start:
        message = _("Line %(line)s: the caption ends before it starts.") % {"line": number}
        raise ValidationError(message, code="not_captions")
    settings = [word for word in found["settings"].split() if SETTING.fullmatch(word)]
    return start, end, " ".join(settings)


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _check_tags(line: str, number: int) -> None:
    """Refuse HTML: of tags, only those of WebVTT may stand in a caption. A lone "<" is written "&lt;"."""
    rest = ALLOWED_TAG.sub("", line)
    if found := re.search(r"<[/!?a-zA-Z]", rest):
        message = _("Line %(line)s: HTML cannot stand in captions (%(what)s).")
        what = rest[found.start() : found.start() + 20]
        raise ValidationError(message % {"line": number, "what": what}, code="html_in_captions")


def to_webvtt(cues: list[Cue]) -> str:
    """The cues as a WebVTT file."""
    blocks = [
        f"{_time(cue.start)} --> {_time(cue.end)}{' ' + cue.settings if cue.settings else ''}\n{cue.text}\n"
        for cue in cues
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"

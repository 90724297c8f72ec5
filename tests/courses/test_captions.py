"""Captions: what comes in, what is refused, and what is kept."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from courses.captions import Cue, clean_captions, read_cues, to_webvtt

SUBRIP = (
    "1\r\n00:00:01,500 --> 00:00:04,000\r\n<i>Hello</i>\r\nthere.\r\n\r\n"
    "2\r\n01:00:05,000 --> 01:00:06,000\r\nBye.\r\n"
)
STYLED = """WEBVTT - a title

NOTE
A remark

STYLE
::cue { background: url(https://evil.example/) }

intro
00:01.000 --> 00:02.000 line:-1 align:start evil:1
<v Ada>One &lt; two, a < b</v>
"""


def upload(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("words.vtt", text.encode() if isinstance(text, str) else text)


def test_subrip_becomes_webvtt() -> None:
    written = clean_captions(upload(SUBRIP)).read().decode()
    assert written == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\n<i>Hello</i>\nthere.\n\n01:00:05.000 --> 01:00:06.000\nBye.\n"
    )


def test_notes_styles_and_unknown_settings_are_left_out() -> None:
    assert read_cues(STYLED) == [Cue(1000, 2000, "<v Ada>One &lt; two, a < b</v>", "line:-1 align:start")]
    assert "evil" not in to_webvtt(read_cues(STYLED))


def test_what_was_written_is_read_again_alike() -> None:
    cues = read_cues(STYLED)
    assert read_cues(to_webvtt(cues)) == cues


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b onclick=alert(1)>x</b>",
        "a <a href='javascript:x'>b</a>",
        "<v Ada<script>>x</v>",
        "<scr<b>ipt>",
    ],
)
def test_html_is_refused_with_its_line(words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_captions(upload(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n"))
    assert refused.value.code == "html_in_captions"
    assert "Line 4" in refused.value.message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_captions"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<!-- x -->", "not_captions"),
        ("WEBVTT\n\nHello", "not_captions"),
        ("WEBVTT\n\n00:05.000 --> 00:02.000\nx", "not_captions"),
        ("WEBVTT\n\n00:71.000 --> 02:02.000\nx", "not_captions"),
        ("WEBVTT\n\nsoon --> later\nx", "not_captions"),
        (b"\xff\xfe\x00x", "not_text"),
        (b"x" * (1024 * 1024 + 1), "too_large"),
    ],
)
def test_what_is_no_captions_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_captions(upload(text))
    assert refused.value.code == code

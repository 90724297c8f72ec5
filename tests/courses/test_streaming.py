"""Files handed out in parts."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import User
from courses.models import Course, Lesson, LessonVideo
from courses.videos import file_url
from tests.courses.factories import WEBM, VideoFactory

DATA = WEBM + bytes(range(256)) * 4
SIZE = len(DATA)


@pytest.fixture
def video(course: Course) -> LessonVideo:
    return VideoFactory(lesson=Lesson.objects.get(title="Lesson 2.1"))


@pytest.fixture
def get(video: LessonVideo, enrolled_student: User, login: Any) -> Any:
    client = login(enrolled_student)

    def ask(method: str = "get", **headers: str) -> Any:
        return getattr(client, method)(file_url(video, video.file), headers=headers)

    return ask


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_whole_file_says_that_parts_can_be_asked_for(get: Any) -> None:
    response = get()
    assert (response.status_code, body(response)) == (200, DATA)
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Length"] == str(SIZE)
    assert response["Content-Type"] == "video/webm"
    assert response["Cache-Control"].startswith("private")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=100-199", 100, 199),
        ("bytes=100-999999", 100, SIZE - 1),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=-999999", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    ],
)
def test_a_part_is_exactly_what_was_asked_for(get: Any, asked: str, first: int, last: int) -> None:
    response = get(Range=asked)
    assert (response.status_code, body(response)) == (206, DATA[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=-0", "bytes=999999999-9999999999"])
def test_a_part_that_is_not_there_is_refused(get: Any, asked: str) -> None:
    response = get(Range=asked)
    assert (response.status_code, response.content) == (416, b"")
    assert response["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=5-2", "bytes=0-1,4-5", "items=0-1", "bytes=a-b", "bytes=-", "bytes=" + "9" * 99 + "-", ""],
)
def test_what_cannot_be_read_is_answered_with_the_whole(get: Any, asked: str) -> None:
    response = get(Range=asked)
    assert (response.status_code, body(response)) == (200, DATA)


def test_if_range_and_if_none_match_compare_the_tag(get: Any) -> None:
    tag = get()["ETag"]
    assert get(Range="bytes=0-3", **{"If-Range": tag}).status_code == 206
    assert get(Range="bytes=0-3", **{"If-Range": '"other"'}).status_code == 200
    assert get(Range="bytes=0-3", **{"If-Range": "Sun, 22 Nov 2026 10:00:00 GMT"}).status_code == 200
    unchanged = get(**{"If-None-Match": f'"other", {tag}'})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_head_has_the_lengths_and_no_body(get: Any) -> None:
    whole, part = get("head"), get("head", Range="bytes=0-9")
    assert (whole.status_code, whole["Content-Length"], whole.content) == (200, str(SIZE), b"")
    assert (part.status_code, part["Content-Length"], part.content) == (206, "10", b"")


def test_a_file_that_is_gone_is_not_found(get: Any, video: LessonVideo) -> None:
    default_storage.delete(video.file.name or "")
    assert get().status_code == 404


def test_captions_come_as_text(video: LessonVideo, enrolled_student: User, login: Any) -> None:
    response = login(enrolled_student).get(file_url(video, video.captions))
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert body(response).startswith(b"WEBVTT")


def test_a_guessed_name_is_not_found(video: LessonVideo, enrolled_student: User, login: Any) -> None:
    client = login(enrolled_student)
    for name in ("video.webm", "x.webm", "..webm", "captions.vtt"):
        assert client.get(f"/lesson-videos/{video.pk}/{name}").status_code == 404


def test_who_may_not_read_the_lesson_finds_nothing(video: LessonVideo, student: User, login: Any) -> None:
    for client in (Client(), login(student)):
        for file in (video.file, video.captions):
            assert client.get(file_url(video, file)).status_code == 404


def test_the_video_of_a_preview_is_open_to_everybody(course: Course) -> None:
    preview = VideoFactory(lesson=Lesson.objects.get(is_preview=True))
    assert Client().get(file_url(preview, preview.file)).status_code == 200

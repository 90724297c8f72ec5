"""Videos: what is taken, how it is saved, and where somebody stopped."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEvent, User
from courses.models import Course, Lesson, LessonVideo, VideoPosition
from courses.videos import (
    check_video_file,
    check_video_url,
    delete_video,
    prepare_video,
    save_position,
    save_video,
)
from courses.watching import player_of
from tests.accounts.factories import UserFactory
from tests.courses.factories import VTT, WEBM, VideoFactory
from tests.races import at_once, on_postgresql

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64)
OGG = b"OggS\0\2" + bytes(22) + b"\x01\x1e\x01vorbis" + bytes(64)


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(title="Lesson 2.1")


def upload(data: bytes, name: str = "film.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize(("data", "ending"), [(MP4, ".mp4"), (WEBM, ".webm"), (OGG, ".ogv")])
def test_a_video_is_known_by_what_is_in_it(data: bytes, ending: str) -> None:
    assert check_video_file(upload(data, "anything.exe")) == ending


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"\0\0\0\x20ftypheic" + bytes(64),
        b"\0\0\0\x14ftypqt  " + bytes(64),
        WEBM.replace(b"webm", b"evil"),
        b"MZ" + bytes(200),
        b"%PDF-1.7",
    ],
)
def test_anything_else_is_refused_whatever_its_name(data: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        check_video_file(upload(data))
    assert refused.value.code == "not_a_video"


def test_a_video_can_be_too_large(settings: Any) -> None:
    settings.VIDEO_MAX_MB = 1
    check_video_file(upload(MP4 + bytes(1024 * 1024 - len(MP4))))
    with pytest.raises(ValidationError) as refused:
        check_video_file(upload(MP4 + bytes(1024 * 1024)))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    "url",
    [
        "http://video.example.org/a",
        "https://video.example.org.evil.example/a",
        "https://evil.example/video.example.org",
        "https://video.example.org@evil.example/",
        "https://video.example.org:8443/a",
        "/help/",
    ],
)
def test_outside_videos_come_from_allowed_hosts_by_https(settings: Any, url: str) -> None:
    settings.VIDEO_HOSTS = ["video.example.org"]
    check_video_url("https://video.example.org/embed/7")
    with pytest.raises(ValidationError) as refused:
        check_video_url(url)
    assert refused.value.code == "host_not_allowed"


def test_saving_keeps_nothing_of_the_uploaded_name(lesson: Lesson, instructor: User) -> None:
    video = LessonVideo(
        lesson=lesson, file=upload(MP4, "../../My film.html"), captions=upload(VTT.encode(), "x.js")
    )
    prepare_video(video)
    save_video(video=video, by=instructor)
    video.refresh_from_db()
    assert str(video.file.name).startswith("lesson_videos/")
    assert str(video.file.name).endswith("/video.mp4")
    assert str(video.captions.name).endswith("/captions.vtt")
    assert video.file.read() == MP4
    event = AuditEvent.objects.get(action="video.create")
    assert (event.course_id, event.actor_id) == (lesson.module.course_id, instructor.pk)


def test_a_video_has_a_file_or_an_address_and_not_both(lesson: Lesson, settings: Any) -> None:
    settings.VIDEO_HOSTS = ["video.example.org"]
    url = "https://video.example.org/embed/7"
    for video in (LessonVideo(lesson=lesson), LessonVideo(lesson=lesson, file=upload(MP4), url=url)):
        with pytest.raises(ValidationError) as refused:
            prepare_video(video)
        assert refused.value.error_dict["file"][0].code == "one_source"
    prepare_video(LessonVideo(lesson=lesson, url=url))


def test_bad_parts_are_named_by_field(lesson: Lesson) -> None:
    video = LessonVideo(lesson=lesson, file=upload(b"text"), captions=upload(b"text"))
    with pytest.raises(ValidationError) as refused:
        prepare_video(video)
    assert set(refused.value.error_dict) == {"file", "captions"}


def test_replaced_and_deleted_files_go_after_the_commit(
    lesson: Lesson, instructor: User, django_capture_on_commit_callbacks: Any
) -> None:
    video = VideoFactory(lesson=lesson)
    old, captions = video.file.name, video.captions.name
    video.file = ContentFile(MP4, name="new.mp4")
    with django_capture_on_commit_callbacks(execute=True):
        prepare_video(video)
        save_video(video=video, by=instructor)
    assert not default_storage.exists(old)
    assert default_storage.exists(captions)
    VideoPosition.objects.create(student=instructor, lesson=lesson, seconds=9)
    new = video.file.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_video(video=video, by=instructor)
    assert not default_storage.exists(new)
    assert not default_storage.exists(captions)
    assert not VideoPosition.objects.exists()


# Where somebody stopped


def test_the_last_place_counts_and_is_ones_own(lesson: Lesson, enrolled_student: User) -> None:
    VideoFactory(lesson=lesson)
    other = UserFactory()
    save_position(lesson=lesson, student=enrolled_student, seconds=100)
    save_position(lesson=lesson, student=other, seconds=7)
    assert save_position(lesson=lesson, student=enrolled_student, seconds=402).seconds == 402
    assert VideoPosition.objects.count() == 2
    assert list(VideoPosition.objects.visible_to(enrolled_student).values_list("seconds", flat=True)) == [402]
    player = player_of(lesson, enrolled_student)
    assert player is not None
    assert player.start == 402


@pytest.mark.parametrize("seconds", [-1, 62, 10**9])
def test_a_place_outside_the_video_is_refused(lesson: Lesson, enrolled_student: User, seconds: int) -> None:
    VideoFactory(lesson=lesson, duration_seconds=60)
    with pytest.raises(ValidationError):
        save_position(lesson=lesson, student=enrolled_student, seconds=seconds)
    assert not VideoPosition.objects.exists()


def test_the_very_beginning_is_no_place_to_go_back_to(lesson: Lesson, enrolled_student: User) -> None:
    VideoFactory(lesson=lesson)
    save_position(lesson=lesson, student=enrolled_student, seconds=4)
    player = player_of(lesson, enrolled_student)
    assert player is not None
    assert player.start == 0


def address(lesson: Lesson) -> str:
    return f"/courses/counting/lessons/{lesson.pk}/position/"


def test_student_reports_a_place_and_is_offered_it(
    lesson: Lesson, enrolled_student: User, login: Callable[[User], Client]
) -> None:
    VideoFactory(lesson=lesson)
    client = login(enrolled_student)
    assert client.post(address(lesson), {"seconds": "402"}).status_code == 204
    page = client.get(f"/courses/counting/lessons/{lesson.pk}/").content.decode()
    assert "You stopped at 6:42." in page
    assert "Continue at 6:42" in page
    assert "<em>two</em>" in page  # the transcript
    assert 'kind="captions"' in page
    assert 'preload="none"' in page


@pytest.mark.parametrize("body", [{}, {"seconds": "x"}, {"seconds": "-5"}, {"seconds": "99999999"}])
def test_nonsense_is_refused(
    lesson: Lesson, enrolled_student: User, login: Callable[[User], Client], body: dict[str, str]
) -> None:
    VideoFactory(lesson=lesson)
    assert login(enrolled_student).post(address(lesson), body).status_code == 400
    assert not VideoPosition.objects.exists()


def test_who_may_not_read_the_lesson_reports_nothing(
    lesson: Lesson, student: User, login: Callable[[User], Client]
) -> None:
    VideoFactory(lesson=lesson)
    assert login(student).post(address(lesson), {"seconds": "5"}).status_code == 404
    assert Client().post(address(lesson), {"seconds": "5"}).status_code == 302
    assert not VideoPosition.objects.exists()


def test_a_report_needs_the_pages_token(
    lesson: Lesson, enrolled_student: User, login: Callable[[User], Client]
) -> None:
    VideoFactory(lesson=lesson)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = login(enrolled_student).cookies
    assert strict.post(address(lesson), {"seconds": "5"}).status_code == 403


def test_an_outside_video_is_framed_while_its_host_is_allowed(
    lesson: Lesson, enrolled_student: User, login: Callable[[User], Client], settings: Any
) -> None:
    settings.VIDEO_HOSTS = ["video.example.org"]
    video = VideoFactory(lesson=lesson, file="", captions="", url="https://video.example.org/embed/7")
    client = login(enrolled_student)
    path = f"/courses/counting/lessons/{lesson.pk}/"
    assert "<iframe" in client.get(path).content.decode()
    settings.VIDEO_HOSTS = []
    page = client.get(path).content.decode()
    assert "<iframe" not in page
    assert f'href="{video.url}"' in page


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_reports_at_the_same_moment_leave_one_place(course: Course, enrolled_student: User) -> None:
    lesson = Lesson.objects.get(title="Lesson 2.1")
    VideoFactory(lesson=lesson)
    results = at_once(
        *[
            lambda seconds=seconds: save_position(lesson=lesson, student=enrolled_student, seconds=seconds)  # type: ignore[misc]
            for seconds in range(20)
        ]
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert VideoPosition.objects.count() == 1


def test_the_start_page_says_where_somebody_stopped(
    course: Course, enrolled_student: User, login: Callable[[User], Client]
) -> None:
    first = Lesson.objects.get(is_preview=True)
    VideoFactory(lesson=first)
    save_position(lesson=first, student=enrolled_student, seconds=402)
    assert "You stopped at 6:42." in login(enrolled_student).get("/home/").content.decode()

"""Pictures, videos, places in videos and earlier texts through the API: each role, each action."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, CourseHelper, Lesson, LessonVersion, LessonVideo, VideoPosition
from tests.accounts.factories import UserFactory
from tests.courses.factories import VTT, WEBM, ImageFactory, VersionFactory, VideoFactory, a_picture

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
ROLES = ("AN", "SN", "SP", "TA", "IO", "IX", "AD")


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(title="Lesson 2.1")


@pytest.fixture
def people(
    course: Course, student: User, enrolled_student: User, other_instructor: User, admin_user: User
) -> dict[str, User | None]:
    assistant = UserFactory(username="assistant")
    CourseHelper.objects.create(course=course, user=assistant, role="assistant")
    everybody = (None, student, enrolled_student, assistant, course.instructor, other_instructor, admin_user)
    return dict(zip(ROLES, everybody, strict=True))


def statuses(api: Api, people: dict[str, User | None], ask: Callable[[APIClient], Any]) -> list[int]:
    """What each role is answered, in the order of `ROLES`."""
    return [ask(api(people[role])).status_code for role in ROLES]


def test_pictures_are_for_those_who_teach(api: Api, course: Course, people: dict[str, User | None]) -> None:
    image = ImageFactory(course=course)
    one = f"{ROOT}course-images/{image.pk}/"
    assert statuses(api, people, lambda client: client.get(one)) == [401, 404, 404, 200, 200, 404, 200]
    change = [401, 404, 404, 403, 200, 404, 200]
    assert statuses(api, people, lambda client: client.patch(one, {"alt_text": "x"}, format="json")) == change
    sent = {"course": course.pk, "alt_text": "A wall"}
    assert statuses(
        api, people, lambda client: client.post(f"{ROOT}course-images/", {**sent, "file": a_picture()})
    ) == [401, 403, 403, 403, 201, 403, 201]
    assert statuses(api, people, lambda client: client.delete(one)) == [401, 404, 404, 403, 204, 404, 404]


def test_a_picture_is_added_described_and_kept_while_it_is_shown(
    api: Api, course: Course, lesson: Lesson
) -> None:
    client = api(course.instructor)
    refused = client.post(f"{ROOT}course-images/", {"course": course.pk, "file": a_picture()})
    assert (refused.status_code, "alt_text" in refused.json()["fields"]) == (400, True)
    made = client.post(
        f"{ROOT}course-images/", {"course": course.pk, "file": a_picture(), "alt_text": "A wall"}
    )
    assert made.status_code == 201
    assert made.json()["markdown"] == f"![A wall]({made.json()['path']})"
    Lesson.objects.filter(pk=lesson.pk).update(content=made.json()["markdown"])
    one = f"{ROOT}course-images/{made.json()['id']}/"
    kept = client.delete(one)
    assert (kept.status_code, kept.json()["code"]) == (409, "image_in_use")
    assert client.patch(one, {"width": 7}, format="json").status_code == 400
    assert client.patch(one, {"is_decorative": True}, format="json").json()["alt_text"] == ""


def test_videos_are_as_visible_as_their_lessons(
    api: Api, lesson: Lesson, people: dict[str, User | None]
) -> None:
    video = VideoFactory(lesson=lesson)
    one = f"{ROOT}lesson-videos/{video.pk}/"
    assert statuses(api, people, lambda client: client.get(one)) == [404, 404, 200, 200, 200, 404, 200]
    change = [401, 404, 403, 403, 200, 404, 200]
    assert (
        statuses(api, people, lambda client: client.patch(one, {"transcript": "x"}, format="json")) == change
    )
    assert statuses(api, people, lambda client: client.delete(one)) == [401, 404, 403, 403, 204, 404, 404]


def test_creating_a_video_is_for_those_who_teach(
    api: Api, lesson: Lesson, people: dict[str, User | None]
) -> None:
    def create(client: APIClient) -> Any:
        LessonVideo.objects.all().delete()
        return client.post(
            f"{ROOT}lesson-videos/", {"lesson": lesson.pk, "file": SimpleUploadedFile("v.webm", WEBM)}
        )

    assert statuses(api, people, create) == [401, 403, 403, 403, 201, 403, 201]


def test_a_video_is_sent_with_captions_and_changed(
    api: Api, course: Course, lesson: Lesson, settings: Any
) -> None:
    client = api(course.instructor)
    captions = SimpleUploadedFile("c.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHi\n")
    made = client.post(
        f"{ROOT}lesson-videos/",
        {"lesson": lesson.pk, "file": SimpleUploadedFile("v.webm", WEBM), "captions": captions},
    )
    assert made.status_code == 201, made.content
    one = f"{ROOT}lesson-videos/{made.json()['id']}/"
    assert b"".join(client.get(made.json()["captions_path"]).streaming_content).startswith(b"WEBVTT")
    again = client.post(
        f"{ROOT}lesson-videos/", {"lesson": lesson.pk, "file": SimpleUploadedFile("v.webm", WEBM)}
    )
    assert again.status_code == 400
    bad = client.patch(
        one, {"captions": SimpleUploadedFile("c.vtt", VTT.replace("One", "<script>").encode())}
    )
    assert (bad.status_code, "captions" in bad.json()["fields"]) == (400, True)
    assert client.patch(one, {"url": "https://video.example.org/7"}, format="json").status_code == 400
    settings.VIDEO_HOSTS = ["video.example.org"]
    changed = client.patch(one, {"url": "https://video.example.org/7", "captions": None}, format="json")
    assert changed.status_code == 200, changed.content
    assert (changed.json()["file_path"], changed.json()["captions_path"]) == (None, None)


def test_places_are_ones_own(api: Api, lesson: Lesson, people: dict[str, User | None]) -> None:
    VideoFactory(lesson=lesson)
    one = f"{ROOT}video-positions/{lesson.pk}/"
    put = [401, 404, 200, 200, 200, 404, 200]
    assert statuses(api, people, lambda client: client.put(one, {"seconds": 7}, format="json")) == put
    assert statuses(api, people, lambda client: client.get(one)) == put
    assert VideoPosition.objects.count() == 4
    client = api(people["SP"])
    assert client.put(one, {"seconds": 402}, format="json").json()["seconds"] == 402
    listed = client.get(f"{ROOT}video-positions/").json()["results"]
    assert [(row["lesson"], row["seconds"]) for row in listed] == [(lesson.pk, 402)]
    for wrong in ({}, {"seconds": -1}, {"seconds": 10**9}, {"seconds": "x"}):
        assert client.put(one, wrong, format="json").status_code == 400
    assert client.post(f"{ROOT}video-positions/", {}, format="json").status_code == 405


def test_a_place_needs_a_video(api: Api, lesson: Lesson, people: dict[str, User | None]) -> None:
    answer = api(people["SP"]).put(f"{ROOT}video-positions/{lesson.pk}/", {"seconds": 7}, format="json")
    assert answer.status_code == 400


def test_earlier_texts_are_read_by_helpers_and_restored_by_teachers(
    api: Api, lesson: Lesson, people: dict[str, User | None]
) -> None:
    version = VersionFactory(lesson=lesson, number=1)
    one = f"{ROOT}lesson-versions/{version.pk}/"
    assert statuses(api, people, lambda client: client.get(one)) == [401, 404, 404, 200, 200, 404, 200]
    restore = [401, 404, 404, 403, 200, 404, 200]
    assert statuses(api, people, lambda client: client.post(f"{one}restore/")) == restore
    lesson.refresh_from_db()
    assert lesson.content == version.content
    listed = api(people["TA"]).get(f"{ROOT}lesson-versions/").json()["results"]
    assert "content" not in listed[0]
    assert LessonVersion.objects.count() == 2
    assert api(people["IO"]).patch(one, {"content": "x"}, format="json").status_code == 405


@pytest.mark.parametrize("table", ["course-images", "lesson-videos", "lesson-versions", "video-positions"])
def test_lists_cost_the_same_however_long(api: Api, course: Course, statements: Any, table: str) -> None:
    client, counts = api(course.instructor), []
    for size in (3, 30):
        for number in range(size):
            lesson = Lesson.objects.create(
                module=course.modules.all()[0], title="x", content="x", order_index=size + number + 9
            )
            ImageFactory(course=course, file="course_images/x/y.png", width=1, height=1)
            VideoFactory(lesson=lesson, file="lesson_videos/x/video.webm", captions="")
            VersionFactory(lesson=lesson)
            VideoPosition.objects.create(student=course.instructor, lesson=lesson, seconds=1)
        with statements() as seen:
            assert client.get(f"{ROOT}{table}/?page_size=100").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 4, seen

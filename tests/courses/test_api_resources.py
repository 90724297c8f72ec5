"""Links and files of lessons in the API: who gets them, and how safely."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from courses import resource_files
from courses.models import Course, Lesson, LessonResource
from tests.courses.factories import ResourceFactory

Api = Callable[..., APIClient]
ADDRESS = "/api/v1/lesson-resources/"


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(module__course=course, title="Lesson 2.1")


@pytest.fixture
def handout(lesson: Lesson) -> LessonResource:
    resource: LessonResource = ResourceFactory(lesson=lesson, url="", resource_type="file")
    resource.file.save("handout.html", ContentFile(b"<script>alert(1)</script>"))
    return resource


def test_file_is_a_download_that_runs_nothing(
    api: Api, enrolled_student: User, handout: LessonResource
) -> None:
    client = api(enrolled_student)
    path = client.get(f"{ADDRESS}{handout.pk}/").json()["download_path"]
    assert path == f"{ADDRESS}{handout.pk}/download/"
    answer: Any = client.get(path)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == 'attachment; filename="handout.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"].startswith("sandbox")


def test_file_has_the_rights_of_its_lesson(  # noqa: PLR0917
    api: Api,
    course: Course,
    student: User,
    other_instructor: User,
    enrolled_student: User,
    handout: LessonResource,
) -> None:
    path = f"{ADDRESS}{handout.pk}/download/"
    assert api().get(path).status_code == 401
    for nobody in (student, other_instructor):
        assert api(nobody).get(path).status_code == 404
    assert api(enrolled_student, key=True).get(path).status_code == 200
    course.enrollments.update(payment_status="refunded")
    assert api(enrolled_student).get(path).status_code == 404


def test_link_and_lost_file_have_no_download(api: Api, course: Course, handout: LessonResource) -> None:
    link = ResourceFactory(lesson=handout.lesson)
    handout.file.storage.delete(str(handout.file))
    for resource in (link, handout):
        answer = api(course.instructor).get(f"{ADDRESS}{resource.pk}/download/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_instructor_uploads_replaces_and_removes_a_file(api: Api, course: Course, lesson: Lesson) -> None:
    client = api(course.instructor)
    body = {
        "lesson": lesson.pk,
        "title": "Slides",
        "resource_type": "pdf",
        "file": upload("slides.pdf", b"%PDF-"),
    }
    made = client.post(ADDRESS, body, format="multipart")
    assert made.status_code == 201, made.content
    assert (made.json()["file_name"], made.json()["file_size"], made.json()["url"]) == ("slides.pdf", 5, "")
    address = f"{ADDRESS}{made.json()['id']}/"
    changed = client.patch(address, {"file": upload("new.pdf", b"%PDF-1")}, format="multipart").json()
    assert (changed["file_name"], changed["file_size"]) == ("new.pdf", 6)
    linked = client.patch(address, {"file": None, "url": "/help/"}, format="json").json()
    assert (linked["file_name"], linked["file_size"], linked["download_path"]) == ("", None, None)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "url"),
        ({"url": "https://example.org/", "file": ("a.txt", b"x")}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "//evil.example/"}, "url"),
        ({"file": ("a.txt", b"x" * 11)}, "file"),
        ({"file": ("a" * 300 + ".txt", b"x")}, "file"),
        ({"file": ("a.txt", b"")}, "file"),
        ({"file": ("a.txt", b"x"), "file_size": 5}, "file_size"),
        ({"url": "/help/", "created_at": "2020-01-01"}, "created_at"),
    ],
)
def test_what_a_resource_cannot_be_is_named(  # noqa: PLR0917
    api: Api,
    course: Course,
    lesson: Lesson,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, Any],
    field: str,
) -> None:
    monkeypatch.setattr(resource_files, "LARGEST_FILE", 10)
    body = {"lesson": lesson.pk, "title": "Slides", "resource_type": "file", **more}
    if "file" in body:
        body["file"] = upload(*body["file"])
    answer = api(course.instructor).post(ADDRESS, body, format="multipart")
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [field]
    assert not LessonResource.objects.exists()


def test_hostile_address_that_came_in_another_way_is_not_given_out(
    api: Api, enrolled_student: User, lesson: Lesson
) -> None:
    resource = ResourceFactory(lesson=lesson, url="javascript:alert(1)")
    assert api(enrolled_student).get(f"{ADDRESS}{resource.pk}/").json()["url"] == ""


def test_answer_sends_nobody_to_the_address_of_a_link(api: Api, course: Course, lesson: Lesson) -> None:
    body = {"lesson": lesson.pk, "title": "x", "resource_type": "link", "url": "https://evil.example/"}
    answer = api(course.instructor).post(ADDRESS, body, format="json")
    assert answer.status_code == 201
    assert "Location" not in answer


def test_file_name_keeps_no_path(api: Api, course: Course, lesson: Lesson) -> None:
    body = {
        "lesson": lesson.pk,
        "title": "x",
        "resource_type": "file",
        "file": upload("../../etc/pass wd", b"x"),
    }
    made = api(course.instructor).post(ADDRESS, body, format="multipart").json()
    stored = LessonResource.objects.get(pk=made["id"]).file.name
    assert made["file_name"] == "pass_wd"
    assert stored is not None
    assert ".." not in stored
    assert stored.startswith("resources/")

"""What lies beside a lesson is of the kind that is said."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, Lesson, LessonResource
from tests.courses.factories import LessonFactory


@pytest.mark.parametrize(
    ("kind", "name", "fits"),
    [
        ("pdf", "a.pdf", True), ("pdf", "a.PDF", True), ("pdf", "a.docx", False), ("pdf", "pdf", False),
        ("video", "a.mp4", True), ("video", "a.webm", True), ("video", "a.pdf", False),
        ("link", "a.txt", False), ("file", "a.pdf", True), ("file", "Makefile", True),
    ],
)  # fmt: skip
def test_file_ends_as_its_kind_says(db: None, kind: str, name: str, fits: bool) -> None:
    resource = LessonResource(
        lesson=LessonFactory(), title="T", resource_type=kind, file=ContentFile(b"x", name=name)
    )
    if fits:
        resource.full_clean()
        return
    with pytest.raises(ValidationError) as refusal:
        resource.full_clean()
    assert refusal.value.error_dict["resource_type"][0].code == "other_kind"


@pytest.mark.parametrize("kind", ["file", "link", "pdf", "video"])
def test_address_may_be_of_any_kind(db: None, kind: str) -> None:
    LessonResource(
        lesson=LessonFactory(), title="T", resource_type=kind, url="https://example.org/a"
    ).full_clean()


@pytest.fixture
def page_in_disguise() -> SimpleUploadedFile:
    return SimpleUploadedFile(
        "slides.pdf", b"<html><script>alert(1)</script>", content_type="application/pdf"
    )


def test_page_refuses_a_file_that_is_not_what_its_name_says(
    course: Course, instructor: User, login: Callable[[User], Client], page_in_disguise: SimpleUploadedFile
) -> None:
    data: dict[str, Any] = {
        "lesson": Lesson.objects.filter(module__course=course)[0].pk, "title": "T", "resource_type": "pdf",
        "url": "", "file": page_in_disguise,
    }  # fmt: skip
    answer = login(instructor).post(reverse("admin:courses_lessonresource_add"), data)
    assert "Its content is not what its name says." in answer.content.decode()
    assert not LessonResource.objects.exists()


def test_api_refuses_it_too(
    course: Course, instructor: User, api: Callable[..., APIClient], page_in_disguise: SimpleUploadedFile
) -> None:
    lesson = Lesson.objects.filter(module__course=course)[0]
    data = {"lesson": lesson.pk, "title": "T", "resource_type": "pdf", "file": page_in_disguise}
    answer = api(instructor).post("/api/v1/lesson-resources/", data, format="multipart")
    assert answer.status_code == 400
    assert not LessonResource.objects.exists()
    real = SimpleUploadedFile("slides.pdf", b"%PDF-1.7 ...")
    answer = api(instructor).post("/api/v1/lesson-resources/", data | {"file": real}, format="multipart")
    assert answer.status_code == 201
    assert answer.json()["file_name"] == "slides.pdf"

"""Covers of courses' own: made anew when they come in, public as the course is."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from courses.models import Course

Login = Callable[[User], Client]


def picture(size: tuple[int, int] = (2000, 1000), kind: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return SimpleUploadedFile("My cover.html", out.getvalue(), content_type="text/html")


def fields(course: Course, **more: Any) -> dict[str, Any]:
    names = (
        "title",
        "slug",
        "description",
        "level",
        "category",
        "duration_weeks",
        "language",
        "price",
        "cover_hue",
        "enrollment_mode",
    )
    return {name: getattr(course, name) for name in names} | {"certificates_enabled": "on"} | more


def send(client: Client, course: Course, **more: Any) -> Any:
    return client.post(reverse("admin:courses_course_change", args=[course.pk]), fields(course, **more))


@pytest.fixture
def covered(
    course: Course, instructor: User, login: Login, django_capture_on_commit_callbacks: Any
) -> Course:
    """A course with a cover that came in through its page."""
    answer = send(login(instructor), course, cover_file=picture())
    assert answer.status_code == 302, answer.context["errors"]
    course.refresh_from_db()
    return course


def test_cover_is_scaled_and_named_anew(covered: Course) -> None:
    assert covered.cover_file.name.startswith("covers/")
    assert covered.cover_file.name.endswith(".png")
    assert "cover.html" not in covered.cover_file.name
    with Image.open(covered.cover_file) as image:
        assert image.size == (1600, 800)


def test_cover_is_public_and_kept_by_caches(covered: Course) -> None:
    assert covered.cover_url in Client().get("/courses/").content.decode()
    answer = Client().get(covered.cover_url)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_cover_of_a_draft_is_for_those_who_teach_it(
    covered: Course, instructor: User, other_instructor: User, login: Login
) -> None:
    Course.objects.update(is_published=False)
    for client in (Client(), login(other_instructor)):
        assert client.get(covered.cover_url).status_code == 404
    answer = login(instructor).get(covered.cover_url)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_unknown_or_lost_cover_is_not_found(covered: Course) -> None:
    assert Client().get(reverse("courses:cover_file", args=["none.png"])).status_code == 404
    default_storage.delete(covered.cover_file.name)
    assert Client().get(covered.cover_url).status_code == 404


def test_what_is_no_picture_is_refused(course: Course, instructor: User, login: Login) -> None:
    for name in ("cover_file", "certificate_signature"):
        answer = send(
            login(instructor), course, **{name: SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")}
        )
        assert answer.status_code == 200
        assert "Choose a picture: PNG, JPEG, WebP or GIF." in answer.content.decode()
    course.refresh_from_db()
    assert not course.cover_file
    assert not course.certificate_signature


def test_replaced_and_removed_covers_leave_no_file(
    covered: Course, instructor: User, login: Login, django_capture_on_commit_callbacks: Any
) -> None:
    first = covered.cover_file.name
    with django_capture_on_commit_callbacks(execute=True):
        send(login(instructor), covered, cover_file=picture(kind="JPEG"))
    covered.refresh_from_db()
    second = covered.cover_file.name
    assert not default_storage.exists(first)
    assert default_storage.exists(second)
    with django_capture_on_commit_callbacks(execute=True):
        send(login(instructor), covered, **{"cover_file-clear": "on"})
    covered.refresh_from_db()
    assert not covered.cover_file
    assert not default_storage.exists(second)
    assert covered.cover_url == reverse("cover", args=[covered.slug, covered.cover_hue])


def test_signature_is_kept_and_served_by_no_page(course: Course, instructor: User, login: Login) -> None:
    client = login(instructor)
    send(client, course, certificate_signature=picture((1600, 400)), certificate_text="With distinction")
    course.refresh_from_db()
    with Image.open(course.certificate_signature) as image:
        assert image.size == (600, 150)
    assert course.certificate_text == "With distinction"
    page = client.get(reverse("admin:courses_course_change", args=[course.pk])).content.decode()
    assert "A picture is chosen." in page
    assert str(course.certificate_signature.name) not in page

"""Writing lessons in the admin site: preview, pictures, video, earlier texts, and two people at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.authoring import save_content
from courses.models import Course, CourseHelper, CourseImage, Lesson, LessonVersion, LessonVideo
from tests.accounts.factories import UserFactory
from tests.courses.factories import VTT, WEBM, ImageFactory, VersionFactory, VideoFactory, a_picture

Login = Callable[[User], Client]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return Lesson.objects.get(title="Lesson 2.1")


@pytest.fixture
def assistant(course: Course) -> User:
    user = UserFactory(username="assistant")
    CourseHelper.objects.create(course=course, user=user, role="assistant")
    return user


def page(lesson: Lesson) -> str:
    return reverse("admin:courses_lesson_change", args=[lesson.pk])


def body(lesson: Lesson, **changed: Any) -> dict[str, Any]:
    """What the browser sends from the lesson's page."""
    forms = {
        f"{prefix}-{what}_FORMS": "0"
        for prefix in ("video", "resources", "availability")
        for what in ("TOTAL", "INITIAL")
    }
    return {
        **forms,
        "module": lesson.module_id,
        "title": lesson.title,
        "content": lesson.content,
        "content_type": "text",
        "duration_minutes": "10",
        "is_published": "on",
        "order_index": lesson.order_index,
        "key": "",
        "loaded_at": lesson.updated_at.isoformat(),
        "_continue": "1",
        **changed,
    }


# Preview


def preview(lesson: Lesson, field: str = "content") -> str:
    return f"{reverse('admin:courses_lesson_preview', args=[lesson.pk])}?field={field}"


def test_preview_shows_the_text_of_the_form_and_saves_nothing(
    lesson: Lesson, instructor: User, login: Login
) -> None:
    client = login(instructor)
    fragment = client.post(preview(lesson), {"content": "**new**"}, headers={"X-Requested-With": "fetch"})
    assert fragment.content.decode() == "<p><strong>new</strong></p>\n"
    whole = client.post(preview(lesson), {"content": "**new** <script>alert(1)</script>"})
    assert "<strong>new</strong>" in whole.content.decode()
    assert "<script>alert" not in whole.content.decode()
    lesson.refresh_from_db()
    assert "new" not in lesson.content
    assert not LessonVersion.objects.exists()


def test_preview_is_for_those_who_may_edit_the_course(  # noqa: PLR0917
    lesson: Lesson, student: User, other_instructor: User, assistant: User, admin_user: User, login: Login
) -> None:
    expected = {student: 302, other_instructor: 404, assistant: 403, admin_user: 200}
    for user, status in expected.items():
        assert login(user).post(preview(lesson), {"content": "x"}).status_code == status, user
    new = f"{reverse('admin:courses_lesson_preview_new')}?field=content"
    assert login(other_instructor).post(new, {"content": "x"}).status_code == 200
    assert login(assistant).post(new, {"content": "x"}).status_code == 403


def test_preview_needs_a_form_its_token_and_a_field_of_markdown(
    lesson: Lesson, instructor: User, login: Login
) -> None:
    client = login(instructor)
    assert client.get(preview(lesson)).status_code == 405
    assert client.post(preview(lesson, "title"), {"title": "x"}).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(preview(lesson), {"content": "x"}).status_code == 403


@pytest.mark.parametrize("model", ["course", "module"])
def test_descriptions_have_the_editor_too(course: Course, instructor: User, login: Login, model: str) -> None:
    row = course if model == "course" else course.modules.first()
    client = login(instructor)
    shown = client.get(reverse(f"admin:courses_{model}_change", args=[row.pk])).content.decode()
    assert "data-md-editor" in shown
    assert f"/admin/courses/courseimage/of-course/{course.pk}/" in shown
    url = reverse(f"admin:courses_{model}_preview", args=[row.pk])
    assert client.post(f"{url}?field=description", {"description": "*x*"}).status_code == 200


# Two people at once


def test_what_somebody_else_saved_is_not_written_over_unseen(
    lesson: Lesson, instructor: User, admin_user: User, login: Login
) -> None:
    client = login(instructor)
    assert f'value="{lesson.updated_at.isoformat()}"' in client.get(page(lesson)).content.decode()
    mine = body(lesson, content="MINE\nsame")
    theirs = Lesson.objects.get(pk=lesson.pk)
    theirs.content = "THEIRS\nsame"
    save_content(row=theirs, by=admin_user)

    refused = client.post(page(lesson), mine)
    shown = refused.content.decode()
    assert refused.status_code == 200
    assert "Somebody else saved this lesson meanwhile" in shown
    assert "<del>THEIRS</del>" in shown
    assert "<ins>MINE</ins>" in shown
    assert "MINE\nsame</textarea>" in shown
    lesson.refresh_from_db()
    assert lesson.content == "THEIRS\nsame"

    again = refused.context["adminform"].form["loaded_at"].value()
    assert client.post(page(lesson), {**mine, "loaded_at": again}).status_code == 302
    lesson.refresh_from_db()
    assert lesson.content == "MINE\nsame"
    assert LessonVersion.objects.filter(lesson=lesson, content="THEIRS\nsame").exists()


def test_saving_twice_from_one_page_after_another_works(
    lesson: Lesson, instructor: User, login: Login
) -> None:
    client = login(instructor)
    assert client.post(page(lesson), body(lesson, content="One")).status_code == 302
    lesson.refresh_from_db()
    assert client.post(page(lesson), body(lesson, content="Two")).status_code == 302
    lesson.refresh_from_db()
    assert lesson.content == "Two"
    assert list(LessonVersion.objects.values_list("saved_by", flat=True)) == [instructor.pk] * 2


# Pictures


def pictures(course: Course) -> str:
    return reverse("admin:courses_courseimage_of_course", args=[course.pk])


def test_instructor_adds_a_picture_and_finds_it_again(course: Course, instructor: User, login: Login) -> None:
    client = login(instructor)
    answer = client.post(pictures(course), {"file": a_picture(), "alt_text": "A wall"})
    assert answer.status_code == 201
    image = CourseImage.objects.get()
    assert (image.course, image.uploaded_by) == (course, instructor)
    assert answer.json()["markdown"].startswith(f"![A wall](/course-images/{image.pk}/")
    assert client.get(pictures(course)).json()["pictures"] == [answer.json()]


@pytest.mark.parametrize(
    "sent",
    [
        {"file": None, "alt_text": "x"},
        {"alt_text": ""},
        {"file": SimpleUploadedFile("x.png", b"no"), "alt_text": "x"},
    ],
)
def test_a_picture_that_is_refused_says_why(
    course: Course, instructor: User, login: Login, sent: dict[str, Any]
) -> None:
    data = {name: value for name, value in {"file": a_picture(), **sent}.items() if value is not None}
    answer = login(instructor).post(pictures(course), data)
    assert answer.status_code == 400
    assert [text for texts in answer.json()["errors"].values() for text in texts]
    assert not CourseImage.objects.exists()


def test_pictures_are_for_those_who_may_edit_the_course(  # noqa: PLR0917
    course: Course, student: User, other_instructor: User, assistant: User, admin_user: User, login: Login
) -> None:
    expected = {student: 302, other_instructor: 404, assistant: 403, admin_user: 200}
    for user, status in expected.items():
        client = login(user)
        assert client.get(pictures(course)).status_code == status, user
        sent = client.post(pictures(course), {"file": a_picture(), "alt_text": "x"})
        assert sent.status_code == (201 if status == 200 else status), user
    assert CourseImage.objects.count() == 1


def test_pictures_own_pages(course: Course, instructor: User, assistant: User, login: Login) -> None:
    client = login(instructor)
    add = reverse("admin:courses_courseimage_add")
    assert client.post(add, {"course": course.pk, "upload": a_picture(), "alt_text": ""}).status_code == 200
    assert not CourseImage.objects.exists()
    assert (
        client.post(add, {"course": course.pk, "upload": a_picture(), "alt_text": "One"}).status_code == 302
    )
    image = CourseImage.objects.get()
    own = reverse("admin:courses_courseimage_change", args=[image.pk])
    assert client.post(own, {"alt_text": "", "is_decorative": "on"}).status_code == 302
    image.refresh_from_db()
    assert image.alt_text == ""
    assert login(assistant).get(own).status_code == 200
    assert login(assistant).post(own, {"alt_text": "hacked"}).status_code == 403
    Lesson.objects.filter(is_preview=True).update(content=f"![](/course-images/{image.pk}/x)")
    client.post(reverse("admin:courses_courseimage_delete", args=[image.pk]), {"post": "yes"})
    assert CourseImage.objects.exists()
    Lesson.objects.filter(is_preview=True).update(content="-")
    client.post(reverse("admin:courses_courseimage_delete", args=[image.pk]), {"post": "yes"})
    assert not CourseImage.objects.exists()


def test_a_picture_is_not_added_to_somebody_elses_course(
    course: Course, other_instructor: User, login: Login
) -> None:
    add = reverse("admin:courses_courseimage_add")
    sent = {"course": course.pk, "upload": a_picture(), "alt_text": "One"}
    assert login(other_instructor).post(add, sent).status_code == 200
    assert not CourseImage.objects.exists()


# Video


def video_rows(lesson: Lesson, **fields: Any) -> dict[str, Any]:
    rows = {
        "lesson": lesson.pk,
        "captions_language": "en",
        "url": "",
        "transcript": "",
        "duration_seconds": "",
        **fields,
    }
    return {"video-TOTAL_FORMS": "1", **{f"video-0-{name}": value for name, value in rows.items()}}


def test_instructor_adds_changes_and_removes_a_video(
    lesson: Lesson, instructor: User, login: Login, django_capture_on_commit_callbacks: Any
) -> None:
    client = login(instructor)
    files = {
        "file": SimpleUploadedFile("film.webm", WEBM),
        "captions": SimpleUploadedFile("c.vtt", VTT.encode()),
    }
    sent = body(lesson, **video_rows(lesson, **files, transcript="Words"))
    assert client.post(page(lesson), sent).status_code == 302
    video = LessonVideo.objects.get(lesson=lesson)
    assert (video.transcript, video.file.read()) == ("Words", WEBM)
    assert f"/lesson-videos/{video.pk}/" in client.get(page(lesson)).content.decode()

    lesson.refresh_from_db()
    stored = {"video-INITIAL_FORMS": "1"}
    changed = body(lesson, **video_rows(lesson, id=video.pk, transcript="Other words"), **stored)
    assert client.post(page(lesson), changed).status_code == 302
    video.refresh_from_db()
    assert (video.transcript, bool(video.file), bool(video.captions)) == ("Other words", True, True)

    lesson.refresh_from_db()
    gone = body(lesson, **video_rows(lesson, id=video.pk, DELETE="on"), **stored)
    assert client.post(page(lesson), gone).status_code == 302
    assert not LessonVideo.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"file": SimpleUploadedFile("film.mp4", b"<html>")}, "Choose an MP4, WebM or Ogg video."),
        ({"url": "https://video.example.org/7"}, "This site shows no videos from other sites."),
        ({"transcript": "Words alone"}, "Choose a file or enter an address"),
        ({"captions_language": "<b>", "transcript": "x"}, "Enter a language such as en"),
    ],
)
def test_a_video_that_is_refused_says_why(
    lesson: Lesson, instructor: User, login: Login, fields: dict[str, Any], words: str
) -> None:
    answer = login(instructor).post(page(lesson), body(lesson, **video_rows(lesson, **fields)))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not LessonVideo.objects.exists()


def test_assistant_looks_and_changes_nothing(lesson: Lesson, assistant: User, login: Login) -> None:
    video = VideoFactory(lesson=lesson)
    version = VersionFactory(lesson=lesson)
    client = login(assistant)
    assert client.get(page(lesson)).status_code == 200
    assert client.post(page(lesson), body(lesson, content="hacked")).status_code == 403
    assert client.get(reverse("admin:courses_lessonvideo_change", args=[video.pk])).status_code == 200
    restore = reverse("admin:courses_lessonversion_restore", args=[version.pk])
    shown = client.get(reverse("admin:courses_lessonversion_change", args=[version.pk])).content.decode()
    assert restore not in shown
    assert client.post(restore).status_code == 403
    lesson.refresh_from_db()
    assert "hacked" not in lesson.content


# Earlier texts


def test_earlier_texts_are_compared_and_restored(lesson: Lesson, instructor: User, login: Login) -> None:
    client = login(instructor)
    Lesson.objects.filter(pk=lesson.pk).update(content="one\n<b>two</b>")
    client.post(page(lesson), body(Lesson.objects.get(pk=lesson.pk), content="one\nthree"))
    version = LessonVersion.objects.get()
    assert "1 earlier text" in client.get(page(lesson)).content.decode()
    shown = client.get(reverse("admin:courses_lessonversion_change", args=[version.pk])).content.decode()
    assert "<del>&lt;b&gt;two&lt;/b&gt;</del>" in shown
    assert "<ins>three</ins>" in shown
    restore = reverse("admin:courses_lessonversion_restore", args=[version.pk])
    assert client.get(restore).status_code == 405
    assert client.post(restore).headers["Location"] == page(lesson)
    lesson.refresh_from_db()
    assert lesson.content == "one\n<b>two</b>"
    assert LessonVersion.objects.count() == 2


def test_another_instructor_finds_no_earlier_text(
    lesson: Lesson, other_instructor: User, login: Login
) -> None:
    version = VersionFactory(lesson=lesson)
    restore = reverse("admin:courses_lessonversion_restore", args=[version.pk])
    assert login(other_instructor).post(restore).status_code == 404


def test_the_list_of_pictures_costs_the_same_however_long(
    course: Course, instructor: User, login: Login, statements: Any
) -> None:
    client, counts = login(instructor), []
    for size in (3, 30):
        ImageFactory.create_batch(size, course=course)
        with statements() as seen:
            client.get(pictures(course))
        counts.append(len(seen))
    assert counts == [4, 4]

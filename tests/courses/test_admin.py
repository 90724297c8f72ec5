"""Courses and their parts in the admin site: an instructor's work, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import AuditEvent, User
from courses import resource_files
from courses.models import Course, Lesson, LessonResource
from tests.courses.factories import (
    CompletionFactory,
    CourseFactory,
    EnrollmentFactory,
    LessonFactory,
    ModuleFactory,
)

Login = Callable[[User], Client]


def change(row: models.Model) -> str:
    return reverse(f"admin:courses_{row._meta.model_name}_change", args=[row.pk])


def delete(row: models.Model) -> str:
    return reverse(f"admin:courses_{row._meta.model_name}_delete", args=[row.pk])


def inline(prefix: str, rows: list[dict[str, Any]], stored: int) -> dict[str, Any]:
    """What the browser sends from the rows of an inline, of which the first `stored` are there already."""
    data = {"availability-TOTAL_FORMS": 0, "availability-INITIAL_FORMS": 0}  # nothing limits it
    data |= {"video-TOTAL_FORMS": 0, "video-INITIAL_FORMS": 0}
    data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": stored}
    return data | {
        f"{prefix}-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()
    }


COURSE = {
    "title": "Knots", "slug": "knots", "outcome": "", "description": "Ten knots.", "level": "Beginner",
    "category": "Sport", "duration_weeks": "2", "language": "en", "price": "0", "cover_hue": "200",
    "enrollment_mode": "open", "outcomes": "", "audience": "", "requirements": "", "cover_image": "",
}  # fmt: skip


def events() -> list[str]:
    wanted = AuditEvent.objects.exclude(action__startswith="sign_in").exclude(action="access.refuse")
    return list(wanted.order_by("id").values_list("action", flat=True))


# From an empty page to a published course


def test_instructor_makes_a_course_from_end_to_end(instructor: User, login: Login) -> None:
    client = login(instructor)
    response = client.post(reverse("admin:courses_course_add"), COURSE | {"slug": ""})
    course = Course.objects.get()
    build = reverse("admin:courses_course_build", args=[course.pk])
    assert (response.status_code, response["Location"], course.slug) == (302, build, "knots")
    for title in ("Bends", "Hitches"):
        assert client.post(f"{build}add-module/", {"title": title}).status_code == 302
    assert course.instructor == instructor
    assert not course.is_published
    assert list(course.modules.values_list("title", "order_index")) == [("Bends", 1), ("Hitches", 2)]

    module = course.modules.get(title="Bends")
    lessons = [{"title": "Sheet bend", "content_type": "text", "duration_minutes": "12", "is_preview": "on"}]
    data = {
        "course": course.pk,
        "title": "Bends",
        "description": "Two ropes.",
        "order_index": "1",
        "is_published": "on",
    }
    data["is_published"] = "on"
    assert client.post(change(module), data | inline("lessons", lessons, 0)).status_code == 302
    lesson = module.lessons.get()
    assert (lesson.order_index, lesson.is_preview, lesson.duration_minutes) == (1, True, 12)

    resources = [
        {"title": "A drawing", "resource_type": "file", "file": SimpleUploadedFile("bend.txt", b"rope" * 9)}
    ]
    data = {
        "module": module.pk, "title": "Sheet bend", "content_type": "text", "duration_minutes": "12",
        "content": "## Tie it", "is_published": "on", "order_index": "1",
    }  # fmt: skip
    assert client.post(change(lesson), data | inline("resources", resources, 0)).status_code == 302
    lesson.refresh_from_db()
    resource = lesson.resources.get()
    assert lesson.content == "## Tie it"
    assert (resource.file_size, resource.file.read()) == (36, b"rope" * 9)

    client.post(reverse("admin:courses_course_publish", args=[course.pk]), {"act": "publish"})
    course.refresh_from_db()
    assert course.is_published
    assert (course.lesson_count, course.total_minutes) == (1, 12)
    assert events() == ["module.publish", "lesson.publish", "course.publish"]


def test_the_way_back_up_stands_on_each_page(instructor: User, course: Course, login: Login) -> None:
    client = login(instructor)
    module = course.modules.all()[0]
    lesson = module.lessons.all()[0]
    build = reverse("admin:courses_course_build", args=[course.pk])
    assert build in client.get(change(course)).content.decode()
    assert change(module) in client.get(build).content.decode()
    page = client.get(change(module)).content.decode()
    assert change(course) in page
    assert change(lesson) in page
    page = client.get(change(lesson)).content.decode()
    assert change(course) in page
    assert change(module) in page
    assert reverse("courses:lesson_detail", args=[course.slug, lesson.pk]) in page
    assert course.get_absolute_url() in client.get(change(course)).content.decode()


def test_order_starts_at_one(instructor: User, course: Course, login: Login) -> None:
    module = course.modules.all()[0]
    data = {"course": course.pk, "title": "M", "description": "D", "order_index": "0"}
    response = login(instructor).post(change(module), data | inline("lessons", [], 0))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors


def test_saving_without_a_change_does_nothing(instructor: User, course: Course, login: Login) -> None:
    EnrollmentFactory(course=course)
    module = course.modules.all()[0]
    before = module.updated_at
    data = {"course": course.pk, "title": module.title, "description": module.description, "order_index": "1"}
    data |= {"is_published": "on"}
    assert login(instructor).post(change(module), data | inline("lessons", [], 0)).status_code == 302
    module.refresh_from_db()
    assert module.updated_at == before
    assert not DBTaskResult.objects.exists()


# Whose it is


def test_instructor_does_not_choose_the_owner(instructor: User, other_instructor: User, login: Login) -> None:
    data = COURSE | {"instructor": other_instructor.pk}
    login(instructor).post(reverse("admin:courses_course_add"), data)
    assert Course.objects.get().instructor == instructor


def test_instructor_does_not_give_a_course_away(
    instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    data = COURSE | {"instructor": other_instructor.pk}
    login(instructor).post(change(course), data)
    course.refresh_from_db()
    assert (course.title, course.instructor) == ("Knots", instructor)


def test_admin_chooses_the_owner_among_those_who_teach(
    admin_user: User, instructor: User, student: User, login: Login
) -> None:
    client = login(admin_user)
    add = reverse("admin:courses_course_add")
    assert client.get(add).context["adminform"].form["instructor"].value() == admin_user.pk
    refused = client.post(add, COURSE | {"instructor": student.pk})
    assert "Choose an instructor." in refused.content.decode()
    assert not Course.objects.exists()
    client.post(add, COURSE | {"instructor": instructor.pk})
    assert Course.objects.get().instructor == instructor


def test_nothing_is_moved_into_somebody_elses_course(
    instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    foreign = ModuleFactory(course=CourseFactory(instructor=other_instructor))
    module = course.modules.all()[0]
    lesson = module.lessons.all()[0]
    client = login(instructor)
    data = {"course": foreign.course.pk, "title": "M", "description": "D", "order_index": "1"}
    assert client.post(change(module), data | inline("lessons", [], 0)).status_code == 200
    data = {"module": foreign.pk, "title": "L", "content": "C", "content_type": "text", "order_index": "1"}
    assert client.post(change(lesson), data | inline("resources", [], 0)).status_code == 200
    assert (
        client.post(reverse("admin:courses_lesson_add"), data | inline("resources", [], 0)).status_code == 200
    )
    assert not foreign.lessons.exists()
    assert course.modules.count() == 2


def test_a_row_of_another_page_is_not_saved_through_an_inline(
    instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    foreign = LessonFactory(module=ModuleFactory(course=CourseFactory(instructor=other_instructor)))
    module = course.modules.all()[0]
    rows = [
        {"id": foreign.pk, "module": module.pk, "title": "Taken", "content_type": "text", "order_index": "1"}
    ]
    data = {"course": course.pk, "title": "M", "description": "D", "order_index": "1"}
    login(instructor).post(change(module), data | inline("lessons", rows, 1))
    foreign.refresh_from_db()
    assert foreign.title != "Taken"


def test_modules_are_chosen_by_course_and_name(instructor: User, course: Course, login: Login) -> None:
    lesson = Lesson.objects.get(title="Lesson 1.1")
    name = "Counting for beginners › Module 1"
    assert name in login(instructor).get(change(lesson)).content.decode()
    query = {"app_label": "courses", "model_name": "lesson", "field_name": "module", "term": "Module 1"}
    found = login(instructor).get(reverse("admin:autocomplete"), query).json()["results"]
    assert found == [{"id": str(lesson.module_id), "text": name}]


# Publishing


def test_lists_publish_and_unpublish_own_rows_alone(
    instructor: User, other_instructor: User, course: Course, login: Login
) -> None:
    draft = Lesson.objects.get(is_published=False)
    foreign = LessonFactory(
        module=ModuleFactory(course=CourseFactory(instructor=other_instructor)), is_published=False
    )
    client = login(instructor)
    data = {"action": "publish", "_selected_action": [draft.pk, foreign.pk]}
    response = client.post(reverse("admin:courses_lesson_changelist"), data, follow=True)
    assert "1 published." in response.content.decode()
    assert Lesson.objects.get(pk=draft.pk).is_published
    assert not Lesson.objects.get(pk=foreign.pk).is_published
    course.refresh_from_db()
    assert course.lesson_count == 5
    data = {"action": "unpublish", "_selected_action": [course.pk]}
    client.post(reverse("admin:courses_course_changelist"), data)
    course.refresh_from_db()
    assert not course.is_published
    assert events() == ["lesson.publish", "course.unpublish"]


# Deleting


def test_a_course_with_students_is_not_deleted(
    instructor: User, course: Course, enrolled_student: User, login: Login
) -> None:
    EnrollmentFactory.create_batch(2, course=course)
    client = login(instructor)
    sentence = "This holds students’ work (3 enrollments). Unpublish it instead."
    for response in (client.get(delete(course)), client.post(delete(course), {"post": "yes"})):
        assert sentence in response.content.decode()
    assert Course.objects.filter(pk=course.pk).exists()
    assert events() == []


def test_an_empty_course_goes_with_what_is_in_it(instructor: User, course: Course, login: Login) -> None:
    client = login(instructor)
    page = client.get(delete(course)).content.decode()
    assert "Draft lesson" in page
    assert client.post(delete(course), {"post": "yes"}).status_code == 302
    assert not Course.objects.exists()
    assert not Lesson.objects.exists()
    assert events() == ["course.delete"]


def test_deleting_many_names_what_stays_and_deletes_nothing(
    instructor: User, course: Course, login: Login
) -> None:
    lessons = list(Lesson.objects.filter(module__course=course))
    CompletionFactory(lesson=lessons[0])
    client = login(instructor)
    data = {"action": "delete_selected", "_selected_action": [lesson.pk for lesson in lessons[:2]]}
    for confirmed in ({}, {"post": "yes"}):
        text = client.post(
            reverse("admin:courses_lesson_changelist"), data | confirmed, follow=True
        ).content.decode()
        assert f"{lessons[0]}: This holds students’ work (1 lesson completion). Unpublish it instead." in text
    assert Lesson.objects.filter(module__course=course).count() == 5
    assert events() == []
    data["_selected_action"] = [lesson.pk for lesson in lessons[1:3]]
    client.post(reverse("admin:courses_lesson_changelist"), data | {"post": "yes"})
    assert Lesson.objects.filter(module__course=course).count() == 3
    assert events() == ["lesson.delete", "lesson.delete"]


def test_work_that_comes_in_between_page_and_answer_stops_the_whole(
    instructor: User, course: Course, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was honest, then a student finished a lesson: nothing is deleted, and nothing is logged."""
    lessons = list(Lesson.objects.filter(module__course=course).order_by("id"))
    CompletionFactory(lesson=lessons[1])
    monkeypatch.setattr("courses.backoffice.work_on", lambda row: "")
    monkeypatch.setattr(
        "accounts.backoffice.BackOfficeAdmin.get_deleted_objects",
        lambda self, rows, request: ([], {}, set(), []),
    )
    data = {
        "action": "delete_selected",
        "post": "yes",
        "_selected_action": [lesson.pk for lesson in lessons[:2]],
    }
    response = login(instructor).post(reverse("admin:courses_lesson_changelist"), data, follow=True)
    assert "This holds students’ work" in response.content.decode()
    assert Lesson.objects.filter(module__course=course).count() == 5
    assert events() == []
    assert not LogEntry.objects.exists()


# Files


def test_a_file_of_more_than_50_mb_is_refused(
    instructor: User, course: Course, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resource_files.LARGEST_FILE == 50 * 1024 * 1024
    monkeypatch.setattr(resource_files, "LARGEST_FILE", 1024)
    lesson = Lesson.objects.filter(module__course=course)[0]
    data = {"lesson": lesson.pk, "title": "Large", "resource_type": "file", "url": ""}
    client = login(instructor)
    add = reverse("admin:courses_lessonresource_add")
    response = client.post(add, data | {"file": SimpleUploadedFile("large.txt", b"x" * 2048)})
    assert "The file must be smaller than" in response.content.decode().replace("\xa0", " ")
    assert not LessonResource.objects.exists()
    client.post(add, data | {"file": SimpleUploadedFile("small.txt", b"x" * 1024)})
    assert LessonResource.objects.get().file_size == 1024


def test_a_file_gives_way_to_an_address(instructor: User, course: Course, login: Login) -> None:
    lesson = Lesson.objects.filter(module__course=course)[0]
    client = login(instructor)
    data = {"lesson": lesson.pk, "title": "T", "resource_type": "file", "url": ""}
    client.post(
        reverse("admin:courses_lessonresource_add"), data | {"file": SimpleUploadedFile("a.txt", b"x")}
    )
    resource = LessonResource.objects.get()
    page = client.get(change(resource)).content.decode()
    assert reverse("courses:resource_download", args=[resource.pk]) in page
    assert str(resource.file.name) not in page
    data |= {"resource_type": "link", "url": "https://example.org/", "file-clear": "on"}
    assert client.post(change(resource), data).status_code == 302
    resource.refresh_from_db()
    assert (bool(resource.file), resource.file_size) == (False, None)

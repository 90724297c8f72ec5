"""Acts on a whole course by the API: who may, what is answered, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, CourseHelper, HelperRole, Lesson, Module
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory, make_course

Api = Callable[..., APIClient]
ACTS = ("order", "publish", "unpublish", "copy")


def path(course: Course, act: str) -> str:
    return f"/api/v1/courses/{course.pk}/{act}/"


@pytest.fixture
def draft(instructor: User) -> Course:
    return make_course(title="Draft", slug="draft", instructor=instructor, is_published=False)


def whole(course: Course) -> dict[str, Any]:
    return {
        "modules": [
            {"id": module.pk, "lessons": [lesson.pk for lesson in module.lessons.all()]}
            for module in course.modules.all()
        ]
    }


def stored() -> Any:
    return (
        list(Course.objects.order_by("pk").values()),
        list(Module.objects.order_by("pk").values()),
        list(Lesson.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize("act", ACTS)
def test_only_those_who_edit_the_course_may(
    act: str, api: Api, course: Course, draft: Course, other_instructor: User
) -> None:
    assistant = UserFactory()
    for row in (course, draft):
        CourseHelper.objects.create(course=row, user=assistant, role=HelperRole.ASSISTANT)
    student = EnrollmentFactory(course=course).student
    before = stored()
    for person, published, hidden in (
        (None, 401, 401), (student, 403, 404), (other_instructor, 403, 404), (assistant, 403, 403),
    ):  # fmt: skip
        assert api(person).post(path(course, act), whole(course), format="json").status_code == published
        assert api(person).post(path(draft, act), whole(draft), format="json").status_code == hidden
        expected = 401 if person is None else published
        assert api(person).get(path(course, "checklist")).status_code == expected
    assert stored() == before


def test_order_is_taken_whole_and_again(api: Api, course: Course, instructor: User) -> None:
    order = whole(course)
    order["modules"].reverse()
    order["modules"][0]["lessons"].insert(0, order["modules"][1]["lessons"].pop(0))
    for _time in range(2):
        assert api(instructor).post(path(course, "order"), order, format="json").status_code == 204
        assert whole(course) == order


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda order: order["modules"].pop(), 409),
        (lambda order: order["modules"][0]["lessons"].pop(), 409),
        (lambda order: order["modules"][0]["lessons"].append(10**9), 409),
        (lambda order: order["modules"].append(dict(order["modules"][0])), 400),
        (lambda order: order["modules"][0].pop("lessons"), 400),
        (lambda order: order["modules"][0].update(lessons="1"), 400),
        (lambda order: order["modules"][0].update(id="one"), 400),
        (lambda order: order.clear(), 400),
    ],
)
def test_order_that_cannot_be_changes_nothing(
    change: Callable[[Any], Any], status: int, api: Api, course: Course, instructor: User
) -> None:
    order, before = whole(course), stored()
    change(order)
    answer = api(instructor).post(path(course, "order"), order, format="json")
    assert answer.status_code == status, answer.json()
    if status == 409:
        assert answer.json()["code"] == "order_changed"
    assert stored() == before


def test_lessons_of_another_course_are_not_drawn_in(
    api: Api, course: Course, draft: Course, instructor: User
) -> None:
    order, before = whole(course), stored()
    order["modules"][0]["lessons"].append(Lesson.objects.filter(module__course=draft)[0].pk)
    assert api(instructor).post(path(course, "order"), order, format="json").status_code == 409
    assert stored() == before


def test_checklist_says_what_is_missing(api: Api, draft: Course, instructor: User) -> None:
    empty = Lesson.objects.get(module__course=draft, is_published=False)
    Lesson.objects.filter(pk=empty.pk).update(content="")
    answer = api(instructor).get(path(draft, "checklist")).json()
    assert (answer["can_publish"], answer["can_publish_with_drafts"]) == (True, False)
    assert answer["findings_with_drafts"][0] == {
        "code": "empty_lesson", "is_error": True, "message": "“Draft lesson” has no content.",
        "kind": "lesson", "id": empty.pk,
    }  # fmt: skip
    assert "no_cover" in {finding["code"] for finding in answer["findings"]}


def test_course_is_published_and_hidden(api: Api, draft: Course, instructor: User) -> None:
    client = api(instructor)
    answer = client.post(path(draft, "publish"), {"with_drafts": True}, format="json")
    assert (answer.status_code, answer.json()["is_published"], answer.json()["lesson_count"]) == (
        200,
        True,
        5,
    )
    answer = client.post(path(draft, "unpublish"))
    assert (answer.status_code, answer.json()["is_published"]) == (200, False)
    Lesson.objects.all().delete()
    answer = client.post(path(draft, "publish"), {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


def test_course_is_copied(api: Api, course: Course, instructor: User) -> None:
    answer = api(instructor).post(path(course, "copy"))
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["title"], shown["is_published"]) == (f"Copy of {course.title}", False)
    assert shown["instructor"]["id"] == instructor.pk
    assert shown["cover_url"].startswith("/covers/")


def test_co_instructor_who_may_make_no_courses_copies_none(api: Api, course: Course) -> None:
    helper = UserFactory()
    CourseHelper.objects.create(course=course, user=helper, role=HelperRole.CO_INSTRUCTOR)
    assert api(helper).post(path(course, "copy")).status_code == 403
    assert Course.objects.count() == 1


def test_module_needs_no_description(api: Api, course: Course, instructor: User) -> None:
    answer = api(instructor).post("/api/v1/modules/", {"course": course.pk, "title": "Short"}, format="json")
    assert (answer.status_code, answer.json()["description"]) == (201, "")

"""Rules for when lessons are open, in the API and the admin, for those who teach."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from accounts.models import User
from courses.models import (
    Course,
    Lesson,
    LessonAvailability,
    Module,
    ModuleAvailability,
)
from courses.outline import course_outline
from tests.courses.factories import (
    HelperFactory,
    make_course,
)

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = [
    (None, None),
    (NOON - HOUR, None),
    (NOON + HOUR, None),
    (None, NOON),
    (None, NOON + HOUR),
    (NOON, None),
]


def locks(course: Course, student: User, now: datetime = NOON) -> dict[str, str | None]:
    """What the outline says of each lesson."""
    outline = course_outline(course=course, user=student, is_open=True, now=now)
    return {one.title: one.lock.code if one.lock else None for one in outline.lessons}  # type: ignore[attr-defined]


def lock_lesson(lesson: Lesson, **rule: Any) -> LessonAvailability:
    return LessonAvailability.objects.create(lesson=lesson, **rule)


def lock_module(module: Module, **rule: Any) -> ModuleAvailability:
    return ModuleAvailability.objects.create(module=module, **rule)


# The API and the admin, for those who teach


def test_instructor_makes_changes_and_takes_away_a_rule_by_the_api(
    api: Callable[..., Any], instructor: User, lessons: list[Lesson], enrolled_student: User
) -> None:
    root, client = "/api/v1/lesson-availability/", api(instructor)
    answer = client.post(root, {"lesson": lessons[1].pk, "after_lesson": lessons[0].pk}, format="json")
    assert answer.status_code == 201, answer.content
    url = f"{root}{answer.json()['id']}/"
    assert client.patch(url, {"after_lesson": lessons[1].pk}, format="json").json()["fields"].keys() == {
        "after_lesson"
    }
    assert client.patch(url, {"lesson": lessons[2].pk}, format="json").status_code == 400
    answer = client.patch(url, {"after_lesson": None, "opens_at": "2026-12-03T12:00:00Z"}, format="json")
    assert (answer.status_code, answer.json()["opens_at"]) == (200, "2026-12-03T12:00:00Z")
    assert client.get(f"/api/v1/lessons/{lessons[1].pk}/").json()["availability"]["opens_at"]
    assert client.delete(url).status_code == 204
    assert client.get(f"/api/v1/lessons/{lessons[1].pk}/").json()["availability"] is None


def test_others_do_not_touch_rules_and_foreign_ids_are_refused(
    api: Callable[..., Any],
    instructor: User,
    other_instructor: User,
    enrolled_student: User,
    lessons: list[Lesson],
) -> None:
    foreign = make_course(instructor=other_instructor, is_published=False).modules.first()
    row = lock_module(lessons[3].module, opens_at=NOON)
    root = "/api/v1/module-availability/"
    assistant = HelperFactory(course=lessons[0].module.course).user
    body = {"module": lessons[0].module.pk, "opens_at": "2026-12-03T12:00:00Z"}
    for user, listed, writes, changes in (
        (None, None, 401, 401),
        (enrolled_student, 0, 403, 404),
        (other_instructor, 0, 403, 404),
        (assistant, 1, 403, 403),
    ):
        client = api(user)
        answer = client.get(root)
        assert answer.json()["count"] == listed if listed is not None else answer.status_code == 401
        assert client.post(root, body, format="json").status_code == writes
        assert client.patch(f"{root}{row.pk}/", {"opens_at": None}, format="json").status_code == changes
        assert client.delete(f"{root}{row.pk}/").status_code == changes
    client = api(instructor)
    for field, pk in (("after_module", foreign.pk), ("after_lesson", foreign.lessons.first().pk)):
        answer = client.patch(f"{root}{row.pk}/", {field: pk}, format="json")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert client.post(root, {"module": foreign.pk}, format="json").status_code == 404
    row.refresh_from_db()
    assert (row.opens_at, row.after_module) == (NOON, None)


def test_instructor_sets_a_rule_on_the_lessons_page(
    login: Callable[[User], Client], instructor: User, lessons: list[Lesson]
) -> None:
    client, lesson = login(instructor), lessons[1]
    url = f"/admin/courses/lesson/{lesson.pk}/change/"
    page = client.get(url)
    assert page.status_code == 200

    def body(**rule: str) -> dict[str, str]:
        form = page.context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        for inline in page.context["inline_admin_formsets"]:
            management = inline.formset.management_form
            values |= {
                f"{inline.formset.prefix}-{name}": management[name].value() for name in management.fields
            }
        values |= {
            "availability-TOTAL_FORMS": "1",
            **{f"availability-0-{name}": v for name, v in rule.items()},
        }
        return {name: "" if value is None or value is False else str(value) for name, value in values.items()}

    answer = client.post(url, body(after_lesson=str(lesson.pk)))
    assert answer.status_code == 200
    assert "never open" in answer.content.decode()
    answer = client.post(url, body(after_lesson=str(lessons[0].pk)))
    assert answer.status_code == 302, answer.context["errors"]
    assert LessonAvailability.objects.get().after_lesson == lessons[0]

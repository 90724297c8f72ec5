"""The law of the courses' tables in the API: each role against each action, by status and by visible rows."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import (
    Certificate,
    Course,
    CourseEnrollment,
    Lesson,
    LessonCompletion,
    LessonResource,
    Module,
    ModuleProgress,
    PaymentStatus,
)
from tests.accounts.factories import UserFactory
from tests.courses.factories import (
    CertificateFactory,
    CompletionFactory,
    EnrollmentFactory,
    ModuleProgressFactory,
    ResourceFactory,
    make_course,
)

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
# Anonymous; a student in nothing, who once left, with a payment pending, with an open place; the course's
# instructor, another course's, an administrator.
ROLES = ("AN", "SN", "LEFT", "SU", "SP", "IO", "IX", "AD")
MODELS: dict[str, Any] = {
    "courses": Course,
    "modules": Module,
    "lessons": Lesson,
    "lesson-resources": LessonResource,
    "course-enrollments": CourseEnrollment,
    "module-progress": ModuleProgress,
    "lesson-completions": LessonCompletion,
    "certificates": Certificate,
}


@pytest.fixture
def world(
    course: Course, student: User, instructor: User, other_instructor: User, admin_user: User
) -> dict[str, Any]:
    """One course with everything, a draft course beside it, and a person for each role; rows by name."""
    people = {
        "SN": student,
        "LEFT": UserFactory(username="left"),
        "SU": UserFactory(username="unpaid"),
        "SP": UserFactory(username="paid"),
        "IO": instructor,
        "IX": other_instructor,
        "AD": admin_user,
    }
    draft = make_course(title="Draft", slug="draft", instructor=instructor, is_published=False, modules=1)
    first, second = course.modules.order_by("order_index")
    preview = first.lessons.get(is_preview=True)
    places = {
        "LEFT": EnrollmentFactory(student=people["LEFT"], course=course, withdrawn_at=course.created_at),
        "SU": EnrollmentFactory(student=people["SU"], course=course, payment_status=PaymentStatus.PENDING),
        "SP": EnrollmentFactory(student=people["SP"], course=course),
    }
    rows: dict[str, Any] = {
        "course": course,
        "draft_course": draft,
        "module": first,
        "second_module": second,
        "draft_module": draft.modules.get(),
        "preview": preview,
        "lesson": second.lessons.order_by("order_index")[0],
        "other_lesson": second.lessons.order_by("order_index")[1],
        "draft_lesson": first.lessons.get(is_published=False),
        "preview_resource": ResourceFactory(lesson=preview),
        "resource": ResourceFactory(lesson=second.lessons.order_by("order_index")[0]),
        **{f"place_{role}": place for role, place in places.items()},
        **{f"done_{role}": CompletionFactory(student=people[role], lesson=preview) for role in places},
        **{
            f"progress_{role}": ModuleProgressFactory(enrollment=places[role], module=first)
            for role in places
        },
        **{f"proof_{role}": CertificateFactory(enrollment=places[role]) for role in places},
    }
    return {"people": people, **rows}


def ask(api: Api, world: dict[str, Any], role: str, *, key: bool = False) -> APIClient:
    return api(world["people"].get(role), key=key and role != "AN")


PUBLISHED_LESSONS = {"preview", "lesson", "other_lesson"}
OWN: dict[str, dict[str, set[str]]] = {
    prefix: {
        "SN": set(),
        "LEFT": {f"{prefix}_LEFT"},
        "SU": {f"{prefix}_SU"},
        "SP": {f"{prefix}_SP"},
        "IX": set(),
        "IO": {f"{prefix}_LEFT", f"{prefix}_SU", f"{prefix}_SP"},
        "AD": {f"{prefix}_LEFT", f"{prefix}_SU", f"{prefix}_SP"},
    }
    for prefix in ("place", "done", "progress", "proof")
}


def everybody(*names: str, **more: set[str]) -> dict[str, set[str]]:
    return {role: set(names) | more.get(role, set()) for role in ROLES}


# For each list the named rows that a role sees; a role that is missing must sign in (401).
VISIBLE: dict[str, dict[str, set[str]]] = {
    "courses": everybody("course", IO={"draft_course"}, AD={"draft_course"}),
    "modules": everybody("module", "second_module", IO={"draft_module"}, AD={"draft_module"}),
    "lessons": everybody(*PUBLISHED_LESSONS, IO={"draft_lesson"}, AD={"draft_lesson"}),
    "lesson-resources": {
        role: {"preview_resource"} | ({"resource"} if role in ("SP", "IO", "AD") else set())
        for role in ROLES[1:]
    },
    "course-enrollments": OWN["place"],
    "lesson-completions": OWN["done"],
    "module-progress": OWN["progress"],
    "certificates": OWN["proof"],
}


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("table", VISIBLE)
def test_each_role_lists_and_reads_its_rows(api: Api, world: dict[str, Any], table: str, key: bool) -> None:
    names = {
        name: row.pk for name, row in world.items() if name != "people" and isinstance(row, MODELS[table])
    }
    for role in ROLES:
        client = ask(api, world, role, key=key)
        answer = client.get(f"{ROOT}{table}/?page_size=100")
        if role not in VISIBLE[table]:
            assert answer.status_code == 401, role
            continue
        listed = {row["id"] for row in answer.json()["results"]}
        assert {name for name, pk in names.items() if pk in listed} == VISIBLE[table][role], role
        for name, pk in names.items():
            status = client.get(f"{ROOT}{table}/{pk}/").status_code
            expected = {200} if name in VISIBLE[table][role] else {404}
            assert status in (expected if table != "lessons" else expected | {401, 403}), (role, name)


# What a role gets for reading a lesson's content.
READ_LESSON: dict[str, dict[str, int]] = {
    "preview": dict.fromkeys(ROLES, 200),
    "lesson": {"AN": 401, "SN": 403, "LEFT": 403, "SU": 403, "SP": 200, "IO": 200, "IX": 403, "AD": 200},
    "draft_lesson": {**dict.fromkeys(ROLES, 404), "IO": 200, "AD": 200},
}
REASONS = {
    "AN": "not_authenticated",
    "SN": "not_enrolled",
    "LEFT": "not_enrolled",
    "SU": "payment_pending",
    "IX": "not_enrolled",
}


@pytest.mark.parametrize("name", READ_LESSON)
def test_each_role_reads_the_content_that_is_open(api: Api, world: dict[str, Any], name: str) -> None:
    for role in ROLES:
        answer = ask(api, world, role).get(f"{ROOT}lessons/{world[name].pk}/")
        assert answer.status_code == READ_LESSON[name][role], (role, answer.content)
        if answer.status_code in (401, 403):
            assert answer.json()["code"] == REASONS[role]
            assert world[name].content not in answer.content.decode()
        if answer.status_code == 200:
            assert answer.json()["content"] == world[name].content


def bodies(world: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Rows to create: by name the table and a body that is right."""
    course = {"title": "New", "description": "x", "level": "Beginner", "category": "Art", "duration_weeks": 1}
    lesson = {"title": "New", "content": "x"}
    link = {"title": "New", "resource_type": "link", "url": "/help/"}
    return {
        "course": ("courses", course),
        "module": ("modules", {"course": world["course"].pk, "title": "New", "description": "x"}),
        "module_in_draft": (
            "modules",
            {"course": world["draft_course"].pk, "title": "New", "description": "x"},
        ),
        "lesson": ("lessons", {"module": world["module"].pk, **lesson}),
        "lesson_in_draft": ("lessons", {"module": world["draft_module"].pk, **lesson}),
        "resource": ("lesson-resources", {"lesson": world["lesson"].pk, **link}),
        "resource_in_draft": ("lesson-resources", {"lesson": world["draft_lesson"].pk, **link}),
        "place": ("course-enrollments", {"course": world["course"].pk}),
        "place_in_draft": ("course-enrollments", {"course": world["draft_course"].pk}),
        "done": ("lesson-completions", {"lesson": world["lesson"].pk}),
        "done_preview": ("lesson-completions", {"lesson": world["preview"].pk}),
        "done_draft": ("lesson-completions", {"lesson": world["draft_lesson"].pk}),
    }


def statuses(an: int, sn: int, left: int, su: int, sp: int, io: int, ix: int, ad: int) -> dict[str, int]:  # noqa: PLR0917
    return dict(zip(ROLES, (an, sn, left, su, sp, io, ix, ad), strict=True))


CREATE: dict[str, dict[str, int]] = {
    "course": statuses(401, 403, 403, 403, 403, 201, 201, 201),
    "module": statuses(401, 403, 403, 403, 403, 201, 403, 201),
    "module_in_draft": statuses(401, 404, 404, 404, 404, 201, 404, 201),
    "lesson": statuses(401, 403, 403, 403, 403, 201, 403, 201),
    "lesson_in_draft": statuses(401, 404, 404, 404, 404, 201, 404, 201),
    "resource": statuses(401, 403, 403, 403, 403, 201, 403, 201),
    "resource_in_draft": statuses(401, 404, 404, 404, 404, 201, 404, 201),
    # Coming back after leaving is allowed; who teaches the course cannot enroll in it.
    "place": statuses(401, 201, 201, 409, 409, 409, 201, 201),
    "place_in_draft": statuses(401, 404, 404, 404, 404, 409, 404, 409),
    "done": statuses(401, 403, 403, 403, 201, 403, 403, 409),
    "done_preview": statuses(401, 403, 403, 403, 200, 403, 403, 409),
    "done_draft": statuses(401, 404, 404, 404, 404, 403, 404, 409),
}


@pytest.mark.parametrize("name", CREATE)
def test_each_role_creates_what_it_may(api: Api, world: dict[str, Any], name: str) -> None:
    table, body = bodies(world)[name]
    for role in ROLES:
        before = MODELS[table].objects.count()
        answer = ask(api, world, role).post(f"{ROOT}{table}/", body, format="json")
        assert answer.status_code == CREATE[name][role], (role, answer.content)
        came_back = name == "place" and role == "LEFT"
        assert MODELS[table].objects.count() == before + (answer.status_code == 201 and not came_back), role


CHANGE: dict[str, tuple[str, dict[str, Any], dict[str, int]]] = {
    "course": ("courses", {"title": "Other"}, statuses(401, 403, 403, 403, 403, 200, 403, 200)),
    "draft_course": ("courses", {"title": "Other"}, statuses(401, 404, 404, 404, 404, 200, 404, 200)),
    "module": ("modules", {"title": "Other"}, statuses(401, 403, 403, 403, 403, 200, 403, 200)),
    "lesson": ("lessons", {"title": "Other"}, statuses(401, 403, 403, 403, 403, 200, 403, 200)),
    "draft_lesson": ("lessons", {"title": "Other"}, statuses(401, 404, 404, 404, 404, 200, 404, 200)),
    "resource": ("lesson-resources", {"title": "Other"}, statuses(401, 404, 404, 404, 403, 200, 404, 200)),
    "place_SP": ("course-enrollments", {}, statuses(405, 405, 405, 405, 405, 405, 405, 405)),
    "done_SP": ("lesson-completions", {}, statuses(405, 405, 405, 405, 405, 405, 405, 405)),
    "progress_SP": ("module-progress", {}, statuses(405, 405, 405, 405, 405, 405, 405, 405)),
    "proof_SP": ("certificates", {}, statuses(405, 405, 405, 405, 405, 405, 405, 405)),
}


@pytest.mark.parametrize("name", CHANGE)
def test_each_role_changes_what_it_may(api: Api, world: dict[str, Any], name: str) -> None:
    table, body, expected = CHANGE[name]
    for role in ROLES:
        before = MODELS[table].objects.filter(pk=world[name].pk).values().get()
        answer = ask(api, world, role).patch(f"{ROOT}{table}/{world[name].pk}/", body, format="json")
        assert answer.status_code == expected[role], (role, answer.content)
        if answer.status_code != 200:
            assert MODELS[table].objects.filter(pk=world[name].pk).values().get() == before


DELETE: dict[str, tuple[str, dict[str, int]]] = {
    # 409: students' work hangs on the row, so it is unpublished instead.
    "course": ("courses", statuses(401, 403, 403, 403, 403, 409, 403, 409)),
    "draft_course": ("courses", statuses(401, 404, 404, 404, 404, 204, 404, 404)),
    "module": ("modules", statuses(401, 403, 403, 403, 403, 409, 403, 409)),
    "preview": ("lessons", statuses(401, 403, 403, 403, 403, 409, 403, 409)),
    "lesson": ("lessons", statuses(401, 403, 403, 403, 403, 204, 404, 404)),
    "resource": ("lesson-resources", statuses(401, 404, 404, 404, 403, 204, 404, 404)),
    "place_SP": ("course-enrollments", statuses(401, 404, 404, 404, 204, 204, 404, 204)),
    # Leaving twice changes nothing.
    "place_LEFT": ("course-enrollments", statuses(401, 404, 204, 404, 404, 204, 404, 204)),
    "done_LEFT": ("lesson-completions", statuses(401, 404, 403, 404, 404, 403, 404, 409)),
    "done_SU": ("lesson-completions", statuses(401, 404, 404, 403, 404, 403, 404, 409)),
    "done_SP": ("lesson-completions", statuses(401, 404, 404, 404, 204, 404, 404, 404)),
    "progress_SP": ("module-progress", statuses(405, 405, 405, 405, 405, 405, 405, 405)),
    "proof_SP": ("certificates", statuses(405, 405, 405, 405, 405, 405, 405, 405)),
}


@pytest.mark.parametrize("name", DELETE)
def test_each_role_deletes_what_it_may(api: Api, world: dict[str, Any], name: str) -> None:
    table, expected = DELETE[name]
    for role in ROLES:
        there = MODELS[table].objects.filter(pk=world[name].pk)
        before = there.count()
        answer = ask(api, world, role).delete(f"{ROOT}{table}/{world[name].pk}/")
        assert answer.status_code == expected[role], (role, answer.content)
        gone = answer.status_code == 204 and table != "course-enrollments"
        assert there.count() == before - gone, role


@pytest.mark.parametrize("table", ["courses", "modules", "lessons", "lesson-resources", "course-enrollments"])
def test_administrators_key_changes_nothing(api: Api, world: dict[str, Any], table: str) -> None:
    client = ask(api, world, "AD", key=True)
    row = {"courses": "course", "modules": "module", "lessons": "lesson", "lesson-resources": "resource"}
    address = f"{ROOT}{table}/{world[row.get(table, 'place_SP')].pk}/"
    answers = [client.post(f"{ROOT}{table}/", {}, format="json"), client.delete(address)]
    if table != "course-enrollments":
        answers.append(client.patch(address, {}, format="json"))
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "read_only_key")
    ] * len(answers)
    assert client.get(address).status_code == 200

"""Every error of the API has the one shape and the right status, and no input makes a server error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import AuditEvent, User
from courses.models import Course, Lesson
from projectgenius.api.policy import Policy
from tests.accounts.factories import UserFactory

Api = Callable[..., APIClient]
ROOT = "/api/v1/"
LISTS = [
    "users",
    "courses",
    "course-enrollments",
    "modules",
    "lessons",
    "lesson-resources",
    "module-progress",
    "lesson-completions",
    "certificates",
]


def check(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is an error with this status and code, in the one shape; gives its fields."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"code", "message", "fields"}
    assert body["code"] == code
    assert isinstance(body["message"], str)
    assert body["message"]
    fields: dict[str, Any] = body["fields"]
    return fields


def test_wrong_values_are_named(api: Api, instructor: User) -> None:
    fields = check(api(instructor).post(f"{ROOT}courses/", {"level": "Odd"}, format="json"), 400, "invalid")
    assert {"title", "description", "level", "category", "duration_weeks"} == fields.keys()


@pytest.mark.parametrize("body", ["{", "", "[1,", '{"course": NaN}', "\x00", "[" * 100_000, "9" * 5000])
def test_malformed_json_is_the_senders_error(api: Api, student: User, body: str) -> None:
    answer = api(student).post(f"{ROOT}course-enrollments/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "fields"}


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "5", "true", "[[]]", '[{"course": 1}]'])
def test_json_that_is_no_object_is_refused(api: Api, student: User, body: str) -> None:
    answer = api(student).post(f"{ROOT}course-enrollments/", body, content_type="application/json")
    assert "non_field_errors" in check(answer, 400, "invalid") or body == "null"


def test_no_session_is_401_and_names_the_scheme(api: Api) -> None:
    answer = api().post(f"{ROOT}courses/", {}, format="json")
    check(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Api-Key"


def test_missing_right_is_403(api: Api, student: User, course: Course) -> None:
    check(api(student).patch(f"{ROOT}courses/{course.pk}/", {}, format="json"), 403, "permission_denied")


@pytest.mark.parametrize("key", [False, True])
def test_refusals_are_written_down(api: Api, student: User, course: Course, key: bool) -> None:
    client = api(student, key=key)
    client.patch(f"{ROOT}courses/{course.pk}/", {}, format="json")
    client.get(f"{ROOT}users/{course.instructor_id}/")
    refusals = AuditEvent.objects.filter(action="access.refuse", actor_id=student.pk).order_by("id")
    assert list(refusals.values_list("row_id", "after__status")) == [
        (str(course.pk), 403),
        (str(course.instructor_id), 404),
    ]


def test_session_without_csrf_token_is_403(student: User, course: Course) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(student, backend="accounts.backends.SignInBackend")
    answer = client.post(f"{ROOT}course-enrollments/", {"course": course.pk}, format="json")
    check(answer, 403, "permission_denied")
    assert not student.enrollments.exists()


def test_key_needs_no_csrf_token(api: Api, student: User, course: Course) -> None:
    keyed = api(student, key=True)
    keyed.handler.enforce_csrf_checks = True
    answer = keyed.post(f"{ROOT}course-enrollments/", {"course": course.pk}, format="json")
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "path", ["courses/999999/", "courses/999999/contents/", "courses/9" + "9" * 40 + "/"]
)
def test_missing_row_is_404(api: Api, student: User, path: str) -> None:
    check(api(student).get(ROOT + path), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/courses/", "/api/v1/courses/abc/", "/api/v1/courses/-1/",
     "/api/v1/courses/%00/", "/api/v1/courses/1/nothing/", "/api/v1/courses/" + "9" * 5000 + "/"],
)  # fmt: skip
def test_unknown_address_is_404_in_json(api: Api, path: str) -> None:
    check(api().get(path), 404, "not_found")


def test_page_beyond_the_last_is_404(api: Api, course: Course) -> None:
    for page in ("2", "0", "-1", "x", "9" * 30):
        check(api().get(f"{ROOT}courses/?page={page}"), 404, "not_found")


def test_what_nobody_may_do_is_405(api: Api, admin_user: User, student: User, course: Course) -> None:
    for client in (api(admin_user), api(student), api()):
        answer = client.put(f"{ROOT}courses/{course.pk}/", {}, format="json")
        check(answer, 405, "method_not_allowed")
        assert "PATCH" in answer["Allow"]
        check(client.post(f"{ROOT}module-progress/", {}, format="json"), 405, "method_not_allowed")
        check(client.options(f"{ROOT}courses/"), 405, "method_not_allowed")


def test_wrong_accept_header_is_406(api: Api, course: Course) -> None:
    check(api().get(f"{ROOT}courses/", headers={"Accept": "text/html"}), 406, "not_acceptable")


def test_state_that_forbids_is_409(api: Api, course: Course, enrolled_student: User) -> None:
    answer = api(enrolled_student).post(f"{ROOT}course-enrollments/", {"course": course.pk}, format="json")
    check(answer, 409, "already_enrolled")


def test_body_that_is_too_large_is_413(api: Api, student: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    check(api(student).patch(f"{ROOT}me/", {"bio": "x" * 200}, format="json"), 413, "too_large")


def test_body_of_another_kind_is_415(api: Api, student: User) -> None:
    answer = api(student).patch(f"{ROOT}me/", "bio=x", content_type="application/x-www-form-urlencoded")
    check(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("signed_in", [False, True])
def test_too_many_requests_are_429(
    api: Api, student: User, monkeypatch: pytest.MonkeyPatch, signed_in: bool
) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    client = api(student if signed_in else None)
    answers = [client.get(f"{ROOT}courses/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    check(answers[2], 429, "throttled")
    assert 0 < int(answers[2]["Retry-After"]) <= 60


def test_limit_counts_a_person_whatever_the_way_in(
    api: Api, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    session, key = api(student), api(student, key=True)
    assert [client.get(f"{ROOT}me/").status_code for client in (session, key, session)] == [200, 200, 429]
    assert api(UserFactory()).get(f"{ROOT}me/").status_code == 200


def test_failure_of_ours_is_500_in_json(api: Api, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("courses.api.views.contents_of", fail)
    client = api()
    client.raise_request_exception = False
    answer = client.get(f"{ROOT}courses/{course.pk}/contents/")
    check(answer, 500, "server_error")
    assert b"secret" not in answer.content


# --- No input makes a server error -----------------------------------------------------------------------

HOSTILE_VALUES: list[Any] = [
    None, True, -1, 1.5, 1e300, 10**30, "", "a\x00b", "\ud800", "9" * 40, "١", "NaN", [], {"id": 1}, "x" * 100_000,
]  # fmt: skip
BODIES: dict[str, tuple[str, ...]] = {
    "courses": (
        "title", "description", "level", "category", "duration_weeks", "price", "language", "cover_hue",
        "cover_image", "is_published", "instructor", "id",
    ),
    "modules": ("course", "title", "description", "order_index", "key", "is_published"),
    "lessons": ("module", "title", "content", "content_type", "duration_minutes", "order_index", "key", "is_preview"),
    "lesson-resources": ("lesson", "title", "resource_type", "url", "file"),
    "course-enrollments": ("course", "student", "progress"),
    "lesson-completions": ("lesson", "student", "completed_at"),
}  # fmt: skip


@pytest.fixture
def right_bodies(course: Course) -> dict[str, dict[str, Any]]:
    """For each table a body that would be taken."""
    module = course.modules.get(order_index=1)
    lesson = Lesson.objects.filter(module=module, is_preview=True).get()
    return {
        "courses": {
            "title": "New", "description": "x", "level": "Beginner", "category": "Art", "duration_weeks": 2
        },
        "modules": {"course": course.pk, "title": "New", "description": "x"},
        "lessons": {"module": module.pk, "title": "New", "content": "x"},
        "lesson-resources": {
            "lesson": lesson.pk, "title": "New", "resource_type": "link", "url": "https://example.org/"
        },
        "course-enrollments": {"course": course.pk},
        "lesson-completions": {"lesson": lesson.pk},
    }  # fmt: skip


@pytest.mark.parametrize(("table", "field"), [(table, field) for table in BODIES for field in BODIES[table]])
def test_hostile_values_are_refused_or_taken(
    api: Api, instructor: User, right_bodies: dict[str, dict[str, Any]], table: str, field: str
) -> None:
    client = api(instructor)
    client.raise_request_exception = False
    for value in HOSTILE_VALUES:
        if value == "\ud800":
            body = f'{{"{field}": "\\ud800"}}'
            answer = client.post(f"{ROOT}{table}/", body, content_type="application/json")
        else:
            answer = client.post(f"{ROOT}{table}/", {**right_bodies[table], field: value}, format="json")
        assert answer.status_code in (200, 201, 400, 403, 404, 409), (value, answer.content)
        cache.clear()


HOSTILE_QUERIES = [
    "search=%00", "search=" + "a%20" * 40, "search=" + "a" * 101, "ordering=%00", "ordering=id,id", "ordering=-",
    "ordering=--id", "ordering=password", "page_size=0", "page_size=-1", "page_size=x", "page_size=" + "9" * 5000,
    "course=x", "course=1.5", "course=-1", "course=" + "9" * 40, "course=%00", "student=" + "9" * 5000, "lesson=%F0",
    "level=%00", "category=%00", "price_max=1e999", "price_max=NaN", "price_min=Infinity", "price_max=" + "9" * 50,
    "is_free=maybe", "is_published=%00", "is_withdrawn=2", "content_type=x", "instructor=" + "9" * 30,
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_hostile_queries_are_refused_or_answered(
    api: Api, admin_user: User, course: Course, query: str
) -> None:
    client = api(admin_user)
    client.raise_request_exception = False
    for table in LISTS:
        answer = client.get(f"{ROOT}{table}/?{query}")
        assert answer.status_code in (200, 400), (table, answer.content)


def test_filters_that_are_not_understood_are_refused(api: Api, admin_user: User) -> None:
    client = api(admin_user)
    for query, field in {
        "is_free=maybe": "is_free",
        "level=Odd": "level",
        "page_size=x": "page_size",
        "ordering=slug": "ordering",
        "instructor=me": "instructor",
        "price_max=cheap": "price_max",
    }.items():
        assert field in check(client.get(f"{ROOT}courses/?{query}"), 400, "invalid")


# --- Every address of the API declares who may call it ---------------------------------------------------


def api_views(patterns: list[Any] | None = None, prefix: str = "/") -> list[tuple[str, Any]]:
    """All addresses below /api/ with their view classes."""
    found: list[tuple[str, Any]] = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += api_views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/api/"):
            found.append((path, pattern.callback))
    return found


def test_every_address_declares_its_policy() -> None:
    views = api_views()
    assert len(views) > 20
    for path, view in views:
        classes = view.cls.permission_classes
        described = path.startswith(("/api/v1/schema/", "/api/v1/docs/"))
        assert classes, path
        assert all(issubclass(one, AllowAny if described else Policy) for one in classes), path


def test_every_list_is_paged(api: Api, admin_user: User, course: Course) -> None:
    client = api(admin_user)
    for table in LISTS:
        body = client.get(f"{ROOT}{table}/?page_size=1").json()
        assert body.keys() == {"count", "next", "previous", "results"}, table
        assert len(body["results"]) <= 1

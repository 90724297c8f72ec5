"""People in the API: the own profile, and who sees whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.api_keys import issue_api_key, revoke_api_key
from accounts.models import User
from courses.models import Course
from tests.accounts.factories import UserFactory
from tests.courses.factories import EnrollmentFactory

Api = Callable[..., APIClient]
ME, USERS = "/api/v1/me/", "/api/v1/users/"


def test_person_reads_the_own_profile(api: Api, student: User) -> None:
    answer = api(student).get(ME)
    assert answer.status_code == 200
    assert answer.data["email"] == student.email
    assert answer.data["is_admin"] is answer.data["is_instructor"] is False
    assert not {"password", "api_key", "groups"} & answer.data.keys()
    assert answer["Cache-Control"] == "private, no-store"


def test_anonymous_is_told_to_sign_in(api: Api) -> None:
    for address in (ME, USERS):
        answer = api().get(address)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Api-Key"
        assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize("key", [False, True])
def test_student_changes_the_own_profile(api: Api, student: User, key: bool) -> None:
    values = {"full_name": "Ada Byron", "bio": "Counts.", "avatar_url": "/static/ada.png"}
    answer = api(student, key=key).patch(ME, values, format="json")
    assert answer.status_code == 200
    student.refresh_from_db()
    assert {name: getattr(student, name) for name in values} == values


def test_profile_change_leaves_a_key_that_was_rotated_meanwhile(api: Api, student: User) -> None:
    old = api(student, key=True)
    stale = User.objects.get(pk=student.pk)
    new = issue_api_key(user=student, by=student)
    client = api()
    client.force_authenticate(stale)
    assert client.patch(ME, {"bio": "Counts."}, format="json").status_code == 200
    assert old.get(ME).status_code == 401
    assert api().get(ME, headers={"X-API-Key": new}).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example/x.png", "ftp://a.example/x", "a\nb"],
)
def test_picture_must_be_a_safe_link(api: Api, student: User, address: str) -> None:
    answer = api(student).patch(ME, {"avatar_url": address}, format="json")
    assert answer.status_code == 400
    assert "avatar_url" in answer.json()["fields"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("is_admin", True),
        ("is_active", False),
        ("is_staff", True),
        ("is_superuser", True),
        ("is_instructor", True),
        ("groups", [1]),
        ("user_permissions", [1]),
        ("api_key", "a" * 64),
        ("password", "something-else-entirely"),
        ("email_verified", False),
        ("email", "other@example.org"),
        ("username", "somebody"),
        ("id", 1_000_000),
        ("last_login", "2030-01-01T00:00:00Z"),
        ("created_at", "2030-01-01T00:00:00Z"),
    ],
)
def test_only_the_server_sets_what_a_person_is(api: Api, student: User, field: str, value: Any) -> None:
    before = User.objects.filter(pk=student.pk).values().get()
    client = api(student, key=True)
    before["api_key"] = User.objects.values_list("api_key", flat=True).get(pk=student.pk)
    answer = client.patch(ME, {field: value, "bio": "x"}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert User.objects.filter(pk=student.pk).values().get() == before


def test_profile_can_be_sent_back_as_it_was_read(api: Api, student: User) -> None:
    client = api(student)
    answer = client.patch(ME, {**client.get(ME).json(), "bio": "New."}, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["bio"] == "New."


def test_administrators_key_only_reads(api: Api, admin_user: User) -> None:
    client = api(admin_user, key=True)
    assert client.get(USERS).status_code == 200
    answer = client.patch(ME, {"bio": "x"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "read_only_key")
    assert api(admin_user).patch(ME, {"bio": "x"}, format="json").status_code == 200


def test_keys_that_do_not_work_are_answered_alike(api: Api, student: User) -> None:
    revoked = issue_api_key(user=student, by=student)
    revoke_api_key(user=student, by=student)
    gone = UserFactory(is_active=False)
    of_gone = issue_api_key(user=gone, by=gone)
    answers = [
        api().get(ME, headers={"Authorization": f"Api-Key {key}"})
        for key in (revoked, of_gone, "pg_unknown", "", "ü" * 5, "pg_ with spaces")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "invalid_key"


def test_key_works_in_both_headers_and_never_in_the_address(api: Api, student: User) -> None:
    key = issue_api_key(user=student, by=student)
    assert api().get(ME, headers={"Authorization": f"Api-Key {key}"}).status_code == 200
    assert api().get(ME, headers={"Authorization": f"api-key  {key}"}).status_code == 200
    assert api().get(ME, headers={"X-API-Key": key}).status_code == 200
    assert api().get(f"{ME}?api_key={key}&key={key}").status_code == 401


def test_key_opens_no_page(api: Api, student: User) -> None:
    key = issue_api_key(user=student, by=student)
    for page in ("/settings/", "/settings/api-key/", "/admin/"):
        answer = api().get(page, headers={"X-API-Key": key, "Accept": "text/html"})
        assert answer.status_code == 302, page
        assert "/login/" in answer["Location"]
    api().post("/settings/api-key/revoke/", headers={"X-API-Key": key})
    assert api().get(ME, headers={"X-API-Key": key}).status_code == 200


def test_deactivated_person_is_nobody(api: Api, student: User) -> None:
    session, key = api(student), api(student, key=True)
    User.objects.filter(pk=student.pk).update(is_active=False)
    assert session.get(ME).status_code == key.get(ME).status_code == 401


# --- Who sees whom ------------------------------------------------------------------------------------


def ids(answer: Any) -> set[int]:
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


def test_each_sees_the_people_that_one_may_see(  # noqa: PLR0917
    api: Api, course: Course, enrolled_student: User, student: User, other_instructor: User, admin_user: User
) -> None:
    everybody = set(User.objects.values_list("pk", flat=True))
    assert ids(api(student).get(USERS)) == {student.pk}
    assert ids(api(enrolled_student).get(USERS)) == {enrolled_student.pk}
    assert ids(api(other_instructor).get(USERS)) == {other_instructor.pk}
    assert ids(api(course.instructor).get(USERS)) == {course.instructor_id, enrolled_student.pk}
    assert ids(api(admin_user).get(USERS)) == everybody


def test_instructor_sees_name_and_address_of_a_student_and_no_more(
    api: Api, course: Course, enrolled_student: User
) -> None:
    User.objects.filter(pk=enrolled_student.pk).update(last_login=timezone.now())
    shown = api(course.instructor).get(f"{USERS}{enrolled_student.pk}/").json()
    assert shown == {
        "id": enrolled_student.pk,
        "display_name": enrolled_student.display_name,
        "avatar_url": None,
        "picture_path": None,
        "email": enrolled_student.email,
        "profile": None,
    }


def test_oneself_and_administrators_see_the_profile(api: Api, student: User, admin_user: User) -> None:
    for reader in (student, admin_user):
        shown = api(reader).get(f"{USERS}{student.pk}/").json()
        assert shown["profile"]["username"] == student.username


def test_hidden_and_missing_people_are_not_found_alike(api: Api, student: User, instructor: User) -> None:
    hidden, missing = api(student).get(f"{USERS}{instructor.pk}/"), api(student).get(f"{USERS}999999/")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_nobody_writes_people_through_the_list(api: Api, student: User, admin_user: User) -> None:
    for client in (api(student), api(admin_user)):
        assert client.post(USERS, {"username": "x"}, format="json").status_code == 405
        assert client.patch(f"{USERS}{student.pk}/", {}, format="json").status_code == 405
        assert client.delete(f"{USERS}{student.pk}/").status_code == 405


def test_search_and_order_use_readable_fields_alone(api: Api, admin_user: User, student: User) -> None:
    client = api(admin_user)
    assert ids(client.get(f"{USERS}?search={student.email}")) == {student.pk}
    assert client.get(f"{USERS}?ordering=email,-id").status_code == 200
    for hidden in ("password", "api_key", "last_login", "is_admin", "groups__name"):
        answer = client.get(f"{USERS}?ordering={hidden}")
        assert answer.status_code == 400
        assert "ordering" in answer.json()["fields"]


def test_lists_of_people_cost_the_same_however_long(
    api: Api, course: Course, admin_user: User, statements: Any
) -> None:
    for reader in (admin_user, course.instructor):
        client, counts = api(reader), []
        for size in (3, 30):
            for student in UserFactory.create_batch(size):
                EnrollmentFactory(student=student, course=course)
            with statements() as seen:
                assert len(client.get(f"{USERS}?page_size=100").json()["results"]) > size
            counts.append(len(seen))
        assert counts == [4, 4]  # session, caller, count, rows


def test_profile_costs_the_session_and_the_person(api: Api, student: User, statements: Any) -> None:
    client, by_key = api(student), api(student, key=True)
    with statements() as seen:
        client.get(ME)
    assert len(seen) == 2
    with statements() as seen:
        by_key.get(ME)
    assert len(seen) == 1

"""Named API keys: made, changed and revoked, by their owner and by administrators; on page, API and admin site."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.api_keys import (
    MOST_KEYS,
    change_named_key,
    issue_api_key,
    issue_named_key,
    revoke_all_keys,
    revoke_named_key,
    scopes_for,
    user_for_api_key,
)
from accounts.models import ApiKey, AuditEvent, User
from courses.models import Course, CourseHelper, HelperRole
from projectgenius.api.scopes import STUDENT_SCOPES, TEACHING_SCOPES, Scope
from projectgenius.errors import Conflict
from tests.accounts.factories import PASSWORD

Login = Callable[[User], Client]
KEY = re.compile(r"pg_[A-Za-z0-9_-]{43}")
KEYS = "/api/v1/api-keys/"
PAGE = "/settings/api-key/"


def confirm(client: Any) -> Any:
    """Enter the password again."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def actions() -> list[str]:
    return list(
        AuditEvent.objects.filter(action__startswith="api_key")
        .order_by("id")
        .values_list("action", flat=True)
    )


# --- The rules ---


def test_key_is_kept_as_a_digest_with_its_beginning(student: User, written: Callable[[], str]) -> None:
    row, key = issue_named_key(user=student, name="Script", scopes=["read"])
    assert KEY.fullmatch(key)
    assert key.startswith(row.prefix)
    assert len(row.prefix) == 8
    stored = str(ApiKey.objects.values().get())
    assert key not in stored + written()
    assert row.key_hash not in written()
    assert user_for_api_key(key) == student
    assert user_for_api_key(row.key_hash) is None


def test_role_decides_which_scopes_can_be_given(
    student: User, instructor: User, admin_user: User, course: Course
) -> None:
    assert scopes_for(student) == [*STUDENT_SCOPES]
    assert scopes_for(instructor) == [*STUDENT_SCOPES, *TEACHING_SCOPES]
    assert scopes_for(admin_user) == [*Scope]
    CourseHelper.objects.create(course=course, user=student, role=HelperRole.ASSISTANT)
    assert Scope.GRADE in scopes_for(User.objects.get(pk=student.pk))


@pytest.mark.parametrize("scopes", [["course:read"], ["read", "admin:read"], ["everything"], [], ["READ"]])
def test_student_cannot_give_a_key_what_a_student_cannot_do(student: User, scopes: list[str]) -> None:
    with pytest.raises(ValidationError):
        issue_named_key(user=student, name="Script", scopes=scopes)
    assert not ApiKey.objects.exists()
    assert actions() == []


def test_end_in_the_past_is_refused(student: User) -> None:
    with pytest.raises(ValidationError) as refused:
        issue_named_key(user=student, name="a", scopes=["read"], expires_at=timezone.now())
    assert list(refused.value.error_dict) == ["expires_at"]


def test_nobody_has_more_than_fifty_keys_that_work(student: User) -> None:
    for _number in range(MOST_KEYS):
        row, _key = issue_named_key(user=student, name="a", scopes=["read"])
    with pytest.raises(Conflict) as refused:
        issue_named_key(user=student, name="a", scopes=["read"])
    assert refused.value.code == "too_many_keys"
    revoke_named_key(key=row, by=student)
    issue_named_key(user=student, name="a", scopes=["read"])


def test_scopes_only_shrink(student: User) -> None:
    row, _key = issue_named_key(user=student, name="a", scopes=["submit", "read"])
    assert row.scopes == ["read", "submit"]
    changed = change_named_key(key=row, by=student, name="b", scopes=["read"])
    assert (changed.name, changed.scopes) == ("b", ["read"])
    with pytest.raises(ValidationError) as refused:
        change_named_key(key=row, by=student, scopes=["read", "submit"])
    assert refused.value.error_dict["scopes"][0].code == "more_scopes"
    row.refresh_from_db()
    assert row.scopes == ["read"]
    assert actions() == ["api_key.issue", "api_key.change"]


def test_only_its_owner_changes_a_key_and_administrators_revoke_it(
    student: User, instructor: User, admin_user: User
) -> None:
    row, key = issue_named_key(user=student, name="a", scopes=["read"])
    for stranger in (instructor, admin_user):
        with pytest.raises(PermissionDenied):
            change_named_key(key=row, by=stranger, name="mine")
    with pytest.raises(PermissionDenied):
        revoke_named_key(key=row, by=instructor)
    assert revoke_named_key(key=row, by=admin_user)
    assert not revoke_named_key(key=row, by=student)
    assert user_for_api_key(key) is None
    with pytest.raises(Conflict):
        change_named_key(key=row, by=student, name="b")
    assert actions() == ["api_key.issue", "api_key.revoke"]


def test_all_keys_of_a_person_end_together(student: User, instructor: User) -> None:
    keys = [issue_named_key(user=student, name="a", scopes=["read"])[1] for _ in range(2)]
    keys.append(issue_api_key(user=student, by=student))
    _row, kept = issue_named_key(user=instructor, name="a", scopes=["read"])
    assert revoke_all_keys(user=student, by=student) == 3
    assert [user_for_api_key(key) for key in keys] == [None] * 3
    assert user_for_api_key(kept) == instructor


# --- The page ---


def new_key_form(**changed: Any) -> dict[str, Any]:
    return {"key-name": "Grade export", "key-scopes": ["read"], "key-days": "30", **changed}


def test_named_key_is_made_and_shown_once(login: Login, student: User) -> None:
    client = confirm(login(student))
    made = client.post(f"{PAGE}create/", new_key_form())
    assert "no-store" in made.headers["Cache-Control"]
    (key,) = set(KEY.findall(made.content.decode()))
    assert user_for_api_key(key) == student
    row = ApiKey.objects.get()
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)  # type: ignore[operator]
    page = client.get(PAGE).content.decode()
    assert not KEY.search(page)
    for shown in ("Grade export", row.prefix, "never used", "Revoke"):
        assert shown in page


def test_page_offers_a_student_no_scope_of_an_instructor(
    login: Login, student: User, instructor: User
) -> None:
    assert "course:write" not in confirm(login(student)).get(PAGE).content.decode()
    assert "course:write" in confirm(login(instructor)).get(PAGE).content.decode()
    answer = confirm(login(student)).post(f"{PAGE}create/", new_key_form(**{"key-scopes": ["read", "grade"]}))
    assert "error-summary" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_named_key_is_not_made_without_the_password(login: Login, student: User) -> None:
    answer = login(student).post(f"{PAGE}create/", new_key_form())
    assert answer.headers["Location"] == PAGE
    assert not ApiKey.objects.exists()


def test_owner_takes_scopes_away_on_the_page(login: Login, student: User) -> None:
    row, _key = issue_named_key(user=student, name="a", scopes=["read", "submit"])
    client = login(student)
    assert "Take quizzes" in client.get(f"{PAGE}{row.pk}/").content.decode()
    client.post(f"{PAGE}{row.pk}/", {"name": "Reader", "scopes": ["read"]})
    row.refresh_from_db()
    assert (row.name, row.scopes) == ("Reader", ["read"])
    again = client.post(f"{PAGE}{row.pk}/", {"name": "Reader", "scopes": ["read", "submit"]})
    assert again.status_code == 200
    row.refresh_from_db()
    assert row.scopes == ["read"]


def test_strangers_find_no_key_of_somebody_else(login: Login, student: User, admin_user: User) -> None:
    row, _key = issue_named_key(user=student, name="a", scopes=["read"])
    client = login(admin_user)
    assert client.get(f"{PAGE}{row.pk}/").status_code == 404
    assert client.post(f"{PAGE}{row.pk}/end/").status_code == 404
    row.refresh_from_db()
    assert row.revoked_at is None


def test_owner_revokes_on_the_page(login: Login, student: User) -> None:
    row, key = issue_named_key(user=student, name="Old script", scopes=["read"])
    client = confirm(login(student))
    client.post(f"{PAGE}{row.pk}/end/")
    assert user_for_api_key(key) is None
    assert "Revoked keys" in client.get(PAGE).content.decode()


def test_page_costs_the_same_however_many_keys(login: Login, student: User, statements: Any) -> None:
    client, counts = confirm(login(student)), []
    for size in (1, 20):
        for _number in range(size):
            issue_named_key(user=student, name="a", scopes=["read"])
        with statements() as seen:
            client.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


# --- The API ---


def test_key_is_made_through_the_api_after_the_password(api: Callable[..., APIClient], student: User) -> None:
    client, body = api(student), {"name": "Script", "scopes": ["read"], "expires_at": None}
    refused = client.post(KEYS, body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert not ApiKey.objects.exists()
    made = confirm(client).post(KEYS, body, format="json")
    assert made.status_code == 201, made.content
    assert user_for_api_key(made.json()["key"]) == student
    shown = client.get(f"{KEYS}{made.json()['id']}/").json()
    assert not {"key", "key_hash"} & shown.keys()
    assert made.json()["key"] not in client.get(KEYS).content.decode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["course:read"]}, "scopes"),
        ({"name": "a", "scopes": ["nothing"]}, "scopes"),
        ({"name": "a", "scopes": "read"}, "scopes"),
        ({"name": "a", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "scopes": ["read"], "user": 999999}, "user"),
        ({"name": "a", "scopes": ["read"], "key": "pg_mine"}, "key"),
        ({"name": "a", "scopes": ["read"], "key_hash": "0" * 64}, "key_hash"),
        ({"name": "a", "scopes": ["read"], "prefix": "pg_"}, "prefix"),
    ],
)
def test_wrong_key_is_refused_by_field(
    api: Callable[..., APIClient], student: User, body: dict[str, Any], field: str
) -> None:
    answer = confirm(api(student)).post(KEYS, body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not ApiKey.objects.exists()


def test_no_key_sees_or_touches_keys(api: Callable[..., APIClient], student: User, admin_user: User) -> None:
    row, named = issue_named_key(user=student, name="a", scopes=["read", "write:own", "submit"])
    _row, of_admin = issue_named_key(user=admin_user, name="a", scopes=[*Scope])
    client = api()
    for key in (named, of_admin, issue_api_key(user=student, by=student)):
        for method, address in (
            ("get", KEYS),
            ("post", KEYS),
            ("get", f"{KEYS}{row.pk}/"),
            ("patch", f"{KEYS}{row.pk}/"),
            ("delete", f"{KEYS}{row.pk}/"),
        ):
            answer = getattr(client, method)(address, {}, format="json", headers={"X-API-Key": key})
            assert (answer.status_code, answer.json()["code"]) == (403, "session_required")
    row.refresh_from_db()
    assert row.revoked_at is None


def test_each_sees_the_own_keys_and_administrators_all(
    api: Callable[..., APIClient], student: User, instructor: User, admin_user: User
) -> None:
    row, key = issue_named_key(user=student, name="a", scopes=["read", "submit"])
    address = f"{KEYS}{row.pk}/"
    assert [api(user).get(KEYS).json()["count"] for user in (student, instructor, admin_user)] == [1, 0, 1]
    for method in ("get", "patch", "delete"):
        assert getattr(api(instructor), method)(address).status_code == 404
    assert api(admin_user).patch(address, {"name": "b"}, format="json").status_code == 403
    assert api(student).patch(address, {"scopes": ["read"]}, format="json").json()["scopes"] == ["read"]
    more = api(student).patch(address, {"scopes": ["read", "submit"]}, format="json")
    assert (more.status_code, list(more.json()["fields"])) == (400, ["scopes"])
    assert (
        api(student).patch(address, {"expires_at": "2030-01-01T00:00:00Z"}, format="json").status_code == 400
    )
    assert api(admin_user).delete(address).status_code == 204
    assert user_for_api_key(key) is None
    assert api(student).patch(address, {"name": "b"}, format="json").status_code == 409
    assert api(student).get(address).json()["revoked_at"] is not None


def test_list_of_keys_costs_the_same_however_long(
    api: Callable[..., APIClient], student: User, statements: Any
) -> None:
    client, counts = api(student), []
    for size in (1, 20):
        for _number in range(size):
            issue_named_key(user=student, name="a", scopes=["read"])
        with statements() as seen:
            client.get(f"{KEYS}?page_size=100")
        counts.append(len(seen))
    assert counts == [4, 4]  # session, person, count, rows


# --- The admin site ---


def test_administrator_sees_and_revokes_everybodys_keys(
    login: Login, student: User, admin_user: User
) -> None:
    row, key = issue_named_key(user=student, name="Grade export", scopes=["read"])
    client = login(admin_user)
    page = client.get("/admin/accounts/apikey/").content.decode()
    assert "Grade export" in page
    assert row.key_hash not in page + client.get(f"/admin/accounts/apikey/{row.pk}/change/").content.decode()
    assert client.get("/admin/accounts/apikey/?key_hash__startswith=a").status_code in {302, 400, 403}
    client.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [row.pk], "index": "0"})
    assert user_for_api_key(key) is None


def test_revoking_on_the_list_of_people_ends_both_kinds(
    login: Login, student: User, admin_user: User
) -> None:
    _row, named = issue_named_key(user=student, name="a", scopes=["read"])
    document = issue_api_key(user=student, by=student)
    answer = login(admin_user).post(
        "/admin/accounts/user/",
        {"action": "revoke_api_keys", "_selected_action": [student.pk], "index": "0"},
        follow=True,
    )
    assert "2 keys revoked." in answer.content.decode()
    assert user_for_api_key(named) is user_for_api_key(document) is None

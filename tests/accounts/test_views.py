"""One's own settings: profile and API key."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client

from accounts.api_keys import issue_api_key, user_for_api_key
from accounts.models import AuditEvent, User
from tests.accounts.factories import PASSWORD

SignIn = Callable[..., HttpResponse]
Login = Callable[[User], Client]
KEY = re.compile(r"pg_[A-Za-z0-9_-]{43}")


@pytest.fixture
def confirmed(login: Login, student: User) -> Client:
    """A browser in which `student` has just entered the password again."""
    client = login(student)
    answer = client.post(
        "/accounts/reauthenticate/?next=/settings/api-key/",
        {"password": PASSWORD, "next": "/settings/api-key/"},
    )
    assert answer.headers["Location"] == "/settings/api-key/"
    return client


# --- Profile ---


def test_person_changes_name_and_biography(login: Login, student: User) -> None:
    client = login(student)
    answer = client.post(
        "/settings/", {"full_name": " Rosa Lind ", "bio": "Counts.\nAnd reads."}, follow=True
    )
    assert "Profile saved." in answer.content.decode()
    student.refresh_from_db()
    assert (student.full_name, (student.bio or "").split()) == ("Rosa Lind", ["Counts.", "And", "reads."])


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "a\0b"])
def test_name_that_cannot_be_used_is_told(login: Login, student: User, name: str) -> None:
    answer = login(student).post("/settings/", {"full_name": name, "bio": "Changed"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<title>Error: Profile" in page
    assert 'aria-invalid="true"' in page
    student.refresh_from_db()
    assert (student.full_name, student.bio) == ("Student", None)


def test_form_changes_nothing_else(login: Login, student: User) -> None:
    fields = {
        "full_name": "Rosa",
        "bio": "",
        "is_admin": "on",
        "email": "new@example.org",
        "username": "root",
    }
    login(student).post("/settings/", {**fields, "is_active": "", "email_verified": "", "api_key": "x"})
    before, after = student, User.objects.get()
    for name in ("is_admin", "email", "username", "is_active", "email_verified", "api_key", "password"):
        assert getattr(after, name) == getattr(before, name)


def test_wrong_name_is_not_shown_in_the_bar_as_if_it_were_saved(login: Login, student: User) -> None:
    page = login(student).post("/settings/", {"full_name": "x" * 121, "bio": ""}).content.decode()
    assert "Your account, Student" in page


def test_hostile_name_is_shown_as_a_text(login: Login, student: User) -> None:
    page = login(student).post("/settings/", {"full_name": "<script>alert(1)</script>"}, follow=True)
    assert "<script>alert" not in page.content.decode()


# --- API key ---


def test_key_page_asks_for_the_password_first(client: Client, sign_in: SignIn, student: User) -> None:
    sign_in(client, "student")
    answer = client.get("/settings/api-key/")
    assert answer.headers["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fapi-key%2F"
    wrong = client.post("/accounts/reauthenticate/", {"password": "a-wrong-password"})
    assert "This is not your current password." in wrong.content.decode()
    assert client.get("/settings/api-key/").status_code == 302


def test_key_is_shown_once(confirmed: Client, student: User) -> None:
    assert "You have no key." in confirmed.get("/settings/api-key/").content.decode()
    made = confirmed.post("/settings/api-key/issue/")
    assert "no-store" in made.headers["Cache-Control"]
    (key,) = set(KEY.findall(made.content.decode()))
    assert user_for_api_key(key) == student
    again = confirmed.get("/settings/api-key/").content.decode()
    assert "You have a key. It was shown once" in again
    assert not KEY.search(again)
    assert key not in str(list(confirmed.session.items()))


def test_new_key_replaces_the_old_one(confirmed: Client, student: User) -> None:
    old = issue_api_key(user=student, by=student)
    (new,) = set(KEY.findall(confirmed.post("/settings/api-key/issue/").content.decode()))
    assert user_for_api_key(old) is None
    assert user_for_api_key(new) == student


def test_key_is_revoked(confirmed: Client, student: User) -> None:
    key = issue_api_key(user=student, by=student)
    answer = confirmed.post("/settings/api-key/revoke/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [  # type: ignore[attr-defined]
        "API key revoked. Programs that used it are signed out."
    ]
    assert user_for_api_key(key) is None
    confirmed.post("/settings/api-key/revoke/")
    assert AuditEvent.objects.filter(action="api_key.revoke").count() == 1


def test_key_is_not_made_long_after_the_password_was_entered(login: Login, student: User) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        client = login(student)
        assert client.post("/settings/api-key/issue/").headers["Location"] == "/settings/api-key/"
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        clock.shift(301)
        assert client.post("/settings/api-key/issue/").headers["Location"] == "/settings/api-key/"
        assert client.get("/settings/api-key/").status_code == 302
    student.refresh_from_db()
    assert student.api_key is None


@pytest.mark.parametrize("path", ["issue/", "revoke/"])
def test_key_is_not_touched_by_a_link_or_another_site(student: User, path: str) -> None:
    key = issue_api_key(user=student, by=student)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(student)
    assert strict.get(f"/settings/api-key/{path}").status_code == 405
    assert strict.post(f"/settings/api-key/{path}").status_code == 403
    assert user_for_api_key(key) == student


def test_reauthentication_leads_to_no_other_site(login: Login, student: User) -> None:
    answer: Any = login(student).post(
        "/accounts/reauthenticate/", {"password": PASSWORD, "next": "https://evil.example/"}
    )
    assert "evil" not in answer.headers["Location"]

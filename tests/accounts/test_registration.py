"""Accounts that are made without the sign-up page."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import AuditEvent, User
from accounts.registration import register_person
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def register(**changed: Any) -> User:
    fields = {"username": "Rosa", "email": "Rosa@Example.org", "password_hash": make_password(PASSWORD)}
    return register_person(**{**fields, **changed})


def test_person_is_made_with_a_confirmed_address(client: Client) -> None:
    user = register(full_name="Rosa Lind", bio="Counts.")
    assert (user.username, user.email, user.full_name, user.bio) == (
        "rosa",
        "rosa@example.org",
        "Rosa Lind",
        "Counts.",
    )
    assert (user.email_verified, user.is_active, user.is_admin, user.is_instructor) == (
        True,
        True,
        False,
        False,
    )
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified, address.primary) == (user, user.email, True, True)
    for login in ("rosa", "Rosa@example.org"):
        assert client.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 302
        client.post("/accounts/logout/")


@pytest.mark.parametrize(("is_instructor", "is_admin"), [(True, False), (False, True), (True, True)])
def test_roles_are_given_and_logged(is_instructor: bool, is_admin: bool) -> None:
    user = User.objects.get(pk=register(is_instructor=is_instructor, is_admin=is_admin).pk)
    assert (user.is_instructor, user.is_admin, user.is_staff) == (is_instructor, is_admin, True)
    event = AuditEvent.objects.get()
    assert (event.action, event.row_id) == ("account.create", str(user.pk))
    assert event.after == {"is_admin": is_admin, "is_instructor": is_instructor}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "taken"),
        ("username", "TAKEN"),
        ("username", "two words"),
        ("username", ""),
        ("email", "taken@example.org"),
        ("email", "TAKEN@example.org"),
        ("email", "no-address"),
        ("email", "a" * 110 + "@example.org"),
        ("full_name", "x" * 121),
    ],
)
def test_value_that_cannot_be_used_is_named_and_nothing_is_made(field: str, value: str) -> None:
    UserFactory(username="taken", email="taken@example.org")
    with pytest.raises(ValidationError) as refusal:
        register(**{field: value})
    assert field in refusal.value.message_dict or "__all__" in refusal.value.message_dict
    assert User.objects.count() == EmailAddress.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_everything_is_made_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("accounts.registration.record_event", fail)
    with pytest.raises(RuntimeError):
        register(is_instructor=True)
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()


def test_addresses_are_kept_in_lower_case() -> None:
    assert User.objects.create_user("rosa", "Rosa.Lind@Example.ORG ").email == "rosa.lind@example.org"
    assert User.objects.create_superuser("root", "Root@Example.org").is_admin
    assert User.objects.get(username="root").email == "root@example.org"

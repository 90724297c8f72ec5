"""Signing in by a code from a mail, and what a forgotten password ends."""

import re
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from accounts.models import AuditEvent, User
from tests.accounts.conftest import SignIn
from tests.accounts.factories import UserFactory
from tests.accounts.second_factors import code_of, give_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory(username="amara", email="amara@example.org")


def ask(client: Client, address: str = "amara@example.org") -> Any:
    return client.post("/accounts/login/code/", {"email": address})


def enter(client: Client, code: str) -> Any:
    return client.post("/accounts/login/code/confirm/", {"code": code})


def code_in(mail: Any) -> str:
    [code] = re.findall(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{2,})\s*$", mail.body, re.MULTILINE)
    return str(code)


def is_signed_in(client: Client) -> bool:
    return client.get("/home/").status_code == 200


def test_person_signs_in_by_a_code(person: User, mailoutbox: Any) -> None:
    client = Client()
    assert ask(client).headers["Location"] == "/accounts/login/code/confirm/"
    page = client.get("/accounts/login/code/confirm/").content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert enter(client, code_in(mailoutbox[0])).status_code == 302
    assert is_signed_in(client)


def test_second_factor_is_asked_after_the_code_too(person: User, mailoutbox: Any) -> None:
    secret, client = give_app(person), Client()
    ask(client)
    assert enter(client, code_in(mailoutbox[0])).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_signed_in(client)


def test_code_ends_after_three_wrong_ones_and_after_ten_minutes(person: User, mailoutbox: Any) -> None:
    client = Client()
    ask(client)
    for _try in range(3):
        enter(client, "WRONG1")
    enter(client, code_in(mailoutbox[0]))
    assert not is_signed_in(client)
    assert AuditEvent.objects.filter(action="sign_in.fail", row_id=str(person.pk), reason="code").count() == 3
    late = Client()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        ask(late)
        clock.shift(10 * 60 + 1)
        enter(late, code_in(mailoutbox[-1]))
        assert not is_signed_in(late)


def test_code_works_in_the_browser_alone_that_asked(person: User, mailoutbox: Any) -> None:
    ask(Client())
    stranger = Client()
    enter(stranger, code_in(mailoutbox[0]))
    assert not is_signed_in(stranger)


def test_unknown_and_inactive_get_a_mail_without_a_code(person: User, mailoutbox: Any) -> None:
    User.objects.update(is_active=False)
    for address in ("amara@example.org", "nobody@example.org"):
        assert ask(Client(), address).headers["Location"] == "/accounts/login/code/confirm/"
    assert [mail.subject for mail in mailoutbox] == ["No account has this address"] * 2


def test_new_password_by_mail_ends_every_session(sign_in: SignIn, person: User, mailoutbox: Any) -> None:
    there, client = Client(), Client()
    sign_in(there, "amara")
    client.post("/accounts/password/reset/", {"email": "amara@example.org"})
    [path] = re.findall(r"https://testserver(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    form = client.get(path, follow=True).redirect_chain[-1][0]
    new = "a-quite-different-password-19"
    client.post(form, {"password1": new, "password2": new})
    assert not is_signed_in(there)
    assert not is_signed_in(client), "the link alone signs nobody in"
    assert sign_in(Client(), "amara", new).status_code == 302


def test_administrator_made_on_the_command_line_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-long-enough-password-20")
    call_command(
        "createsuperuser", "--no-input", username="root", email="root@example.org", stdout=StringIO()
    )
    event = AuditEvent.objects.get(action="account.create")
    assert (event.row_id, event.after, event.actor_id) == (
        str(User.objects.get(username="root").pk), {"is_admin": True}, None)  # fmt: skip

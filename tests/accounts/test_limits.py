"""Every entrance has a limit: the site's own 429, a line in the log, and no longer list than one line a minute."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.account.adapter import get_adapter
from django.core import mail
from django.test import Client

from accounts.adapter import MAILS_A_DAY
from accounts.models import AuditEvent, User
from tests.accounts.conftest import SignIn
from tests.accounts.factories import PASSWORD, UserFactory
from tests.accounts.second_factors import give_app, prove

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory(username="amara", email="amara@example.org")


def until_limited(act: Callable[[int], Any], most: int) -> tuple[int, Any]:
    """Act until the answer is 429: how many tries went through, and that answer."""
    for number in range(most + 1):
        answer = act(number)
        if answer.status_code == 429:
            return number, answer
    pytest.fail(f"{most + 1} tries went through")


# entrance -> how it is tried, and after how many tries it closes
def sign_in_form(client: Client, number: int) -> Any:
    return client.post("/accounts/login/", {"login": f"name{number}", "password": "guess-guess"})


def one_account(client: Client, number: int) -> Any:
    return Client(REMOTE_ADDR=f"192.0.2.{number}").post(
        "/accounts/login/", {"login": "amara", "password": "guess-guess"}
    )


def code_request(client: Client, number: int) -> Any:
    # A browser that waits for a code is led to entering it, so each try is made by another one.
    return Client().post("/accounts/login/code/", {"email": f"name{number}@example.org"})


def code_to_one(client: Client, number: int) -> Any:
    return Client(REMOTE_ADDR=f"192.0.2.{number}").post(
        "/accounts/login/code/", {"email": "amara@example.org"}
    )


def reset(client: Client, number: int) -> Any:
    return client.post("/accounts/password/reset/", {"email": f"name{number}@example.org"})


def reset_of_one(client: Client, number: int) -> Any:
    return Client(REMOTE_ADDR=f"192.0.2.{number}").post(
        "/accounts/password/reset/", {"email": "amara@example.org"}
    )


def reset_link(client: Client, number: int) -> Any:
    return client.post(f"/accounts/password/reset/key/1-set-{number}/", {"password1": "x"})


def sign_up(client: Client, number: int) -> Any:
    return client.post("/accounts/signup/", {"email": "none"})


def passkey(client: Client, number: int) -> Any:
    return client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})


def email_link(client: Client, number: int) -> Any:
    return client.post(f"/settings/email/confirm/x{number}/")


def api_key(client: Client, number: int) -> Any:
    return client.get("/api/v1/courses/", HTTP_X_API_KEY=f"pg_{number}")


@pytest.mark.parametrize(
    ("attempt", "allowed"),
    [
        (sign_in_form, 10), (one_account, 5), (code_request, 20), (code_to_one, 3), (reset, 20),
        (reset_of_one, 5), (reset_link, 20), (sign_up, 20), (passkey, 10), (email_link, 30), (api_key, 20),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_entrance_closes_after_too_many_tries(
    person: User, attempt: Callable[[Client, int], Any], allowed: int
) -> None:
    client = Client()
    went_through, answer = until_limited(lambda number: attempt(client, number), most=allowed)
    assert went_through == allowed
    assert int(answer.headers["Retry-After"]) > 0
    if attempt is api_key:
        assert answer.json()["code"] == "throttled"
    else:
        assert "Too many tries" in answer.content.decode()
    events = AuditEvent.objects.filter(action="sign_in.limit")
    assert events.count() == 1
    attempt(client, allowed)
    assert events.count() <= 2, "the log cannot be flooded"


@pytest.mark.parametrize(
    ("path", "field"), [("/accounts/reauthenticate/", "password"), ("/accounts/2fa/reauthenticate/", "code")]
)
def test_asking_again_closes_too(sign_in: SignIn, person: User, path: str, field: str) -> None:
    client = Client()
    sign_in(client, "amara")
    give_app(person)
    went_through, _answer = until_limited(lambda _number: client.post(path, {field: "wrong"}), most=10)
    assert went_through == 5
    assert AuditEvent.objects.get(action="sign_in.limit").actor_id == person.pk


def test_password_change_closes_too(sign_in: SignIn, person: User) -> None:
    client = Client()
    sign_in(client, "amara")
    data = {"oldpassword": "wrong", "password1": "x"}
    assert until_limited(lambda _: client.post("/accounts/password/change/", data), most=5)[0] == 5


def test_stopped_sign_in_is_logged_for_the_account_that_was_tried(sign_in: SignIn, person: User) -> None:
    for _try in range(5):
        sign_in(Client(), "amara@example.org", "not-the-password")
    refused = sign_in(Client(), "amara@example.org", PASSWORD)
    assert refused.status_code == 429
    event = AuditEvent.objects.get(action="sign_in.limit")
    assert (event.row_id, event.after) == (str(person.pk), {"entrance": "account_login"})


def test_closed_entrance_is_closed_for_the_admin_too(sign_in: SignIn, admin_user: User) -> None:
    for _try in range(5):
        sign_in(Client(), "admin", "not-the-password")
    data = {"username": "admin", "password": PASSWORD}
    client = Client()
    assert client.post("/admin/login/?next=/admin/", data).headers["Location"].startswith("/accounts/login/")
    assert sign_in(client, "admin").status_code == 429
    assert client.get("/admin/").status_code == 302


def test_working_key_from_an_address_that_guessed_waits_too(api: Any, person: User) -> None:
    program = api(person, key=True)
    for number in range(20):
        api_key(Client(), number)
    assert program.get("/api/v1/me/").status_code == 429
    program.defaults["REMOTE_ADDR"] = "192.0.2.9"
    assert program.get("/api/v1/me/").status_code == 200


def test_stopped_wish_is_told_to_the_one_who_has_it(sign_in: SignIn, person: User) -> None:
    client = Client()
    sign_in(client, "amara")
    prove(client)
    went_through, _answer = until_limited(
        lambda number: client.post("/settings/email/", {"email": f"new{number}@example.org"}), most=5
    )
    assert went_through == 5


def test_address_gets_a_number_of_asked_mails_a_day_and_every_notice(person: User) -> None:
    def write(template: str, address: str, times: int = 1) -> int:
        before = len(mail.outbox)
        for _time in range(times):
            facts = {"user": person, "password_reset_url": "https://learn.example.org/x", "code": "ABC"}
            get_adapter().send_mail(f"account/email/{template}", address, facts)
        return len(mail.outbox) - before

    with time_machine.travel("2026-03-01 10:00", tick=False):
        assert write("login_code", person.email, MAILS_A_DAY - 1) == MAILS_A_DAY - 1
        assert write("password_reset_key", person.email.upper(), 5) == 1
        assert write("unknown_account", "other@example.org") == 1
        assert write("password_changed", person.email, 2) == 2
    with time_machine.travel("2026-03-02 10:00", tick=False):
        assert write("login_code", person.email) == 1

"""Signing in and out: by which name, what is answered, what is logged, when it ends."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, AuditOrigin, User
from accounts.roles import set_active
from tests.accounts.factories import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[..., HttpResponse]
WRONG = "Name or password is wrong."


@pytest.fixture
def person() -> User:
    return UserFactory(username="amara", email="Amara.Okafor@example.org")


def is_signed_in(client: Client) -> bool:
    return client.get("/home/").status_code == 200


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize(
    "login", ["amara", "AMARA", " amara ", "Amara.Okafor@example.org", "amara.okafor@EXAMPLE.ORG"]
)
def test_person_signs_in_by_username_or_address_in_any_case(
    client: Client, sign_in: SignIn, person: User, login: str
) -> None:
    answer = sign_in(client, login)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/home/")
    assert is_signed_in(client)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor_id, event.table, event.row_id) == (
        "sign_in.succeed",
        person.pk,
        "users",
        str(person.pk),
    )
    person.refresh_from_db()
    assert person.last_login is not None


def test_unknown_and_known_accounts_get_the_same_answer(sign_in: SignIn, person: User) -> None:
    UserFactory(username="gone", is_active=False)
    pages = set()
    for login in ("amara", "amara.okafor@example.org", "nobody", "nobody@example.org", "gone"):
        answer = sign_in(Client(), login, "not-the-password")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert WRONG in page
        pages.add(_without_what_differs(page, login))
    assert len(pages) == 1


def _without_what_differs(page: str, login: str) -> str:
    """The page without the name that was typed, and the form's own secret."""
    lines = [
        line
        for line in page.replace(f'value="{login}"', "").splitlines()
        if "csrfmiddlewaretoken" not in line
    ]
    return "\n".join(lines)


def test_failure_is_logged_for_the_account_that_was_tried(
    client: Client, sign_in: SignIn, person: User, written: Callable[[], str]
) -> None:
    sign_in(client, "amara.okafor@example.org", "a-wrong-password-77")
    sign_in(client, "my-password-typed-as-name-77", "x")
    known, unknown = AuditEvent.objects.order_by("id")
    assert {known.action, unknown.action} == {"sign_in.fail"}
    assert (known.table, known.row_id, known.actor_id) == ("users", str(person.pk), None)
    assert (unknown.table, unknown.row_id, unknown.actor_id) == ("users", "", None)
    assert "password-77" not in written()
    assert "typed-as-name" not in written()


def test_origin_stands_beside_the_event(client: Client, sign_in: SignIn, person: User) -> None:
    client.post(
        "/accounts/login/",
        {"login": "amara", "password": PASSWORD},
        REMOTE_ADDR="192.0.2.7",
        HTTP_USER_AGENT="Browser/1.0 " + "x" * 300,
        HTTP_X_FORWARDED_FOR="203.0.113.9",
    )
    origin = AuditOrigin.objects.get()
    assert origin.event.action == "sign_in.succeed"
    assert origin.address == "192.0.2.7", "a header that anybody can send is not believed"
    assert origin.user_agent.startswith("Browser/1.0")
    assert origin.event.request_id


def test_signing_out_is_logged_and_ends_the_session(client: Client, sign_in: SignIn, person: User) -> None:
    sign_in(client, "amara")
    assert client.get("/accounts/logout/").status_code == 200, "a link alone signs nobody out"
    assert is_signed_in(client)
    assert client.post("/accounts/logout/").headers["Location"] == "/"
    assert not is_signed_in(client)
    assert actions() == ["sign_in.succeed", "sign_out.succeed"]


def test_session_ends_with_the_browser_unless_asked_otherwise(sign_in: SignIn, person: User) -> None:
    short, long = Client(), Client()
    sign_in(short, "amara")
    sign_in(long, "amara", remember="on")
    assert short.cookies["sessionid"]["max-age"] == ""
    assert long.cookies["sessionid"]["max-age"] == 60 * 60 * 24 * 14
    for client in (short, long):
        assert client.cookies["sessionid"]["httponly"]
        assert client.cookies["sessionid"]["secure"]
        assert client.cookies["sessionid"]["samesite"] == "Lax"


def test_session_gets_a_new_number_at_sign_in(client: Client, sign_in: SignIn, person: User) -> None:
    session = client.session
    session["seen"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client, "amara")
    assert client.session.session_key != before


def test_inactive_person_cannot_sign_in(client: Client, sign_in: SignIn, person: User) -> None:
    User.objects.update(is_active=False)
    sign_in(client, "amara")
    assert not is_signed_in(client)
    assert "sign_in.succeed" not in actions()


def test_deactivated_person_loses_session_and_key_at_the_next_request(
    client: Client, sign_in: SignIn, person: User, api: Any
) -> None:
    sign_in(client, "amara")
    program = api(person, key=True)
    assert is_signed_in(client)
    assert program.get("/api/v1/me/").status_code == 200
    set_active(user=person, is_active=False, by=AdminFactory())
    assert not is_signed_in(client)
    assert program.get("/api/v1/me/").status_code == 401


def test_unconfirmed_person_cannot_sign_in(client: Client, sign_in: SignIn, mailoutbox: Any) -> None:
    UserFactory(username="new", email_verified=False)
    answer = sign_in(client, "new")
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    assert len(mailoutbox) == 1, "a new link comes along"


@pytest.mark.parametrize(
    ("target", "lands_on"),
    [
        ("/courses/?page=2", "/courses/?page=2"),
        ("https://evil.example/", "/home/"),
        ("//evil.example/", "/home/"),
        ("/\\evil.example/", "/home/"),
        ("https:evil.example", "/home/"),
        ("javascript:alert(1)", "/home/"),
        ("", "/home/"),
    ],
)
def test_sign_in_leads_back_within_the_site_alone(
    client: Client, sign_in: SignIn, person: User, target: str, lands_on: str
) -> None:
    assert sign_in(client, "amara", next=target).headers["Location"] == lands_on


def test_page_asks_for_no_more_than_it_says(client: Client) -> None:
    page = client.get("/accounts/login/?next=/home/").content.decode()
    assert "Sign in to open the page you asked for." in page
    assert 'name="next" value="/home/"' in page


def test_repeated_failures_have_to_wait(client: Client, sign_in: SignIn, person: User) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        for _try in range(5):
            assert WRONG in sign_in(client, "amara", "not-the-password").content.decode()
        refused = sign_in(client, "amara").content.decode()
        assert "Too many tries. Try again in 5 minutes." in refused
        assert not is_signed_in(client)
        assert not is_signed_in(client)
        clock.shift(5 * 60 + 1)
        assert sign_in(client, "amara").status_code == 302


def test_failures_of_one_account_do_not_lock_another(sign_in: SignIn, person: User) -> None:
    UserFactory(username="other")
    for _try in range(6):
        sign_in(Client(), "amara", "not-the-password")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.9"), "other").status_code == 302


def test_one_address_cannot_try_many_accounts(sign_in: SignIn) -> None:
    answers = Counter(
        "Too many tries" in sign_in(Client(), f"name{number}", "guess-guess").content.decode()
        for number in range(12)
    )
    assert answers == {False: 10, True: 2}


@pytest.mark.parametrize("login", ["", "\0", "a\0b", "x" * 5000, "😀", "' OR 1=1 --"])
def test_any_name_is_answered(client: Client, sign_in: SignIn, person: User, login: str) -> None:
    answer = sign_in(client, login, "some-password")
    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_form_needs_the_sites_own_page(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/login/", {"login": "amara", "password": PASSWORD}).status_code == 403
    assert actions() == []


def test_admin_has_no_entrance_of_its_own(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302

"""Where one is signed in: shown in words, ended one by one, ended by what ends trust."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.devices import device_name
from accounts.models import AuditEvent, EmailChange, User
from accounts.roles import make_instructor, set_active
from accounts.sessions import sessions_of
from accounts.tasks import forget_ended_sign_ins
from tests.accounts.conftest import SignIn
from tests.accounts.factories import PASSWORD, AdminFactory, UserFactory
from tests.accounts.second_factors import prove

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def person() -> User:
    return UserFactory(username="amara")


def browser(sign_in: SignIn, login: str = "amara", **headers: str) -> Client:
    """A signed-in browser that says who it is."""
    client = Client(**headers)
    assert sign_in(client, login).status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/home/").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPHONE, "Safari on iPhone"),
        (FIREFOX.replace("Firefox/140.0", "") + "Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36", "Chrome on Linux"),
        ("curl/8.0", "a program"),
        ("", "Unknown device"),
        ("<script>", "Unknown device"),
    ],
)
def test_device_is_named_in_words(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


def test_person_sees_the_own_sessions_and_no_others(sign_in: SignIn, person: User) -> None:
    UserFactory(username="other")
    browser(sign_in, "other", HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux) OPR/1")
    here = browser(sign_in, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.1")
    browser(sign_in, HTTP_USER_AGENT=IPHONE, REMOTE_ADDR="192.0.2.2")
    page = here.get("/settings/sessions/").content.decode()
    found = re.findall(r"<p><b>(.*?)</b>", page)
    assert found == ["Firefox on Windows", "Safari on iPhone"]
    assert page.index("This device") < page.index("Safari on iPhone")
    assert "192.0.2.2" in page
    assert not any(row.session_key in page for row in UserSession.objects.all())


def test_ended_session_is_over_at_its_next_request(sign_in: SignIn, person: User) -> None:
    here, there = browser(sign_in), browser(sign_in)
    session = sessions_of(person).get(session_key=there.session.session_key)
    here.post(f"/settings/sessions/{session.pk}/end/")
    assert [is_signed_in(client) for client in (here, there)] == [True, False]
    assert there.get("/api/v1/me/").status_code == 401
    assert AuditEvent.objects.filter(action="session.end", actor_id=person.pk).count() == 1


def test_nobody_ends_somebody_elses_session(sign_in: SignIn, person: User, login: Any) -> None:
    here, session = browser(sign_in), UserSession.objects.get()
    for other in (login(UserFactory()), login(AdminFactory())):
        assert other.post(f"/settings/sessions/{session.pk}/end/").status_code == 404
        assert other.delete(f"/api/v1/sessions/{session.pk}/").status_code == 404
    assert is_signed_in(here)


def test_everywhere_else_is_everywhere_but_here(sign_in: SignIn, person: User) -> None:
    here, *others = (browser(sign_in) for _ in range(4))
    here.post("/settings/sessions/end-others/")
    assert is_signed_in(here)
    assert not any(map(is_signed_in, others))
    assert sessions_of(person).count() == 1


def test_new_password_ends_all_other_sessions(sign_in: SignIn, person: User) -> None:
    here, there = browser(sign_in), browser(sign_in)
    data = {
        "oldpassword": PASSWORD,
        "password1": "another-long-password-18",
        "password2": "another-long-password-18",
    }
    here.post("/accounts/password/change/", data)
    assert [row.session_key for row in sessions_of(person)] == [here.session.session_key]
    assert [is_signed_in(client) for client in (here, there)] == [True, False]


def test_signing_out_takes_the_session_off_the_list(sign_in: SignIn, person: User) -> None:
    here = browser(sign_in)
    here.post("/accounts/logout/")
    assert not UserSession.objects.exists()


def test_last_use_is_written_down_every_few_minutes(
    sign_in: SignIn, person: User, statements: Callable[..., Any]
) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        here = browser(sign_in, REMOTE_ADDR="192.0.2.1")
        with statements() as seen:
            here.get("/help/")
        assert not any("usersessions" in sql for sql in seen), "not for every page"
        clock.shift(301)
        here.get("/help/", REMOTE_ADDR="192.0.2.9")
        row = UserSession.objects.get()
        assert (row.ip, row.last_seen_at.isoformat()) == ("192.0.2.9", "2026-03-01T12:05:01+00:00")


def test_the_list_costs_the_same_however_many(
    sign_in: SignIn, person: User, statements: Callable[..., Any]
) -> None:
    counts = []
    here = browser(sign_in)
    for _more in range(2):
        for path in ("/settings/sessions/", "/api/v1/sessions/"):
            with statements() as seen:
                here.get(path)
            counts.append(len(seen))
        for _session in range(3):
            browser(sign_in)
    assert counts[:2] == counts[2:]
    assert max(counts) <= 5


# What takes effect at the next request


def test_deactivation_role_and_key_count_at_the_next_request(sign_in: SignIn, person: User, api: Any) -> None:
    from accounts.api_keys import revoke_api_key
    from accounts.roles import end_instructor

    admin, here, program = AdminFactory(), browser(sign_in), api(person, key=True)
    assert here.get("/admin/", follow=True).status_code == 403
    make_instructor(user=person, by=admin)
    assert here.get("/admin/").status_code == 200
    assert program.get("/api/v1/me/").data["is_instructor"] is True
    end_instructor(user=person, by=admin)
    assert here.get("/admin/", follow=True).status_code == 403
    assert program.get("/api/v1/me/").data["is_instructor"] is False
    revoke_api_key(user=person, by=admin)
    assert program.get("/api/v1/me/").status_code == 401
    program = api(person, key=True)
    set_active(user=person, is_active=False, by=admin)
    assert not is_signed_in(here)
    assert program.get("/api/v1/me/").status_code == 401


# The API


def test_program_of_the_browser_lists_and_ends_sessions(sign_in: SignIn, person: User) -> None:
    here, there = browser(sign_in, HTTP_USER_AGENT=FIREFOX), browser(sign_in)
    rows = here.get("/api/v1/sessions/").json()["results"]
    assert [set(row) for row in rows] == [
        {"id", "device", "address", "is_this", "created_at", "last_seen_at"}
    ] * 2
    own = {row["is_this"]: row for row in rows}
    assert own[True]["device"] == "Firefox on Windows"
    assert here.delete(f"/api/v1/sessions/{own[False]['id']}/").status_code == 204
    assert not is_signed_in(there)
    assert here.post("/api/v1/sessions/", {}).status_code == 405
    assert here.patch(f"/api/v1/sessions/{own[True]['id']}/", {}).status_code == 405


def test_no_key_sees_or_ends_a_session(sign_in: SignIn, person: User, api: Any) -> None:
    here = browser(sign_in)
    program, session = api(person, key=True), UserSession.objects.get()
    for answer in (program.get("/api/v1/sessions/"), program.delete(f"/api/v1/sessions/{session.pk}/")):
        assert (answer.status_code, answer.json()["code"]) == (403, "session_required")
    assert is_signed_in(here)
    assert Client().get("/api/v1/sessions/").status_code == 401


def test_changing_the_password_asks_for_the_old_one(sign_in: SignIn, person: User) -> None:
    here = browser(sign_in)
    prove(here)
    data = {
        "oldpassword": "wrong",
        "password1": "another-long-password-18",
        "password2": "another-long-password-18",
    }
    assert here.post("/accounts/password/change/", data).status_code == 200
    assert is_signed_in(here)


def test_what_is_over_is_forgotten(sign_in: SignIn, person: User) -> None:
    here, gone = browser(sign_in), browser(sign_in)
    gone.session.delete()
    EmailChange.objects.create(user=person, new_email="x@example.org", expires_at=timezone.now())
    forget_ended_sign_ins.func()
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]
    assert is_signed_in(here)
    assert not EmailChange.objects.exists()

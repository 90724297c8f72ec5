"""The second factor: set up, asked for, encrypted, and required of those who see other people's work."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEvent, User
from accounts.second_factor import lacks_second_factor, needs_second_factor
from accounts.second_factor_adapter import SecondFactorAdapter
from accounts.second_factor_reset import reset_second_factor
from courses.models import Course, CourseHelper
from projectgenius.errors import Conflict
from tests.accounts.conftest import SignIn
from tests.accounts.factories import AdminFactory, InstructorFactory, UserFactory
from tests.accounts.second_factors import code_of, give_app, prove

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]


@pytest.fixture
def person() -> User:
    return UserFactory(username="amara")


@pytest.fixture
def _required(settings: Settings) -> None:
    settings.MFA_REQUIRED_FOR_ADMINS = settings.MFA_REQUIRED_FOR_INSTRUCTORS = True


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def raw_rows() -> str:
    """What a thief of the database would read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return str(cursor.fetchall())


def set_up_app(client: Client) -> tuple[str, str]:
    """Set up an app on the site's pages: its secret, and the page with the recovery codes."""
    prove(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    [secret] = re.findall(r"<code>([A-Z2-7]{32})</code>", page)
    assert 'autocomplete="one-time-code"' in page
    assert "data:image/svg+xml;base64," in page
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    return secret, answer.content.decode()


# Setting up


@pytest.mark.django_db(transaction=True)
def test_person_sets_up_an_app_and_gets_recovery_codes_once(
    sign_in: SignIn, person: User, mailoutbox: Any
) -> None:
    client = Client()
    sign_in(client, "amara")
    secret, page = set_up_app(client)
    codes = re.findall(r"<li><code>(\d{8})</code>", page)
    assert len(codes) == 10
    assert all(code in page.split("data:text/plain")[1] for code in codes), "they can be downloaded"
    again = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert not re.findall(r"\d{8}", again.split("<main")[1]), "they are shown once"
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403
    stored = raw_rows()
    assert secret not in stored
    assert not any(code in stored for code in codes)
    assert [mail.subject for mail in mailoutbox] == ["An authenticator app was added"]
    assert actions().count("second_factor.add") == 2
    assert secret not in str(AuditEvent.objects.values())


def test_wrong_code_sets_up_nothing(sign_in: SignIn, person: User) -> None:
    client = Client()
    sign_in(client, "amara")
    prove(client)
    client.get("/accounts/2fa/totp/activate/")
    answer = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This code is wrong or too old." in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_every_change_of_a_factor_asks_for_the_password_first(sign_in: SignIn, person: User) -> None:
    client = Client()
    sign_in(client, "amara")
    give_app(person)
    for path in ("webauthn/add/", "totp/deactivate/", "recovery-codes/generate/"):
        answer = client.get(f"/accounts/2fa/{path}")
        assert answer.headers["Location"].startswith("/accounts/reauthenticate/"), path
        assert (
            client.post(f"/accounts/2fa/{path}").headers["Location"].startswith("/accounts/reauthenticate/")
        )
    assert Authenticator.objects.filter(type="totp").exists()


def test_app_can_stand_for_the_password_when_asked_again(sign_in: SignIn, person: User) -> None:
    client = Client()
    secret = give_app(person)
    sign_in(client, "amara")
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    answer = client.post(
        "/accounts/2fa/reauthenticate/", {"code": code_of(secret, later=1), "next": "/settings/api-key/"}
    )
    assert answer.headers["Location"] == "/settings/api-key/"
    assert client.get("/settings/api-key/").status_code == 200


def test_removed_app_takes_its_codes_along(sign_in: SignIn, person: User) -> None:
    client = Client()
    sign_in(client, "amara")
    set_up_app(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert actions().count("second_factor.remove") == 2


@pytest.mark.django_db(transaction=True)
def test_first_factor_ends_the_sessions_that_never_showed_one(sign_in: SignIn, person: User) -> None:
    here, elsewhere = Client(), Client()
    sign_in(here, "amara")
    sign_in(elsewhere, "amara")
    set_up_app(here)
    assert here.get("/home/").status_code == 200
    assert elsewhere.get("/home/").status_code == 302


# Signing in


def test_password_alone_does_not_sign_in(sign_in: SignIn, person: User) -> None:
    client = Client()
    secret = give_app(person)
    assert sign_in(client, "amara").headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/home/").status_code == 302
    assert client.get("/api/v1/me/").status_code == 401
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/home/"
    assert client.get("/home/").status_code == 200


def test_code_works_once(sign_in: SignIn, person: User) -> None:
    secret, first, second = give_app(person), Client(), Client()
    code = code_of(secret)
    for client in (first, second):
        sign_in(client, "amara")
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [client.get("/home/").status_code for client in (first, second)] == [200, 302]


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_code_that_was_seen_does_not_work_in_the_steps_around_its_own(
    sign_in: SignIn, person: User, step: int
) -> None:
    secret = give_app(person)
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False) as clock:
        code, owner, thief = code_of(secret, later=step), Client(), Client()
        sign_in(owner, "amara")
        owner.post("/accounts/2fa/authenticate/", {"code": code})
        assert owner.get("/home/").status_code == 200
        for _half_minute in range(3):
            clock.shift(31)
            sign_in(thief, "amara")
            thief.post("/accounts/2fa/authenticate/", {"code": code})
            thief.post("/accounts/2fa/reauthenticate/", {"code": code})
            assert thief.get("/home/").status_code == 302


def test_recovery_code_works_once(sign_in: SignIn, person: User) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    give_app(person)
    code = RecoveryCodes.activate(person).generate_codes()[0]
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, "amara")
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert [client.get("/home/").status_code for client in (first, second)] == [200, 302]


def test_codes_cannot_be_tried_without_end(sign_in: SignIn, person: User) -> None:
    secret, client = give_app(person), Client()
    sign_in(client, "amara")
    answers = [client.post("/accounts/2fa/authenticate/", {"code": "123456"}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    refused = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert refused.status_code == 429, "a right code comes too late"
    assert actions().count("sign_in.fail") == 5
    assert AuditEvent.objects.get(action="sign_in.limit").row_id == str(person.pk)


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", '"x"', '{"response": {"userHandle": "AAAA"}}', "null", "{"]
)
def test_broken_passkey_is_answered_like_an_unknown_one(client: Client, credential: str) -> None:
    client.get("/accounts/2fa/webauthn/login/", HTTP_ACCEPT="application/json")
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.headers["Location"] == "/accounts/login/"


# Required


@pytest.mark.usefixtures("_required")
def test_who_needs_a_second_factor(settings: Settings, course: Course, student: User) -> None:
    admin, instructor, helper = AdminFactory(), InstructorFactory(), UserFactory()
    CourseHelper.objects.create(course=course, user=helper, role="assistant")
    people = [admin, instructor, helper, student]
    assert [needs_second_factor(user) for user in people] == [True, True, True, False]
    settings.MFA_REQUIRED_FOR_ADMINS = False
    assert [needs_second_factor(user) for user in people] == [False, True, True, False]
    settings.MFA_REQUIRED_FOR_ADMINS, settings.MFA_REQUIRED_FOR_INSTRUCTORS = True, False
    assert [needs_second_factor(user) for user in people] == [True, False, False, False]
    give_app(admin)
    assert not lacks_second_factor(User.objects.get(pk=admin.pk))


def test_nothing_is_asked_where_it_is_not_required(login: Login, admin_user: User) -> None:
    assert login(admin_user).get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("name", ["admin_user", "instructor"])
def test_staff_without_a_factor_reaches_nothing_but_its_set_up(
    name: str, request: pytest.FixtureRequest, login: Login, course: Course
) -> None:
    client = login(request.getfixturevalue(name))
    for path in ("/", "/home/", "/admin/", "/admin/courses/course/", "/settings/", "/settings/sessions/",
                 f"/courses/{course.slug}/", "/no/such/page/"):  # fmt: skip
        assert client.get(path).headers.get("Location") == "/accounts/2fa/", path
    before = Course.objects.count()
    assert client.post(f"/courses/{course.slug}/enroll/").headers["Location"] == "/accounts/2fa/"
    assert client.post("/settings/", {"full_name": "X"}).headers["Location"] == "/accounts/2fa/"
    assert Course.objects.count() == before
    page = client.get("/accounts/2fa/").content.decode()
    assert "Set up a second factor" in page
    assert client.get("/help/").status_code == 200
    assert client.post("/accounts/logout/").headers["Location"] == "/"


@pytest.mark.usefixtures("_required")
def test_api_meets_staff_without_a_factor_as_nobody(api: Any, admin_user: User, course: Course) -> None:
    Course.objects.update(is_published=False)
    by_session, by_key = api(admin_user), api(admin_user, key=True)
    assert by_session.get("/api/v1/me/").status_code == 401
    assert by_session.get("/api/v1/courses/").data["count"] == 0
    assert by_key.get("/api/v1/me/").status_code == 401
    assert by_key.get("/api/v1/courses/").status_code == 401
    give_app(admin_user)
    assert by_session.get("/api/v1/courses/").data["count"] == 1
    assert by_key.get("/api/v1/courses/").data["count"] == 1


@pytest.mark.usefixtures("_required")
def test_instructor_signs_in_sets_up_and_goes_on(sign_in: SignIn) -> None:
    InstructorFactory(username="ines")
    client = Client()
    assert sign_in(client, "ines").status_code == 302
    assert client.get("/home/").headers["Location"] == "/accounts/2fa/"
    _secret, page = set_up_app(client)
    assert "Keep these codes in a safe place" in page
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_required_factor_cannot_be_removed_as_the_last_one(sign_in: SignIn) -> None:
    InstructorFactory(username="ines")
    client = Client()
    sign_in(client, "ines")
    set_up_app(client)
    page = client.post("/accounts/2fa/totp/deactivate/")
    assert "Add a passkey first" in page.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.usefixtures("_required")
def test_required_passkey_cannot_be_removed_as_the_last_one(sign_in: SignIn) -> None:
    person, client = InstructorFactory(username="ines"), Client()
    sign_in(client, "ines")
    passkeys = [
        Authenticator.objects.create(user=person, type="webauthn", data={"name": name, "credential": {}})
        for name in ("Phone", "Laptop")
    ]
    prove(client)
    for passkey in passkeys:
        client.post(f"/accounts/2fa/webauthn/{passkey.pk}/remove/")
    assert [row.pk for row in Authenticator.objects.filter(user=person)] == [passkeys[1].pk]
    assert "needs a second factor" in client.get("/accounts/2fa/").content.decode()


@pytest.mark.usefixtures("_required")
def test_role_that_is_given_asks_for_a_factor_at_the_next_request(login: Login, student: User) -> None:
    from accounts.roles import make_instructor

    admin, client = AdminFactory(), login(student)
    assert client.get("/home/").status_code == 200
    make_instructor(user=student, by=admin)
    assert client.get("/home/").headers["Location"] == "/accounts/2fa/"


def test_admins_login_page_passes_by_nothing(person: User, sign_in: SignIn) -> None:
    """The admin's form is never drawn nor read: a password sent there signs nobody in."""
    admin = AdminFactory(username="root")
    give_app(admin)
    client = Client()
    data = {"username": "root", "password": "a-long-enough-password-17", "next": "/admin/"}
    assert client.post("/admin/login/", data).headers["Location"].startswith("/accounts/login/")
    assert client.get("/admin/").status_code == 302
    assert "sign_in.succeed" not in actions()


# Secrets


def test_keys_can_be_changed_one_after_the_other(settings: Settings) -> None:
    adapter, old, new = SecondFactorAdapter(), *(Fernet.generate_key().decode() for _ in range(2))
    derived = adapter.encrypt("secret")
    settings.MFA_ENCRYPTION_KEYS = [old]
    kept = adapter.encrypt("secret")
    settings.MFA_ENCRYPTION_KEYS = [new, old]
    assert {adapter.decrypt(text) for text in (derived, kept)} == {"secret"}
    assert Fernet(new).decrypt(adapter.encrypt("secret")) == b"secret"


def test_another_site_cannot_read_the_secrets(settings: Settings) -> None:
    from accounts.second_factor_adapter import ciphers

    text = SecondFactorAdapter().encrypt("secret")
    settings.SECRET_KEY = "another-secret-for-tests-that-protects-nothing-either"
    ciphers.cache_clear()
    try:
        with pytest.raises(Exception, match=""):
            SecondFactorAdapter().decrypt(text)
    finally:
        ciphers.cache_clear()


# Lost


def test_admin_removes_a_lost_factor(sign_in: SignIn, person: User, mailoutbox: Any) -> None:
    secret, client = give_app(person), Client()
    sign_in(client, "amara")
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    admin = AdminFactory()
    assert reset_second_factor(user=person, by=admin)
    assert client.get("/home/").status_code == 302, "signed out everywhere"
    assert mailoutbox[-1].subject == "Your second factor was removed"
    assert not reset_second_factor(user=person, by=admin)
    with pytest.raises(PermissionDenied):
        reset_second_factor(user=admin, by=person)
    with pytest.raises(Conflict):
        reset_second_factor(user=admin, by=admin)


def test_command_removes_the_factor_of_the_last_admin(admin_user: User) -> None:
    give_app(admin_user)
    call_command("reset_second_factor", "admin", stdout=StringIO())
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "admin")
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")

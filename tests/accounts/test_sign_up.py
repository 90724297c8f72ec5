"""Making an account, confirming and changing its address, and a forgotten password."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, User
from tests.accounts.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[..., HttpResponse]
FORM = {
    "email": "Rosa.Lind@Example.org",
    "username": "Rosa",
    "password1": "seven-grey-herons",
    "full_name": " Rosa Lind ",
}


def sign_up(client: Client, **changed: str) -> HttpResponse:
    return client.post("/accounts/signup/", {**FORM, **changed})


def link_in(mail: EmailMessage) -> str:
    """The path of the only link to this site's own pages that does something."""
    (path,) = re.findall(r"https://testserver(/accounts/\S+/)", mail.body)
    return str(path)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_person_signs_up_and_confirms_the_address(client: Client, mailoutbox: Any) -> None:
    answer = sign_up(client)
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    user = User.objects.get()
    assert (user.username, user.email, user.full_name) == ("rosa", "rosa.lind@example.org", "Rosa Lind")
    assert (user.is_admin, user.is_instructor, user.is_staff, user.email_verified) == (False,) * 4
    assert client.get("/home/").status_code == 302
    (mail,) = mailoutbox
    assert mail.to == ["rosa.lind@example.org"]
    assert mail.body.startswith("Hello Rosa Lind,")
    path = link_in(mail)
    page = client.get(path)
    assert page.status_code == 200
    assert not User.objects.get().email_verified, "opening the link alone confirms nothing"
    confirmed = client.post(path)
    assert confirmed.headers["Location"] == "/home/"
    assert User.objects.get().email_verified
    assert client.get("/home/").status_code == 200, "whoever signed up here is signed in"
    assert actions() == ["account.create", "email.confirm", "sign_in.succeed"]
    assert "doesn’t work any more" in Client().get(path).content.decode()


def test_link_opened_elsewhere_confirms_but_signs_nobody_in(mailoutbox: Any) -> None:
    sign_up(Client())
    elsewhere = Client()
    assert elsewhere.post(link_in(mailoutbox[0])).status_code == 302
    assert User.objects.get().email_verified
    assert elsewhere.get("/home/").status_code == 302


def test_sign_up_keeps_the_page_that_was_asked_for(client: Client, mailoutbox: Any) -> None:
    sign_up(client, next="/courses/")
    assert client.post(link_in(mailoutbox[0])).headers["Location"] == "/courses/"


def test_sign_up_leads_to_no_other_site(client: Client, mailoutbox: Any) -> None:
    sign_up(client, next="https://evil.example/")
    assert client.post(link_in(mailoutbox[0])).headers["Location"] == "/home/"


def test_known_address_gets_the_same_answer_and_another_mail(
    client: Client, mailoutbox: Any, db: None
) -> None:
    UserFactory(username="first", email="rosa.lind@example.org")
    new = sign_up(Client(), email="unknown@example.org", username="unknown")
    known = sign_up(client)
    assert (known.status_code, known.headers["Location"]) == (new.status_code, new.headers["Location"])
    assert not User.objects.filter(username="rosa").exists()
    assert mailoutbox[-1].to == ["rosa.lind@example.org"]
    assert "There is one already, so nothing was" in mailoutbox[-1].body
    assert client.get("/home/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "no-address"),
        ("email", "a" * 110 + "@example.org"),
        ("username", ""),
        ("username", "ab"),
        ("username", "x" * 81),
        ("username", "two words"),
        ("username", "TAKEN"),
        ("password1", ""),
        ("password1", "short-one"),
        ("password1", "password1234"),
        ("password1", "1234567890123"),
        ("password1", "rosa.lind@example.org"),
        ("full_name", ""),
        ("full_name", "   "),
        ("full_name", "x" * 121),
        ("full_name", "a\0b"),
    ],
)
def test_value_that_cannot_be_used_is_told_beside_its_field(client: Client, field: str, value: str) -> None:
    UserFactory(username="taken")
    answer = sign_up(client, **{field: value})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == 1


def test_nobody_makes_oneself_more_than_a_student(client: Client) -> None:
    sign_up(
        client, is_admin="on", is_staff="on", is_superuser="on", groups="1", email_verified="on", api_key="x"
    )
    user = User.objects.get()
    assert (user.is_admin, user.is_staff, user.email_verified, user.api_key) == (False, False, False, None)


def test_address_is_taken_in_any_case(client: Client, mailoutbox: Any) -> None:
    UserFactory(username="first", email="ROSA.Lind@example.org")
    sign_up(client)
    assert User.objects.count() == 1


def test_nothing_secret_is_written_down(
    client: Client, mailoutbox: Any, written: Callable[[], str], db: None
) -> None:
    sign_up(client)
    path = link_in(mailoutbox[0])
    client.get(path)
    client.post(path)
    key = path.split("/")[-2]
    for secret in ("seven-grey-herons", key, User.objects.get().password):
        assert secret not in written()


# --- Passwords ---


def test_forgotten_password_is_set_anew_by_mail(client: Client, sign_in: SignIn, mailoutbox: Any) -> None:
    user = UserFactory(username="rosa", email="rosa@example.org")
    other_browser = Client()
    sign_in(other_browser, "rosa")
    answer = client.post("/accounts/password/reset/", {"email": "ROSA@example.org"})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    form = client.get(link_in(mailoutbox[-1])).headers["Location"]
    done = client.post(form, {"password1": "eight-grey-herons", "password2": "eight-grey-herons"})
    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password("eight-grey-herons")
    assert "password.change" in actions()
    assert other_browser.get("/home/").status_code == 302, "sessions under the old password have ended"
    assert "was" in mailoutbox[-1].body
    assert "doesn’t work" in client.get(link_in(mailoutbox[0])).content.decode()


def test_reset_answers_unknown_addresses_alike(client: Client, mailoutbox: Any) -> None:
    answer = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer.headers["Location"] == "/accounts/password/reset/done/"
    assert "There is no account with this address." in mailoutbox[0].body


def test_changed_password_is_logged_and_told_by_mail(
    client: Client, sign_in: SignIn, mailoutbox: Any, written: Callable[[], str]
) -> None:
    UserFactory(username="rosa")
    other_browser = Client()
    for browser in (client, other_browser):
        sign_in(browser, "rosa")
    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "eight-grey-herons", "password2": "eight-grey-herons"},
    )
    assert answer.status_code == 302
    assert "password.change" in actions()
    assert "The password of your account was changed." in mailoutbox[-1].body
    assert client.get("/home/").status_code == 200
    assert other_browser.get("/home/").status_code == 302
    assert "grey-herons" not in written()
    assert PASSWORD not in written()


def test_password_is_not_changed_without_the_old_one(client: Client, sign_in: SignIn) -> None:
    UserFactory(username="rosa")
    sign_in(client, "rosa")
    answer = client.post(
        "/accounts/password/change/",
        {
            "oldpassword": "a-wrong-password",
            "password1": "eight-grey-herons",
            "password2": "eight-grey-herons",
        },
    )
    assert "This is not your current password." in answer.content.decode() or answer.context["form"].errors
    assert "password.change" not in actions()

"""Another e-mail address: both addresses say yes; whether somebody has the new one is told to nobody but that one."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.email_change import KEPT_FOR, SALT, confirm_email_change, question_of, request_email_change
from accounts.models import AuditEvent, EmailChange, User
from projectgenius.errors import Conflict
from tests.accounts.conftest import SignIn
from tests.accounts.factories import UserFactory
from tests.accounts.second_factors import prove
from tests.races import at_once, on_postgresql

pytestmark = pytest.mark.django_db
OLD, NEW = "rosa@example.org", "rosa.new@example.org"


@pytest.fixture
def rosa() -> User:
    return UserFactory(username="rosa", email=OLD)


@pytest.fixture
def asker(sign_in: SignIn, rosa: User) -> Client:
    """Rosa's browser, after she entered her password anew."""
    client = Client()
    sign_in(client, "rosa")
    prove(client)
    return client


def ask(asker: Client, address: str = NEW) -> Any:
    return asker.post("/settings/email/", {"email": address})


def link(mailoutbox: Any, address: str) -> str:
    """The path in the newest mail to `address`."""
    body = [mail.body for mail in mailoutbox if mail.to == [address]][-1]
    [path] = re.findall(r"https://testserver(/settings/email/confirm/\S+)", body)
    return path


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize("first", [OLD, NEW])
def test_change_counts_once_both_have_said_yes(
    asker: Client, rosa: User, mailoutbox: Any, first: str, sign_in: SignIn
) -> None:
    ask(asker)
    links = {address: link(mailoutbox, address) for address in (OLD, NEW)}
    second = NEW if first == OLD else OLD
    stranger = Client()
    assert "Agree to the change" in stranger.get(links[first]).content.decode()
    assert not EmailChange.objects.exclude(old_confirmed_at=None, new_confirmed_at=None).exists(), (
        "a look is no yes"
    )
    assert "One more answer is missing" in stranger.post(links[first]).content.decode()
    rosa.refresh_from_db()
    assert rosa.email == OLD
    assert "is changed" in stranger.post(links[second]).content.decode()
    rosa.refresh_from_db()
    assert (rosa.email, rosa.email_verified) == (NEW, True)
    [row] = EmailAddress.objects.filter(user=rosa)
    assert (row.email, row.verified, row.primary) == (NEW, True, True)
    assert [mail.subject for mail in mailoutbox if mail.to == [OLD]][-1] == "Your e-mail address was changed"
    assert asker.get("/home/").status_code == 200, "it ends nothing else"
    assert stranger.post(links[first]).status_code == 404, "a link works once"
    assert sign_in(Client(), NEW).status_code == 302
    assert sign_in(Client(), OLD).status_code == 200
    assert [action for action in actions() if action.startswith("email")] == [
        "email.request", "email.agree", "email.agree", "email.change"]  # fmt: skip


def test_one_address_cannot_say_yes_for_the_other(asker: Client, rosa: User, mailoutbox: Any) -> None:
    ask(asker)
    for _again in range(2):
        Client().post(link(mailoutbox, NEW))
    rosa.refresh_from_db()
    assert rosa.email == OLD


def test_asking_needs_the_password(sign_in: SignIn, rosa: User, mailoutbox: Any) -> None:
    client = Client()
    sign_in(client, "rosa")
    assert client.get("/settings/email/").status_code == 200
    assert ask(client).headers["Location"].startswith("/accounts/reauthenticate/")
    assert not EmailChange.objects.exists()
    assert mailoutbox == []


def test_old_ways_lead_nowhere(asker: Client, rosa: User, mailoutbox: Any) -> None:
    for data in ({"email": NEW, "action_add": ""}, {"email": OLD, "action_remove": ""}):
        assert asker.post("/accounts/email/", data).headers["Location"] == "/settings/email/"
    assert [row.email for row in EmailAddress.objects.all()] == [OLD]
    assert mailoutbox == []


def test_taken_address_looks_like_a_free_one(asker: Client, rosa: User, mailoutbox: Any) -> None:
    UserFactory(username="taken", email="taken@example.org")
    EmailAddress.objects.create(
        user=UserFactory(username="second"), email="extra@example.org", verified=False
    )
    asker.get("/settings/email/")  # takes the greeting away
    pages = []
    for address in ("free@example.org", "taken@example.org", "TAKEN@example.org", "extra@example.org"):
        answer = asker.post("/settings/email/", {"email": address}, follow=True)
        text = answer.content.decode().lower().replace(address.lower(), "x")
        pages.append(
            (answer.redirect_chain, "\n".join(line for line in text.splitlines() if "csrf" not in line))
        )
    without_times = {re.sub(r"until [^;]*;", "", page) for _chain, page in pages}
    assert len(without_times) == 1
    assert len({str(chain) for chain, _page in pages}) == 1
    asked = ["free@example.org", "taken@example.org", "taken@example.org", "extra@example.org"]
    assert [mail.to[0] for mail in mailoutbox] == [to for address in asked for to in (OLD, address)]
    assert mailoutbox[3].subject == "This address has an account already"
    assert "confirm/" not in mailoutbox[3].body


def test_new_wish_ends_the_one_before(asker: Client, rosa: User, mailoutbox: Any) -> None:
    ask(asker, "first@example.org")
    old_links = [link(mailoutbox, OLD), link(mailoutbox, "first@example.org")]
    ask(asker)
    assert [Client().post(path).status_code for path in old_links] == [404, 404]
    assert EmailChange.objects.get().new_email == NEW


def test_wish_can_be_taken_back(asker: Client, rosa: User, mailoutbox: Any) -> None:
    ask(asker)
    Client().post(link(mailoutbox, NEW))
    asker.post("/settings/email/cancel/")
    assert Client().post(link(mailoutbox, OLD)).status_code == 404
    rosa.refresh_from_db()
    assert rosa.email == OLD
    assert "email.cancel" in actions()


def test_old_address_can_refuse(asker: Client, rosa: User, mailoutbox: Any) -> None:
    ask(asker)
    page = Client().post(link(mailoutbox, OLD), {"refuse": ""}).content.decode()
    assert "The address stays as it is" in page
    assert Client().post(link(mailoutbox, NEW)).status_code == 404


def test_links_end_after_two_days(rosa: User, mailoutbox: Any) -> None:
    now = timezone.now()
    request_email_change(user=rosa, new_email=NEW, now=now)
    token = link(mailoutbox, NEW).split("/")[-2]
    assert question_of(token, now=now + KEPT_FOR - timedelta(seconds=1))
    assert question_of(token, now=now + KEPT_FOR) is None
    with pytest.raises(Conflict):
        confirm_email_change(token=token, now=now + KEPT_FOR)


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a:b:c",
        signing.dumps({"change": 1, "side": "old"}),
        signing.dumps({"change": 1, "side": "both"}, salt=SALT),
        signing.dumps({"change": "'"}, salt=SALT),
        signing.dumps([1], salt=SALT),
    ],
    ids=["no token", "nothing signed", "other purpose", "unknown side", "no number", "no pair"],
)
def test_token_that_is_not_ours_asks_nothing(token: str, rosa: User) -> None:
    EmailChange.objects.create(pk=1, user=rosa, new_email=NEW, expires_at=timezone.now() + KEPT_FOR)
    assert question_of(token) is None
    assert Client().post(f"/settings/email/confirm/{token}/").status_code == 404


def test_address_taken_meanwhile_is_not_taken_twice(rosa: User, mailoutbox: Any) -> None:
    request_email_change(user=rosa, new_email=NEW)
    Client().post(link(mailoutbox, NEW))
    UserFactory(username="faster", email=NEW)
    answer = Client().post(link(mailoutbox, OLD))
    assert answer.status_code == 409
    rosa.refresh_from_db()
    assert rosa.email == OLD


def test_deactivated_person_changes_nothing(rosa: User, mailoutbox: Any) -> None:
    request_email_change(user=rosa, new_email=NEW)
    User.objects.update(is_active=False)
    assert Client().post(link(mailoutbox, NEW)).status_code == 404


def test_present_address_is_no_change(rosa: User, asker: Client) -> None:
    assert "This is your address already." in ask(asker, OLD.upper()).content.decode()
    with pytest.raises(ValidationError):
        request_email_change(user=rosa, new_email=OLD)


def test_wishes_are_limited(asker: Client, rosa: User) -> None:
    answers = [ask(asker, f"new{number}@example.org").status_code for number in range(6)]
    assert answers == [302] * 5 + [429]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_both_answers_at_once_change_the_address_once(mailoutbox: Any) -> None:
    rosa = UserFactory(username="rosa", email=OLD)
    request_email_change(user=rosa, new_email=NEW)
    tokens = [link(mailoutbox, address).split("/")[-2] for address in (OLD, NEW)]
    calls: list[Callable[[], Any]] = [
        lambda token=token: confirm_email_change(token=token) for token in tokens
    ]
    at_once(*calls)
    rosa.refresh_from_db()
    assert rosa.email == NEW
    assert actions().count("email.change") == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_to_one_address_at_once_are_both_answered() -> None:
    new = []
    for person in UserFactory.create_batch(2):
        change = request_email_change(user=person, new_email="same@example.org")
        old, token = (
            signing.dumps({"change": change.pk, "side": side}, salt=SALT) for side in ("old", "new")
        )
        confirm_email_change(token=old)
        new.append(lambda token=token: confirm_email_change(token=token))
    results = at_once(*new)
    assert [one.code for one in results if isinstance(one, Conflict)] == ["address_taken"]
    assert User.objects.filter(email="same@example.org").count() == 1

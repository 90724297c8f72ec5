"""Nobody learns from an entrance whether an address has an account: same answer, same work, about the same time.

The figures: pytest tests/accounts/test_timing.py -n 0 -s
"""

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import EmailChange
from tests.accounts.factories import PASSWORD, UserFactory
from tests.accounts.second_factors import prove

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROUNDS = 11
KINDS = ("known", "unknown", "inactive")
NAMES = {"known": "zoltan", "unknown": "ophelia", "inactive": "bertrand"}
ADDRESSES = {kind: f"{name}@example.org" for kind, name in NAMES.items()}


@pytest.fixture(autouse=True)
def _as_on_a_site(settings: Settings) -> None:
    """Passwords as slow as they are, and no limit that stops the measuring."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.BCryptSHA256PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    UserFactory(username=NAMES["known"], email=ADDRESSES["known"])
    UserFactory(username=NAMES["inactive"], email=ADDRESSES["inactive"], is_active=False)


def sign_in(kind: str, number: int) -> Any:
    return Client().post("/accounts/login/", {"login": ADDRESSES[kind], "password": "not-the-password"})


def sign_in_by_name(kind: str, number: int) -> Any:
    return Client().post("/accounts/login/", {"login": NAMES[kind], "password": "not-the-password"})


def code(kind: str, number: int) -> Any:
    return Client().post("/accounts/login/code/", {"email": ADDRESSES[kind]})


def reset(kind: str, number: int) -> Any:
    return Client().post("/accounts/password/reset/", {"email": ADDRESSES[kind]})


def sign_up(kind: str, number: int) -> Any:
    """Unknown addresses are new ones each time: the first sign-up makes them known."""
    address = f"new{number}@example.org" if kind == "unknown" else ADDRESSES[kind]
    data = {
        "email": address,
        "username": f"new{NAMES[kind]}{number}",
        "full_name": "New",
        "password1": PASSWORD,
    }
    return Client().post("/accounts/signup/", data)


ENTRANCES: dict[str, Callable[[str, int], Any]] = {
    "sign-in by address": sign_in,
    "sign-in by username": sign_in_by_name,
    "code by e-mail": code,
    "forgotten password": reset,
    "sign-up": sign_up,
}


def measured(act: Callable[[str, int], Any]) -> tuple[dict[str, float], set[Any]]:
    """The median work of each kind in milliseconds of the processor, taken in turns, and the answers without the typed.

    Work rather than time on the clock: a busy machine disturbs it least.
    """
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    answers = set()
    for number in range(ROUNDS):
        for kind in KINDS:
            begin = time.thread_time()
            answer = act(kind, number)
            times[kind].append((time.thread_time() - begin) * 1000)
            answers.add(
                (answer.status_code, answer.headers.get("Location"), plain(answer.content.decode(), kind))
            )
    return {kind: median(values[1:]) for kind, values in times.items()}, answers


def plain(page: str, kind: str) -> str:
    lines = [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    return re.sub(rf"\b{NAMES[kind]}(@example\.org)?\b", "x", "\n".join(lines))


def compare(name: str, medians: dict[str, float]) -> None:
    print(f"\n{name:22}", *(f"{kind} {value:7.1f} ms" for kind, value in medians.items()))  # noqa: T201
    slowest, fastest = max(medians.values()), min(medians.values())
    assert slowest - fastest < max(0.2 * slowest, 8), f"{name}: {medians}"


@pytest.mark.parametrize("name", ENTRANCES)
def test_entrance_answers_known_and_unknown_alike(name: str) -> None:
    sent = len(mail.outbox)
    medians, answers = measured(ENTRANCES[name])
    assert len(answers) == 1, [answer[:2] for answer in answers]
    letters = len(mail.outbox) - sent
    assert letters == (0 if name.startswith("sign-in") else ROUNDS * len(KINDS)), (
        "each gets its mail, or none does"
    )
    compare(name, medians)


def test_change_of_address_answers_taken_and_free_alike() -> None:
    UserFactory(username="asks")
    client = Client()
    client.post("/accounts/login/", {"login": "asks", "password": PASSWORD})
    prove(client)

    def ask(kind: str, number: int) -> Any:
        return client.post("/settings/email/", {"email": ADDRESSES[kind]})

    medians, answers = measured(ask)
    assert len(answers) == 1
    assert EmailChange.objects.count() == 1
    assert not EmailAddress.objects.filter(email=ADDRESSES["unknown"]).exists()
    compare("change of address", medians)

"""What the tests of people share."""

import logging
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEvent, AuditOrigin
from tests.accounts.factories import PASSWORD

SignIn = Callable[..., HttpResponse]


@pytest.fixture
def sign_in() -> SignIn:
    """`sign_in(client, "name")` sends the sign-in form."""

    def send(client: Client, login: str, password: str = PASSWORD, **more: str) -> HttpResponse:
        return client.post("/accounts/login/", {"login": login, "password": password, **more})

    return send


@pytest.fixture
def written(db: None, caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """`written()` is everything that stands in the audit log and was logged since the test began."""
    caplog.set_level(logging.DEBUG)

    def collect() -> str:
        rows = [*AuditEvent.objects.values(), *AuditOrigin.objects.values()]
        # What the database was asked is logged by DEBUG alone, which no site runs with.
        logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
        return "\n".join(map(str, [*rows, *logged]))

    return collect

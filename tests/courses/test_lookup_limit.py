"""How often one address may ask for certificates."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from projectgenius.tries import SECONDS, TRIES

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["locmem.LocMemCache", "filebased.FileBasedCache"])
def cache_kind(request: Any, settings: Any, tmp_path: Path) -> str:
    """Counting on lengthens an entry's life in the second kind, as in the database's cache."""
    settings.CACHES = {
        "default": {"BACKEND": f"django.core.cache.backends.{request.param}", "LOCATION": str(tmp_path)}
    }
    return str(request.param)


def statuses(client: Client, number: int, **extra: Any) -> list[int]:
    return [client.get("/verify/ABCD-EFGH-JKLM-2345/", **extra).status_code for _ in range(number)]


@pytest.mark.usefixtures("cache_kind", "db")
def test_who_tries_numbers_has_to_wait_a_minute(client: Client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert statuses(client, TRIES) == [404] * TRIES
        assert statuses(client, 3) == [429] * 3
        refused = client.get("/verify/", {"number": "ABCD-EFGH-JKLM-2345"})
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == str(SECONDS)
        assert "Try again in 1 minute." in refused.content.decode()
        clock.shift(SECONDS)
        assert statuses(client, TRIES) == [404] * TRIES
        clock.shift(SECONDS)
        assert statuses(client, 1) == [404], "each minute counts by itself"


@pytest.mark.usefixtures("db")
def test_one_address_does_not_use_up_anothers_tries(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        assert statuses(client, TRIES + 1, REMOTE_ADDR="192.0.2.1")[-1] == 429
        assert statuses(client, 1, REMOTE_ADDR="192.0.2.2") == [404]


@pytest.mark.usefixtures("db")
def test_header_that_anybody_can_send_does_not_help(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        for number in range(TRIES):
            statuses(client, 1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
        assert statuses(client, 1, HTTP_X_FORWARDED_FOR="198.51.100.7") == [429]


@pytest.mark.usefixtures("db")
def test_other_pages_are_not_limited(client: Client) -> None:
    with time_machine.travel(NOON, tick=False):
        statuses(client, TRIES + 1)
        assert client.get("/courses/").status_code == 200

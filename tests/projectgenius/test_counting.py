"""Requests are counted in one statement; a count holds for its window, whoever counts at the same time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import User
from projectgenius.background.tasks import forget_request_counts
from projectgenius.limits.counting import count_request
from projectgenius.limits.models import RequestCount
from tests.races import at_once, on_postgresql

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["table", "cache"])
def _place(request: pytest.FixtureRequest, settings: Settings) -> None:
    settings.COUNT_IN_CACHE = request.param == "cache"


def count(who: str = "a", now: float = 1_000_000.0) -> int:
    return count_request("test", who, seconds=60, now=now)


@pytest.mark.usefixtures("_place")
def test_counts_by_who_and_by_window() -> None:
    assert [count() for _ in range(3)] == [1, 2, 3]
    assert count("b") == 1
    assert count(now=1_000_000.0 + 60) == 1
    assert count_request("other", "a", seconds=60, now=1_000_000.0) == 1


def test_counting_costs_one_statement(settings: Settings, statements: Callable[[], Any]) -> None:
    settings.COUNT_IN_CACHE = False
    for _again in range(2):
        with statements() as seen:
            count()
        assert len(seen) == 1


def test_request_of_the_api_costs_one_statement_more(
    settings: Settings, statements: Callable[[], Any], api: Any, student: User
) -> None:
    client, costs = api(student), []
    client.get("/api/v1/me/")
    for settings.COUNT_IN_CACHE in (True, False):
        with statements() as seen:
            assert client.get("/api/v1/me/").status_code == 200
        costs.append(len(seen))
    assert costs[1] - costs[0] == 1


@pytest.mark.usefixtures("_place")
def test_next_window_opens_when_it_was_said(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    client = api()
    with time_machine.travel("2026-03-01T12:00:40Z", tick=False) as clock:
        answers = [client.get("/api/v1/courses/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].headers["Retry-After"] == "20"
        clock.shift(20)
        assert client.get("/api/v1/courses/").status_code == 200


def test_old_counts_are_forgotten() -> None:
    now = timezone.now()
    for number, ends in enumerate((now - timedelta(seconds=1), now + timedelta(minutes=1))):
        RequestCount.objects.create(key=str(number), hits=1, ends_at=ends)
    forget_request_counts.func()
    assert [row.key for row in RequestCount.objects.all()] == ["1"]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_nobody_is_counted_twice_or_not_at_all(settings: Settings) -> None:
    settings.COUNT_IN_CACHE = False

    def many() -> list[int]:
        with transaction.atomic():
            return [count() for _ in range(5)]

    found = [number for numbers in at_once(many, many, many, many) for number in numbers]
    assert sorted(found) == list(range(1, 21))

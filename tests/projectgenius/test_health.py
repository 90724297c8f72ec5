"""The two probes: whether the process lives, and whether it can serve."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from projectgenius import health
from projectgenius.background.models import WorkerHeartbeat

FINE = {"database": True, "migrations": True, "worker": True}
Statements = Callable[..., Any]


@pytest.fixture(autouse=True)
def _migrations_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated_until", 0.0)


@pytest.fixture
def worker(db: None) -> WorkerHeartbeat:
    now = timezone.now()
    return WorkerHeartbeat.objects.create(worker_id="w", host_name="h", started_at=now, seen_at=now)


@pytest.mark.parametrize("host", ["testserver", "10.0.0.7:8000", "evil.example", "_", ""])
def test_process_answers_without_a_database_and_under_any_name(
    client: Client, settings: Any, host: str
) -> None:
    """This test has no database: a statement would fail it."""
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz", HTTP_HOST=host)
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


def test_site_is_ready_when_all_is_well(client: Client, worker: WorkerHeartbeat) -> None:
    answer = client.get("/readyz", HTTP_HOST="10.0.0.7")
    assert (answer.status_code, answer.json()) == (200, FINE)
    assert answer.headers["Content-Type"] == "application/json"


def test_missing_worker_is_named(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**FINE, "worker": False})


def test_worker_that_was_not_seen_for_long_is_missing(client: Client, worker: WorkerHeartbeat) -> None:
    worker.seen_at = timezone.now() - timedelta(minutes=2)
    worker.save()
    assert client.get("/readyz").json() == {**FINE, "worker": False}


def test_waiting_migration_is_named(
    client: Client, worker: WorkerHeartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied = MigrationRecorder.applied_migrations

    def all_but_one(recorder: MigrationRecorder) -> Any:
        found = applied(recorder)
        del found[max(key for key in found if key[0] == "courses")]
        return found

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", all_but_one)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {**FINE, "migrations": False})


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_database_that_does_not_answer_is_named_and_asked_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """This test has no database either: the checks behind the first one would fail it."""

    def no_answer() -> bool:
        raise error("the server closed the connection")

    monkeypatch.setitem(health.CHECKS, "database", no_answer)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, dict.fromkeys(FINE, False))


def test_migrations_are_looked_at_only_now_and_then(
    client: Client, worker: WorkerHeartbeat, statements: Statements
) -> None:
    client.get("/readyz")
    with statements() as seen:
        assert client.get("/readyz").status_code == 200
    assert len(seen) == 2


def test_other_addresses_are_no_probes(client: Client, db: None) -> None:
    for path in ("/healthz/", "/readyz/", "/healthz/x"):
        assert client.get(path).status_code == 404

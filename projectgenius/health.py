"""Whether the site is alive, and ready to serve."""

import json
import time
from collections.abc import Callable

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from projectgenius.background.worker import worker_is_alive
from projectgenius.requests import GetResponse

MIGRATIONS_KNOWN_FOR = 30.0  # seconds; looking at all migrations costs too much for every probe


class HealthMiddleware:
    """Answers `/healthz` and `/readyz` before anything that needs a host name, a session or a transaction.

    `/healthz`: the process answers. `/readyz`: the database answers, all migrations are applied and a worker
    was seen lately; 503 with the names of what fails otherwise.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return _answer({"alive": True})
        if request.path == "/readyz":
            return _answer(_results())
        return self.get_response(request)


def _answer(results: dict[str, bool]) -> HttpResponse:
    status = 200 if all(results.values()) else 503
    response = HttpResponse(json.dumps(results), status=status, content_type="application/json")
    # Whoever asks reads it; a site that is starting is no error to log.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _results() -> dict[str, bool]:
    """What passes; where the database does not answer, the rest is not asked: each would wait for it anew."""
    results: dict[str, bool] = {}
    for name, check in CHECKS.items():
        results[name] = results.get("database", True) and _passes(check)
    return results


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Error:
        return False


def database_answers() -> bool:
    """The database runs a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


_migrated_until = 0.0


def migrations_are_applied() -> bool:
    """No migration waits; a good answer is remembered for half a minute."""
    global _migrated_until  # noqa: PLW0603
    if time.monotonic() < _migrated_until:
        return True
    executor = MigrationExecutor(connection)
    done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    if done:
        _migrated_until = time.monotonic() + MIGRATIONS_KNOWN_FOR
    return done


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_are_applied,
    "worker": worker_is_alive,
}

"""Statements to PostgreSQL from outside the test database, where a test needs that nobody is inside."""

import time

import psycopg
from django.core.management import CommandError
from django.db import connection, connections
from django.test import TransactionTestCase

OWNER = "owner" if "owner" in connections else "default"


def run_outside(alias: str, *statements: str) -> None:
    """Run statements as the role of that connection, in the server's own database."""
    at = connections[alias].settings_dict
    with psycopg.connect(
        host=at["HOST"], port=at["PORT"] or 5432, user=at["USER"], password=at["PASSWORD"] or None,
        dbname="postgres", autocommit=True,
    ) as outside:  # fmt: skip
        for statement in statements:
            outside.execute(statement)


def end_sessions() -> None:
    """End every session in the test database, each role its own: no role here may end another's.

    A browser's last request can outlive its test in a thread of the live server, and a database that is in use
    cannot be dropped.
    """
    name = connection.settings_dict["NAME"]
    connections.close_all()
    ends = (
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        " AND usename = current_user"
    )
    for alias in {"default", OWNER}:
        run_outside(alias, ends)


def wait_until_quiet(seconds: float = 15) -> None:
    """Wait until no other session works in the test database; gives up silently after `seconds`."""
    busy = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND pid <> pg_backend_pid() AND state <> 'idle')"
    )
    until = time.monotonic() + seconds
    while connection.vendor == "postgresql" and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(busy)
            if cursor.fetchone() == (False,):
                return
        time.sleep(0.05)


def empty_tables_when_quiet(test: TransactionTestCase) -> None:
    """Empty the tables after a test as Django does, but not while a request of it still holds locks on them.

    A page that was left while it loaded goes on in a thread of the live server. Emptying the tables then can end in
    a deadlock, and the next test would meet the rows of this one.
    """
    for tries_left in (2, 1, 0):
        wait_until_quiet()
        try:
            _empty_tables(test)
        except CommandError:
            if not tries_left:
                raise
        else:
            return


_empty_tables = TransactionTestCase._fixture_teardown

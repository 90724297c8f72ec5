"""Who the tests are before the database: the system, but a request that they make is only whom it signs in.

A request of a real server finds a connection that nobody has a role on. In a test it would find the test's own, which
works as the system, and what fails closed for a visitor would pass. So each request begins without a role, in the
threads of the live server too, and ends with the test being the system again.
"""

import threading
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection as default
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

_thread = threading.local()
SET_ROLE = "SELECT set_config('app.user_id', '', false), set_config('app.role', %s, false)"


def be_the_system_between_requests() -> None:
    """Begin; for the whole run of tests on PostgreSQL."""
    connection_created.connect(_connected, dispatch_uid="tests.identity")
    request_started.connect(_begin, dispatch_uid="tests.identity")
    request_finished.connect(_end, dispatch_uid="tests.identity")


def be_the_system_again() -> None:
    """End what a request began that broke off without saying that it finished; for the start of each test."""
    if getattr(_thread, "is_request", False):
        _end()


def _connected(connection: Any, **_kwargs: Any) -> None:
    connection.connection.execute(SET_ROLE, ["" if getattr(_thread, "is_request", False) else "system"])


def _begin(**_kwargs: Any) -> None:
    _thread.is_request = True
    _set_role("")


def _end(**_kwargs: Any) -> None:
    _thread.is_request = False
    _set_role("system")


def _set_role(role: str) -> None:
    """Past Django: also in tests that may not use the database, and uncounted."""
    raw = default.connection
    if raw is not None and not raw.closed and raw.info.transaction_status != TransactionStatus.INERROR:
        raw.execute(SET_ROLE, [role])

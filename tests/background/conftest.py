"""Workers for tests: one in this process, and processes of their own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from assessments.models import JudgeState
from projectgenius.background.models import OutboxMail, ScheduledRun, WorkerHeartbeat
from projectgenius.background.schedule import Scheduler
from projectgenius.background.worker import LeasedWorker
from tests.background.processes import LEASE, PROCESS, WorkerProcess, wait_for

StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def worker() -> LeasedWorker:
    """A worker to be moved on by `step()`, without periodic tasks."""
    worker = LeasedWorker(lease=timedelta(seconds=60))
    worker.scheduler = Scheduler({})
    return worker


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """Starts worker processes and ends them after the test."""
    started: list[WorkerProcess] = []

    def start(database_url: str, *, lease: float = LEASE, **more: str) -> WorkerProcess:
        worker = WorkerProcess(database_url, tmp_path / f"worker-{len(started)}.log", lease, **more)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.end()


@pytest.fixture
def postgresql_url(transactional_db: None) -> Iterator[str]:
    """The address of the test database, for other processes; the queue is empty again afterwards."""
    if connection.vendor != "postgresql":
        pytest.skip(
            "needs a PostgreSQL server: set DATABASE_URL=postgresql://user@host/name (a role with CREATEDB)"
        )
    at = connection.settings_dict
    login = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    yield f"postgresql://{login}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}/{at['NAME']}"
    wait_for(lambda: not _sessions_of_processes())
    for model in (DBTaskResult, ScheduledRun, WorkerHeartbeat, OutboxMail, JudgeState):
        model.objects.all().delete()


def _sessions_of_processes() -> int:
    """Sessions of processes whose end the server has not noticed yet; they may still be writing.

    A thread of this process that still has a session open, idle, does not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            [PROCESS],
        )
        return int(cursor.fetchone()[0])

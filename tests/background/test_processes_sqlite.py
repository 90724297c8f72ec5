"""Real worker processes on a SQLite file, as a site that is started with one command has it."""

import json
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.background.conftest import StartWorker
from tests.background.processes import LEASE, begun, lines, run_python, wait_for

pytestmark = pytest.mark.slow

QUEUE = "django_tasks_database_dbtaskresult"


class Database:
    """A database in a file, read with plain SQL."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def rows(self, query: str) -> list[Any]:
        connection = sqlite3.connect(self.path, timeout=20)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def enqueue(self, code: str) -> None:
        run_python(f"from tests.background.sample import tasks\n{code}", self.url)


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of a site."""
    path = tmp_path_factory.mktemp("empty") / "site.sqlite3"
    migrate = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)"
    run_python(migrate, f"sqlite:///{path}")
    return path


@pytest.fixture
def database(empty_file: Path, tmp_path: Path) -> Database:
    """A database of the test's own."""
    return Database(Path(shutil.copy(empty_file, tmp_path / "site.sqlite3")))


def test_task_of_a_killed_worker_is_run_to_its_end_by_another(
    database: Database, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    database.enqueue(f"tasks.slow.enqueue({str(log)!r}, 2.0)")
    one = start_worker(database.url)
    wait_for(lambda: begun(log))
    one.signal(signal.SIGKILL)
    two = start_worker(database.url)
    slow = f"FROM {QUEUE} WHERE task_path LIKE '%slow'"
    wait_for(lambda: database.rows(f"SELECT 1 {slow} AND status = 'SUCCESSFUL'"))

    assert [line.split()[0] for line in lines(log)] == ["begin", "begin", "end"]
    ((value, worker_ids),) = database.rows(f"SELECT return_value, worker_ids {slow}")
    assert json.loads(value) == two.pid
    assert json.loads(worker_ids) == [one.worker_id, two.worker_id]
    # The schedule's own tasks have no tables here and wait for a new try, each with its lease.
    assert database.rows(f"SELECT 1 FROM task_leases WHERE task_id IN (SELECT id {slow})") == []


def test_task_that_lasts_longer_than_a_lease_stays_with_its_living_worker(
    database: Database, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    database.enqueue(f"tasks.slow.enqueue({str(log)!r}, {3 * LEASE})")
    for _ in range(2):
        start_worker(database.url)
    wait_for(lambda: lines(log)[1:])
    assert [line.split()[0] for line in lines(log)] == ["begin", "end"]


def test_two_workers_share_tasks_and_run_each_once(
    database: Database, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    database.enqueue(f"for number in range(60): tasks.quick.enqueue({str(log)!r}, number)")
    workers = [start_worker(database.url), start_worker(database.url)]
    done = f"SELECT worker_ids FROM {QUEUE} WHERE task_path LIKE '%quick' AND status = 'SUCCESSFUL'"
    wait_for(lambda: len(database.rows(done)) == 60, 60)
    assert sorted(map(int, lines(log))) == list(range(60))
    assert all(len(json.loads(ids)) == 1 for (ids,) in database.rows(done))
    assert "Traceback" not in "".join(worker.output for worker in workers)


def test_transaction_of_the_queue_is_exclusive_and_the_next_one_is_as_the_settings_say(
    tmp_path: Path,
) -> None:
    mode = run_python(
        "from django.db import connection\n"
        "from projectgenius.background.leases import queue_transaction\n"
        "with queue_transaction(): print(connection.transaction_mode)\n"
        "print(connection.transaction_mode)",
        f"sqlite:///{tmp_path / 'site.sqlite3'}",
    )
    assert mode.split() == ["EXCLUSIVE", "IMMEDIATE"]

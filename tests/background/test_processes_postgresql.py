"""Real worker processes on PostgreSQL, killed, paused, raced and cut off."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from assessments.models import JudgeState
from projectgenius.background.models import ScheduledRun, TaskLease, WorkerHeartbeat
from tests.background.conftest import StartWorker
from tests.background.processes import BUSY_MACHINE, LEASE, begun, in_order, lines, wait_for
from tests.background.sample import tasks
from tests.outside import OWNER, end_sessions, run_outside

pytestmark = pytest.mark.slow


def row(task: Any) -> DBTaskResult:  # type: ignore[type-arg]
    return DBTaskResult.objects.get(pk=task.id)


def is_done(task: Any) -> bool:
    return bool(row(task).status == TaskResultStatus.SUCCESSFUL)


def test_task_of_a_killed_worker_is_run_to_its_end_by_another(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    workers = [start_worker(postgresql_url).ready(), start_worker(postgresql_url).ready()]
    task = tasks.slow.enqueue(str(log), 2.0)
    one, two = in_order(workers, wait_for(lambda: begun(log)))
    killed_at = time.time()
    one.signal(signal.SIGKILL)
    wait_for(lambda: is_done(task))

    assert [line.split()[0] for line in lines(log)] == ["begin", "begin", "end"]
    assert row(task).return_value == two.pid
    assert row(task).worker_ids == [one.worker_id, two.worker_id]
    recovery = begun(log)[1].at - killed_at
    assert recovery < LEASE + LEASE / 3 + BUSY_MACHINE
    time.sleep(LEASE)
    assert len(begun(log)) == 2
    assert not TaskLease.objects.exists()


def test_task_that_lasts_longer_than_a_lease_stays_with_its_living_worker(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    for _ in range(2):
        start_worker(postgresql_url).ready()
    task = tasks.slow.enqueue(str(log), 3 * LEASE)
    wait_for(lambda: is_done(task))
    assert [line.split()[0] for line in lines(log)] == ["begin", "end"]


def test_paused_worker_that_wakes_late_does_not_overwrite_the_result(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    workers = [start_worker(postgresql_url).ready(), start_worker(postgresql_url).ready()]
    task = tasks.slow.enqueue(str(log), 4.0)
    one, two = in_order(workers, wait_for(lambda: begun(log)))
    one.signal(signal.SIGSTOP)
    wait_for(lambda: len(begun(log)) == 2)
    one.signal(signal.SIGCONT)  # it ends while the other one still runs the task
    one.wait_until_it_says("lease lost, result not written")
    assert (row(task).status, row(task).return_value) == (TaskResultStatus.RUNNING, None)
    wait_for(lambda: is_done(task))
    assert row(task).return_value == two.pid

    two.signal(signal.SIGTERM)
    two.process.wait(20)
    another = tasks.quick.enqueue(str(log), 1)
    wait_for(lambda: is_done(another))
    assert row(another).worker_ids == [one.worker_id]


def test_two_workers_share_200_tasks_and_run_each_once(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    for number in range(200):
        tasks.quick.enqueue(str(log), number)
    workers = [start_worker(postgresql_url), start_worker(postgresql_url)]
    wait_for(lambda: DBTaskResult.objects.filter(task_path__contains="quick").ready().count() == 0, 60)
    wait_for(lambda: DBTaskResult.objects.filter(task_path__contains="quick").running().count() == 0)
    assert sorted(map(int, lines(log))) == list(range(200))
    done = DBTaskResult.objects.filter(task_path__contains="quick").successful()
    assert [len(ids) for ids in done.values_list("worker_ids", flat=True)] == [1] * 200
    assert {ids[0] for ids in done.values_list("worker_ids", flat=True)} == {one.worker_id for one in workers}


def test_two_workers_fire_each_slot_once(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "ticks"
    workers = [start_worker(postgresql_url, SAMPLE_TICKS=str(log)).ready() for _ in range(2)]
    wait_for(lambda: len(lines(log)) >= 4)
    for worker in workers:
        worker.signal(signal.SIGTERM)
        worker.process.wait(20)
    slots = list(ScheduledRun.objects.filter(name="sample.every_second").values_list("slot", flat=True))
    assert (
        len(slots)
        == len(set(slots))
        == DBTaskResult.objects.filter(task_path__contains="every_second").count()
    )


def test_failing_task_is_tried_three_times_with_growing_pauses(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    task = tasks.failing.enqueue(str(log))
    start_worker(postgresql_url).ready()
    wait_for(lambda: row(task).status == TaskResultStatus.FAILED)
    first, second, third = map(float, lines(log))
    assert second - first >= 0.5
    assert third - second >= 1.0
    assert "fails each time" in row(task).traceback


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_worker_ends_within_five_seconds_of_a_signal(
    postgresql_url: str, start_worker: StartWorker, number: int
) -> None:
    worker = start_worker(postgresql_url, lease=60).ready()
    wait_for(JudgeState.objects.exists)  # the self-test of the sandbox is over
    wait_for(WorkerHeartbeat.objects.exists)
    worker.signal(number)
    assert worker.process.wait(5) == 0
    assert not WorkerHeartbeat.objects.exists()
    assert "Traceback" not in worker.output


def test_busy_worker_ends_its_task_first_and_takes_no_other(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    first, second = tasks.slow.enqueue(str(log), 2.0), tasks.slow.enqueue(str(log), 2.0)
    worker = start_worker(postgresql_url, lease=60).ready()
    wait_for(lambda: begun(log))
    worker.signal(signal.SIGTERM)
    assert worker.process.wait(20) == 0
    statuses = {row(first).status, row(second).status}
    assert statuses == {TaskResultStatus.SUCCESSFUL, TaskResultStatus.READY}
    assert [line.split()[0] for line in lines(log)] == ["begin", "end"]


def test_second_signal_ends_at_once(postgresql_url: str, start_worker: StartWorker, tmp_path: Path) -> None:
    log = tmp_path / "log"
    task = tasks.slow.enqueue(str(log), 30.0)
    worker = start_worker(postgresql_url, lease=60).ready()
    wait_for(lambda: begun(log))
    worker.signal(signal.SIGTERM)
    time.sleep(0.5)
    assert worker.process.poll() is None
    worker.signal(signal.SIGTERM)
    assert worker.process.wait(5) == 1
    assert row(task).status == TaskResultStatus.RUNNING
    assert "run again when its lease has ended" in worker.output


@contextmanager
def database_away() -> Iterator[None]:
    """Close every connection to the test database and let no new one in."""

    name = connection.settings_dict["NAME"]
    connections.close_all()
    run_outside(OWNER, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    try:
        end_sessions()
        yield
    finally:
        run_outside(OWNER, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_busy_and_idle_workers_wait_for_a_database_that_goes_away_and_lose_nothing(
    postgresql_url: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    workers = [start_worker(postgresql_url, lease=60).ready() for _ in range(2)]
    during = tasks.slow.enqueue(str(log), 2.0)
    wait_for(lambda: begun(log))
    with database_away():
        for worker in workers:
            worker.wait_until_it_says("The database does not answer, waiting")
        time.sleep(3)
        assert [worker.process.poll() for worker in workers] == [None, None]
    afterwards = tasks.quick.enqueue(str(log), 1)
    wait_for(lambda: is_done(during) and is_done(afterwards), 60)
    # At least once is the promise: on a busy machine the task of the outage may run a second time.
    assert {line.split()[0] for line in lines(log)} == {"1", "begin", "end"}
    assert [worker.process.poll() for worker in workers] == [None, None]

"""The worker in this process: what it does around a task."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.signals import task_finished
from django_tasks_db.models import DBTaskResult

from projectgenius.background import leases
from projectgenius.background import worker as worker_module
from projectgenius.background.heartbeat import Heartbeat
from projectgenius.background.models import QueuedTask, TaskLease, WorkerHeartbeat
from projectgenius.background.worker import LeasedWorker, StopNow, worker_is_alive
from tests.background.processes import lines
from tests.background.sample import tasks

pytestmark = pytest.mark.django_db

inside: list[str] = []


@contextmanager
def noted_context() -> Iterator[None]:
    """Notes when a task's context begins and ends."""
    inside.append("begin")
    yield
    inside.append("end")


def only_task() -> QueuedTask:
    return DBTaskResult.objects.get()


def test_step_runs_one_task_and_says_when_none_is_left(worker: LeasedWorker, tmp_path: Path) -> None:
    tasks.quick.enqueue(str(tmp_path / "log"), 7)
    assert worker.step() is True
    assert worker.step() is False
    assert lines(tmp_path / "log") == ["7"]
    assert (only_task().status, only_task().return_value) == (TaskResultStatus.SUCCESSFUL, 7)


def test_task_runs_inside_the_context_that_the_settings_name(worker: LeasedWorker, settings: Any) -> None:
    settings.BACKGROUND_TASK_CONTEXT = f"{__name__}.noted_context"
    inside.clear()
    tasks.returning.enqueue("text")
    worker.step()
    assert inside == ["begin", "end"]


def test_task_with_context_learns_the_number_of_its_try(worker: LeasedWorker) -> None:
    tasks.attempts.enqueue()
    worker.step()
    assert only_task().return_value == 1


@pytest.mark.parametrize(
    ("task", "arguments", "error"),
    [
        (tasks.exiting, [], "builtins.SystemExit"),
        (tasks.unprintable, [], "builtins.ValueError"),
        (tasks.returning, ["object"], "builtins.TypeError"),
    ],
)
def test_worker_outlives_any_failure_of_a_task(
    worker: LeasedWorker, task: Any, arguments: list[Any], error: str
) -> None:
    task.enqueue(*arguments)
    for _ in range(3):
        DBTaskResult.objects.update(run_after=timezone.now())
        assert worker.step() is True
    assert (only_task().status, only_task().exception_class_path) == (TaskResultStatus.FAILED, error)


def test_worker_outlives_a_task_whose_code_is_gone(worker: LeasedWorker) -> None:
    tasks.quick.enqueue("", 1)
    DBTaskResult.objects.update(task_path="courses.nothing.of_the_kind")
    for _ in range(3):
        DBTaskResult.objects.update(run_after=timezone.now())
        assert worker.step() is True
    assert only_task().status == TaskResultStatus.FAILED


def test_end_of_a_task_is_announced_once_and_a_failing_listener_harms_nobody(worker: LeasedWorker) -> None:
    heard: list[str] = []

    def listen(task_result: Any, **_: Any) -> None:
        heard.append(task_result.status)
        raise RuntimeError("listener")

    task_finished.connect(listen)
    try:
        tasks.returning.enqueue("list")
        tasks.hopeless.enqueue()
        while worker.step():
            pass
    finally:
        task_finished.disconnect(listen)
    assert sorted(heard) == [TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL]


def test_result_waits_for_a_database_that_is_away_and_the_task_is_not_run_again(
    worker: LeasedWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.quick.enqueue(str(tmp_path / "log"), 7)
    write, failures = leases.succeed, [OperationalError("the server closed"), OperationalError("no")]

    def unreliable(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return write(*arguments)

    monkeypatch.setattr(leases, "succeed", unreliable)
    monkeypatch.setattr(worker_module, "DATABASE_PAUSE", 0.0)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    worker.step()
    assert only_task().status == TaskResultStatus.SUCCESSFUL
    assert lines(tmp_path / "log") == ["7"]


def test_stopping_worker_leaves_a_result_that_it_cannot_write_to_the_lease(
    worker: LeasedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        worker.running = False
        raise OperationalError("the server closed")

    monkeypatch.setattr(leases, "succeed", refuse)
    tasks.returning.enqueue("text")
    with pytest.raises(StopNow):
        worker.step()
    assert only_task().status == TaskResultStatus.RUNNING, "a task that was done has not failed"
    assert TaskLease.objects.get().worker_id == worker.worker_id


def test_lost_tasks_are_looked_for_at_the_start_and_not_right_after_the_database_was_away(
    worker: LeasedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[timedelta] = []
    monkeypatch.setattr(leases, "take_back_lost", looked.append)
    monkeypatch.setattr(worker_module, "DATABASE_PAUSE", 0.0)
    monkeypatch.setattr(connections, "close_all", lambda: None)
    worker.step()
    worker.step()
    assert looked == [worker.lease]
    worker._look_for_lost_at = 0.0
    worker._wait_for_database(OperationalError("gone"))
    worker.step()
    assert len(looked) == 1, "whoever could not renew in that time keeps its task"


def test_second_signal_ends_at_once_and_leaves_the_task_to_its_lease(
    worker: LeasedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> Any:
        worker.shutdown(signal.SIGTERM, None)
        assert worker.running is False
        worker.shutdown(signal.SIGTERM, None)

    monkeypatch.setattr(worker_module, "task_context", interrupted)
    tasks.returning.enqueue("text")
    with pytest.raises(StopNow):
        worker.step()
    assert only_task().status == TaskResultStatus.RUNNING
    assert TaskLease.objects.get().worker_id == worker.worker_id


def test_worker_that_lost_its_lease_says_so(
    worker: LeasedWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lose_the_lease() -> Any:
        TaskLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        leases.take_back_lost(timedelta(seconds=60))
        return noted_context()

    monkeypatch.setattr(worker_module, "task_context", lose_the_lease)
    tasks.returning.enqueue("text")
    with caplog.at_level(logging.WARNING):
        worker.step()
    assert only_task().status == TaskResultStatus.READY
    assert "lease lost, result not written" in caplog.text


def test_worker_is_alive_while_it_was_seen_lately() -> None:
    assert not worker_is_alive()
    beat = Heartbeat("one", timedelta(seconds=60))
    beat.beat()
    beat.beat()
    assert worker_is_alive()
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    assert not worker_is_alive()
    assert worker_is_alive(within=90)
    beat.leave()
    assert not WorkerHeartbeat.objects.exists()


def test_heartbeat_comes_more_often_than_half_the_time_after_which_a_worker_counts_as_gone() -> None:
    assert Heartbeat("one", timedelta(seconds=6)).period == pytest.approx(2)
    assert Heartbeat("one", timedelta(hours=1)).period <= 30


def test_queue_whose_condition_does_not_hold_waits(worker: LeasedWorker, tmp_path: Path) -> None:
    able = False
    worker.take_only_while("judge", lambda: able)
    tasks.quick.using(queue_name="judge").enqueue(str(tmp_path / "log"), 1)
    tasks.quick.enqueue(str(tmp_path / "log"), 2)
    assert (worker.step(), worker.step()) == (True, False)
    assert DBTaskResult.objects.get(status="READY").queue_name == "judge"
    worker.queues = ("judge",)
    assert not worker.step()
    able = True
    assert worker.step()

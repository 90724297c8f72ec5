"""Claiming, finishing, failing and taking back, each as one step on the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from projectgenius.background import leases
from projectgenius.background.handling import GiveUp
from projectgenius.background.models import QueuedTask, TaskLease
from tests.background.sample import tasks

pytestmark = pytest.mark.django_db

MINUTE = timedelta(seconds=60)


def queued(task: Any = tasks.quick, *arguments: Any) -> QueuedTask:
    return DBTaskResult.objects.get(pk=task.enqueue(*arguments).id)


def claimed(worker_id: str = "one", task: Any = tasks.quick, *arguments: Any) -> QueuedTask:
    queued(task, *arguments)
    found = leases.claim(worker_id, MINUTE)
    assert found is not None
    return found


def expire(task: QueuedTask) -> None:
    TaskLease.objects.filter(task=task).update(expires_at=timezone.now() - timedelta(seconds=1))


def make_due(task: QueuedTask) -> None:
    DBTaskResult.objects.filter(pk=task.pk).update(run_after=timezone.now())


def test_claim_gives_a_task_to_one_worker_with_a_lease() -> None:
    task = claimed("one", tasks.quick, "", 1)
    lease = TaskLease.objects.get(task=task)
    assert (task.status, task.worker_ids) == (TaskResultStatus.RUNNING, ["one"])
    assert (lease.worker_id, lease.attempts) == ("one", 1)
    assert timedelta(seconds=50) < lease.expires_at - timezone.now() <= MINUTE
    assert leases.claim("two", MINUTE) is None


def test_claim_leaves_what_is_not_due_yet() -> None:
    tasks.quick.using(run_after=timezone.now() + MINUTE).enqueue("", 1)
    assert leases.claim("one", MINUTE) is None


def test_success_is_written_and_ends_the_lease() -> None:
    task = claimed()
    assert leases.succeed(task, "one", {"answer": 42})
    task.refresh_from_db()
    assert (task.status, task.return_value) == (TaskResultStatus.SUCCESSFUL, {"answer": 42})
    assert task.finished_at is not None
    assert not TaskLease.objects.exists()


def test_worker_that_lost_its_lease_writes_nothing() -> None:
    task = claimed("one")
    expire(task)
    leases.take_back_lost(MINUTE)
    again = leases.claim("two", MINUTE)
    assert again is not None

    assert leases.succeed(task, "one", "too late") is None
    assert leases.fail(task, "one", ValueError("too late")) is None
    again.refresh_from_db()
    assert (again.status, again.return_value) == (TaskResultStatus.RUNNING, None)
    assert "too late" not in again.traceback
    assert TaskLease.objects.get().worker_id == "two"

    assert leases.succeed(again, "two", "in time")
    assert leases.succeed(task, "one", "far too late") is None
    again.refresh_from_db()
    assert again.return_value == "in time"


def test_result_of_a_task_that_was_deleted_meanwhile_is_dropped() -> None:
    task = claimed()
    DBTaskResult.objects.all().delete()
    assert leases.succeed(task, "one", 1) is None
    assert leases.fail(task, "one", ValueError()) is None


def test_failed_task_returns_after_a_pause_and_is_given_up_after_its_last_try() -> None:
    task = claimed("one", tasks.failing, "")
    for attempt, (least, most) in enumerate([(0.5, 0.75), (1.0, 1.5)], start=1):
        before = timezone.now()
        written = leases.fail(task, "one", ValueError("no"))
        assert written is not None
        assert written.status == TaskResultStatus.READY
        pause = (written.run_after - before).total_seconds()
        assert least <= pause < most + 0.2, attempt
        assert leases.claim("one", MINUTE) is None
        assert TaskLease.objects.get().worker_id == ""
        make_due(task)
        assert leases.claim("one", MINUTE) == task
        assert TaskLease.objects.get().attempts == attempt + 1
    written = leases.fail(task, "one", ValueError("no"))
    assert written is not None
    assert (written.status, written.exception_class_path) == (TaskResultStatus.FAILED, "builtins.ValueError")
    assert "ValueError: no" in written.traceback
    assert not TaskLease.objects.exists()


def test_task_put_back_by_hand_gets_all_its_tries_anew() -> None:
    task = claimed("one", tasks.failing, "")
    leases.fail(task, "one", GiveUp("no use"))
    DBTaskResult.objects.filter(pk=task.pk).update(status=TaskResultStatus.READY, run_after=timezone.now())
    leases.claim("one", MINUTE)
    assert TaskLease.objects.get().attempts == 1


def test_task_that_gives_up_is_not_tried_again() -> None:
    written = leases.fail(claimed(), "one", GiveUp("no use"))
    assert written is not None
    assert written.status == TaskResultStatus.FAILED


def test_error_text_that_no_database_stores_is_written_without_its_odd_characters() -> None:
    written = leases.fail(claimed(), "one", ValueError("nul \x00 half \udcff"))
    assert written is not None
    written.refresh_from_db()
    assert "ValueError: nul  half ?" in written.traceback


def test_lost_task_is_taken_back_at_once_and_given_up_after_its_last_try() -> None:
    task = claimed()
    for attempt in (1, 2):
        assert leases.take_back_lost(MINUTE) == 0
        expire(task)
        assert leases.take_back_lost(MINUTE) == 1, attempt
        assert leases.claim("two", MINUTE) == task
    expire(task)
    assert leases.take_back_lost(MINUTE) == 1
    task.refresh_from_db()
    assert task.status == TaskResultStatus.FAILED
    assert task.exception_class_path == "projectgenius.background.leases.WorkerLost"
    assert len(task.worker_ids) == 3


def test_renewed_lease_is_kept_and_a_lost_one_is_not_renewed() -> None:
    task = claimed("one")
    expire(task)
    leases.renew("one", MINUTE)
    assert leases.take_back_lost(MINUTE) == 0
    expire(task)
    leases.take_back_lost(MINUTE)
    leases.renew("one", MINUTE)
    assert TaskLease.objects.get().expires_at < timezone.now()


def test_lease_that_is_renewed_at_the_last_moment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    task = claimed("one")
    expire(task)
    find = TaskLease.objects.get_or_create

    def renewed_meanwhile(**arguments: Any) -> Any:
        leases.renew("one", MINUTE)
        return find(**arguments)

    monkeypatch.setattr(TaskLease.objects, "get_or_create", renewed_meanwhile)
    assert leases.take_back_lost(MINUTE) == 0
    assert leases.succeed(task, "one", 1)


def test_running_task_without_a_lease_is_taken_back_once_it_is_older_than_a_lease() -> None:
    task = claimed()
    TaskLease.objects.all().delete()
    assert leases.take_back_lost(MINUTE) == 0
    DBTaskResult.objects.update(started_at=timezone.now() - MINUTE * 2)
    assert leases.take_back_lost(MINUTE) == 1
    task.refresh_from_db()
    assert task.status == TaskResultStatus.READY
    assert TaskLease.objects.get().attempts == 1


def test_confidential_arguments_are_kept_for_another_try_and_erased_after_success() -> None:
    task = claimed("one", tasks.confidential, "secret")
    leases.fail(task, "one", ValueError())
    task.refresh_from_db()
    assert task.args_kwargs["args"] == ["secret"]
    make_due(task)
    leases.claim("one", MINUTE)
    leases.succeed(task, "one", 6)
    task.refresh_from_db()
    assert task.args_kwargs == {"args": [], "kwargs": {}}

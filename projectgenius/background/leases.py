"""Who may run a task and write its result: every change of a task's status that the worker makes.

A task is claimed together with a lease. Only the holder of the lease may write the result; a lease that ran
out is taken away by any worker. All functions lock the task's row first and its lease second. Ends of leases
are reckoned by the database's clock, so that the clocks of the workers' hosts need not agree.
"""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from traceback import format_exception
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from projectgenius.background.handling import GiveUp, Handling, handling_of
from projectgenius.background.models import QueuedTask, TaskLease

logger = logging.getLogger(__name__)


class WorkerLost(Exception):
    """The worker that ran a task ended or lost touch each time."""


@contextmanager
def queue_transaction() -> Iterator[None]:
    """A transaction that no other worker's overlaps on SQLite; on PostgreSQL the rows are locked instead."""
    # Connecting sets the transaction mode of the settings: it has to come before the mode of the next line.
    connection.ensure_connection()
    with exclusive_transaction():
        yield


def claim(
    worker_id: str, lease: timedelta, backend_name: str = "default", queues: Collection[str] = ()
) -> QueuedTask | None:
    """Take the next task that is due, of these queues or of all, with a lease on it; None if nothing is due."""
    ready = DBTaskResult.objects.ready().filter(backend_name=backend_name)
    if queues:
        ready = ready.filter(queue_name__in=queues)
    if not ready.exists():  # an idle worker takes no lock
        return None
    with queue_transaction():
        task: QueuedTask | None = ready.get_locked()
        if task is None:
            return None
        task.claim(worker_id)
        held = {"worker_id": worker_id, "expires_at": Now() + lease}
        if not TaskLease.objects.filter(task=task).update(attempts=F("attempts") + 1, **held):
            TaskLease.objects.create(task=task, attempts=1, **held)
    return task


def renew(worker_id: str, lease: timedelta) -> None:
    """Prolong what the worker still holds; a lease that was taken away stays away."""
    TaskLease.objects.filter(worker_id=worker_id).update(expires_at=Now() + lease)


def succeed(task: QueuedTask, worker_id: str, return_value: Any) -> QueuedTask | None:
    """Write a task's result and return the row; None, and nothing written, if the lease was lost."""
    with queue_transaction():
        row, lease = _lock(task, worker_id)
        if row is None or lease is None:
            return None
        if _handling(row).forget_arguments:
            row.args_kwargs = {"args": [], "kwargs": {}}
        row.status = TaskResultStatus.SUCCESSFUL
        row.finished_at = timezone.now()
        row.return_value = return_value
        row.exception_class_path = row.traceback = ""
        row.save()
        lease.delete()
    return row


def fail(task: QueuedTask, worker_id: str, error: BaseException) -> QueuedTask | None:
    """Write down a failed try and return the row: READY again after a pause, or FAILED after the last try.

    None, and nothing written, if the lease was lost.
    """
    with queue_transaction():
        row, lease = _lock(task, worker_id)
        if row is None or lease is None:
            return None
        pause = _handling(row).pause_after(lease.attempts)
        _end_try(row, lease, error, pause=pause, last=isinstance(error, GiveUp))
    return row


def take_back_lost(lease_time: timedelta) -> int:
    """Make the tasks of lost workers READY again, or FAILED after their last try; returns how many.

    Lost is a task whose lease has run out, and one that has run longer than `lease_time` without a lease.
    """
    without_lease = Q(lease__isnull=True, started_at__lt=Now() - lease_time)
    lost = DBTaskResult.objects.running().filter(Q(lease__expires_at__lt=Now()) | without_lease)
    if not lost.exists():
        return 0
    count = 0
    with queue_transaction():
        for row in lost.select_for_update(of=("self",), skip_locked=True):
            TaskLease.objects.get_or_create(task=row, defaults={"attempts": 1, "expires_at": Now()})
            # The lease may have been renewed since the rows were read: then it is not lost.
            lease = TaskLease.objects.select_for_update().filter(task=row, expires_at__lte=Now()).first()
            if lease is not None:
                error = WorkerLost(f"Worker {lease.worker_id or row.worker_ids[-1]} was lost.")
                _end_try(row, lease, error, pause=timedelta())
                count += 1
    return count


def _lock(task: QueuedTask, worker_id: str) -> tuple[QueuedTask | None, TaskLease | None]:
    """The task as it is now and its lease, both locked; without a lease if `worker_id` no longer holds it."""
    row = DBTaskResult.objects.select_for_update().filter(pk=task.pk).first()
    lease = TaskLease.objects.select_for_update().filter(task_id=task.pk, worker_id=worker_id).first()
    return row, lease


def _end_try(
    row: QueuedTask, lease: TaskLease, error: BaseException, *, pause: timedelta, last: bool = False
) -> None:
    tries = _handling(row).tries
    row.exception_class_path = f"{type(error).__module__}.{type(error).__qualname__}"
    text = "".join(format_exception(error))
    row.traceback = text.replace("\x00", "").encode(errors="replace").decode()  # what a database can store
    if last or lease.attempts >= tries:
        row.status = TaskResultStatus.FAILED
        row.finished_at = timezone.now()
        lease.delete()
        outcome = "given up"
    else:
        row.status = TaskResultStatus.READY
        row.run_after = timezone.now() + pause
        lease.worker_id = ""
        lease.save(update_fields=["worker_id"])
        outcome = f"next try in {pause.total_seconds():.0f} s"
    row.save()
    logger.warning(
        "Task id=%s path=%s: try %d of %d ended with %s, %s.",
        row.pk, row.task_path, lease.attempts, tries, type(error).__name__, outcome,
    )  # fmt: skip


def _handling(task: QueuedTask) -> Handling:
    try:
        return handling_of(task.task.func)
    except (ImportError, SuspiciousOperation):  # a task that this version of the code does not know
        return Handling()

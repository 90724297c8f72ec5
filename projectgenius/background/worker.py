"""The worker: takes tasks off the queue one by one, keeps to their leases and watches the schedule.

Delivery is at least once: a task whose worker was lost, or lost touch with the database, is run again, so
tasks are written to be run twice without harm. The result is written once, by whoever holds the lease.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_tasks import TaskContext, task_backends
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json
from django_tasks_db.management.commands.db_worker import Worker

from projectgenius.background import leases
from projectgenius.background.heartbeat import Heartbeat
from projectgenius.background.models import QueuedTask, WorkerHeartbeat
from projectgenius.background.schedule import Scheduler

logger = logging.getLogger(__name__)

SHORTEST_SLEEP = 0.2  # seconds; a signal only lowers a flag, and the flag is looked at this often
DATABASE_PAUSE = 2.0  # seconds between looks for a database that went away


class StopNow(SystemExit):
    """The second signal to stop, or a database that is away at the end: the task is left to its lease."""


def worker_is_alive(within: float = 60) -> bool:
    """Whether any worker was seen in the last `within` seconds."""
    return WorkerHeartbeat.objects.filter(seen_at__gt=Now() - timedelta(seconds=within)).exists()


def task_context() -> AbstractContextManager[Any]:
    """What each task runs inside: the context manager that BACKGROUND_TASK_CONTEXT names, or nothing."""
    path = getattr(settings, "BACKGROUND_TASK_CONTEXT", "")
    return import_string(path)() if path else nullcontext()


def new_worker_id() -> str:
    """A name that says where the worker runs and is never used twice."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def always() -> bool:
    return True


class LeasedWorker(Worker):
    """Runs the tasks of all queues, or of those named; any number of workers may run beside each other.

    `lease`: how long a task stays with a worker that gives no sign of life. `interval`: seconds between looks
    at an empty queue. `batch`: end when nothing is left that is due.
    """

    def __init__(
        self,
        *,
        lease: timedelta = timedelta(seconds=60),
        interval: float = 1.0,
        batch: bool = False,
        queues: Collection[str] = (),
    ) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=new_worker_id(),
        )
        self.lease = lease
        self.queues = tuple(queues or task_backends["default"].queues)
        self.conditions: dict[str, Callable[[], bool]] = {}
        self.scheduler = Scheduler()
        self.tasks_run = 0
        self._look_for_lost_at = 0.0

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """First signal: end after the task at hand. Second one: end now; the task's lease brings it back."""
        if not self.running:
            raise StopNow(1)
        self.running = False

    def take_only_while(self, queue: str, is_able: Callable[[], bool]) -> None:
        """Take tasks of this queue only while `is_able`, which is asked before each look: it answers fast."""
        self.conditions[queue] = is_able

    def run(self) -> None:
        """Work until a signal, or with `batch` until nothing is due; wait for a database that is away."""
        with Heartbeat(self.worker_id, self.lease):
            while self.running:
                try:
                    close_old_connections()
                    worked = self.step()
                    close_old_connections()
                except (OperationalError, InterfaceError) as error:  # any other error ends the process
                    if self.batch:
                        raise
                    self._wait_for_database(error)
                    continue
                if not worked:
                    if self.batch:
                        break
                    self._sleep(self.interval)

    def step(self) -> bool:
        """Look after lost tasks and the schedule, then run one task; False if none was due."""
        if time.monotonic() >= self._look_for_lost_at:
            leases.take_back_lost(self.lease)
            self._look_for_lost_at = time.monotonic() + self.lease.total_seconds() / 3
        self.scheduler.tick()
        able = [queue for queue in self.queues if self.conditions.get(queue, always)()]
        task = leases.claim(self.worker_id, self.lease, self.backend_name, able) if able else None
        if task is not None:
            self.run_task(task)
        return task is not None

    def run_task(self, db_task_result: QueuedTask) -> None:
        """Run a claimed task and write its end down, unless the lease was lost on the way."""
        task = db_task_result
        self.tasks_run += 1
        try:
            return_value = self._call(task)
            written = self._write(lambda: leases.succeed(task, self.worker_id, return_value))
        except StopNow:
            logger.warning("Task id=%s was left; it is run again when its lease has ended.", task.pk)
            raise
        except BaseException as error:  # a task that calls sys.exit() has failed, the worker has not
            failure = error
            written = self._write(lambda: leases.fail(task, self.worker_id, failure))
            self._announce_end(task, written)
        else:
            self._announce_end(task, written)

    def _call(self, task: QueuedTask) -> Any:
        """Run the task's function in its context; returns what JSON can hold of its value."""
        with task_context():
            task_result: Any = task.task_result
            task_started.send(sender=type(task.task.get_backend()), task_result=task_result)
            context = [TaskContext(task_result=task_result)] if task.task.takes_context else []
            return normalize_json(task.task.call(*context, *task_result.args, **task_result.kwargs))

    def _write(self, write: Callable[[], QueuedTask | None]) -> QueuedTask | None:
        """Write a task's end, as long as it takes: work that was done is not done again without need."""
        while True:
            try:
                return write()
            except (OperationalError, InterfaceError) as error:
                if self.batch or not self.running:
                    raise StopNow(1) from error
                self._wait_for_database(error)

    def _announce_end(self, task: QueuedTask, written: QueuedTask | None) -> None:
        """Tell whoever listens that a task has ended for good; the log shows the error being handled."""
        if written is None:
            logger.warning("Task id=%s path=%s: lease lost, result not written.", task.pk, task.task_path)
        elif written.finished_at is not None:
            try:
                sender, task_result = type(written.task.get_backend()), written.task_result
            except Exception:  # the code of the task is gone
                logger.exception("Task id=%s path=%s cannot be run.", task.pk, task.task_path)
            else:
                task_finished.send_robust(sender=sender, task_result=task_result)

    def _wait_for_database(self, error: Exception) -> None:
        reason = str(error).partition("\n")[0]  # further lines may quote a row
        logger.warning("The database does not answer, waiting: %s: %s", type(error).__name__, reason)
        connections.close_all()
        self._sleep(DATABASE_PAUSE)
        # The other workers could not renew their leases either; give them the time to.
        self._look_for_lost_at = time.monotonic() + self.lease.total_seconds()

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self.running and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, SHORTEST_SLEEP))

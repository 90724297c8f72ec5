"""manage.py worker"""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import autodiscover_modules
from django_tasks import task_backends
from django_tasks_db import DatabaseBackend

from projectgenius.background.schedule import SCHEDULES
from projectgenius.background.signals import worker_started
from projectgenius.background.worker import LeasedWorker, StopNow


def seconds_from(least: float, most: float) -> Any:
    """An argument's type: a number of seconds between `least` and `most`."""

    def read(value: str) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if not least <= seconds <= most:
            raise ArgumentTypeError(f"give a number of seconds from {least:g} to {most:g}, not {value!r}")
        return seconds

    return read


class Command(BaseCommand):
    """Starts a worker; start it again for a second one."""

    help = "Run tasks from the queue, send mail and fire periodic tasks until stopped (Ctrl-C, SIGTERM)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--lease",
            type=seconds_from(1, 3600),
            default=60.0,
            metavar="SECONDS",
            help="after this time without a sign of life a task goes to another worker (default: 60)",
        )
        parser.add_argument(
            "--interval",
            type=seconds_from(0.05, 60),
            default=1.0,
            metavar="SECONDS",
            help="time between looks at an empty queue (default: 1)",
        )
        parser.add_argument(
            "--queue",
            action="append",
            choices=sorted(task_backends["default"].queues),
            metavar="NAME",
            help="take tasks of this queue alone; may be repeated (default: all queues)",
        )
        parser.add_argument("--batch", action="store_true", help="run what is due now, then end")

    def handle(
        self, *, lease: float, interval: float, batch: bool, queue: list[str] | None, **options: Any
    ) -> None:
        if not isinstance(task_backends["default"], DatabaseBackend):
            raise CommandError(
                'TASKS["default"] keeps its queue outside the database. Start the worker that belongs to it.'
            )
        autodiscover_modules("tasks")
        worker = LeasedWorker(
            lease=timedelta(seconds=lease), interval=interval, batch=batch, queues=queue or ()
        )
        worker.configure_signals()
        worker_started.send(sender=type(worker), worker=worker)
        self.say(
            f"Worker {worker.worker_id} is ready: lease {lease:g} s, periodic tasks: {len(SCHEDULES)}. "
            "Ctrl-C stops it after the task at hand, a second one at once."
        )
        try:
            worker.run()
        except StopNow:
            self.say("Worker stopped at once. A task that was left is run again when its lease has ended.")
            raise
        self.say(f"Worker stopped. Tasks run: {worker.tasks_run}.")

    def say(self, line: str) -> None:
        """Print a line at once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()

"""Periodic tasks: each is put on the queue once for every slot of time, however many schedulers look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks.base import Task

from projectgenius.background.models import ScheduledRun

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

AnyTask = TypeVar("AnyTask", bound=Task[[], Any])


@dataclass(frozen=True)
class Schedule:
    """A task without arguments and the slots it is fired in."""

    name: str
    task: Task[[], Any]
    every: timedelta
    offset: timedelta = timedelta()

    def slot(self, now: datetime) -> datetime:
        """Beginning of the slot that `now` is in. Slots are counted in UTC."""
        return now - (now - EPOCH - self.offset) % self.every


SCHEDULES: dict[str, Schedule] = {}


def periodic(
    *, every: timedelta, offset: timedelta = timedelta(), name: str = ""
) -> Callable[[AnyTask], AnyTask]:
    """Fire a task once in every slot; stands above `@task`, in a module `tasks` of an installed app.

    `every=timedelta(days=1), offset=timedelta(hours=3)` is daily at 03:00 UTC. A slot that began while no
    worker ran is made up for as long as it lasts; slots that passed altogether are not. `name` identifies the
    slots in the database and is the task's own path unless given.
    """

    def register(task: AnyTask) -> AnyTask:
        schedule = Schedule(name or task.module_path, task, every, offset)
        known = SCHEDULES.setdefault(schedule.name, schedule)
        if known.task.module_path != task.module_path:
            raise ImproperlyConfigured(f"Two periodic tasks are named {schedule.name}.")
        return task

    return register


def fire(schedule: Schedule, slot: datetime) -> bool:
    """Put the task on the queue for this slot; False if that was done before."""
    if ScheduledRun.objects.filter(name=schedule.name, slot=slot).exists():
        return False
    try:
        with transaction.atomic():
            ScheduledRun.objects.create(name=schedule.name, slot=slot)
            schedule.task.enqueue()
    except IntegrityError:  # another scheduler was faster
        return False
    return True


class Scheduler:
    """Fires what is due; remembers what it has seen to, so that most ticks ask the database nothing."""

    def __init__(self, schedules: dict[str, Schedule] = SCHEDULES) -> None:
        self.schedules = schedules
        self._seen: dict[str, datetime] = {}

    def tick(self, now: datetime | None = None) -> int:
        """Fire every schedule whose slot has begun; returns how many tasks were put on the queue."""
        now = now or timezone.now()
        fired = 0
        for schedule in list(self.schedules.values()):
            slot = schedule.slot(now)
            if self._seen.get(schedule.name) != slot:
                fired += fire(schedule, slot)
                self._seen[schedule.name] = slot
        return fired

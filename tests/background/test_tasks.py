"""The queue's own cleaning."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from projectgenius.background import tasks as queue_tasks
from projectgenius.background.models import OutboxMail, ScheduledRun, WorkerHeartbeat
from projectgenius.background.schedule import SCHEDULES, Schedule, Scheduler
from projectgenius.background.worker import LeasedWorker
from tests.background.sample import tasks

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> Any:
    return timezone.now() - timedelta(days=days)


def clean_up() -> None:
    queue_tasks.clean_up.call()


def test_cleaning_is_on_the_schedule() -> None:
    assert SCHEDULES["projectgenius.background.tasks.clean_up"].every == timedelta(days=1)


def test_ended_tasks_go_after_their_time_and_waiting_ones_stay(worker: LeasedWorker, settings: Any) -> None:
    settings.BACKGROUND_KEEP_DAYS = 3
    for _ in range(3):
        tasks.returning.enqueue("text")
        worker.step()
    old, *_ = DBTaskResult.objects.all()
    DBTaskResult.objects.filter(pk=old.pk).update(finished_at=days_ago(3.1))
    waiting = tasks.returning.enqueue("text")
    DBTaskResult.objects.filter(pk=waiting.id).update(enqueued_at=days_ago(90))
    clean_up()
    assert DBTaskResult.objects.count() == 3
    assert not DBTaskResult.objects.filter(pk=old.pk).exists()


def test_many_rows_go_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_tasks, "CHUNK", 2)
    for number in range(5):
        ScheduledRun.objects.create(name=f"n{number}", slot=days_ago(400))
    clean_up()
    assert not ScheduledRun.objects.exists()


def test_slot_that_still_lasts_is_kept_and_not_fired_again(monkeypatch: pytest.MonkeyPatch) -> None:
    yearly = Schedule("yearly", tasks.every_second, timedelta(days=365))
    monkeypatch.setitem(SCHEDULES, "yearly", yearly)
    Scheduler({"yearly": yearly}).tick()
    clean_up()
    assert Scheduler({"yearly": yearly}).tick() == 0


def test_shown_mails_and_workers_that_are_gone_are_forgotten() -> None:
    for days in (13, 15):
        OutboxMail.objects.create(sender="a", recipients="b", subject=str(days))
        OutboxMail.objects.filter(subject=str(days)).update(sent_at=days_ago(days))
    for hours in (12, 36):
        WorkerHeartbeat.objects.create(
            worker_id=str(hours), host_name="h", started_at=days_ago(9), seen_at=days_ago(hours / 24)
        )
    clean_up()
    assert [mail.subject for mail in OutboxMail.objects.all()] == ["13"]
    assert [beat.worker_id for beat in WorkerHeartbeat.objects.all()] == ["12"]

"""Periodic tasks of the queue itself."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from projectgenius.background.models import OutboxMail, ScheduledRun, WorkerHeartbeat
from projectgenius.background.schedule import SCHEDULES, periodic
from projectgenius.limits.models import RequestCount

KEEP_DAYS = 14
CHUNK = 500


@periodic(every=timedelta(days=1), offset=timedelta(hours=3))
@task
def clean_up() -> None:
    """Delete ended tasks, fired slots and shown mails older than BACKGROUND_KEEP_DAYS, and lost workers."""
    keep = timedelta(days=getattr(settings, "BACKGROUND_KEEP_DAYS", KEEP_DAYS))
    old = timezone.now() - keep
    # A slot that still lasts would be fired anew without its row.
    longest = max((schedule.every for schedule in SCHEDULES.values()), default=keep)
    delete_in_chunks(DBTaskResult.objects.finished().filter(finished_at__lt=old))
    delete_in_chunks(ScheduledRun.objects.filter(slot__lt=timezone.now() - max(keep, 2 * longest)))
    delete_in_chunks(OutboxMail.objects.filter(sent_at__lt=old))
    delete_in_chunks(WorkerHeartbeat.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)))


@periodic(every=timedelta(hours=1), offset=timedelta(minutes=20))
@task
def forget_request_counts() -> None:
    """Delete the counts of windows that are over."""
    delete_in_chunks(RequestCount.objects.filter(ends_at__lt=timezone.now()))


def delete_in_chunks(rows: QuerySet[Model]) -> None:
    """Delete rows a few at a time: no long transaction keeps others from writing."""
    while keys := list(rows.order_by().values_list("pk", flat=True)[:CHUNK]):
        rows.model._default_manager.filter(pk__in=keys).delete()

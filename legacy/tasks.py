"""Periodic work on what was sent in for challenges."""

from datetime import timedelta

from django_tasks import task

from legacy.judging import give_up_lost
from projectgenius.background.schedule import periodic


@periodic(every=timedelta(minutes=1), offset=timedelta(seconds=45))
@task
def give_up_lost_submissions() -> int:
    """End what the judge failed on three times."""
    return give_up_lost()

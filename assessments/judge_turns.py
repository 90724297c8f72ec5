"""Whose program is judged next, and how much of the judge's time one person may take.

Programs are taken in the order of the moments at which they count as asked for. A run that a page waits for has a head
start before what was handed in, and no more: of all that comes later, only what comes within that minute goes before.
"""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from assessments.models import CodeRun, RunKind
from projectgenius.errors import Conflict

HEAD_START = timedelta(minutes=1)
WINDOW = timedelta(minutes=10)
LEAST = 10.0  # seconds; a run that was asked for in time may take so many although others have used the rest


def asked_at(*, by: User, now: datetime | None = None) -> datetime:
    """The moment at which a run counts as asked for that a page waits for; one run of a person has the head start."""
    now = now or timezone.now()
    others = CodeRun.objects.waiting().filter(user=by).exclude(kind=RunKind.ALL_TESTS)
    return now if others.exists() else now - HEAD_START


def refuse_over_budget(*, by: User, now: datetime | None = None) -> None:
    """Raises Conflict `judge_time_used` while the person's runs have used CODE_RUN_SECONDS in the last ten minutes."""
    now = now or timezone.now()
    used = _used(by.pk, now)
    if sum(seconds for _end, seconds in used) < settings.CODE_RUN_SECONDS:
        return
    minutes = ceil((_free_at(used) - now).total_seconds() / 60)
    message = ngettext(
        "Your programs have run for %(most)s seconds within ten minutes. "
        "Others have their turn now: run again in %(minutes)s minute.",
        "Your programs have run for %(most)s seconds within ten minutes. "
        "Others have their turn now: run again in %(minutes)s minutes.",
        minutes,
    )
    raise Conflict(message % {"most": settings.CODE_RUN_SECONDS, "minutes": minutes}, code="judge_time_used")


def seconds_for(run: CodeRun, now: datetime | None = None) -> float:
    """How long the judge may take for all tests of a run together, by the clock."""
    longest = float(settings.JUDGING_SECONDS)
    if not run.is_try:
        return longest
    used = sum(seconds for _end, seconds in _used(run.user_id, now or timezone.now()))
    return min(longest, max(LEAST, settings.CODE_RUN_SECONDS - used))


def _used(user_id: int, now: datetime) -> list[tuple[datetime, float]]:
    """The runs that ended in the last ten minutes, the first one first: when, and after how many seconds."""
    ended = CodeRun.objects.tried().filter(user=user_id, finished_at__gt=now - WINDOW)
    times = ended.order_by("finished_at").values_list("started_at", "finished_at")
    return [(end, (end - start).total_seconds()) for start, end in times if start and end]


def _free_at(used: list[tuple[datetime, float]]) -> datetime:
    """When enough of the runs are ten minutes old."""
    left = sum(seconds for _end, seconds in used)
    for end, seconds in used:
        left -= seconds
        if left < settings.CODE_RUN_SECONDS:
            return end + WINDOW
    raise AssertionError("without any run nothing is used")

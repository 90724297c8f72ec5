"""When an attempt ends. The server's clock alone decides; times that a browser sends are ignored.

The deadline is shown; the end comes `GRACE` later and is one moment for everything: until then a response is saved,
from then on it is refused, every read treats the attempt as ended, and the key may show.
"""

import math
from datetime import datetime, timedelta
from decimal import Decimal

GRACE = timedelta(seconds=30)
LONGEST_PAUSE = 600  # seconds between two signs of life that still count as work on a question


def time_allowed(
    *, minutes: int | None, factor: Decimal = Decimal(1), extra_minutes: int = 0
) -> timedelta | None:
    """Limit times the student's factor, and the minutes added to the attempt; None without a limit.

    A fraction of a second counts for the student.
    """
    if minutes is None:
        return None
    return timedelta(seconds=math.ceil(minutes * 60 * factor) + extra_minutes * 60)


def deadline_of(
    *, started_at: datetime, allowed: timedelta | None, closes_at: datetime | None
) -> datetime | None:
    """`started_at + allowed`, or the quiz's closing time if that is earlier; None when neither limits."""
    limits = [limit for limit in (started_at + allowed if allowed is not None else None, closes_at) if limit]
    return min(limits, default=None)


def end_of(deadline: datetime | None) -> datetime | None:
    """The moment at which an attempt with this deadline is over."""
    return deadline + GRACE if deadline else None


def has_ended(deadline: datetime | None, now: datetime) -> bool:
    """Whether the end has come. At the very moment of the end it has."""
    return deadline is not None and now >= deadline + GRACE


def seconds_taken(*, started_at: datetime, ended_at: datetime, deadline: datetime | None) -> int:
    """Whole seconds between start and end, at most up to the deadline."""
    last = min(ended_at, deadline) if deadline else ended_at
    return max(0, int((last - started_at).total_seconds()))


def seconds_between(seen_at: datetime | None, now: datetime) -> int:
    """Whole seconds of work since the last sign of life; of a longer pause `LONGEST_PAUSE` counts."""
    return min(LONGEST_PAUSE, max(0, int((now - seen_at).total_seconds()))) if seen_at else 0

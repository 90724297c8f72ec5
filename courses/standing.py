"""How a student stands in a course: not started, falling behind, completed, left. Said once, for Python and for SQL.

The pages, the API, exports, messages and the start page all ask here, so the same word is the same people everywhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, F, Func, IntegerField, Q, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

QUIET_DAYS = 14
WEEK = timedelta(days=7)
SETTLED = ("paid", "free")


class Standing(models.TextChoices):
    """What the roster is narrowed by. `ALL` is everybody who ever had a place."""

    ALL = "all", _("Everybody")
    ACTIVE = "active", _("Active")
    NOT_STARTED = "not_started", _("Not started")
    BEHIND = "behind", _("Falling behind")
    COMPLETED = "completed", _("Completed")
    PENDING = "pending", _("Not paid")
    LEFT = "left", _("Left")


@dataclass(frozen=True)
class Pace:
    """Where somebody is, and where the course's length says that they would be; percentages, whole days."""

    is_started: bool
    quiet_days: int
    expected: int
    is_behind: bool


def whole_weeks(since: datetime, now: datetime) -> int:
    """Full weeks that have passed, 0 for a time to come."""
    return max(0, int((now - since).total_seconds()) // int(WEEK.total_seconds()))


def expected_percent(*, weeks: int, duration_weeks: int) -> int:
    """The share of the course that `weeks` full weeks stand for, in whole per cent rounded down, at most 100.

    In the first week nothing is expected; after 2 weeks of a course of 4 it is 50.
    """
    return 100 * min(weeks, duration_weeks) // duration_weeks


def pace_of(
    *,
    progress: Decimal,
    enrolled_at: datetime,
    last_accessed: datetime | None,
    duration_weeks: int,
    now: datetime,
) -> Pace:
    """Whether somebody with an open, uncompleted place is falling behind, and the figures that say so.

    Falling behind is who has begun, and either has opened no lesson for `QUIET_DAYS` full days, or is below
    `expected_percent` for the full weeks since enrolling. Who has opened no lesson and done none has not started,
    and is counted there alone. A completed, left or unpaid place is never behind; that the caller knows.
    """
    started = last_accessed is not None or progress > 0
    quiet = now - (last_accessed or enrolled_at)
    expected = expected_percent(weeks=whole_weeks(enrolled_at, now), duration_weeks=duration_weeks)
    return Pace(
        is_started=started,
        quiet_days=max(0, quiet.days),
        expected=expected,
        is_behind=started and (quiet >= timedelta(days=QUIET_DAYS) or progress < expected),
    )


class WholeWeeks(Func):
    """SQL of `whole_weeks`: full weeks from a column to a moment."""

    output_field = IntegerField()
    arity = 2

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "GREATEST(0, FLOOR(EXTRACT(EPOCH FROM (%(expressions)s)) / 604800)::int)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        later, _a = compiler.compile(self.source_expressions[0])
        earlier, _b = compiler.compile(self.source_expressions[1])
        sql = f"MAX(0, (strftime('%%s', {later}) - strftime('%%s', {earlier})) / 604800)"
        return sql, [*_a, *_b]


class StandingRows:
    """Enrollments by how their students stand; the same sets as `pace_of` draws."""

    def standing(self: Any, wanted: str, now: datetime | None = None) -> Any:
        """The rows of one `Standing`."""
        if wanted == Standing.BEHIND:
            return self.with_expected(now).filter(CONDITIONS[wanted](now or timezone.now()))
        return self.filter(CONDITIONS[wanted](now or timezone.now()))

    def with_expected(self: Any, now: datetime | None = None) -> Any:
        """Bring along, as `expected`, what `expected_percent` says of each row."""
        moment = Value(now or timezone.now(), output_field=models.DateTimeField())
        weeks = Least(WholeWeeks(moment, F("enrolled_at")), F("course__duration_weeks"))
        # Whole numbers divided by whole numbers: both databases cut what is behind the point.
        return self.annotate(expected=100 * weeks / Greatest(F("course__duration_weeks"), 1))

    def count_by_standing(self: Any, now: datetime | None = None) -> dict[str, int]:
        """How many there are of each `Standing`, in one statement."""
        moment = now or timezone.now()
        counts: dict[str, int] = (
            self.order_by()
            .with_expected(moment)
            .aggregate(**{name: Count("pk", filter=said(moment)) for name, said in CONDITIONS.items()})
        )
        return counts

    def count_by_course(
        self: Any, courses: Iterable[int], now: datetime | None = None
    ) -> dict[int, dict[str, int]]:
        """By course how many there are of each `Standing`, and who completed it within a week; in one statement."""
        moment = now or timezone.now()
        counts: Any = {name: Count("pk", filter=said(moment)) for name, said in CONDITIONS.items()}
        counts["completed_lately"] = Count("pk", filter=Q(withdrawn_at=None, completed_at__gt=moment - WEEK))
        rows = self.filter(course__in=list(courses)).order_by().with_expected(moment)
        return {row["course_id"]: row for row in rows.values("course_id").annotate(**counts)}


def _open() -> Q:
    return Q(withdrawn_at=None, payment_status__in=SETTLED)


def _under_way() -> Q:
    return _open() & Q(completed_at=None)


def _started() -> Q:
    return Q(last_accessed__isnull=False) | Q(progress__gt=0)


def behind(now: datetime) -> Q:
    """The condition that a row is falling behind; needs `with_expected`."""
    quiet_since = now - timedelta(days=QUIET_DAYS)
    quiet = Q(last_accessed__lte=quiet_since) | Q(last_accessed=None, enrolled_at__lte=quiet_since)
    return _under_way() & _started() & (quiet | Q(progress__lt=F("expected")))


CONDITIONS: dict[str, Any] = {
    Standing.ALL: lambda now: Q(pk__isnull=False),
    Standing.ACTIVE: lambda now: _under_way(),
    Standing.NOT_STARTED: lambda now: _under_way() & Q(last_accessed=None, progress=0),
    Standing.BEHIND: behind,
    Standing.COMPLETED: lambda now: Q(withdrawn_at=None, completed_at__isnull=False),
    Standing.PENDING: lambda now: Q(withdrawn_at=None) & ~Q(payment_status__in=SETTLED),
    Standing.LEFT: lambda now: Q(withdrawn_at__isnull=False),
}

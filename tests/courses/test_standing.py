"""How a student stands: the rule in Python, and that SQL draws the same sets."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from courses.models import Course, CourseEnrollment, PaymentStatus
from courses.roster import pace, state_of
from courses.standing import Standing, expected_percent, pace_of, whole_weeks
from tests.courses.factories import EnrollmentFactory

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "weeks"), [(0, 0), (6.999, 0), (7, 1), (13.9, 1), (14, 2), (-3, 0), (700, 100)]
)
def test_only_full_weeks_count(days: float, weeks: int) -> None:
    assert whole_weeks(ago(days), NOW) == weeks


@pytest.mark.parametrize(
    ("weeks", "duration", "percent"),
    [(0, 4, 0), (1, 4, 25), (1, 3, 33), (2, 3, 66), (4, 4, 100), (9, 4, 100)],
)
def test_expected_share_is_that_of_the_weeks_passed(weeks: int, duration: int, percent: int) -> None:
    assert expected_percent(weeks=weeks, duration_weeks=duration) == percent


@pytest.mark.parametrize(
    ("progress", "enrolled", "opened", "behind"),
    [
        ("0", 30, None, False),  # has not started: counted there
        ("0", 3, 1, False),  # opened a lesson, first week
        ("24.99", 7, 0, True),  # one of four weeks, a quarter is expected
        ("25", 7, 0, False),
        ("90", 20, 13.99, False),
        ("90", 20, 14, True),  # two weeks without a lesson
        ("99", 60, 1, True),  # the weeks are over
        ("10", 14, None, True),  # done elsewhere, never opened here: quiet since enrolling
    ],
)
def test_behind_is_who_began_and_is_away_or_slow(
    progress: str, enrolled: float, opened: float | None, behind: bool
) -> None:
    found = pace_of(
        progress=Decimal(progress),
        enrolled_at=ago(enrolled),
        last_accessed=None if opened is None else ago(opened),
        duration_weeks=4,
        now=NOW,
    )
    assert found.is_behind is behind


def test_database_and_python_draw_the_same_sets(course: Course) -> None:
    statuses = [PaymentStatus.FREE, PaymentStatus.PAID, PaymentStatus.PENDING, PaymentStatus.REFUNDED]
    number = 0
    for enrolled in (0.5, 6.9, 7, 13.9, 14.1, 21, 28, 90):
        for opened in (None, 0.1, 13.9, 14.1):
            for progress in ("0", "24.99", "25", "50", "99.99"):
                number += 1
                EnrollmentFactory(
                    course=course,
                    progress=Decimal(progress),
                    enrolled_at=ago(enrolled),
                    last_accessed=None if opened is None else ago(opened),
                    payment_status=statuses[number % 9 % 4],
                    withdrawn_at=ago(0) if number % 11 == 0 else None,
                    completed_at=ago(0) if number % 13 == 0 else None,
                )
    rows = CourseEnrollment.objects.filter(course=course)
    said: dict[str, set[int]] = {}
    for row in rows:
        said.setdefault(state_of(row, pace(row, course, NOW)), set()).add(row.pk)
    counts = rows.count_by_standing(NOW)
    for standing in (Standing.BEHIND, Standing.NOT_STARTED, Standing.COMPLETED, Standing.LEFT):
        found = set(rows.standing(standing, NOW).values_list("pk", flat=True))
        assert found == said[standing], standing
        assert counts[standing] == len(found)
        assert found
    active = set(rows.standing(Standing.ACTIVE, NOW).values_list("pk", flat=True))
    assert active == said["active"] | said["behind"] | said["not_started"]
    assert counts[Standing.ALL] == rows.count() == number

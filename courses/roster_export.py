"""The roster as a CSV file: who teaches takes it along, and the log says so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from courses.models import Course, CourseEnrollment
from courses.permissions import can_export_roster
from courses.roster import Choice, RosterRow, roster_lines, with_people
from projectgenius.csv_files import csv_download

ROWS_AT_ONCE = 500
HEADER = (
    "name",
    "email",
    "state",
    "payment",
    "enrolled",
    "last_opened",
    "progress",
    "lessons_done",
    "lessons",
    "completed",
    "certificate",
    "left",
)


def export_roster(
    *, course: Course, choice: Choice, by: Any, now: datetime | None = None
) -> StreamingHttpResponse:
    """The chosen part of the roster as a download. Raises PermissionDenied for who only assists.

    Which rows they are is settled and logged before the first line goes out; the lines are read while they are
    sent, a few hundred at a time, so memory does not grow with the course.
    """
    if not can_export_roster(by, course):
        raise PermissionDenied(_("Only those who teach this course export its students."))
    now = now or timezone.now()
    ids = list(choice.rows(course, now).values_list("pk", flat=True))
    record_event(
        "roster.export",
        actor=by,
        row=course,
        course_id=course.pk,
        after={"rows": len(ids), "standing": str(choice.standing), "searched": bool(choice.search)},
    )
    filename = f"{course.slug}-students-{now:%Y-%m-%d}.csv"
    return csv_download(filename, HEADER, _rows(course, ids, now))


def _rows(course: Course, ids: list[int], now: datetime) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(ids), ROWS_AT_ONCE):
        part = ids[start : start + ROWS_AT_ONCE]
        found = with_people(CourseEnrollment.objects.filter(course=course, pk__in=part)).in_bulk()
        for line in roster_lines(course, [found[pk] for pk in part if pk in found], now):
            yield _cells(line)


def _cells(line: RosterRow) -> tuple[Any, ...]:
    row = line.enrollment
    return (
        row.student.display_name,
        row.student.email,
        line.state,
        row.payment_status,
        _moment(row.enrolled_at),
        _moment(row.last_accessed),
        row.progress,
        line.done,
        line.total,
        _moment(row.completed_at),
        line.certificate,
        _moment(row.withdrawn_at),
    )


def _moment(moment: datetime | None) -> str:
    """UTC, as every program reads it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""

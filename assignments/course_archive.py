"""Assignments in a course's folder: `assignments/NN-<title>.yaml`. What was handed in stays out of it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from assignments.models import Assignment
from courses.archive_entries import AMOUNT, JSON, MOMENT, TRUTH, WHOLE, Entry, name_columns, write_entries
from courses.archive_parts import Part, Reading, Writing
from courses.models import Course

ASSIGNMENT = (
    Entry("title", "title"),
    Entry("description", "description", default=""),
    Entry("instructions", "instructions"),
    Entry("due", "due_date", MOMENT, None),
    Entry("points", "points", AMOUNT, Decimal("100.00"), always=True),
    Entry("type", "assignment_type"),
    Entry("group_work", "is_group_work", TRUTH, False),
    Entry("max_group_size", "max_group_size", WHOLE, None),
    Entry("handed_in_as", "submission_type"),
    Entry("file_types", "allowed_file_types", JSON, None),
    Entry("max_file_size", "max_file_size", WHOLE, None),
    Entry("rubric", "rubric", JSON, None),
    Entry("late_work", "allow_late_submission", TRUTH, True),
    Entry("late_penalty", "late_penalty_percentage", AMOUNT, None),
    Entry("published", "is_published", TRUTH, True, always=True),
)
name_columns(ASSIGNMENT)


def write_assignments(course: Course, writing: Writing) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each assignment of the course with its title."""
    for assignment in Assignment.objects.filter(course=course).order_by("id"):
        said = write_entries(assignment, ASSIGNMENT)
        if assignment.lesson_id:
            said["lesson"] = writing.lesson_name(assignment.lesson_id)
        yield assignment.title, said


def read_assignment(fields: dict[str, Any], reading: Reading) -> None:
    """Bring one file's assignment into the course."""
    values = reading.entries(fields, ASSIGNMENT, ("lesson",))
    lesson = reading.lesson(fields["lesson"]) if fields.get("lesson") is not None else None
    if values is not None and (lesson is not None or fields.get("lesson") is None):
        reading.save(Assignment(course=reading.course, lesson=lesson, **values))


ASSIGNMENTS = Part(write=write_assignments, read=read_assignment)

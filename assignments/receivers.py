"""What assignments do when a course is copied, or when lessons come into another one."""

from collections.abc import Callable, Iterable
from typing import Any

from django.dispatch import receiver

from accounts.records import count_in_words
from assignments.models import Assignment, AssignmentSubmission
from courses.authoring import stays_where_it_is
from courses.copying import fresh
from courses.models import Course, Lesson
from courses.signals import content_moved, course_copied


@receiver(course_copied)
def copy_assignments(
    *, source: Course, copy: Course, lessons: dict[int, Lesson], rewrite: Callable[[Any], Any], **_kwargs: Any
) -> None:
    """Copy the course's assignments; nobody's groups and submissions."""
    Assignment.objects.bulk_create(
        fresh(
            assignment,
            course_id=copy.pk,
            lesson_id=lessons[assignment.lesson_id].pk if assignment.lesson_id in lessons else None,
            description=rewrite(assignment.description),
            instructions=rewrite(assignment.instructions),
        )
        for assignment in Assignment.objects.filter(course=source).order_by("pk")
    )


@receiver(content_moved)
def take_assignments_along(*, lessons: Iterable[int], course: Course, **_kwargs: Any) -> None:
    """The assignments of lessons that came into another course belong to it now; one with students' work stays."""
    if work := AssignmentSubmission.objects.filter(assignment__lesson__in=lessons):
        raise stays_where_it_is(count_in_words(work))
    Assignment.objects.filter(lesson__in=lessons).exclude(course=course).update(course=course)

"""Showing a course to students and taking it back. Pages, admin actions and API come through here."""

from typing import Any

from django.db import transaction

from accounts.records import record_publication
from courses.authoring import content_changed, lock_course, save_content
from courses.models import Course, CourseEnrollment, Lesson, Module


@transaction.atomic
def publish_course(*, course: Course, by: Any, with_drafts: bool = False) -> None:
    """Publish a course; `with_drafts` publishes all its modules and lessons before.

    Raises Conflict `not_ready` when something is missing without which it cannot be shown (`courses.checklist`).
    """
    lock_course(course.pk)
    if with_drafts:
        _publish_drafts(course, by)
    course.refresh_from_db(fields=["is_published"])
    course.is_published = True
    save_content(row=course, by=by)


def _publish_drafts(course: Course, by: Any) -> None:
    drafts: list[Any] = [
        *Module.objects.filter(course=course, is_published=False),
        *Lesson.objects.filter(module__course=course, is_published=False).defer("content"),
    ]
    for row in drafts:
        type(row)._default_manager.filter(pk=row.pk).update(is_published=True)
        row.is_published = True
        record_publication(row=row, by=by, course_id=course.pk)
    if drafts:
        content_changed(course_id=course.pk)


@transaction.atomic
def unpublish_course(*, course: Course, by: Any) -> int:
    """Hide a course from students; returns how many have a place in it and cannot open it now."""
    lock_course(course.pk)
    course.refresh_from_db(fields=["is_published"])
    course.is_published = False
    save_content(row=course, by=by)
    return students_of(course)


def students_of(course: Course) -> int:
    """How many people have a place in the course now."""
    return CourseEnrollment.objects.active().filter(course=course).count()

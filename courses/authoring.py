"""Changing what a course consists of. Pages, admin, API and the demo's loader all come through here."""

import secrets
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_event
from accounts.models import User
from accounts.records import delete_record, holds_work, record_publication
from courses.availability import require_sound_rules
from courses.checklist import require_ready
from courses.history import record_version
from courses.models import (
    Course,
    CourseEnrollment,
    Lesson,
    LessonCompletion,
    LessonResource,
    LessonVersion,
    Module,
)
from courses.permissions import can_change_owner, can_create_course, course_of
from courses.progress import recount_course
from courses.resource_files import drop_replaced_cover
from courses.signals import content_moved
from courses.tasks import issue_missing_certificates, recalculate_course_progress
from projectgenius.errors import Conflict

Content = Course | Module | Lesson | LessonResource


@transaction.atomic
def save_content(*, row: Content, by: Any) -> None:
    """Save a course or a part of one; publishing and unpublishing is logged, progress follows in the background.

    A part that moved to another course changes both; a move that would take a lesson away from what it opens after
    raises Conflict `breaks_availability`, one of students' work into another course `holds_work`, and a course that is
    published before it can be shown `not_ready`. The caller has validated the row (form, serializer or `full_clean`).
    """
    old_course, before = _stored_state(row)
    for pk in sorted({course_of(row).pk or 0, old_course or 0}):
        lock_course(pk)  # before its parts, as whoever orders them does: no two wait for each other
    counted = _counting_state(row)
    _log_new_owner(row, by)
    if isinstance(row, Lesson):
        record_version(lesson=row, by=by)
    gave_none = False
    if isinstance(row, Course):
        gave_none = Course.objects.filter(pk=row.pk, certificates_enabled=False).exists()
        drop_replaced_cover(row)
    row.save()
    if gave_none and row.certificates_enabled:  # type: ignore[union-attr]
        issue_missing_certificates.enqueue(row.pk)
    if isinstance(row, Course) and row.is_published and not before:
        require_ready(row)
    course_id = course_of(row).pk
    after = getattr(row, "is_published", None)
    if after is not None and before != after and (after or before is not None):
        record_publication(row=row, by=by, course_id=course_id)
    if old_course is not None and old_course != course_id:
        _tell_move(row)
    now_counted = _counting_state(row)
    if counted and now_counted and counted[1:] != now_counted[1:]:
        require_sound_rules(course_ids={course_id, old_course or course_id})
    for changed in sorted({course_id, old_course or course_id}):  # in one order: no two wait for each other
        content_changed(course_id=changed, counts=counted != now_counted)


@transaction.atomic
def restore_version(*, version: LessonVersion, by: Any) -> Lesson:
    """Give the lesson the title and text of an earlier version; what it says now becomes the newest version.

    Everything else of the lesson (place, publication, kind) stays. Returns the lesson.
    """
    lesson = (
        Lesson.objects.select_for_update(of=("self",))
        .select_related("module__course")
        .get(pk=version.lesson_id)
    )
    lesson.title, lesson.content = version.title, version.content
    save_content(row=lesson, by=by)
    record_event(
        "lesson.restore",
        actor=by,
        row=lesson,
        course_id=lesson.module.course_id,
        after={"version": version.number},
    )
    return lesson


def _tell_move(row: Content) -> None:
    """Let what hangs on the lessons of a part that came into another course follow it; students' work cannot."""
    if work := work_on(row):
        raise stays_where_it_is(work)
    if isinstance(row, Module):
        lessons = list(row.lessons.values_list("pk", flat=True))
    else:
        lessons = [row.pk] if isinstance(row, Lesson) else []
    content_moved.send(type(row), lessons=lessons, course=course_of(row))


def stays_where_it_is(work: str) -> Conflict:
    """The refusal to take a part into another course."""
    sentence = _("This holds students’ work (%(work)s), so it stays in its course.")
    return Conflict(sentence % {"work": work}, code="holds_work")


def _counting_state(row: Content) -> tuple[Any, ...] | None:
    """What of the stored row decides which lessons count: its publication and its place."""
    match row:
        case Course():
            names = ["is_published"]
        case Module():
            names = ["is_published", "course_id"]
        case Lesson():
            names = ["is_published", "module_id"]
        case _:
            return None
    return type(row)._default_manager.filter(pk=row.pk).values_list(*names).first()


def _log_new_owner(row: Content, by: Any) -> None:
    """Handing a course to somebody else is a change of roles."""
    if not isinstance(row, Course) or row._state.adding:
        return
    before = Course.objects.filter(pk=row.pk).values_list("instructor_id", flat=True).first()
    if before != row.instructor_id:
        record_event(
            "course.hand_over",
            actor=by,
            row=row,
            course_id=row.pk,
            before={"instructor": before},
            after={"instructor": row.instructor_id},
        )


def _stored_state(row: Content) -> tuple[int | None, bool | None]:
    """The stored row's course, and whether it was published; None twice for a new row."""
    if row._state.adding:
        return None, None
    stored: Any = type(row)._default_manager.filter(pk=row.pk)
    has_state = hasattr(row, "is_published")
    values = stored.values_list(f"{stored.course_path}pk", *(["is_published"] if has_state else [])).first()
    if values is None:
        return None, None
    return values[0], values[1] if has_state else None


def content_changed(*, course_id: int, counts: bool = True) -> None:
    """Bring the sums of the course up to date now; if other lessons count than before, everybody's progress too."""
    recount_course(course_id=course_id)
    if counts and CourseEnrollment.objects.filter(course_id=course_id).exists():
        recalculate_course_progress.enqueue(course_id)


def work_on(row: Content) -> str:
    """What of students' work hangs on the row, in words; empty when nothing does."""
    if isinstance(row, Course):
        count = row.enrollments.count()
        words = ngettext("%(count)s enrollment", "%(count)s enrollments", count)
        return words % {"count": count} if count else ""
    if isinstance(row, LessonResource):
        return ""
    lessons = (
        Lesson.objects.filter(pk=row.pk) if isinstance(row, Lesson) else Lesson.objects.filter(module=row)
    )
    count = LessonCompletion.objects.filter(lesson__in=lessons).count()
    words = ngettext("%(count)s lesson completion", "%(count)s lesson completions", count)
    return words % {"count": count} if count else ""


@transaction.atomic
def delete_content(*, row: Content, by: Any) -> None:
    """Delete a course or a part of one. Raises Conflict `holds_work` when students' work hangs on it."""
    if work := work_on(row):
        raise holds_work(row, work)
    course_id = course_of(row).pk
    delete_record(row=row, by=by, course_id=course_id)
    if not isinstance(row, Course):
        content_changed(course_id=course_id)


def lock_course(course_id: int) -> None:
    """Let one change of what the course holds, or of its order, come after the other until the transaction ends."""
    list(Course.objects.select_for_update(no_key=True).filter(pk=course_id).order_by().values_list("pk"))


@transaction.atomic
def create_course(*, course: Course, by: User) -> Course:
    """Save a new course as a draft. It belongs to `by`, unless an administrator named another instructor.

    Without an address it gets one made of its title. Raises PermissionDenied for who may make no courses, and
    ValidationError by field.
    """
    if not can_create_course(by):
        raise PermissionDenied(_("Instructors make courses."))
    if not (can_change_owner(by) and course.instructor_id):
        course.instructor = by
    course.slug = course.slug or free_slug(course.title)
    course.is_published = False
    course.full_clean()
    save_content(row=course, by=by)
    return course


@transaction.atomic
def create_module(*, course: Course, title: str, by: Any) -> Module:
    """Add a draft module at the end of the course. Raises ValidationError for a title that cannot be."""
    lock_course(course.pk)
    order = next_order_index(course.modules)
    module = Module(course=course, title=title, description="", order_index=order)
    module.full_clean()
    save_content(row=module, by=by)
    return module


@transaction.atomic
def create_lesson(*, module: Module, title: str, content_type: str, by: Any) -> Lesson:
    """Add an empty draft lesson at the end of the module. Raises ValidationError for a title that cannot be."""
    lock_course(module.course_id)
    order = next_order_index(module.lessons)
    lesson = Lesson(module=module, title=title, content="", content_type=content_type, order_index=order)
    lesson.full_clean()
    save_content(row=lesson, by=by)
    return lesson


def next_order_index(rows: "models.Manager[Any]") -> int:
    """The place after the last one."""
    last = rows.aggregate(last=models.Max("order_index"))["last"]
    return int(last or 0) + 1


def free_slug(title: str) -> str:
    """An address for a new course, made of its title; some characters are added when it is taken."""
    stem = slugify(title)[:70].strip("-") or "course"
    slug = stem
    while Course.objects.filter(slug=slug).exists():
        slug = f"{stem}-{secrets.token_hex(3)}"
    return slug


def free_key(key: str, siblings: "models.QuerySet[Any]") -> str:
    """`key`, with a number behind it if one of `siblings` has it; no key stays none."""
    taken = set(siblings.filter(key__startswith=key[:70]).values_list("key", flat=True)) if key else set()
    found, number = key, 2
    while found in taken:
        found, number = f"{key[:70].strip('-')}-{number}", number + 1
    return found

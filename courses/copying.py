"""Making a course again: all that is taught, nothing of those who learn."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from courses.authoring import content_changed, free_slug, lock_course
from courses.images import image_url
from courses.models import (
    Course,
    CourseImage,
    Lesson,
    LessonAvailability,
    LessonResource,
    LessonVideo,
    Module,
    ModuleAvailability,
)
from courses.permissions import can_create_course, can_edit_course
from courses.signals import course_copied

# What a new row has of its own. Everything else is taken over, columns of tomorrow too.
OWN = frozenset({"id", "created_at", "updated_at"})
TEXTS = ("outcome", "description", "outcomes", "audience", "requirements")

RowT = TypeVar("RowT", bound=models.Model)


def fresh(row: RowT, **changes: Any) -> RowT:
    """A new row, not saved, with the values of `row` but for `changes`; without its files."""
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in OWN and not isinstance(field, models.FileField)
    }
    return type(row)(**{**{name: value for name, value in values.items() if name not in changes}, **changes})


class Files:
    """Copies of files, which are taken back if the copy of the course fails."""

    def __init__(self) -> None:
        self._made: list[Any] = []

    def copy(self, source: models.Model, target: models.Model, leave: Sequence[str] = ()) -> None:
        """Give `target` its own copy of each file of `source` but those to `leave`; a file that is lost stays lost."""
        for field in source._meta.concrete_fields:
            old = getattr(source, field.attname) if isinstance(field, models.FileField) else None
            if not old or field.name in leave:
                continue
            try:
                with old.storage.open(old.name, "rb") as stream:
                    new = getattr(target, field.attname)
                    new.save(PurePosixPath(old.name).name, File(stream), save=False)
            except FileNotFoundError:
                continue
            self._made.append((new.storage, new.name))

    def remove(self) -> None:
        for storage, name in self._made:
            storage.delete(name)


@contextmanager
def copied_files() -> Any:
    """A transaction with `Files`: if it fails, the copies of files go with it."""
    files = Files()
    try:
        with transaction.atomic():
            yield files
    except BaseException:
        files.remove()
        raise


def copy_course(*, course: Course, by: User) -> Course:
    """Make a draft with all that `course` holds, owned by `by`.

    Taken along: settings, modules, lessons, resources, videos, pictures (each file as a file of its own, and links
    to pictures in the texts lead to the new ones), rules of availability; quizzes and assignments by whoever
    listens to `course_copied`. Left behind: students, helpers, invitations, certificates, earlier texts of lessons,
    and the signature, unless the owner copies.
    Raises PermissionDenied for who does not teach the course or may make none.
    """
    if not (can_edit_course(by, course) and can_create_course(by)):
        raise PermissionDenied(_("Instructors copy courses that they teach."))
    with copied_files() as files:
        return _copy(course, by, files)


def _copy(course: Course, by: User, files: Files) -> Course:
    title = _copy_title(course.title)
    new = fresh(course, title=title, slug=free_slug(title), instructor_id=by.pk, is_published=False)
    # Somebody else's certificates are not signed with the owner's hand.
    files.copy(course, new, leave=() if by.pk == course.instructor_id else ("certificate_signature",))
    new.save()
    rewrite = copy_images(CourseImage.objects.filter(course=course), new, files, by)
    for name in TEXTS:
        setattr(new, name, rewrite(getattr(new, name)))
    new.save()
    modules = _copy_rows(
        Module.objects.filter(course=course),
        lambda row: fresh(row, course_id=new.pk, description=rewrite(row.description)),
    )
    lessons = _copy_rows(
        Lesson.objects.filter(module__course=course),
        lambda row: fresh(row, module_id=modules[row.module_id].pk, content=rewrite(row.content)),
    )
    _copy_beside(lessons, rewrite, files)
    _copy_rules(modules, lessons)
    course_copied.send(Course, source=course, copy=new, lessons=lessons, rewrite=rewrite)
    record_event("course.copy", actor=by, row=new, course_id=new.pk, after={"source": course.pk})
    content_changed(course_id=new.pk, counts=False)
    new.refresh_from_db()
    return new


@transaction.atomic
def _copy_rows(rows: "models.QuerySet[RowT]", make: Callable[[RowT], RowT]) -> dict[int, RowT]:
    """Copy rows in a few statements; returns the new ones by the ids of the old ones."""
    old = list(rows.order_by("pk"))
    new = rows.model._default_manager.bulk_create([make(row) for row in old], batch_size=100)
    return {row.pk: copy for row, copy in zip(old, new, strict=True)}


def copy_images(images: Iterable[CourseImage], new: Course, files: Files, by: User) -> Callable[[Any], Any]:
    """Copy pictures into a course; returns what makes texts (and JSON with texts) show the new ones."""
    addresses = {}
    for image in sorted(images, key=lambda image: image.pk):
        copy = fresh(image, course_id=new.pk, uploaded_by_id=by.pk)
        files.copy(image, copy)
        copy.width, copy.height = image.width, image.height
        if copy.file:
            copy.save()
            addresses[image_url(image)] = image_url(copy)
    found = re.compile("|".join(map(re.escape, sorted(addresses, key=len, reverse=True))) or r"(?!)")

    def rewrite(value: Any) -> Any:
        match value:
            case str():
                return found.sub(lambda match: addresses[match[0]], value)
            case list():
                return [rewrite(part) for part in value]
            case dict():
                return {name: rewrite(part) for name, part in value.items()}
        return value

    return rewrite


def _copy_beside(lessons: dict[int, Lesson], rewrite: Callable[[Any], Any], files: Files) -> None:
    """Copy what lies beside lessons: resources and videos."""
    resources, videos = [], []
    for resource in LessonResource.objects.filter(lesson__in=list(lessons)).order_by("pk"):
        resources.append(fresh(resource, lesson_id=lessons[resource.lesson_id].pk))
        files.copy(resource, resources[-1])
    for video in LessonVideo.objects.filter(lesson__in=list(lessons)):
        transcript = rewrite(video.transcript)
        videos.append(fresh(video, lesson_id=lessons[video.lesson_id].pk, transcript=transcript))
        files.copy(video, videos[-1])
    LessonResource.objects.bulk_create([row for row in resources if row.file or row.url], batch_size=100)
    LessonVideo.objects.bulk_create(videos, batch_size=100)


def _copy_rules(modules: dict[int, Module], lessons: dict[int, Lesson]) -> None:
    """Copy when parts are open; what must be done before is the copy's own lesson or module."""

    def needs(row: LessonAvailability | ModuleAvailability) -> dict[str, int | None]:
        lesson, module = row.after_lesson_id, row.after_module_id
        return {
            "after_lesson_id": lessons[lesson].pk if lesson in lessons else None,
            "after_module_id": modules[module].pk if module in modules else None,
        }

    LessonAvailability.objects.bulk_create(
        fresh(row, lesson_id=lessons[row.lesson_id].pk, **needs(row))
        for row in LessonAvailability.objects.filter(lesson__in=list(lessons))
    )
    ModuleAvailability.objects.bulk_create(
        fresh(row, module_id=modules[row.module_id].pk, **needs(row))
        for row in ModuleAvailability.objects.filter(module__in=list(modules))
    )


def duplicate_lesson(*, lesson: Lesson, by: Any) -> Lesson:
    """Make a draft of the same content behind a lesson, in its module; quizzes and assignments stay with the first."""
    with copied_files() as files:
        lock_course(lesson.module.course_id)
        siblings: Sequence[Lesson] = list(lesson.module.lessons.defer("content"))
        copy = fresh(lesson, title=_copy_title(lesson.title), key="", is_published=False, is_preview=False)
        copy.save()
        _copy_beside({lesson.pk: copy}, lambda text: text, files)
        _number_behind(lesson, copy, siblings)
        record_event(
            "lesson.copy", actor=by, row=copy, course_id=lesson.module.course_id, after={"source": lesson.pk}
        )
        return copy


def _number_behind(lesson: Lesson, copy: Lesson, siblings: Iterable[Lesson]) -> None:
    """Number the module's lessons anew, with the copy behind its source."""
    rows = [row for one in siblings for row in ([one, copy] if one.pk == lesson.pk else [one])]
    for place, row in enumerate(rows, start=1):
        if row.order_index != place:
            Lesson.objects.filter(pk=row.pk).update(order_index=place)
            row.order_index = place


def _copy_title(title: str) -> str:
    return (_("Copy of %(title)s") % {"title": title})[:200]

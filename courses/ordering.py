"""The order of a course's modules and lessons. Every change of it comes through here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from courses.authoring import content_changed, free_key, lock_course
from courses.availability import require_sound_rules
from courses.models import Course, Lesson, Module
from projectgenius.errors import Conflict

Layout = Mapping[int, Sequence[int]]


@transaction.atomic
def reorder_modules(*, course: Course, ids: Sequence[int]) -> None:
    """Bring the modules of `course` into the order of `ids`, numbered from 1.

    `ids` names each module of the course once; else Conflict `order_changed`, for somebody added or removed one.
    """
    lock_course(course.pk)
    modules = {module.pk: module for module in Module.objects.filter(course=course)}
    _require_same(ids, modules)
    _number([modules[pk] for pk in ids])


@transaction.atomic
def move_module(*, module: Module, steps: int) -> bool:
    """Move a module up (-1) or down (1) among its siblings; False when it stands at the end already."""
    lock_course(module.course_id)
    ids = list(Module.objects.filter(course=module.course_id).values_list("pk", flat=True))
    place = ids.index(module.pk)
    target = min(max(place + steps, 0), len(ids) - 1)
    ids.insert(target, ids.pop(place))
    reorder_modules(course=module.course, ids=ids)
    return target != place


@transaction.atomic
def move_lesson(*, lesson: Lesson, module: Module, position: int | None = None) -> None:
    """Put a lesson at `position` (from 1; without one, or beyond the end, last) of `module`, of the same course.

    Both modules are numbered anew from 1. Progress follows when the lesson came into another module. Raises
    ValidationError `other_course` when the module belongs to another course, and Conflict `breaks_availability`
    when the lesson would open after itself.
    """
    course_id = lesson.module.course_id
    if module.course_id != course_id:
        raise ValidationError(_("Choose a module of this course."), code="other_course")
    lock_course(course_id)
    lessons = _lessons_by_module(course_id)
    old = next((pk for pk, rows in lessons.items() if lesson.pk in {row.pk for row in rows}), None)
    if old is None or module.pk not in lessons:
        raise _changed()
    ids = {pk: [row.pk for row in rows if row.pk != lesson.pk] for pk, rows in lessons.items()}
    place = len(ids[module.pk]) if position is None else max(position - 1, 0)
    ids[module.pk].insert(place, lesson.pk)
    _arrange(course_id, lessons, {pk: ids[pk] for pk in {old, module.pk}})


@transaction.atomic
def step_lesson(*, lesson: Lesson, steps: int) -> bool:
    """Move a lesson up (-1) or down (1); over the end of its module into the next one. False at the course's end."""
    course_id = lesson.module.course_id
    lock_course(course_id)
    lessons = _lessons_by_module(course_id)
    modules = list(lessons)
    at = next((place for place, pk in enumerate(modules) if lesson in lessons[pk]), None)
    if at is None:
        raise _changed()
    position = lessons[modules[at]].index(lesson) + 1 + steps
    if not 1 <= position <= len(lessons[modules[at]]):
        if not 0 <= at + steps < len(modules):
            return False
        at += steps
        position = 1 if steps > 0 else len(lessons[modules[at]]) + 1
    move_lesson(lesson=lesson, module=Module.objects.get(pk=modules[at]), position=position)
    return True


@transaction.atomic
def arrange_course(*, course: Course, layout: Layout) -> None:
    """Bring the whole course into the order of `layout`: for each module, in order, the ids of its lessons.

    It names each module and each lesson of the course once; else Conflict `order_changed`.
    """
    lock_course(course.pk)
    lessons = _lessons_by_module(course.pk)
    _require_same(
        [pk for ids in layout.values() for pk in ids], {row.pk for rows in lessons.values() for row in rows}
    )
    reorder_modules(course=course, ids=list(layout))
    _arrange(course.pk, lessons, layout)


def _lessons_by_module(course_id: int) -> dict[int, list[Lesson]]:
    """The course's modules in order, each with its lessons in order."""
    found: dict[int, list[Lesson]] = {
        pk: [] for pk in Module.objects.filter(course=course_id).values_list("pk", flat=True)
    }
    for lesson in Lesson.objects.filter(module__course=course_id).defer("content"):
        found[lesson.module_id].append(lesson)
    return found


def _arrange(course_id: int, lessons: Mapping[int, list[Lesson]], layout: Layout) -> None:
    """Number the lessons of the modules that `layout` names, and take those along that came from elsewhere."""
    by_id = {row.pk: row for rows in lessons.values() for row in rows}
    moved = [
        (by_id[pk], module) for module, ids in layout.items() for pk in ids if by_id[pk].module_id != module
    ]
    for lesson, _module in moved:  # first out of the way: two lessons with one key may change places
        Lesson.objects.filter(pk=lesson.pk).update(key="")
    for lesson, module in moved:
        key = free_key(lesson.key, Lesson.objects.filter(module=module))
        Lesson.objects.filter(pk=lesson.pk).update(module=module, key=key, updated_at=timezone.now())
    for ids in layout.values():
        _number([by_id[pk] for pk in ids])
    if moved:
        require_sound_rules(course_ids=[course_id])
        content_changed(course_id=course_id)


def _number(rows: Sequence[Any]) -> None:
    """Number the rows from 1 in the order given; writes those alone that stand elsewhere."""
    for place, row in enumerate(rows, start=1):
        if row.order_index != place:
            type(row)._default_manager.filter(pk=row.pk).update(order_index=place)


def _require_same(ids: Sequence[int], there: Any) -> None:
    """Refuse a list that does not name each row that is there, once."""
    if len(ids) != len(there) or set(ids) != set(there):
        raise _changed()


def _changed() -> Conflict:
    return Conflict(_("The course was changed meanwhile. This is how it stands now."), code="order_changed")

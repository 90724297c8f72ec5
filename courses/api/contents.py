"""A course's modules and lessons in one answer, with the caller's state. Plain dictionaries: it is asked for a lot."""

from dataclasses import asdict
from typing import Any

from courses.api.locks import lock_of
from courses.availability import Lock
from courses.models import Lesson
from courses.outline import ModulePart
from courses.reading import CourseView


def contents_of(view: CourseView, user: Any) -> dict[str, Any]:
    """The body of `/courses/{id}/contents/`; its shape is `ContentsSerializer`."""
    lock = lock_of(view, user)
    return {
        "course": view.course.pk,
        "lesson_count": view.outline.total,
        "completed_count": view.outline.done,
        "modules": [_module(part, lock) for part in view.outline.modules],
    }


def _module(part: ModulePart, lock: Lock) -> dict[str, Any]:
    return {
        "id": part.module.pk,
        "title": part.module.title,
        "order_index": part.module.order_index,
        "is_published": part.module.is_published,
        "lesson_count": part.total,
        "completed_count": part.done,
        "lock": asdict(part.lock) if part.lock else None,
        "lessons": [_lesson(lesson, lock) for lesson in part.lessons],
    }


def _lesson(lesson: Lesson, lock: Lock) -> dict[str, Any]:
    is_locked: bool = lesson.is_locked  # type: ignore[attr-defined]
    return {
        "id": lesson.pk,
        "title": lesson.title,
        "content_type": lesson.content_type,
        "duration_minutes": lesson.duration_minutes,
        "order_index": lesson.order_index,
        "is_published": lesson.is_published,
        "is_preview": lesson.is_preview,
        "is_completed": lesson.is_done,  # type: ignore[attr-defined]
        "is_locked": is_locked,
        "lock": asdict(lesson.lock or lock) if is_locked else None,  # type: ignore[attr-defined]
    }

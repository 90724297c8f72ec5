"""What a lesson said before: kept whenever title or text change, whoever changes them, and brought back on request."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from courses.models import Lesson, LessonVersion

# Comparing takes time in step with the product of the lengths; beyond this a text is shown as all removed, all added.
MOST_COMPARED_LINES = 3_000


@transaction.atomic
def record_version(*, lesson: Lesson, by: Any) -> LessonVersion | None:
    """Keep the stored title and text of a lesson that is about to be saved; None when neither changes.

    Called inside `save_content`, before the row is written. The stored row is locked, so versions are numbered
    one after the other. `saved_by` is who replaced the text, `saved_at` when. All versions are kept.
    """
    if lesson._state.adding:
        return None
    stored = Lesson.objects.select_for_update(of=("self",)).filter(pk=lesson.pk).first()
    if stored is None or (stored.title, stored.content) == (lesson.title, lesson.content):
        return None
    last = LessonVersion.objects.filter(lesson=lesson).aggregate(last=Max("number"))["last"]
    return LessonVersion.objects.create(
        lesson=lesson,
        number=(last or 0) + 1,
        title=stored.title,
        content=stored.content,
        saved_by=by if by is not None and by.is_authenticated else None,
    )


@dataclass(frozen=True)
class DiffLine:
    """One line of a comparison: `kind` is "same", "removed", "added" or "gap" (lines left out)."""

    kind: str
    text: str


def compare(before: str, after: str, *, context: int = 3) -> list[DiffLine]:
    """What changed between two texts, line by line, with `context` unchanged lines around each change."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return []
    if len(old) + len(new) > MOST_COMPARED_LINES:
        return [DiffLine("removed", line) for line in old] + [DiffLine("added", line) for line in new]
    return list(_lines(old, new, context))


def _lines(old: list[str], new: list[str], context: int) -> Iterator[DiffLine]:
    matcher = difflib.SequenceMatcher(a=old, b=new)
    end = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][1] > end:
            yield DiffLine("gap", "")
        for tag, start, stop, new_start, new_stop in group:
            if tag == "equal":
                yield from (DiffLine("same", line) for line in old[start:stop])
            else:
                yield from (DiffLine("removed", line) for line in old[start:stop])
                yield from (DiffLine("added", line) for line in new[new_start:new_stop])
            end = stop
    if end < len(old):
        yield DiffLine("gap", "")

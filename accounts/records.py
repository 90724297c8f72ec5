"""Saving and deleting rows that no function of their own looks after: logged, and refused where work hangs on them."""

from typing import Any

from django.db import models, transaction
from django.db.models import RESTRICT, RestrictedError
from django.utils.translation import gettext as _

from accounts.audit import record_event
from projectgenius.errors import Conflict


@transaction.atomic
def save_record(*, row: models.Model, by: Any, course_id: int | None = None) -> None:
    """Save a validated row; publishing and unpublishing is logged. `course_id` names the course it belongs to."""
    before = None
    if not row._state.adding and hasattr(row, "is_published"):
        stored = type(row)._default_manager.filter(pk=row.pk)
        before = stored.values_list("is_published", flat=True).first()
    row.save()
    after = getattr(row, "is_published", None)
    if after is not None and bool(before) != after:
        record_publication(row=row, by=by, course_id=course_id)


def record_publication(*, row: Any, by: Any, course_id: int | None = None) -> None:
    """Log that a row was published or unpublished, as it says now; in the transaction that did so."""
    action = "publish" if row.is_published else "unpublish"
    record_event(f"{row._meta.model_name}.{action}", actor=by, row=row, course_id=course_id)


@transaction.atomic
def delete_record(*, row: models.Model, by: Any, course_id: int | None = None) -> None:
    """Delete a row and what depends on it. Raises Conflict `holds_work` when critical rows refer to it."""
    if work := work_on_record(row):
        raise holds_work(row, work)
    record_event(
        f"{row._meta.model_name}.delete", actor=by, row=row, course_id=course_id, before={"name": str(row)}
    )
    try:
        row.delete()
    except RestrictedError as error:
        raise holds_work(row, count_in_words(error.restricted_objects)) from error


def work_on_record(row: models.Model) -> str:
    """What refers to the row and must stay, in words ("3 quiz attempts"); empty when nothing does."""
    found = []
    for relation in row._meta.related_objects:
        if relation.on_delete is RESTRICT:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: row.pk})  # type: ignore[union-attr]
            if count := rows.count():
                found.append(_in_words(relation.related_model, count))  # type: ignore[arg-type]
    return ", ".join(found)


def count_in_words(rows: Any) -> str:
    """How many rows of each kind: "3 quiz attempts, 1 review"."""
    counts: dict[type[models.Model], int] = {}
    for row in rows:
        counts[type(row)] = counts.get(type(row), 0) + 1
    return ", ".join(_in_words(model, count) for model, count in counts.items())


def holds_work(row: models.Model, work: str) -> Conflict:
    """The refusal to delete `row`, with what to do instead."""
    if hasattr(row, "is_published"):
        message = _("This holds students’ work (%(work)s). Unpublish it instead.")
    elif hasattr(row, "is_retired"):
        message = _("This holds students’ work (%(work)s). Retire it instead.")
    elif hasattr(row, "is_active"):
        message = _("This holds people’s work (%(work)s). Deactivate it instead.")
    else:
        message = _("This is in use (%(work)s), so it stays.")
    return Conflict(message % {"work": work}, code="holds_work")


def _in_words(model: type[models.Model], count: int) -> str:
    names = model._meta
    return f"{count} {names.verbose_name if count == 1 else names.verbose_name_plural}"

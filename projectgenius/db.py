"""Building blocks of the schema that every app uses; knows no app."""

import re
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.migrations.operations import RunSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

PERCENT_VALIDATORS = [MinValueValidator(0), MaxValueValidator(100)]
# What PostgreSQL refuses in a text: the null, and half characters of UTF-16, which no encoder takes either.
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


class CreatedAt(models.Model):
    """A row that knows when it was made; the database fills the time in for plain SQL too."""

    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        abstract = True


class TimeStamped(CreatedAt):
    """A row that also knows when it was last saved."""

    updated_at = models.DateTimeField(_("updated"), auto_now=True, db_default=Now())

    class Meta:
        abstract = True


def choices_check(table: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """Let the database refuse a value that is not one of `choices` (an empty column stays allowed)."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": choices.values}),
        name=f"{table}_{field}_known",
        violation_error_message=_("Choose one of the listed values."),
    )


def percent_check(table: str, field: str) -> models.CheckConstraint:
    """Let the database refuse a percentage outside 0 to 100 (an empty column stays allowed)."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": 0, f"{field}__lte": 100}),
        name=f"{table}_{field}_percent",
        violation_error_message=_("Enter a percentage from 0 to 100."),
    )


def minimum_check(table: str, field: str, least: int) -> models.CheckConstraint:
    """Let the database refuse a number below `least` (an empty column stays allowed)."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": least}),
        name=f"{table}_{field}_minimum",
        violation_error_message=_("This number is too low."),
    )


class PostgreSQLOnly(RunSQL):
    """Migration step in SQL that only PostgreSQL has; SQLite passes it by."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class CacheRouter:
    """Sends the cache table and the counts of requests to a connection of its own.

    The rows that count tries and limits must stay when the request around them is rolled back.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return "cache" if model._meta.app_label in ("django_cache", "limits") else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == "cache" and app_label != "django_cache" else None

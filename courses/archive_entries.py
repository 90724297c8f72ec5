"""How the columns of a row stand in a course's folder: names, shapes, and what a missing name means.

One table for each model serves both directions, so what is written is read. A test holds that every column of
these models is in its table or in the list of those that no folder holds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from projectgenius.db import NOT_STORABLE
from projectgenius.numbers import plain_decimal

REQUIRED: Any = object()
LONGEST_NUMBER = 18  # digits; more is no number of anything here
MOST_AMOUNT = 999_999_999  # no price, weight or per cent is more; each model sets its own limit below it


class WrongShape(Exception):
    """A value of another kind than its name asks for; the message says which is asked for."""


def as_lines(text: str) -> str:
    """The text with line feeds at its line ends, however it was typed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _write_text(value: Any) -> Any:
    return as_lines(value) if isinstance(value, str) else value


def read_text(value: Any) -> str:
    """A text of the archive. Raises WrongShape for anything else, and for what no database takes."""
    if not isinstance(value, str):
        raise WrongShape(_("it must be text; put it in quotes"))
    if NOT_STORABLE.search(value):  # no database takes it
        raise WrongShape(_("it holds a character that is no text"))
    return as_lines(value)


def _read_whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or len(str(abs(value))) > LONGEST_NUMBER:
        raise WrongShape(_("it must be a whole number"))
    return value


def _read_truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongShape(_("it must be true or false"))
    return value


def _read_amount(value: Any) -> Decimal:
    amount = plain_decimal(value, MOST_AMOUNT, -MOST_AMOUNT)
    if amount is None:
        raise WrongShape(_("it must be a number such as 12.50"))
    return amount


def _read_moment(value: Any) -> datetime:
    """A date and a time; without a zone it is UTC, and a date alone begins at midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise WrongShape(_("it must be a time such as 2026-09-01 08:00"))
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise WrongShape(_("it must be a time such as 2026-09-01 08:00")) from None


def _read_lines(value: Any) -> str:
    if not isinstance(value, list):
        raise WrongShape(_("it must be a list"))
    return "\n".join(read_text(line).strip().replace("\n", " ") for line in value)


def _write_lines(value: str) -> list[str]:
    return [line.strip() for line in as_lines(value).split("\n") if line.strip()]


def _read_json(value: Any) -> Any:
    """Texts, numbers, true, false and null, in lists and under names that are texts."""
    match value:
        case None | bool():
            return value
        case str():
            return read_text(value)
        case int():
            return _read_whole(value)
        case float() if value - value == 0:  # neither endless nor no number
            return value
        case list():
            return [_read_json(one) for one in value]
        case dict():
            return {read_text(name): _read_json(one) for name, one in value.items()}
    raise WrongShape(_("it may hold texts, numbers, true, false, lists and names with values"))


def _write_json(value: Any) -> Any:
    match value:
        case str():
            return as_lines(value)
        case list():
            return [_write_json(one) for one in value]
        case dict():
            return {as_lines(name): _write_json(one) for name, one in value.items()}
    return value


@dataclass(frozen=True)
class Shape:
    """A kind of value: how it is read from YAML and written to it."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


TEXT = Shape(read_text, _write_text)
LINES = Shape(_read_lines, _write_lines)
WHOLE = Shape(_read_whole, _same)
TRUTH = Shape(_read_truth, _same)
AMOUNT = Shape(_read_amount, "{:f}".format)  # a tolerance such as 0.000000001 too
MOMENT = Shape(_read_moment, lambda moment: moment.astimezone(UTC).isoformat(sep=" "))
JSON = Shape(_read_json, _write_json)


@dataclass(frozen=True)
class Entry:
    """A name in YAML for a column. What equals the default is not written, and is meant when the name is missing."""

    name: str
    column: str
    shape: Shape = TEXT
    default: Any = REQUIRED
    always: bool = False  # written even when it equals the default

    def read(self, value: Any) -> Any:
        """The column's value. An empty entry (`name:`) means the default, where there is one."""
        if value is None and self.default is not REQUIRED:
            return self.default
        return self.shape.read(value)

    def written(self, value: Any) -> Any:
        """The column's value as YAML holds it."""
        return None if value is None else self.shape.write(value)


COURSE = (
    Entry("title", "title"),
    Entry("outcome", "outcome", default=""),
    Entry("description", "description"),
    Entry("outcomes", "outcomes", LINES, ""),
    Entry("audience", "audience", default=""),
    Entry("requirements", "requirements", default=""),
    Entry("level", "level"),
    Entry("category", "category"),
    Entry("language", "language", default="en", always=True),
    Entry("price", "price", AMOUNT, Decimal("0.00"), always=True),
    Entry("duration_weeks", "duration_weeks", WHOLE),
    Entry("enrollment", "enrollment_mode", default="open"),
    Entry("hue", "cover_hue", WHOLE, 225, always=True),
    Entry("cover_image", "cover_image", default=None),
    Entry("certificate", "certificates_enabled", TRUTH, True, always=True),
    Entry("certificate_text", "certificate_text", default=""),
    Entry("published", "is_published", TRUTH, True, always=True),
)
MODULE = (
    Entry("title", "title"),
    Entry("description", "description", default=None, always=True),
    Entry("published", "is_published", TRUTH, True, always=True),
)
LESSON = (
    Entry("title", "title"),
    Entry("type", "content_type", default="text", always=True),
    Entry("minutes", "duration_minutes", WHOLE, None),
    Entry("preview", "is_preview", TRUTH, False),
    Entry("published", "is_published", TRUTH, True, always=True),
)
AVAILABILITY = (
    Entry("opens", "opens_at", MOMENT, None),
    Entry("closes", "closes_at", MOMENT, None),
)
RESOURCE = (
    Entry("title", "title"),
    Entry("type", "resource_type"),
    Entry("url", "url", default=""),
)
VIDEO = (
    Entry("url", "url", default=""),
    Entry("captions_language", "captions_language", default="en"),
    Entry("seconds", "duration_seconds", WHOLE, None),
    Entry("transcript", "transcript", default=""),
)
PICTURE = (Entry("alt", "alt_text"),)


# How messages name a column: as the files do.
NAMES: dict[str, str] = {}


def name_columns(*tables: Iterable[Entry]) -> None:
    """Let messages about these columns use the names that stand in files."""
    NAMES.update({entry.column: entry.name for table in tables for entry in table})


name_columns(COURSE, MODULE, LESSON, AVAILABILITY, RESOURCE, VIDEO, PICTURE)


def write_entries(row: Any, table: Iterable[Entry]) -> dict[str, Any]:
    """What YAML says of a row."""
    said = {}
    for entry in table:
        written = entry.written(getattr(row, entry.column))
        if entry.always or entry.default is REQUIRED or written != entry.written(entry.default):
            said[entry.name] = written
    return said


def read_entries(
    fields: Any, table: Iterable[Entry], *, also: Iterable[str] = ()
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The columns' values, and what is wrong, each with its name. `also` are names that somebody else reads."""
    if not isinstance(fields, dict):
        return {}, [("", _("it must hold names and values"))]
    table = tuple(table)
    values, wrong = {}, []
    missing = [entry.name for entry in table if entry.default is REQUIRED and fields.get(entry.name) is None]
    if missing:
        wrong.append(("", _("it does not say: %(names)s") % {"names": ", ".join(missing)}))
    known = {*also, *(entry.name for entry in table)}
    unknown = [str(name) for name in fields if name not in known]
    if unknown:
        wrong.append(("", _("nothing is known by the name %(names)s") % {"names": ", ".join(unknown)[:200]}))
    for entry in table:
        try:
            if entry.name not in missing:
                values[entry.column] = entry.read(fields.get(entry.name))
        except WrongShape as error:
            wrong.append((entry.name, str(error)))
    return values, wrong

"""Reading people out of a CSV file: pure, every fault by its line and field."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from projectgenius.imports import Fault

LARGEST_FILE = 5 * 1024 * 1024
MOST_LINES = 50_000
NEEDED = ("username", "email")
COLUMNS = (*NEEDED, "full_name", "language", "time_zone", "role")
ROLES = ("student", "instructor")
DELIMITERS = ",;\t"
FORMULA_SIGNS = "=+-@"  # with these a spreadsheet takes a cell for something to work out


@dataclass(frozen=True)
class Line:
    """One person of the file, in the stored form; `number` is the line where the entry begins, from 1."""

    number: int
    username: str
    email: str
    full_name: str = ""
    language: str = ""
    time_zone: str = ""
    role: str = ""

    def person(self) -> User:
        """The person as a row that is not saved."""
        return User(
            username=self.username,
            email=self.email,
            full_name=self.full_name or None,
            language=self.language,
            time_zone=self.time_zone,
        )


def check_size(size: int | None) -> None:
    """Raises ValidationError `too_large` or `empty` for a file that need not be looked into."""
    if size is None or size > LARGEST_FILE:
        raise ValidationError(_("The file must be smaller than 5 MB. Split it."), code="too_large")
    if size == 0:
        raise ValidationError(_("The file is empty."), code="empty")


def decoded(content: bytes) -> str:
    """The text of the file: UTF-8 with or without a byte order mark, or UTF-16 with one, as spreadsheets write it."""
    check_size(len(content))
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = _("Line %(line)s holds a character that is not UTF-8. Save the file as “CSV UTF-8”.")
        raise ValidationError(message % {"line": line}, code="encoding") from None
    if not text.strip():
        raise ValidationError(_("The file is empty."), code="empty")
    return text


def read_people(text: str) -> tuple[list[Line], list[Fault]]:
    """The people of the file, and what is wrong with the other lines; a line with one fault is left out whole.

    The first line names the columns; username and email must be among them. Raises ValidationError `columns`,
    `too_many` or `quotes` for a file that cannot be read at all. Nothing is asked of the database.
    """
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for count, (number, values) in enumerate(_entries(text)):
        if count >= MOST_LINES:
            message = _("The file must have %(count)s lines or fewer. Split it.") % {"count": MOST_LINES}
            raise ValidationError(message, code="too_many")
        found = [Fault(number, field, message) for field, message in _faults(number, values, seen)]
        if found:
            faults += found
            continue
        line = _line(number, values)
        seen |= {("username", line.username): number, ("email", line.email): number}
        lines.append(line)
    return lines, faults


def _entries(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each filled line as its values by column, with its number; what stands beyond the last column has no name."""
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(DELIMITERS, key=lambda sign: (first.count(sign), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    begin = 1
    try:
        for values in reader:
            number, begin = begin, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            if not names:
                names = _columns(values)
                continue
            yield number, dict(zip(names, (value.strip() for value in values), strict=False))
    except csv.Error:
        message = _("Line %(line)s cannot be read: a quote does not close, or a cell is too long.")
        raise ValidationError(message % {"line": begin}, code="quotes") from None


def _columns(values: list[str]) -> list[str]:
    names = [value.strip().lower().replace(" ", "_").replace("e-mail", "email") for value in values]
    if missing := [name for name in NEEDED if name not in names]:
        message = _("The first line must name the columns. Missing: %(names)s.")
        raise ValidationError(message % {"names": ", ".join(missing)}, code="columns")
    if wrong := [name for name in names if name not in COLUMNS or names.count(name) > 1]:
        message = _("These columns are unknown or stand there twice: %(names)s.")
        raise ValidationError(
            message % {"names": ", ".join(sorted(set(wrong))).replace("\0", "")[:200]}, code="columns"
        )
    return names


def _line(number: int, values: dict[str, str]) -> Line:
    stored = {name: values.get(name, "") for name in COLUMNS}
    for name in ("username", "email", "role"):
        stored[name] = stored[name].lower()
    return Line(number, **stored)


def _faults(
    number: int, values: dict[str, str], seen: dict[tuple[str, str], int]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a line, by field."""
    line = _line(number, values)
    wrong = dict(_unusable(line))
    if not wrong:
        try:
            line.person().full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            wrong = {field: " ".join(messages) for field, messages in error.message_dict.items()}
            if "email" in wrong:
                wrong["email"] = _(
                    "Enter an e-mail address like name@example.com, of at most 120 characters."
                )
    if line.role and line.role not in ROLES:
        wrong["role"] = _("The role is student or instructor. An administrator is made by hand.")
    for field in NEEDED:
        if field not in wrong and (earlier := seen.get((field, getattr(line, field)))):
            wrong[field] = _("Stands on line %(number)s already.") % {"number": earlier}
    yield from wrong.items()


def _unusable(line: Line) -> Iterator[tuple[str, str]]:
    """What no field may hold, whatever it is for."""
    for field in COLUMNS:
        value: str = getattr(line, field)
        if "\0" in value:
            yield field, _("Holds a NUL character.")
        elif field == "full_name" and value[:1] and value[0] in FORMULA_SIGNS:
            yield field, _("A name does not begin with %(sign)s.") % {"sign": value[0]}
        elif field in NEEDED and not value:
            yield field, _("Is missing.")

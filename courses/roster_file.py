"""Reading a list of students out of a CSV file: pure, one pass, every fault by its line and field."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from projectgenius.imports import Fault

LARGEST_FILE = 2 * 1024 * 1024
MOST_LINES = 20_000
LONGEST_EMAIL = 120
LONGEST_NAME = 120
COLUMNS = ("email", "full_name")
ALSO_CALLED = {"e-mail": "email", "e-mail address": "email", "mail": "email", "name": "full_name"}
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Line:
    """One student of the file; `number` is the line where the entry begins, from 1."""

    number: int
    email: str


def check_size(size: int | None) -> None:
    """Raises ValidationError `too_large` or `empty` for a file that need not be looked into."""
    if size is None or size > LARGEST_FILE:
        raise ValidationError(_("The file must be smaller than 2 MB. Split it."), code="too_large")
    if size == 0:
        raise ValidationError(_("The file is empty."), code="empty")


def decoded(content: bytes) -> str:
    """The text of the file. Raises ValidationError (`too_large`, `empty`, `encoding`, `nul`) if it cannot be read.

    UTF-8, with or without a byte order mark, and UTF-16 with one, which is what spreadsheets write.
    """
    check_size(len(content))
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValidationError(
            _("Line %(line)s holds a character that is not UTF-8. Save the file as “CSV UTF-8”.")
            % {"line": line},
            code="encoding",
        ) from None
    if "\0" in text:
        raise ValidationError(
            _("Line %(line)s holds a NUL character: this is not a CSV file.")
            % {"line": text[: text.index("\0")].count("\n") + 1},
            code="nul",
        )
    if not text.strip():
        raise ValidationError(_("The file is empty."), code="empty")
    return text


def read_lines(text: str) -> tuple[list[Line], list[Fault]]:
    """The students of the file, each address once, and what is wrong with the other lines.

    The first line names the columns `email` and, if wanted, `full_name`; without it the first column is the
    address. Raises ValidationError `columns`, `too_many` or `quotes` for a file that cannot be read at all.
    """
    lines: list[Line] = []
    faults: list[Fault] = []
    first_seen: dict[str, int] = {}
    for number, values in _entries(text):
        if len(lines) + len(faults) >= MOST_LINES:
            raise ValidationError(
                _("The file must have %(count)s lines or fewer. Split it.") % {"count": MOST_LINES},
                code="too_many",
            )
        email = values["email"].strip().lower()
        fault = _fault_of(number, email, values.get("full_name", "").strip(), first_seen)
        if fault:
            faults.append(fault)
        else:
            first_seen[email] = number
            lines.append(Line(number, email))
    return lines, faults


def _entries(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each filled line as its values by column, with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    names: list[str] = []
    begin = 1
    try:
        for values in reader:
            number, begin = begin, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            if not names:
                names = _columns(values)
                if "@" not in values[0]:
                    continue
            padded = [*values, *[""] * len(names)]
            yield number, dict(zip(names, padded, strict=False))
    except csv.Error:
        raise ValidationError(
            _("The quotes from line %(line)s on do not close.") % {"line": begin}, code="quotes"
        ) from None


def _delimiter(text: str) -> str:
    """The sign that divides the first line most often; a comma when none does."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda sign: (first.count(sign), sign == ","))


def _columns(values: list[str]) -> list[str]:
    if "@" in values[0]:
        return list(COLUMNS[: max(1, min(len(values), len(COLUMNS)))])
    names = [value.strip().lower().replace(" ", "_") for value in values]
    names = [ALSO_CALLED.get(name.replace("_", " "), name) for name in names]
    if "email" not in names:
        raise ValidationError(
            _("The first line must name the columns: email, and full_name if you like."), code="columns"
        )
    if names.count("email") > 1:
        raise ValidationError(_("The column email stands there twice."), code="columns")
    return names


def _fault_of(number: int, email: str, name: str, first_seen: dict[str, int]) -> Fault | None:
    if not email:
        return Fault(number, "email", _("Enter an e-mail address"))
    if len(email) > LONGEST_EMAIL:
        return Fault(number, "email", _("Must be %(count)s characters or fewer") % {"count": LONGEST_EMAIL})
    try:
        validate_email(email)
    except ValidationError:
        return Fault(number, "email", _("Enter an e-mail address like name@example.com"))
    if len(name) > LONGEST_NAME:
        return Fault(
            number, "full_name", _("Must be %(count)s characters or fewer") % {"count": LONGEST_NAME}
        )
    if email in first_seen:
        return Fault(
            number,
            "email",
            _("This address stands on line %(line)s already") % {"line": first_seen[email]},
        )
    return None

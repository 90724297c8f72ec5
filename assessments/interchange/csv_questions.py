"""Questions as a table: one line each, columns by name in any order. `docs/question-formats.md` says them all."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

from django.utils.translation import gettext as _

from assessments.interchange.drafts import Draft, FileFault, Parsed, Skip, clean_text, number
from assessments.models import CheckerKind, Difficulty, QuestionType
from assessments.shapes import MOST_OPTIONS, MOST_TESTS
from projectgenius.csv_files import BYTE_ORDER_MARK, FORMULA_SIGNS

LETTERS = ascii_lowercase[:MOST_OPTIONS]
OPTIONS = [f"option_{letter}" for letter in LETTERS]
PLAIN = ["type", "question", *OPTIONS, "correct", "explanation", "points", "difficulty"]
CODING = ["language", "starter_code", "solution", "tests", "checker", "tolerance", "seconds", "megabytes"]
TEST_PARTS = ("input", "output", "sample", "points")
TEST = re.compile(r"test_([1-9]\d{0,2})_(input|output|sample|points)\Z", re.ASCII)
DELIMITERS = ",;\t"
LONGEST_CELL = 2_000_000
NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,12})?\Z", re.ASCII)
TRUTHS = {
    "true": True,
    "t": True,
    "yes": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "0": False,
}


def read_csv(text: str) -> Parsed:
    """The questions of a table. Raises FileFault `columns`, `quotes` or `too_many`."""
    parsed = Parsed()
    for line, row in _rows(text, parsed):
        parsed.require_room()
        try:
            parsed.drafts.append(_question(line, row))
        except Skip as skip:
            parsed.skip(line, row.get("question", ""), str(skip))
    return parsed


def _rows(text: str, parsed: Parsed) -> Iterator[tuple[int, dict[str, str]]]:
    """Each filled line by column, with the number of the line where it begins."""
    csv.field_size_limit(LONGEST_CELL)  # for the whole process: what others read has limits of its own
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    names: list[str] = []
    begin = 1
    try:
        for values in reader:
            line, begin = begin, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            if not names:
                names = _columns(values, line, parsed)
                continue
            yield line, {name: _unguarded(value) for name, value in zip(names, values, strict=False) if name}
    except csv.Error:
        message = _("The quotes from line %(line)s on do not close, or a cell is too long.")
        raise FileFault(message % {"line": begin}, code="quotes") from None


def _delimiter(text: str) -> str:
    """The sign that divides the first line most often; a comma when none does."""
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=lambda sign: (first.count(sign), sign == ","))


def _columns(values: list[str], line: int, parsed: Parsed) -> list[str]:
    """The names of the columns; what is not known is empty, and noted."""
    names = [value.strip().lower().replace(" ", "_") for value in values]
    known = [name if name in PLAIN or name in CODING or _test_column(name) else "" for name in names]
    missing = [name for name in ("type", "question") if name not in known]
    if missing:
        message = _("The first line must name the columns; there is none called %(names)s.")
        raise FileFault(message % {"names": ", ".join(missing)}, code="columns")
    twice = next((name for name in known if name and known.count(name) > 1), "")
    if twice:
        raise FileFault(_("The column %(name)s stands there twice.") % {"name": twice}, code="columns")
    for name, found in zip(names, known, strict=True):
        if name and not found:
            parsed.note(line, name, _("No column is known by this name: it is left out."))
    return known


def _test_column(name: str) -> bool:
    found = TEST.match(name)
    return bool(found and int(found[1]) <= MOST_TESTS)


def _question(line: int, row: dict[str, str]) -> Draft:
    kind = row.get("type", "").strip().lower().replace(" ", "_")
    if kind not in QuestionType.values:
        names = ", ".join(QuestionType.values)
        raise Skip(_("The type “%(type)s” is none of %(names)s.") % {"type": kind[:40], "names": names})
    draft = Draft(line, kind, clean_text(row.get("question", "")))
    draft.explanation = clean_text(row.get("explanation", "")) or None
    draft.points = _number(row, "points", Decimal(1))
    draft.difficulty = _one_of(row, "difficulty", Difficulty.values) or None
    correct = row.get("correct", "")
    if kind == QuestionType.MULTIPLE_CHOICE:
        draft.options = _options(row, correct)
    elif kind == QuestionType.TRUE_FALSE:
        draft.correct_answer = _truth(correct, "correct")
    elif kind == QuestionType.ESSAY:
        draft.correct_answer = clean_text(correct) or None
    else:
        draft.coding = _coding(row)
    _require_nothing_else(row, draft)
    return draft


def _require_nothing_else(row: dict[str, str], draft: Draft) -> None:
    if draft.question_type != QuestionType.MULTIPLE_CHOICE and any(
        row.get(name, "").strip() for name in OPTIONS
    ):
        raise Skip(_("Only multiple choice questions have options."))
    if draft.coding is None and any(
        row.get(name, "").strip() for name in ("tests", "test_1_input", "test_1_output")
    ):
        raise Skip(_("Only coding questions have tests."))


def _options(row: dict[str, str], correct: str) -> list[tuple[str, bool]]:
    texts = {letter: clean_text(row.get(f"option_{letter}", "")) for letter in LETTERS}
    named = [name for name in re.split(r"[\s,;]+", correct.strip().lower()) if name]
    wrong = [name for name in named if not texts.get(name)]
    if wrong:
        raise Skip(_("There is no option “%(option)s”.") % {"option": wrong[0][:40]})
    return [(text, letter in named) for letter, text in texts.items() if text]


def _truth(text: str, name: str) -> bool:
    value = TRUTHS.get(text.strip().lower())
    if value is None:
        raise Skip(_("The column %(name)s must say true or false.") % {"name": name})
    return value


def _number(row: dict[str, str], name: str, default: Decimal) -> Decimal:
    text = row.get(name, "").strip()
    if not text:
        return default
    if not NUMBER.match(text):
        raise Skip(_("The column %(name)s must hold a number.") % {"name": name})
    return Decimal(text.replace(",", "."))


def _whole(row: dict[str, str], name: str, default: int) -> int:
    value = _number(row, name, Decimal(default))
    if value != value.to_integral_value():
        raise Skip(_("The column %(name)s must hold a whole number.") % {"name": name})
    return int(value)


def _one_of(row: dict[str, str], name: str, values: list[str], default: str = "") -> str:
    text = row.get(name, "").strip().lower()
    if text and text not in values:
        raise Skip(
            _("The column %(name)s must be one of %(values)s.") % {"name": name, "values": ", ".join(values)}
        )
    return text or default


def _coding(row: dict[str, str]) -> dict[str, Any]:
    if row.get("correct", "").strip():
        raise Skip(_("A coding question is graded by its tests: leave the column correct empty."))
    return {
        "language": row.get("language", "").strip().lower(),
        "starter_code": row.get("starter_code", "") or None,
        "solution": row.get("solution", ""),
        "test_cases": _compact_tests(row["tests"]) if row.get("tests", "").strip() else _numbered_tests(row),
        "checker": _one_of(row, "checker", CheckerKind.values, CheckerKind.STANDARD),
        "tolerance": _number(row, "tolerance", Decimal("0.000001")),
        "time_limit_seconds": _whole(row, "seconds", 5),
        "memory_limit_mb": _whole(row, "megabytes", 128),
    }


def _compact_tests(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Skip(_("The column tests must hold a list as JSON.")) from None


def _numbered_tests(row: dict[str, str]) -> list[dict[str, Any]]:
    tests = []
    for place in range(1, MOST_TESTS + 1):
        parts = {part: row.get(f"test_{place}_{part}", "") for part in TEST_PARTS}
        if not any(value.strip() for value in parts.values()):
            continue
        tests.append(
            {
                "input": parts["input"],
                "output": parts["output"],
                "sample": _truth(parts["sample"] or "no", f"test_{place}_sample"),
                "points": number(_number(parts, "points", Decimal(1))),
            }
        )
    return tests


# --- Writing --------------------------------------------------------------------------------------


def write_csv(drafts: Iterable[Draft]) -> str:
    """The text of the file, with a byte order mark: without it spreadsheets take UTF-8 for something else."""
    rows = [_row(draft) for draft in drafts]
    used = {name for row in rows for name, value in row.items() if value}
    names = [name for name in (*PLAIN, *CODING) if name in used or name in ("type", "question", "correct")]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_guarded(row.get(name, "")) for name in names] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def _row(draft: Draft) -> dict[str, str]:
    row = {
        "type": draft.question_type,
        "question": draft.content,
        "correct": _correct(draft),
        "explanation": draft.explanation or "",
        "points": f"{draft.points:.2f}",
        "difficulty": draft.difficulty or "",
    }
    row |= {name: text for name, (text, _right) in zip(OPTIONS, draft.options, strict=False)}
    if coding := draft.coding:
        row |= {
            "language": coding["language"],
            "starter_code": coding["starter_code"] or "",
            "solution": coding["solution"],
            "tests": json.dumps(coding["test_cases"], ensure_ascii=False),
            "checker": str(coding["checker"]),
            "tolerance": f"{Decimal(coding['tolerance']):f}",
            "seconds": str(coding["time_limit_seconds"]),
            "megabytes": str(coding["memory_limit_mb"]),
        }
    return row


def _correct(draft: Draft) -> str:
    if draft.options:
        return ", ".join(
            letter for letter, (_text, right) in zip(LETTERS, draft.options, strict=False) if right
        )
    if isinstance(draft.correct_answer, bool):
        return "true" if draft.correct_answer else "false"
    return draft.correct_answer or ""


def _guarded(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe, and so does one that looks guarded."""
    return f"'{text}" if text.lstrip("'").startswith(FORMULA_SIGNS) else text


def _unguarded(text: str) -> str:
    """The text without the apostrophe that `_guarded` adds."""
    return text[1:] if text.startswith("'") and text[1:].lstrip("'").startswith(FORMULA_SIGNS) else text

"""Form fields that are lists of rows: the options of a question, the tests of a program.

The form has a fixed number of rows and `<name>-total` says how many; a script adds more. A row that was left empty is
dropped, unless it was stored before; that one goes by its tick "Remove". Rows come in the order of their places.
"""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

from django import forms

from assessments.shapes import LONGEST_OPTION, MOST_OPTIONS, MOST_TESTS

Row = dict[str, Any]
LAST_NUMBER = 2_000  # rows that were added and removed on one page; numbers are not given twice


class RowsWidget(forms.Widget):
    """Draws the rows and reads them. `texts` are typed, `ticks` ticked, `kept` is a hidden mark of a stored row."""

    texts: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    kept = "id"
    most = 100
    fewest = 1  # rows that a new list begins with
    spare = 2  # empty rows behind those that are there, for those without a script
    use_fieldset = True

    @property
    def media(self) -> forms.Media:
        script: Any = forms.Script("assessments/js/question-rows.js", type="module")
        return forms.Media(js=[script], css={"all": ["assessments/css/question-form.css"]})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Row]:
        rows = []
        for number in range(min(_whole(data.get(f"{name}-total"), 0), LAST_NUMBER)):
            row = self._read(data, f"{name}-{number}")
            if not data.get(f"{name}-{number}-remove") and not self.is_blank(row):
                rows.append((_whole(data.get(f"{name}-{number}-place"), number + 1), number, row))
        return [row for _place, _number, row in sorted(rows, key=lambda one: one[:2])]

    def _read(self, data: Mapping[str, Any], prefix: str) -> Row:
        row: Row = {self.kept: data.get(f"{prefix}-{self.kept}", "")}
        for name in self.texts:
            row[name] = str(data.get(f"{prefix}-{name}", "")).replace("\r\n", "\n")
        for name in self.ticks:
            row[name] = bool(data.get(f"{prefix}-{name}"))
        return row

    def is_blank(self, row: Row) -> bool:
        """A new row in which nothing was written or ticked."""
        return not row[self.kept] and not any(row[name] for name in (*self.texts, *self.ticks))

    def blank(self) -> Row:
        """What an empty row holds."""
        return {self.kept: "", **dict.fromkeys(self.texts, ""), **dict.fromkeys(self.ticks, False)}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-total" not in data

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        wanted = max(self.fewest, len(rows) + self.spare if rows else 0)
        rows += [self.blank() for _one in range(min(wanted, self.most) - len(rows))]
        context["widget"].update(rows=rows, empty=self.blank(), most=self.most, fewest=self.fewest)
        return context


def _whole(value: Any, otherwise: int) -> int:
    """A whole number as it was sent, or `otherwise`."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else otherwise


class RowsField(forms.Field):
    """A list of rows; what is wrong with them the question says (`assessments.shapes`)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != list(data or [])


# --- Options --------------------------------------------------------------------------------------


class OptionRows(RowsWidget):
    """Options: a text, and whether it is correct. The ids are the form's: a stored option keeps its own."""

    template_name = "assessments/admin/option_rows.html"
    texts = ("text",)
    ticks = ("correct",)
    most = MOST_OPTIONS
    fewest = 4

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["longest"] = LONGEST_OPTION
        return context


class OptionsField(RowsField):
    """Cleans to `[{"id": "a", "text": "…", "correct": bool}, …]`."""

    widget = OptionRows

    def clean(self, value: Any) -> list[Row]:
        rows: list[Row] = [dict(row) for row in value or []]
        taken = {row["id"] for row in rows}
        free = (one for one in _ids() if one not in taken)
        for row in rows:
            row["text"] = row["text"].strip()
            row["id"] = row["id"] or next(free)
        return rows


def _ids() -> Any:
    """a, b, … z, a1, b1, …"""
    for round_ in range(1000):
        for letter in ascii_lowercase:
            yield f"{letter}{round_ or ''}"


def rows_of_options(options: Any, correct: Any) -> list[Row]:
    """The options of a question as rows."""
    marked = correct if isinstance(correct, list) else []
    return [
        {"id": option["id"], "text": option["text"], "correct": option["id"] in marked}
        for option in options or []
    ]


# --- Tests ----------------------------------------------------------------------------------------


class ProgramTestRows(RowsWidget):
    """Tests: input, expected output, whether students see it, and what it counts."""

    template_name = "assessments/admin/test_rows.html"
    texts = ("input", "output", "points")
    ticks = ("sample",)
    kept = "stored"
    most = MOST_TESTS
    fewest = 3

    def is_blank(self, row: Row) -> bool:
        return not row["stored"] and not row["input"] and not row["output"]

    def blank(self) -> Row:
        return {**super().blank(), "points": "1"}


class ProgramTestsField(RowsField):
    """Cleans to `test_cases` as they are stored."""

    widget = ProgramTestRows

    def clean(self, value: Any) -> list[Row]:
        return [
            {
                "input": row["input"],
                "output": row["output"],
                "sample": row["sample"],
                "points": _points(row["points"]),
            }
            for row in value or []
        ]


def _points(text: str) -> int | str:
    """A whole number as one, anything else as it was written: the question says what is wrong with it."""
    text = text.strip().replace(",", ".")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text


def rows_of_tests(tests: Any) -> list[Row]:
    """Stored tests as rows."""
    return [
        {
            "stored": "1",
            "input": test["input"],
            "output": test["output"],
            "points": str(test.get("points", 1)),
            "sample": bool(test.get("sample")),
        }
        for test in tests or []
    ]

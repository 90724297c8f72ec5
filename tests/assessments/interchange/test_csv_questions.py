"""Questions as a table: columns, answers, tests, and cells that a spreadsheet would run."""

import csv
import io
import json
from decimal import Decimal

import pytest

from assessments.interchange.csv_questions import read_csv, write_csv
from assessments.interchange.drafts import Draft, FileFault
from assessments.interchange.reading import decoded
from tests.assessments.interchange.reading import kinds

HEAD = "type,question,option_a,option_b,option_c,correct,explanation,points,difficulty\n"


def one(text: str) -> Draft:
    [draft] = read_csv(text).drafts
    return draft


def skipped(text: str) -> str:
    parsed = read_csv(text)
    assert parsed.drafts == []
    [finding] = parsed.findings
    return finding.message


def test_multiple_choice() -> None:
    draft = one(HEAD + 'multiple_choice,Which are even?,2,3,4,"a, c",Halve them.,"2,5",easy\n')
    assert draft.options == [("2", True), ("3", False), ("4", True)]
    assert (draft.explanation, draft.points, draft.difficulty) == ("Halve them.", Decimal("2.5"), "easy")


def test_the_other_types() -> None:
    assert one(HEAD + "True False,Zero is a number.,,,,TRUE,,,\n").correct_answer is True
    assert one(HEAD + "essay,Why?,,,,A model answer.,,,\n").correct_answer == "A model answer."
    assert one(HEAD + "essay,Why?,,,,,,,\n").correct_answer is None


def test_coding_with_compact_and_with_numbered_tests() -> None:
    head = (
        "type;question;language;starter_code;tests;test_1_input;test_1_output;test_1_sample;test_2_output\n"
    )
    tests = json.dumps([{"input": "1", "output": "2", "sample": True, "points": 2}]).replace('"', '""')
    draft = one(f'{head}coding;Add one;python;x;"{tests}";;;;\n')
    assert draft.coding is not None
    assert draft.coding["test_cases"] == [{"input": "1", "output": "2", "sample": True, "points": 2}]
    draft = one(f"{head}coding;Add one;python;x;;1;2;yes;3\n")
    assert draft.coding is not None
    assert draft.coding["test_cases"] == [
        {"input": "1", "output": "2", "sample": True, "points": 1},
        {"input": "", "output": "3", "sample": False, "points": 1},
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("riddle,x,,,,,,,", "is none of"),
        ("true_false,x,,,,perhaps,,,", "true or false"),
        ("multiple_choice,x,1,2,,c,,,", "no option “c”"),
        ("multiple_choice,x,1,2,,z,,,", "no option “z”"),
        ("essay,x,1,,,,,,", "Only multiple choice"),
        ("essay,x,,,,,,many,", "must hold a number"),
        ("essay,x,,,,,,1e9,", "must hold a number"),
        ("essay,x,,,,,,,very", "must be one of"),
        ("coding,x,,,,a,,,", "graded by its tests"),
    ],
)
def test_line_with_a_slip_is_left_out_with_a_reason(line: str, words: str) -> None:
    assert words in skipped(f"{HEAD}{line}\n")


@pytest.mark.parametrize(
    "tests", ["[1]", "{}", "null", '[{"input": "\\ud800", "output": ""}]', "[[[", "1e999"]
)
def test_tests_of_another_shape_are_left_out(tests: str) -> None:
    quoted = tests.replace('"', '""')
    parsed = read_csv(f'type,question,language,tests\ncoding,x,python,"{quoted}"\n')
    assert kinds(parsed) == {2: "skipped"}


def test_lines_are_counted_from_where_an_entry_begins() -> None:
    parsed = read_csv('type,question,correct\n\ntrue_false,"one\ntwo",true\n,,\ntrue_false,three,no\n')
    assert [draft.line for draft in parsed.drafts] == [3, 6]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("question,correct\nx,true\n", "columns"),
        ("type,type,question\nessay,essay,x\n", "columns"),
        ('type,question\nessay,"x\n', "quotes"),
        ("type,question\nessay," + "x" * 2_000_001, "quotes"),
        ("type,question\n" + "essay,x\n" * 2_000, "too_many"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_one_sentence(text: str, code: str) -> None:
    with pytest.raises(FileFault) as caught:
        read_csv(text)
    assert caught.value.code == code


def test_unknown_column_is_told() -> None:
    parsed = read_csv("type,question,remarks\nessay,x,y\n")
    assert [finding.name for finding in parsed.findings] == ["remarks"]
    assert len(parsed.drafts) == 1


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''-1", "\tx", '=HYPERLINK("http://x")']
)
def test_formulas_come_out_harmless_and_in_again_as_they_were(text: str) -> None:
    written = write_csv([Draft(1, "true_false", f"x{text}", correct_answer=True, explanation=text)])
    cells = list(csv.reader(io.StringIO(written.removeprefix("\ufeff"))))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in cells for cell in row)
    [draft] = read_csv(decoded(written.encode())).drafts
    assert draft.explanation == text.rstrip()

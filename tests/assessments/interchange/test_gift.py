"""GIFT: what its syntaxes become, what is left out, and that no text makes it stumble."""

from decimal import Decimal
from pathlib import Path

import pytest

from assessments.interchange.drafts import Draft, FileFault
from assessments.interchange.gift import read_gift
from tests.assessments.interchange.reading import kinds

FILES = Path(__file__).parent / "files"


def one(text: str) -> Draft:
    [draft] = read_gift(text).drafts
    return draft


def skipped(text: str) -> str:
    parsed = read_gift(text)
    assert parsed.drafts == []
    [finding] = parsed.findings
    return finding.message


def test_each_question_of_the_file_becomes_what_its_comment_says() -> None:
    text = (FILES / "counting.gift").read_text()
    expected = {}
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.startswith("//? "):
            place = number
            while lines[place].startswith("//"):
                place += 1
            expected[place + 1] = line[4:]
    assert len(expected) >= 60
    assert kinds(read_gift(text)) == expected


def test_options_keep_their_order_and_their_truth() -> None:
    draft = one("::t:: Legs?{~six =eight ~ten}")
    assert (draft.question_type, draft.content) == ("multiple_choice", "Legs?")
    assert draft.options == [("six", False), ("eight", True), ("ten", False)]
    assert draft.changes == []


def test_weights_that_are_our_rule_are_taken_and_others_are_told() -> None:
    assert one("x{~%50%a ~%50%b ~%-50%c}").changes == []
    assert "takes a right one away" in one("x{~%50%a ~%50%b ~c}").changes[0]
    assert [right for _text, right in one("x{~%50%a ~%50%b ~c}").options] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x{#4}", "Numerical"),
        ("x{=a -> b =c -> d}", "Matching"),
        ("x{=a}", "Short answer"),
        ("Only words", "description"),
        ("x{~a ~b}", "None of its options"),
        ("x{=a ~b", "do not match"),
        ("x{~%1e9%a =b}", "no percentage"),
        ("x{~%101%a =b}", "no percentage"),
        ("x{~%999999999999999999999999%a =b}", "no percentage"),
        ("x{{=a ~b}}", "backslash"),
        ("x {T} y", "A gap"),
        ("x{abc}", "no answer"),
    ],
)
def test_what_is_not_known_is_left_out_with_a_reason(text: str, words: str) -> None:
    assert words in skipped(text)


def test_gap_becomes_a_line() -> None:
    draft = one("Moodle counts {=well ~badly}, they say")
    assert draft.content == "Moodle counts \\_\\_\\_\\_\\_, they say"
    assert "gap" in draft.changes[0]


def test_escapes_and_line_breaks() -> None:
    assert one(r"[markdown]a\{b\}\:\=\~\#\\n\nc{T}").content == "a{b}:=~#\\n\nc"
    assert one("[plain]a\\nb *c* #{T}").content == "a\\\nb \\*c\\* #"


def test_formats_of_texts() -> None:
    assert one("[html]<p>a <b>b</b></p>{T}").content == "a **b**"
    assert one("a <b>b</b>{T}").content == "a **b**"
    assert one("a < b{T}").content == "a \\< b"
    assert one("[markdown]*a*{T}").content == "*a*"


def test_feedback_goes_into_the_explanation() -> None:
    draft = one("x{=a#yes ~b#no ####In general}")
    assert draft.explanation == "In general\n\n- “a”: yes\n- “b”: no"
    assert "explanation" in draft.changes[0]


def test_own_comment_holds_points_difficulty_and_model_answer() -> None:
    draft = one('//: {"points": "2.50", "difficulty": "hard", "answer": "Fingers."}\nWhy?{}')
    assert (draft.points, draft.difficulty, draft.correct_answer) == (Decimal("2.50"), "hard", "Fingers.")
    assert one('//: {"points": "-1", "difficulty": "x"}\nWhy?{}').points == 1


def test_file_of_too_many_questions_is_refused_as_a_whole() -> None:
    with pytest.raises(FileFault) as caught:
        read_gift("x{T}\n\n" * 100_000)
    assert caught.value.code == "too_many"

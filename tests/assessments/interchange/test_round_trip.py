"""What an export writes, an import reads as the same questions; and no text makes a parser raise but its own error."""

import re
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.interchange.csv_questions import read_csv, write_csv
from assessments.interchange.drafts import Draft, FileFault, Parsed, clean_text
from assessments.interchange.gift import read_gift
from assessments.interchange.gift_writing import write_gift
from assessments.interchange.html_markdown import html_to_markdown, plain_to_markdown
from assessments.interchange.moodle_xml import read_moodle_xml
from assessments.interchange.moodle_xml_writing import write_moodle_xml
from assessments.interchange.reading import decoded
from assessments.interchange.taking import examine
from assessments.models import Quiz
from tests.assessments.interchange.reading import kinds

READERS: dict[str, Callable[[str], Parsed]] = {"gift": read_gift, "xml": read_moodle_xml, "csv": read_csv}
WRITERS: dict[str, Callable[[Any], str]] = {"gift": write_gift, "xml": write_moodle_xml, "csv": write_csv}

# Every character that a text may hold: no half ones, no control signs but tab and line feed, no non-characters.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t")
SIGNS = st.sampled_from(
    [*"~=#{}:\\%[]'\"<>&|,;@+-*_$`/\n\t ", "::", "####", "->", "\\n", "//", "]]>", "$CATEGORY:"]
)
WORDS = st.lists(SIGNS | CHARACTERS | st.just("word "), max_size=25).map("".join).map(clean_text)
SAID = WORDS.filter(bool)
LINES = st.text(CHARACTERS, max_size=30)


@st.composite
def choices(draw: Any) -> Draft:
    texts = draw(st.lists(SAID, min_size=2, max_size=20))
    right = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)).filter(any))
    return Draft(1, "multiple_choice", draw(SAID), options=list(zip(texts, right, strict=True)))


@st.composite
def codings(draw: Any) -> Draft:
    case = st.fixed_dictionaries(
        {"input": LINES, "output": LINES, "sample": st.booleans(), "points": st.integers(1, 9) | st.just(0.5)}
    )
    coding = {
        "language": draw(st.sampled_from(["python", "javascript", "c", "cpp", "java", "bash"])),
        "starter_code": draw(LINES.filter(str.strip) | st.none()),
        "solution": draw(LINES.filter(str.strip) | st.just("")),
        "test_cases": draw(st.lists(case, min_size=1, max_size=4)),
        "checker": draw(st.sampled_from(["standard", "exact_lines", "floats", "unordered"])),
        "tolerance": draw(st.decimals(0, 1, places=6)),
        "time_limit_seconds": draw(st.integers(1, 30)),
        "memory_limit_mb": draw(st.integers(16, 1024)),
    }
    return Draft(1, "coding", draw(SAID), coding=coding)


@st.composite
def drafts(draw: Any, *, coding: bool) -> Draft:
    truths = st.builds(Draft, st.just(1), st.just("true_false"), SAID, correct_answer=st.booleans())
    essays = st.builds(Draft, st.just(1), st.just("essay"), SAID, correct_answer=SAID | st.none())
    draft: Draft = draw(st.one_of(choices(), truths, essays, *([codings()] if coding else [])))
    draft.explanation = draw(SAID | st.none())
    draft.points = draw(st.decimals(0, Decimal("999.99"), places=2))
    draft.difficulty = draw(st.sampled_from(["easy", "medium", "hard", None]))
    return draft


def everything(draft: Draft) -> list[Any]:
    return [
        draft.question_type,
        draft.content,
        draft.options,
        draft.correct_answer,
        draft.explanation,
        draft.points,
        draft.difficulty,
        draft.coding,
    ]


@pytest.mark.parametrize("name", ["gift", "xml", "csv"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_export_and_import_give_the_same_questions(name: str, data: Any) -> None:
    written = data.draw(st.lists(drafts(coding=name != "gift"), min_size=1, max_size=4))
    text = WRITERS[name](written)
    read = READERS[name](decoded(text.encode()))
    assert [everything(draft) for draft in read.drafts] == [everything(draft) for draft in written]
    assert [draft.changes for draft in read.drafts] == [[] for _draft in written]
    assert read.findings == []


FRAGMENTS = st.sampled_from(
    ["::", "{", "}", "=", "~", "#", "%50%", "%", "\\", "//", "//:", "[html]", "[markdown]", "$CATEGORY:", "->",
     "\n", "\n\n", "T", "FALSE", "####", "<quiz>", "</quiz>", "<question type='multichoice'>",
     "<question type='coderunner'>", "</question>", "<questiontext>", "</questiontext>", "<text>", "</text>",
     "<answer fraction='100'>", "</answer>", "<![CDATA[", "]]>", "&amp;", "&#0;", "&#xD800;", "<!--", "-->",
     "<!DOCTYPE", "type,question,correct,option_a,tests\n", "essay,", "coding,", "multiple_choice,", '"', ",", ";",
     "'=", "\0", "\ufeff", "\ud800", "\ufdd0", "<ul><li>", "</p>", "<table><tr><td>", "<sub>", "$$", "\\(", "\\)",
     "<img src='@@PLUGINFILE@@/x'>", "<a href='x y'>", "\r", "\x0b"]
)  # fmt: skip


def one_sentence(work: Callable[[], object]) -> None:
    """The work ends, or refuses the file with one sentence; any other error fails the test."""
    try:
        work()
    except FileFault as fault:
        sentences = fault.messages
    else:
        sentences = ["fine"]
    assert len(sentences) == 1


@settings(max_examples=600, deadline=None)
@given(st.lists(FRAGMENTS | st.text(max_size=4), max_size=40).map("".join))
def test_no_text_makes_a_parser_raise_anything_but_its_own_error(text: str) -> None:
    for read in READERS.values():
        for whole in (text, f"<quiz>{text}</quiz>", f"type,question,correct,option_a,option_b,tests\n{text}"):
            one_sentence(partial(lambda read, whole: kinds(read(whole)), read, whole))


def test_half_a_character_is_replaced() -> None:
    assert html_to_markdown("\ud800<b>x</b>").text == "?**x**"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_make_the_reading_raise_anything_but_its_own_error(content: bytes) -> None:
    one_sentence(lambda: decoded(content))


@settings(max_examples=200, deadline=None)
@given(SAID)
def test_plain_text_is_shown_as_it_stands(text: str) -> None:
    """Escaping adds backslashes and nothing else."""
    bare = " ".join(text.replace("$", "").split())
    shown = re.sub(r"\\([^\w\s]|_)", r"\1", plain_to_markdown(bare.replace("\\", "")))
    assert shown == bare.replace("\\", "").strip()


MEGABYTE = 1_000_000
ESSAY = "<question type='essay'><questiontext><text>{}</text></questiontext></question>"
PATHS = {
    "opening braces": "{" * MEGABYTE,
    "questions": "a{T}\n\n" * (MEGABYTE // 6),
    "answers": "a{" + "~b" * (MEGABYTE // 2) + "}",
    "weights": "a{" + "~%50%b" * (MEGABYTE // 6) + "}",
    "escapes": "a" + "\\\\" * (MEGABYTE // 2) + "{T}",
    "titles": "::" * (MEGABYTE // 2),
    "feedback": "a{=b" + "#" * MEGABYTE + "~c}",
    "tags": "[html]" + "<b>" * (MEGABYTE // 3) + "{T}",
    "one line": "a" * MEGABYTE + "{T}",
    "own comments": '//: {"a": ' * (MEGABYTE // 10),
    "nested comment": "//: " + "[" * MEGABYTE + "\nx{T}",
    "open formulas": "[plain]" + "\\\\(" * 30_000 + "{T}",
    "deep lists": ("[html]" + "<ul><li>" * 199 + "{T}\n\n") * 600,
    "many elements": "<quiz>" + "<question type='essay'><a/></question>" * (MEGABYTE // 38) + "</quiz>",
    "attributes": "<quiz " + " ".join(f"a{n}=''" for n in range(MEGABYTE // 10)) + "/>",
    "long text": f"<quiz>{ESSAY.format('x' * MEGABYTE)}</quiz>",
    "entities": f"<quiz>{ESSAY.format('&lt;b&gt;' * 110_000)}</quiz>",
    "columns": ",".join(f"c{n}" for n in range(MEGABYTE // 7)) + "\n",
    "quotes": 'type,question\nessay,"' + '""' * (MEGABYTE // 2),
    "cells": "type,question\nessay,x" + "," * MEGABYTE,
    "empty lines": "type,question\n" + "\n" * MEGABYTE,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PATHS)
def test_a_megabyte_of_trouble_takes_no_more_than_a_few_seconds(name: str) -> None:
    begun = time.process_time()
    for read in READERS.values():
        one_sentence(partial(lambda read: examine(read(decoded(PATHS[name].encode())), Quiz()), read))
    assert time.process_time() - begun < 8


@pytest.mark.slow
@pytest.mark.parametrize(
    "html",
    ["<ul><li>" * 190, "<li>" * 3_900, "<div>" * 3_900, "<b>x" * 3_900, "\\(" * 40_000, "$$" * 40_000, "_" * 90_000,
     "*" * 90_000, "<blockquote>" * 3_900, "<table><tr><td>" * 1_300, "<dl><dt>" * 1_900, "<sub>" * 3_900, "`" * 90_000,
     "&amp;" * 19_000, "<" * 3_900],
)  # fmt: skip
def test_a_text_of_html_takes_less_than_a_second(html: str) -> None:
    begun = time.process_time()
    html_to_markdown(html)
    assert time.process_time() - begun < 2

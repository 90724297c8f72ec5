"""Reading GIFT, Moodle's text format for questions. Time is in step with the length of the file.

Questions are divided by blank lines: `::title:: [format] text { answers } more text`. A backslash before one of
`~ = # { } : \\` takes its meaning away, and `\\n` is a line break. A comment `//: {…}` holds what the format cannot say
of the question below it, as `gift_writing` writes it: points, difficulty, an essay's model answer.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.interchange.drafts import Draft, Parsed, Skip, clean_text, shortened, with_feedback
from assessments.interchange.html_markdown import html_to_markdown, plain_to_markdown
from assessments.interchange.weights import FULL, require_few, rights, weight_of
from assessments.models import QuestionType

OWN_COMMENT = "//:"
# What is escaped stands as a code of no character while the text is taken apart.
HELD = {sign: chr(0xFDD0 + place) for place, sign in enumerate("\\:#={}~n")}
RESTORED = str.maketrans({held: "\n" if sign == "n" else sign for sign, held in HELD.items()})
ESCAPED = re.compile(r"\\([\\:#={}~n])")
FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
TRUTH = re.compile(r"(TRUE|FALSE|T|F)\s*(?:#|\Z)", re.IGNORECASE)
MARKS = re.compile(r"(~=|=|~)")
WEIGHT = re.compile(r"\s*%([^%\n]{0,40})%")
TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|ul|ol|li|div|span|img|a|sub|sup|pre|code|table|h[1-6])\b[^<>]{0,500}>", re.I
)
GAP = "\\_\\_\\_\\_\\_"
NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?\Z", re.ASCII)


@dataclass
class Block:
    """The lines between two blank ones, without comments. `own` is what our own comment says."""

    line: int
    text: str
    own: dict[str, Any]


def read_gift(text: str) -> Parsed:
    """The questions of a GIFT file. Raises FileFault `too_many`."""
    parsed = Parsed()
    for block in _blocks(text, parsed):
        parsed.require_room()
        try:
            parsed.drafts.append(_question(block))
        except Skip as skip:
            parsed.skip(block.line, _shown(block.text), str(skip))
    return parsed


def _shown(text: str) -> str:
    return shortened(re.sub(r"\A\s*::(.{0,200}?)::", r"\1: ", text[:400]))


def _blocks(text: str, parsed: Parsed) -> Iterator[Block]:
    lines: list[str] = []
    own: dict[str, Any] = {}
    first = 0
    for number, line in enumerate((*text.split("\n"), ""), start=1):
        bare = line.strip()
        if not bare:
            if lines:
                yield Block(first, "\n".join(lines), own)
                own = {}
            lines = []
        elif bare.startswith(OWN_COMMENT):
            own = _own_fields(bare.removeprefix(OWN_COMMENT))
        elif bare.startswith("//"):
            pass
        elif bare.upper().startswith("$CATEGORY:") and not lines:
            parsed.note(
                number, bare[10:].strip(), _("Categories are not kept: the questions go into one quiz.")
            )
        else:
            first = number if not lines else first
            lines.append(line.rstrip())


def _own_fields(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _question(block: Block) -> Draft:
    text = ESCAPED.sub(lambda found: HELD[found[1]], block.text).strip()
    if text.startswith("::") and (end := text.find("::", 2)) != -1:
        text = text[end + 2 :]
    style, text = _style(text, "moodle")
    before, answers, after = _parts(text)
    draft = Draft(block.line, "", _text(before, style))
    if rest := _text(after, style):
        space = "" if rest[0] in ".,;:!?)" else " "
        draft.content = f"{draft.content} {GAP}{space}{rest}".strip()
    answers, _sign, general = answers.partition("####")
    _answer(draft, answers.strip(), style, _text(general, style), has_gap=bool(after.strip()))
    _take_own(draft, block.own)
    return draft


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before, in and after the braces."""
    before, opening, rest = text.partition("{")
    answers, closing, after = rest.partition("}")
    if not opening and "}" not in before:
        raise Skip(_("It is a description: it asks nothing."))
    if not closing:
        raise Skip(
            _("Its braces do not match. A blank line ends a question; a brace in a text needs a backslash.")
        )
    if any(brace in part for part in (before, answers, after) for brace in "{}"):
        raise Skip(_("A brace in its text needs a backslash before it."))
    return before, answers, after


def _answer(draft: Draft, answers: str, style: str, general: str, *, has_gap: bool) -> None:
    """Read what stands in the braces into the draft."""
    feedback: list[tuple[str, str]] = []
    if not answers:
        draft.question_type = QuestionType.ESSAY
    elif answers.startswith("#"):
        raise Skip(_("Numerical questions are not known here."))
    elif truth := TRUTH.match(answers):
        draft.question_type = QuestionType.TRUE_FALSE
        draft.correct_answer = truth[1].upper().startswith("T")
        said = answers.partition("#")[2].split("#", 1)
        names = (_("wrong answer"), _("right answer"))
        feedback = [(name, _text(text, style)) for name, text in zip(names, said, strict=False)]
    elif "~" in answers:
        draft.question_type = QuestionType.MULTIPLE_CHOICE
        feedback = _options(draft, answers, style)
    elif "->" in answers:
        raise Skip(_("Matching questions are not known here."))
    elif "=" in answers:
        raise Skip(_("Short answer questions are not known here."))
    else:
        raise Skip(_("What stands in its braces is no answer: none begins with = or ~."))
    if has_gap:
        if draft.question_type != QuestionType.MULTIPLE_CHOICE:
            raise Skip(_("A gap in the text is known for multiple choice only."))
        draft.change(_("The gap in the text became a line of underscores."))
    with_feedback(general, feedback, draft)


def _options(draft: Draft, answers: str, style: str) -> list[tuple[str, str]]:
    """Options of a multiple choice question; returns the feedback to them."""
    before, *rest = MARKS.split(answers)
    if before.strip():
        raise Skip(_("Its first answer begins with neither = nor ~."))
    marks, texts = rest[0::2], rest[1::2]
    require_few([text for text in texts if text.strip()])
    found, weights, feedback = [], [], []
    for mark, text in zip(marks, texts, strict=True):
        if mark == "~" and not text.strip():
            continue
        weight = FULL if "=" in mark else Decimal(0)
        own_style, rest_of_it = _style(text, style)
        if given := WEIGHT.match(rest_of_it):
            weight = weight_of(given[1])
            own_style, rest_of_it = _style(rest_of_it[given.end() :], own_style)
        said, _sign, told = rest_of_it.partition("#")
        found.append(_text(said, own_style))
        weights.append(weight)
        feedback.append((found[-1], _text(told, style)))
    right = rights(weights, is_single=any("=" in mark for mark in marks), draft=draft)
    draft.options = list(zip(found, right, strict=True))
    return feedback


def _style(text: str, style: str) -> tuple[str, str]:
    """The format that a text names, or that of what is around it; and the text without the name."""
    found = FORMAT.match(text)
    return (found[1].lower(), text[found.end() :]) if found else (style, text)


def _text(text: str, style: str) -> str:
    """One text as Markdown."""
    style, text = _style(text, style)
    if style == "markdown":
        return clean_text(text.strip(" \t\n").translate(RESTORED))
    plain = " ".join(text.split()).translate(RESTORED)
    if style == "html" or (style == "moodle" and TAG.search(plain)):
        return html_to_markdown(plain).text
    return plain_to_markdown(plain)


def _take_own(draft: Draft, own: dict[str, Any]) -> None:
    """What our own comment says of the question; what is no such value is passed over."""
    points, answer = own.get("points"), own.get("answer")
    if isinstance(points, str) and NUMBER.match(points):
        draft.points = Decimal(points)
    if own.get("difficulty") in ("easy", "medium", "hard"):
        draft.difficulty = own["difficulty"]
    if draft.question_type == QuestionType.ESSAY and isinstance(answer, str):
        draft.correct_answer = clean_text(answer) or None

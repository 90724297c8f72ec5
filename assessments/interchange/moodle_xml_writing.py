"""Writing Moodle XML. Texts stand in it as Markdown, which Moodle reads too; programs as CodeRunner's questions."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from assessments.interchange.coderunner import OWN, TYPES
from assessments.interchange.drafts import Draft
from assessments.interchange.moodle_xml import DIFFICULTY_TAG
from assessments.models import CheckerKind, QuestionType

NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NAMES = {
    QuestionType.MULTIPLE_CHOICE: "multichoice",
    QuestionType.TRUE_FALSE: "truefalse",
    QuestionType.ESSAY: "essay",
    QuestionType.CODING: "coderunner",
}
CODERUNNER = {language: kind for kind, language in reversed(TYPES.items())}


def write_moodle_xml(drafts: Iterable[Draft]) -> str:
    """The text of the file."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for draft in drafts:
        lines += _question(draft)
    return "\n".join([*lines, "</quiz>", ""])


def _plain(text: str) -> str:
    return escape(NO_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _attribute(text: Any) -> str:
    return quoteattr(str(text))


def _text(tag: str, text: str, attributes: str = ' format="markdown"') -> str:
    return f"<{tag}{attributes}><text>{_plain(text)}</text></{tag}>"


def _question(draft: Draft) -> Iterator[str]:
    kind = QuestionType(draft.question_type)
    yield f'  <question type="{NAMES[kind]}">'
    yield _text("name", draft.name, "")
    yield _text("questiontext", draft.content)
    yield _text("generalfeedback", draft.explanation or "")
    yield f"<defaultgrade>{draft.points:.2f}</defaultgrade><penalty>0</penalty><hidden>0</hidden>"
    if draft.difficulty:
        yield f"<tags>{_text('tag', f'{DIFFICULTY_TAG}{draft.difficulty}', '')}</tags>"
    yield from WRITERS[kind](draft)
    yield "  </question>"


def _choice(draft: Draft) -> Iterator[str]:
    right = sum(is_right for _option, is_right in draft.options)
    part = Decimal(100) / (right or 1)
    yield f"<single>{'true' if right == 1 else 'false'}</single><shuffleanswers>true</shuffleanswers>"
    yield "<answernumbering>abc</answernumbering>"
    for text, is_right in draft.options:
        weight = part if is_right else Decimal(0) if right == 1 else -part
        yield _answer(text, weight)


def _answer(text: str, weight: Decimal, style: str = "markdown") -> str:
    shown = f"{weight:.5f}".rstrip("0").rstrip(".")
    return (
        f'<answer fraction="{shown}" format="{style}"><text>{_plain(text)}</text>'
        f"{_text('feedback', '')}</answer>"
    )


def _truth(draft: Draft) -> Iterator[str]:
    for name, value in (("true", True), ("false", False)):
        yield _answer(name, Decimal(100 if draft.correct_answer is value else 0), "moodle_auto_format")


def _essay(draft: Draft) -> Iterator[str]:
    yield "<responseformat>editor</responseformat><responserequired>1</responserequired>"
    yield "<attachments>0</attachments><attachmentsrequired>0</attachmentsrequired>"
    yield _text("graderinfo", draft.correct_answer if isinstance(draft.correct_answer, str) else "")


def _coding(draft: Draft) -> Iterator[str]:
    coding = draft.coding or {}
    standard = coding["checker"] == CheckerKind.STANDARD
    kind = CODERUNNER.get(coding["language"], coding["language"])
    yield f"<coderunnertype>{_plain(kind)}</coderunnertype><prototypetype>0</prototypetype>"
    yield "<allornothing>0</allornothing><penaltyregime>0</penaltyregime>"
    yield f"<answerpreload>{_plain(coding['starter_code'] or '')}</answerpreload>"
    yield f"<answer>{_plain(coding['solution'])}</answer>"
    yield f"<grader>{'NearEqualityGrader' if standard else 'EqualityGrader'}</grader>"
    yield f"<cputimelimitsecs>{coding['time_limit_seconds']}</cputimelimitsecs>"
    yield f"<memlimitmb>{coding['memory_limit_mb']}</memlimitmb>"
    tolerance = f"{Decimal(coding['tolerance']):f}"
    yield f"<{OWN} checker={_attribute(coding['checker'])} tolerance={_attribute(tolerance)}/>"
    yield "<testcases>"
    for test in coding["test_cases"]:
        shown = test["sample"]
        points = f"{Decimal(str(test['points'])):f}"
        yield f'<testcase testtype="0" useasexample="{int(shown)}" hiderestiffail="0" mark="{points}">'
        yield _text("testcode", "", "") + _text("stdin", test["input"], "")
        yield _text("expected", test["output"], "") + _text("extra", "", "")
        yield f"{_text('display', 'SHOW' if shown else 'HIDE', '')}</testcase>"
    yield "</testcases>"


WRITERS = {
    QuestionType.MULTIPLE_CHOICE: _choice,
    QuestionType.TRUE_FALSE: _truth,
    QuestionType.ESSAY: _essay,
    QuestionType.CODING: _coding,
}

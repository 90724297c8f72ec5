"""From drafts to questions of a quiz: checked by the rules of every way in, the same one not twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from assessments.interchange.csv_questions import read_csv
from assessments.interchange.drafts import LONGEST_TEXT, Draft, Finding, Format, Kind, Parsed, draft_of
from assessments.interchange.gift import read_gift
from assessments.interchange.moodle_xml import read_moodle_xml
from assessments.models import CodingQuestion, Question, Quiz
from assessments.questions import arrange, check_whole
from assessments.shapes import LONGEST_CODE
from courses.authoring import next_order_index
from projectgenius.db import NOT_STORABLE

READERS: dict[Format, Callable[[str], Parsed]] = {
    Format.GIFT: read_gift,
    Format.MOODLE_XML: read_moodle_xml,
    Format.CSV: read_csv,
}
AT_ONCE = 100


@dataclass
class Examined:
    """Drafts that can be taken, and what there is to say about the others."""

    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many questions the file has."""
        return len(self.drafts) + sum(finding.kind != Kind.NOTE for finding in self.findings)


def examine(parsed: Parsed, quiz: Quiz, advance: Callable[[int], None] = lambda done: None) -> Examined:
    """Check each draft as a question of `quiz`; writes nothing. `advance` is told how many are done, now and then."""
    found = Examined(findings=list(parsed.findings))
    for done, draft in enumerate(parsed.drafts, start=1):
        if problem := _problem(draft, quiz):
            found.findings.append(Finding(draft.line, Kind.SKIPPED, draft.name, problem))
        else:
            found.drafts.append(draft)
        if not done % AT_ONCE:
            advance(done)
    return found


def _problem(draft: Draft, quiz: Quiz) -> str:
    """Why the draft cannot be a question; empty when it can."""
    texts = list(_texts(draft))
    if any(NOT_STORABLE.search(text) for text in texts):
        return _("It holds a character that is no text.")
    if any(len(text) > LONGEST_TEXT for text in texts):
        return _("One of its texts is longer than %(most)s characters.") % {"most": f"{LONGEST_TEXT:,}"}
    if (
        draft.coding
        and max(len(draft.coding["starter_code"] or ""), len(draft.coding["solution"])) > LONGEST_CODE
    ):
        return _("Its program is longer than %(most)s characters.") % {"most": f"{LONGEST_CODE:,}"}
    question, coding = draft.as_question(quiz, 1)
    try:
        check_whole(question, coding)
    except ValidationError as error:
        return " ".join(error.messages)
    return _text_problem(draft)


def _text_problem(draft: Draft) -> str:
    """What is wrong with the texts of tests, once their shape is known to be right."""
    tests = draft.coding["test_cases"] if draft.coding else []
    if any(NOT_STORABLE.search(f"{test['input']}{test['output']}") for test in tests):
        return _("It holds a character that is no text.")
    return ""


def _texts(draft: Draft) -> Iterator[str]:
    yield draft.content
    yield draft.explanation or ""
    yield from (text for text, _right in draft.options)
    if isinstance(draft.correct_answer, str):
        yield draft.correct_answer
    if draft.coding:
        yield from (str(draft.coding[name] or "") for name in ("language", "checker"))


def new_ones(examined: Examined, quiz: Quiz, *, takes_repeated: bool) -> tuple[list[Draft], list[Finding]]:
    """The drafts that the quiz lacks, and what becomes of each question of the file, by line."""
    rows = Question.objects.asked().filter(quiz=quiz).select_related("coding")
    known: dict[Any, int | None] = {draft_of(row).identity: None for row in rows}
    drafts, findings = [], list(examined.findings)
    for draft in examined.drafts:
        if draft.identity in known and not takes_repeated:
            findings.append(_there(draft, known[draft.identity]))
            continue
        known.setdefault(draft.identity, draft.line)
        drafts.append(draft)
        kind = Kind.CHANGED if draft.changes else Kind.TAKEN
        findings.append(Finding(draft.line, kind, draft.name, " ".join(draft.changes)))
    return drafts, sorted(findings, key=lambda finding: finding.line)


def _there(draft: Draft, line: int | None) -> Finding:
    if line is None:
        message = _("The quiz has this question already.")
    else:
        message = _("It stands on line %(line)s already.") % {"line": line}
    return Finding(draft.line, Kind.THERE, draft.name, message)


def write_drafts(drafts: list[Draft], quiz: Quiz) -> None:
    """Add the questions at the end of the locked quiz, in order."""
    first = next_order_index(quiz.questions)  # type: ignore[arg-type]
    pairs = [draft.as_question(quiz, place) for place, draft in enumerate(drafts, start=first)]
    Question.objects.bulk_create([question for question, _coding in pairs], batch_size=AT_ONCE)
    codings = [_bound(coding, question) for question, coding in pairs if coding]
    CodingQuestion.objects.bulk_create(codings, batch_size=AT_ONCE)
    arrange(quiz)


def _bound(coding: CodingQuestion, question: Question) -> CodingQuestion:
    coding.question_id = question.pk
    return coding

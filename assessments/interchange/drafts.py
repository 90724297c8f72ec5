"""What a file of questions gives: drafts of questions, and what there is to say about the rest of it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from string import ascii_lowercase
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import CodingQuestion, FileFormat, Question, QuestionType, Quiz
from assessments.shapes import options_problem, points_of_test, tests_problem
from courses.archive_entries import as_lines

MOST_QUESTIONS = 1_000  # in one file
LONGEST_TEXT = 50_000  # characters of one text: what is longer is not rendered as Markdown
LONGEST_NAME = 80
Format = FileFormat


class FileFault(ValidationError):
    """The file as a whole cannot be read; one sentence says why."""


class Kind(TextChoices):
    """What becomes of a question of a file."""

    TAKEN = "taken", gettext_lazy("taken")
    CHANGED = "changed", gettext_lazy("changed")
    THERE = "there", gettext_lazy("there already")
    SKIPPED = "skipped", gettext_lazy("skipped")
    NOTE = "note", gettext_lazy("note")


@dataclass(frozen=True)
class Finding:
    """What there is to say about one question, or one line, of a file."""

    line: int
    kind: Kind
    name: str
    message: str = ""

    def as_report(self) -> dict[str, Any]:
        """As a run keeps it; `field` holds the beginning of the question."""
        place = _("line %(number)s") % {"number": self.line}
        return {"place": place, "field": self.name, "message": self.message, "kind": self.kind.value}


@dataclass
class Draft:
    """A question as a file means it. `options` are texts with whether each is right, in their order."""

    line: int
    question_type: str
    content: str
    options: list[tuple[str, bool]] = field(default_factory=list)
    correct_answer: bool | str | None = None
    explanation: str | None = None
    points: Decimal = Decimal(1)
    difficulty: str | None = None
    coding: dict[str, Any] | None = None
    changes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The beginning of the question, for the report."""
        return shortened(self.content)

    def change(self, message: str) -> None:
        """Note what is not as it stood in the file; once each."""
        if message not in self.changes:
            self.changes.append(message)

    def as_question(self, quiz: Quiz, order_index: int) -> tuple[Question, CodingQuestion | None]:
        """The rows, not yet saved or checked."""
        options: Any = None
        correct: Any = self.correct_answer
        if self.question_type == QuestionType.MULTIPLE_CHOICE:
            options = [
                {"id": option_id(place), "text": text} for place, (text, _right) in enumerate(self.options)
            ]
            correct = [option_id(place) for place, (_text, right) in enumerate(self.options) if right]
        question = Question(
            quiz=quiz,
            question_type=self.question_type,
            content=self.content,
            options=options,
            correct_answer=correct,
            explanation=self.explanation,
            points=self.points,
            difficulty=self.difficulty,
            order_index=order_index,
        )
        return question, CodingQuestion(question=question, **self.coding) if self.coding else None

    @property
    def identity(self) -> Hashable:
        """What makes it the same question as another one: what is asked, and what is right."""
        tests: Hashable = None
        if self.coding:
            tests = (
                self.coding["language"],
                *((test["input"], test["output"]) for test in self.coding["test_cases"]),
            )
        answer = None if self.question_type == QuestionType.ESSAY else self.correct_answer
        return (self.question_type, self.content, tuple(self.options), answer, tests)


def draft_of(question: Question) -> Draft:
    """A stored question as a draft: what an export writes, and what an import compares with.

    What was stored before there were rules for its shape is left out.
    """
    right = question.correct_answer if isinstance(question.correct_answer, list) else []
    sound = question.options if question.options and not options_problem(question.options) else []
    options = [(clean_text(option["text"]), option["id"] in right) for option in sound]
    coding = getattr(question, "coding", None) if question.is_coding else None
    return Draft(
        line=question.order_index,
        question_type=question.question_type,
        content=clean_text(question.content),
        options=options,
        correct_answer=_plain(question.correct_answer),
        explanation=clean_text(question.explanation or "") or None,
        points=Decimal(question.points),
        difficulty=question.difficulty or None,
        coding=coding_values(coding) if coding else None,
    )


def _plain(answer: Any) -> bool | str | None:
    if isinstance(answer, str):
        return clean_text(answer) or None
    return answer if isinstance(answer, bool) else None


CODING_FIELDS = (
    "language",
    "starter_code",
    "solution",
    "checker",
    "tolerance",
    "time_limit_seconds",
    "memory_limit_mb",
)


def coding_values(coding: CodingQuestion) -> dict[str, Any]:
    """The columns of a coding question by their names; its proof is not among them."""
    values = {name: getattr(coding, name) for name in CODING_FIELDS}
    values["starter_code"] = as_lines(coding.starter_code or "") or None
    values["solution"] = as_lines(coding.solution)
    tests = [] if tests_problem(coding.test_cases) else coding.test_cases
    return {**values, "test_cases": [_test(test) for test in tests]}


def _test(test: dict[str, Any]) -> dict[str, Any]:
    """A test with everything said."""
    return {
        "input": test["input"],
        "output": test["output"],
        "sample": test.get("sample", False),
        "points": number(points_of_test(test)),
    }


def number(value: Decimal) -> int | float:
    """As JSON holds it: whole numbers without a fraction."""
    return int(value) if value == value.to_integral_value() else float(value)


@dataclass
class Parsed:
    """What a file holds, in its order."""

    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many questions were met, taken or not."""
        return len(self.drafts) + sum(1 for finding in self.findings if finding.kind != Kind.NOTE)

    def skip(self, line: int, name: str, message: str) -> None:
        """Leave a question out, and say why."""
        self.findings.append(Finding(line, Kind.SKIPPED, shortened(name), message))

    def note(self, line: int, name: str, message: str) -> None:
        """Say something that is not about one question."""
        self.findings.append(Finding(line, Kind.NOTE, shortened(name), message))

    def require_room(self) -> None:
        """Raise FileFault `too_many` before another question is met."""
        if self.count >= MOST_QUESTIONS:
            message = _("The file must hold %(most)s questions or fewer. Split it.")
            raise FileFault(message % {"most": MOST_QUESTIONS}, code="too_many")


class Skip(Exception):
    """A question that cannot be taken; the message says why."""


def option_id(place: int) -> str:
    """a, b, c, …; numbers where letters end, which the check of the options then refuses anyway."""
    return ascii_lowercase[place] if place < len(ascii_lowercase) else str(place)


def clean_text(text: str) -> str:
    """A text with line feeds, without blank lines at its beginning and blanks at its end."""
    lines = as_lines(text).rstrip().split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(lines[first:])


def shortened(text: str) -> str:
    """The beginning of a text in one line."""
    words = " ".join(text[: LONGEST_NAME * 4].split())
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def with_feedback(explanation: str, feedback: list[tuple[str, str]], draft: Draft) -> None:
    """Set the explanation, with the feedback to single answers below it: here a question has one explanation."""
    said = [(option, clean_text(text)) for option, text in feedback if text.strip()]
    parts = [clean_text(explanation)] if explanation.strip() else []
    if said:
        lines = (f"- “{shortened(option)}”: {' '.join(text.split())}" for option, text in said)
        parts.append("\n".join(lines))
        draft.change(_("The feedback to single answers went into the explanation."))
    draft.explanation = "\n\n".join(parts) or None

"""What can be done on a quiz's builder page: each act by its name, with what it needs and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.formats import number_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.copying import copy_question
from assessments.models import Question, QuestionType, Quiz
from assessments.proving import is_proven
from assessments.questions import (
    delete_question,
    move_question,
    points_of_quiz,
    reorder_questions,
    retire_question,
)
from projectgenius.markdown import plain_text

LONGEST_NAME = 80
ICONS = {
    QuestionType.MULTIPLE_CHOICE: "checklist",
    QuestionType.TRUE_FALSE: "rule",
    QuestionType.ESSAY: "notes",
    QuestionType.CODING: "code",
}


@dataclass(frozen=True)
class Outcome:
    """What an act did, in words, and the id of the element that is looked at next (empty: where one was)."""

    message: str
    focus: str = ""


@dataclass
class Build:
    """One act on one quiz: who does it and what was sent."""

    quiz: Quiz
    by: Any
    data: Any

    @property
    def question(self) -> Question:
        """The question that the act is about. Raises Http404 for one that this quiz does not hold."""
        pk = _number(self.data.get("question"))
        question = Question.objects.filter(pk=pk, quiz=self.quiz).select_related("quiz__course").first()
        if question is None:
            raise Http404
        return question

    def up(self) -> Outcome:
        return self._stepped(-1)

    def down(self) -> Outcome:
        return self._stepped(1)

    def _stepped(self, steps: int) -> Outcome:
        question = self.question
        if move_question(question=question, steps=steps, by=self.by):
            sentence = _("“%(title)s” moved up.") if steps < 0 else _("“%(title)s” moved down.")
        else:
            sentence = (
                _("“%(title)s” is the first already.") if steps < 0 else _("“%(title)s” is the last already.")
            )
        return Outcome(
            sentence % {"title": name_of(question)}, f"question-{question.pk}-{'up' if steps < 0 else 'down'}"
        )

    def order(self) -> Outcome:
        reorder_questions(quiz=self.quiz, ids=[_number(pk) for pk in self.data.getlist("order")], by=self.by)
        return Outcome(_("Order of the questions saved."))

    def copy(self) -> Outcome:
        question = self.question
        made = copy_question(question=question, by=self.by)
        return Outcome(_("“%(title)s” copied.") % {"title": name_of(question)}, f"question-{made.pk}-menu")

    def retire(self) -> Outcome:
        question = retire_question(question=self.question, by=self.by)
        sentence = _("“%(title)s” is retired: new attempts do not ask it.")
        return Outcome(sentence % {"title": name_of(question)}, f"question-{question.pk}-menu")

    def restore(self) -> Outcome:
        question = retire_question(question=self.question, is_retired=False, by=self.by)
        return Outcome(
            _("“%(title)s” is asked again.") % {"title": name_of(question)}, f"question-{question.pk}-menu"
        )

    def delete(self) -> Outcome:
        question = self.question
        delete_question(question=question, by=self.by)
        return Outcome(_("“%(title)s” deleted.") % {"title": name_of(question)}, "builder-modules")


ACTS: dict[str, Callable[[Build], Outcome]] = {
    "question-up": Build.up,
    "question-down": Build.down,
    "order-questions": Build.order,
    "copy-question": Build.copy,
    "retire-question": Build.retire,
    "restore-question": Build.restore,
    "delete-question": Build.delete,
}


def _number(value: Any) -> int:
    """A row's number as it was sent; 0, which no row has, for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def name_of(question: Question) -> str:
    """The first words of a question, without the marks of Markdown."""
    return plain_text(question.content, LONGEST_NAME) or Truncator(" ".join(question.content.split())).chars(
        LONGEST_NAME
    )


@dataclass(frozen=True)
class Row:
    """A question as the builder lists it."""

    question: Question
    name: str
    icon: str

    @classmethod
    def of(cls, question: Question) -> "Row":
        return cls(question, name_of(question), ICONS[QuestionType(question.question_type)])

    @property
    def is_unproven(self) -> bool:
        """A coding question whose reference solution is missing, or has not passed."""
        coding = getattr(self.question, "coding", None)
        return coding is not None and not is_proven(coding)


def rows_of(quiz: Quiz) -> list[Row]:
    """The quiz's questions in order, in one query."""
    return [Row.of(question) for question in Question.objects.filter(quiz=quiz).select_related("coding")]


def sum_in_words(rows: list[Row]) -> str:
    """How much is asked: "3 questions, 8 points"."""
    asked = [row.question for row in rows if not row.question.is_retired]
    points = Decimal(points_of_quiz(asked))
    return ", ".join(
        (
            ngettext("%(count)s question", "%(count)s questions", len(asked)) % {"count": len(asked)},
            points_in_words(points),
        )
    )


def points_in_words(points: Decimal) -> str:
    """ "2.5 points", without empty decimals."""
    shown = number_format(points.normalize() if points % 1 else points.to_integral_value())
    return ngettext("%(points)s point", "%(points)s points", 1 if points == 1 else 2) % {"points": shown}

"""The figures of a quiz as its page in the admin site tells them: bars, words, and questions worth a look."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.analytics import score_distribution
from assessments.building import name_of
from assessments.item_analysis import FEWEST
from assessments.models import Question, QuestionType, Quiz, QuizAnalytics
from projectgenius.markdown import plain_text

BAR_WIDTH, BAR_HEIGHT, GAP = 44, 120, 6  # of the histogram, in the units of its own picture
TELLS_WELL, TELLS_LITTLE = 0.3, 0.1


@dataclass(frozen=True)
class Bar:
    """One tenth of the scores: "70–79" per cent, how many, and where its bar stands in the picture."""

    label: str
    count: int
    x: int
    y: int
    height: int
    is_passing: bool


@dataclass(frozen=True)
class Option:
    """How often an option was chosen; `percent` is of those who answered."""

    text: str
    count: int
    percent: int
    is_correct: bool


@dataclass(frozen=True)
class Item:
    """One question: its figures, what they say in words, and its options or tests."""

    question: Question
    name: str
    number: int
    figures: dict[str, Any]
    verdict: str | Promise
    mood: str  # ok, warn or bad
    options: list[Option]
    failed_tests: list[tuple[int, int, int]]  # number of the test, failures, per cent of the judged


def histogram(quiz: Quiz) -> list[Bar]:
    """The scores in tenths, drawn from the highest bar."""
    counts = score_distribution(quiz)
    most = max(counts) or 1
    bars = []
    for place, count in enumerate(counts):
        height = round(BAR_HEIGHT * count / most)
        last = 100 if place == 9 else place * 10 + 9
        bars.append(
            Bar(
                label=f"{place * 10}–{last}",
                count=count,
                x=place * (BAR_WIDTH + GAP),
                y=BAR_HEIGHT - height,
                height=height,
                is_passing=Decimal(place * 10) >= quiz.passing_score,
            )
        )
    return bars


def items_of(quiz: Quiz, analytics: QuizAnalytics) -> list[Item]:
    """The analysed questions in the quiz's order, with their words."""
    questions = {row.pk: row for row in quiz.questions.select_related("coding")}
    order = list(questions)
    return [
        _item(questions[found["question"]], order.index(found["question"]) + 1, found)
        for found in analytics.items
        if found["question"] in questions
    ]


def _item(question: Question, number: int, found: dict[str, Any]) -> Item:
    verdict, mood = verdict_of(found)
    return Item(
        question=question,
        name=name_of(question),
        number=number,
        figures=found,
        verdict=verdict,
        mood=mood,
        options=list(_options(question, found)),
        failed_tests=[
            (int(test), count, round(100 * count / found["judged"]))
            for test, count in found["failed_tests"].items()
        ],
    )


def verdict_of(found: dict[str, Any]) -> tuple[str | Promise, str]:
    """What the figures of a question say, in words, and how much they ask for a look."""
    facility, tells = found["facility"], found["discrimination"]
    few = found["answered"] + found["blank"] < FEWEST
    sayings: list[tuple[bool, str | Promise, str]] = [
        (few, gettext_lazy("Too few answers to say"), "warn"),
        (
            tells is not None and tells < 0,
            gettext_lazy("Look at the key: the strong miss it more often than the weak"),
            "bad",
        ),
        (facility is not None and facility >= 95, gettext_lazy("Nearly everybody has it right"), "ok"),
        (
            facility is not None and facility <= 20,
            gettext_lazy("Very difficult: look at the wording"),
            "warn",
        ),
        (tells is None, gettext_lazy("Answers hardly differ"), "warn"),
        ((tells or 0) < TELLS_LITTLE, gettext_lazy("Tells strong and weak hardly apart"), "warn"),
        ((tells or 0) < TELLS_WELL, gettext_lazy("Tells strong and weak apart, a little"), "ok"),
    ]
    well = gettext_lazy("Tells strong and weak well apart")
    return next(((words, mood) for holds, words, mood in sayings if holds), (well, "ok"))


def _options(question: Question, found: dict[str, Any]) -> Iterable[Option]:
    chosen, answered = found["chosen"], found["answered"]
    match question.question_type:
        case QuestionType.MULTIPLE_CHOICE:
            known = [(option["id"], option["text"]) for option in question.options or []]
            correct = set(question.correct_answer or [])
        case QuestionType.TRUE_FALSE:
            known = [("true", _("True")), ("false", _("False"))]
            correct = {"true" if question.correct_answer else "false"}
        case _:
            return
    for key, text in known:
        count = chosen.get(key, 0)
        percent = round(100 * count / answered) if answered else 0
        yield Option(plain_text(text, 120), count, percent, key in correct)

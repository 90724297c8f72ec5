"""What a student sees while an attempt runs: its questions in their order, what was saved, and the time left."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from string import ascii_uppercase
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.models import QuestionResponse, QuizAttempt
from assessments.paper import Entry, public_entry
from assessments.shapes import is_empty
from projectgenius.markdown import plain_text, render_markdown

# What means nothing in Markdown needs no parser: most options are a few words.
PLAIN = re.compile(r"[\w .,;:?!%/()'’“”„–€°+=-]*(?<!\.)")
MARKED = re.compile(r"^\s*(\d+[.)]|[-+=])\s|://|www\.|  |--|__|_", re.MULTILINE)


def option_html(text: str, key: str) -> SafeString | str:
    """The text of an option: Markdown, made into safe HTML only where it holds any."""
    is_plain = PLAIN.fullmatch(text) and not MARKED.search(text)
    return text if is_plain else render_markdown(text, key)


@dataclass(frozen=True)
class Choice:
    """One option as it is shown: its letter, what is sent for it, and whether it is chosen."""

    letter: str
    value: str
    text: SafeString | str
    is_chosen: bool


@dataclass
class Item:
    """One question of the paper as its student sees it; nothing of the key is in here.

    `shown` is its `public_entry`; `refused` is an answer of this page that a newer one, saved elsewhere, kept out.
    """

    number: int
    shown: Entry
    response: QuestionResponse | None
    refused: Any = None

    @property
    def pk(self) -> int:
        return int(self.shown["question"])

    @property
    def kind(self) -> str:
        return str(self.shown["type"])

    @property
    def answer(self) -> Any:
        return self.response.response if self.response else None

    @property
    def is_answered(self) -> bool:
        return not is_empty(self.answer)

    @property
    def is_flagged(self) -> bool:
        return bool(self.response and self.response.is_flagged)

    @property
    def version(self) -> int:
        return self.response.version if self.response else 0

    @property
    def html(self) -> SafeString:
        return render_markdown(self.shown["content"], f"q{self.pk}")

    @property
    def legend(self) -> str:
        """The question in plain words, for those who hear the page."""
        return plain_text(self.shown["content"]) or _("Question %(number)s") % {"number": self.number}

    @property
    def text(self) -> str:
        """What stands in the text field: the saved text or program, else the starter code."""
        if self.kind == "coding":
            return str(self.answer["code"] if self.answer else self.shown["coding"]["starter_code"])
        return str(self.answer or "")

    @property
    def refused_text(self) -> str:
        """The answer that was kept out, in words."""
        if isinstance(self.refused, dict):
            return str(self.refused.get("code", ""))
        return str(self.refused) if isinstance(self.refused, str) else ""

    @property
    def choices(self) -> list[Choice]:
        """The options with their letters; none for questions that are answered by writing."""
        if self.kind == "true_false":
            pairs: list[tuple[str, Any, str]] = [("true", True, _("True")), ("false", False, _("False"))]
            chosen = [] if self.answer is None else [self.answer]
        else:
            pairs = [(one["id"], one["id"], one["text"]) for one in self.shown["options"] or []]
            chosen = self.answer or []
        return [
            Choice(letter, value, option_html(text, f"q{self.pk}-{value}"), stored in chosen)
            for letter, (value, stored, text) in zip(ascii_uppercase, pairs, strict=False)
        ]


@dataclass
class Player:
    """An attempt as its student sees it: all questions for the grid, and the ones that this page shows."""

    attempt: QuizAttempt
    items: list[Item]
    position: int
    now: datetime
    refused: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        attempt: QuizAttempt,
        position: int | None,
        now: datetime,
        refused: dict[int, Any] | None = None,
    ) -> "Player":
        """Gather it. `attempt` comes with its quiz; `position` is the question asked for, else the last one open."""
        responses = {row.question_id: row for row in QuestionResponse.objects.filter(attempt=attempt)}
        items = items_of(attempt.paper, responses, refused or {})
        wanted = position or attempt.position
        return cls(attempt, items, min(max(1, wanted), max(1, len(items))), now)

    @property
    def is_paged(self) -> bool:
        """One question per page."""
        return bool(self.attempt.quiz.one_question_per_page)

    @property
    def shown(self) -> list[Item]:
        """The questions of this page."""
        return [self.current] if self.is_paged else self.items

    @property
    def others(self) -> list[Item]:
        """The questions of the other pages."""
        return [item for item in self.items if item.number != self.position]

    @property
    def current(self) -> Item:
        return self.items[self.position - 1]

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def answered(self) -> int:
        return sum(item.is_answered for item in self.items)

    @property
    def unanswered(self) -> list[Item]:
        return [item for item in self.items if not item.is_answered]

    @property
    def flagged(self) -> list[Item]:
        return [item for item in self.items if item.is_flagged]

    @property
    def has_programs(self) -> bool:
        """A question wants a program, be it on another page: its editor and runner must be there from the start."""
        return any(item.kind == "coding" for item in self.items)

    @property
    def previous(self) -> int | None:
        return self.position - 1 if self.position > 1 else None

    @property
    def following(self) -> int | None:
        return self.position + 1 if self.position < self.total else None

    @cached_property
    def seconds_left(self) -> int | None:
        return seconds_left(self.attempt.deadline, self.now)


def items_of(
    paper: Iterable[Entry], responses: dict[int, QuestionResponse], refused: dict[int, Any]
) -> list[Item]:
    """The questions of a paper with what was saved for each."""
    return [
        Item(number, public_entry(entry), responses.get(entry["question"]), refused.get(entry["question"]))
        for number, entry in enumerate(paper, start=1)
    ]


def seconds_left(deadline: datetime | None, now: datetime) -> int | None:
    """Whole seconds up to the deadline, 0 when it has passed; None without one."""
    return max(0, math.ceil((deadline - now).total_seconds())) if deadline else None

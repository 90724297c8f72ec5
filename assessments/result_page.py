"""The page of an ended attempt: what `assessments.results` lets its student see, in words and with the next step."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from string import ascii_uppercase
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.models import AttemptStatus, GradingState, QuizAttempt, ScoreChange
from assessments.player import option_html
from assessments.quiz_page import QuizPage
from assessments.results import QuestionResult, Result, result_of
from assessments.run_reports import words_of
from courses.models import Lesson
from projectgenius.markdown import plain_text, render_markdown

BACKTICKS = re.compile("`+")


@dataclass(frozen=True)
class Mark:
    """One option with what it turned out to be: `tone` is correct, wrong, chosen or plain; `words` say it, and whether
    the student ticked it.
    """

    letter: str
    text: SafeString | str
    tone: str
    words: str
    is_ticked: bool


@dataclass(frozen=True)
class TestLine:
    """One test of a program: its verdict in words; a sample also with what it reads and should print."""

    number: int
    words: str
    is_passed: bool
    sample: dict[str, Any] | None


@dataclass
class ResultItem:
    """One question with what its student may see of it. `lesson` covers it, `changes` say how its points changed."""

    result: QuestionResult
    lesson: Lesson | None = None
    changes: list[ScoreChange] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        return render_markdown(self.result.shown["content"], f"r{self.result.question}")

    @property
    def legend(self) -> str:
        return plain_text(self.result.shown["content"], 90)

    @property
    def is_wrong(self) -> bool:
        """Not at full points, and nobody has still to grade it."""
        return self.result.is_correct is False and not self.result.is_waiting

    @property
    def state(self) -> str:
        """waiting, correct, partly, wrong, or empty while that is hidden."""
        if self.result.is_waiting:
            return "waiting"
        if self.result.is_correct is None:
            return ""
        if self.result.is_correct:
            return "correct"
        return "partly" if self.result.earned else "wrong"

    @cached_property
    def marks(self) -> list[Mark]:
        """The options as they turned out; none for what was answered by writing."""
        if self.result.type == "true_false":
            pairs: list[tuple[Any, str]] = [(True, _("True")), (False, _("False"))]
            chosen, correct = [self.result.response], [self.result.correct_answer]
        else:
            pairs = [(one["id"], one["text"]) for one in self.result.shown["options"] or []]
            chosen, correct = self.result.response or [], self.result.correct_answer or []
        return [
            self._mark(letter, value, text, chosen=value in chosen, correct=value in correct)
            for letter, (value, text) in zip(ascii_uppercase, pairs, strict=False)
        ]

    def _mark(self, letter: str, value: Any, text: str, *, chosen: bool, correct: bool) -> Mark:
        tone, words = "plain", _("Your answer") if chosen else ""
        if self.result.shows_key and correct:
            missed = _("Correct, not chosen") if self.result.is_answered else _("Correct answer")
            tone, words = "correct", _("Your answer, correct") if chosen else missed
        elif chosen and self.result.shows_key:
            tone, words = "wrong", _("Your answer, wrong")
        elif chosen:
            tone = "chosen"
        return Mark(letter, option_html(text, f"r{self.result.question}-{value}"), tone, words, chosen)

    @property
    def essay(self) -> SafeString:
        return render_markdown(self.result.response or "", f"a{self.result.question}")

    @property
    def code(self) -> SafeString:
        """The program, coloured."""
        code = (self.result.response or {}).get("code", "")
        longest = max((len(run) for run in BACKTICKS.findall(code)), default=0)
        fence = "`" * max(3, longest + 1)
        language = self.result.shown["coding"]["language"]
        return render_markdown(f"{fence}{language}\n{code}\n{fence}", f"c{self.result.question}")

    @property
    def model_answer(self) -> SafeString:
        """The model answer of an essay, where there is one and it may be seen."""
        answer = self.result.correct_answer
        return render_markdown(answer if isinstance(answer, str) else "", f"m{self.result.question}")

    @property
    def explanation(self) -> SafeString:
        return render_markdown(self.result.explanation, f"e{self.result.question}")

    @property
    def feedback(self) -> SafeString:
        return render_markdown(self.result.feedback, f"f{self.result.question}")

    @cached_property
    def tests(self) -> list[TestLine]:
        coding = self.result.shown["coding"] or {}
        samples = {one["number"]: one for one in coding.get("samples", ())}
        return [
            TestLine(
                number=test["number"],
                words=words_of(test["verdict"], coding),
                is_passed=test["verdict"] == "accepted",
                sample=samples.get(test["number"]) if test["sample"] else None,
            )
            for test in self.result.tests
        ]

    @property
    def passed_tests(self) -> int:
        return sum(test.is_passed for test in self.tests)


@dataclass
class ResultPage:
    """An ended attempt as its student sees it now."""

    result: Result
    quiz: QuizPage
    items: list[ResultItem]
    changes: list[ScoreChange]
    only_wrong: bool = False

    @classmethod
    def of(cls, attempt: QuizAttempt, user: Any, now: datetime, *, only_wrong: bool = False) -> "ResultPage":
        """Gather it; `attempt` comes with its quiz as `with_rules` brings it."""
        result = result_of(attempt, user, now)
        changes = list(ScoreChange.objects.filter(attempt=attempt)) if result.shows_score else []
        lessons = _lessons(result, user)
        items = [
            ResultItem(
                one,
                lesson=lessons.get(one.lesson or 0),
                changes=[
                    change
                    for change in changes
                    if change.question_id == one.question and one.earned is not None
                ],
            )
            for one in result.questions
        ]
        return cls(
            result=result,
            quiz=QuizPage.of(attempt.quiz, user, now),
            items=items,
            changes=[change for change in changes if change.new_score is not None],
            only_wrong=only_wrong and result.shows_key,
        )

    @property
    def attempt(self) -> QuizAttempt:
        return self.result.attempt

    @property
    def shown(self) -> list[ResultItem]:
        """The questions of the list, narrowed by the filter."""
        return self.wrong if self.only_wrong else self.items

    @property
    def wrong(self) -> list[ResultItem]:
        return [item for item in self.items if item.is_wrong]

    @property
    def is_closing(self) -> bool:
        """Time is up, and the last answers may still be on their way."""
        return self.attempt.is_running

    @property
    def is_abandoned(self) -> bool:
        return self.attempt.status == AttemptStatus.ABANDONED

    @property
    def with_judge(self) -> int:
        """How many programs the judge has still to run."""
        return sum(one.grading == GradingState.JUDGE for one in self.result.questions)

    @property
    def with_person(self) -> int:
        """How many answers a person has still to grade."""
        return sum(one.grading == GradingState.PERSON for one in self.result.questions)

    @property
    def has_programs(self) -> bool:
        return any(one.type == "coding" for one in self.result.questions)

    @property
    def best(self) -> QuizAttempt | None:
        """The attempt that counts, where this one's score shows."""
        return self.quiz.best if self.result.shows_score else None

    @property
    def counts(self) -> bool:
        """This is the attempt whose score counts."""
        return self.best is not None and self.best.pk == self.attempt.pk

    @property
    def course_is_open(self) -> bool:
        return self.quiz.enrollment is not None

    @property
    def can_retry(self) -> bool:
        return self.quiz.can_start


def _lessons(result: Result, user: Any) -> dict[int, Lesson]:
    """The lessons that cover the questions, as far as they may be read now."""
    wanted = {one.lesson for one in result.questions if one.lesson}
    if not wanted:
        return {}
    rows = Lesson.objects.visible_to(user).filter(pk__in=wanted).defer("content")
    return {lesson.pk: lesson for lesson in rows}

"""How the questions of a quiz did: how difficult, how well they tell the strong from the weak, what was chosen.

Each question of the completed attempts is looked at once, by the share of its points that a response earned:

- `facility`: the mean share, in per cent. High means easy.
- `discrimination`: the correlation (Pearson's) between the share of this question and the share of all others in the
  same attempt, −1 to 1. The others alone, or each question would agree with itself. From about 0.3 a question tells
  well; below 0 the weak answer it better than the strong, and the key is worth a look. (Crocker and Algina,
  Introduction to Classical and Modern Test Theory, the item discrimination.)
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation
from typing import Any

from assessments.models import AttemptStatus, Quiz, QuizAttempt

FEWEST = 5  # answers; with fewer, a correlation says nothing
CHUNK = 200  # attempts read at a time: each brings its paper


@dataclass
class Item:
    """What was seen of one question."""

    answered: int = 0
    blank: int = 0
    seconds: int = 0
    shares: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    chosen: Counter[str] = field(default_factory=Counter)
    failed_tests: Counter[int] = field(default_factory=Counter)
    judged: int = 0

    def see(self, *, share: float, rest: float, response: Any, seconds: int, judged: Any) -> None:
        """Take one graded response in; `rest` is the share of the attempt's other points."""
        self.shares.append(share)
        self.rests.append(rest)
        self.seconds += seconds
        if response in (None, [], "", {"code": ""}):
            self.blank += 1
            return
        self.answered += 1
        if isinstance(response, bool):
            self.chosen["true" if response else "false"] += 1
        elif isinstance(response, list):
            self.chosen.update(str(one) for one in response)
        if isinstance(judged, dict) and judged.get("tests"):
            self.judged += 1
            self.failed_tests.update(
                int(test["number"]) for test in judged["tests"] if test.get("verdict") != "accepted"
            )

    def as_json(self, question_id: int) -> dict[str, Any]:
        """One entry of `quiz_analytics.items`."""
        seen = len(self.shares)
        return {
            "question": question_id,
            "answered": self.answered,
            "blank": self.blank,
            "facility": round(100 * sum(self.shares) / seen, 1) if seen else None,
            "discrimination": discrimination(self.shares, self.rests),
            "mean_seconds": round(self.seconds / seen) if seen else None,
            "chosen": dict(sorted(self.chosen.items())),
            "judged": self.judged,
            "failed_tests": {str(number): count for number, count in self.failed_tests.most_common()},
        }


def discrimination(shares: list[float], rests: list[float]) -> float | None:
    """Pearson's correlation, two decimals; None with too few answers, or where one side never varies."""
    if len(shares) < FEWEST:
        return None
    try:
        return round(correlation(shares, rests), 2)
    except StatisticsError:
        return None


def analyse_items(quiz: Quiz) -> list[dict[str, Any]]:
    """All questions that completed attempts asked, in the quiz's order; retired ones are among them.

    `[{"question": id, "answered": 40, "blank": 2, "facility": 71.4, "discrimination": 0.35 | null,
    "mean_seconds": 48, "chosen": {"a": 3, "b": 37}, "judged": 0, "failed_tests": {"3": 9}}, …]`
    """
    items: dict[int, Item] = {}
    attempts = QuizAttempt.objects.counting().filter(quiz=quiz, status=AttemptStatus.COMPLETED)
    columns = ("question_id", "points_earned", "response", "seconds", "judged")
    for attempt in attempts.only("pk", "paper").prefetch_related("responses").iterator(chunk_size=CHUNK):
        rows = [[getattr(row, name) for name in columns] for row in attempt.responses.all()]
        _see_attempt(items, attempt.paper, rows)
    order = {pk: place for place, pk in enumerate(quiz.questions.values_list("pk", flat=True))}
    known = sorted((pk for pk in items if pk in order), key=lambda pk: order[pk])
    return [items[pk].as_json(pk) for pk in known]


def _see_attempt(items: dict[int, Item], paper: list[dict[str, Any]], rows: Iterable[list[Any]]) -> None:
    """Take one attempt's graded responses in; what still waits for points, and what is worth none, says nothing."""
    worth = {entry["question"]: float(entry["points"]) for entry in paper}
    graded = [row for row in rows if row[1] is not None and worth.get(row[0])]
    earned = sum(float(row[1]) for row in graded)
    possible = sum(worth[row[0]] for row in graded)
    for question_id, points, response, seconds, judged in graded:
        others = possible - worth[question_id]
        items.setdefault(question_id, Item()).see(
            share=min(1.0, float(points) / worth[question_id]),
            rest=(earned - float(points)) / others if others else 0.0,
            response=response,
            seconds=seconds,
            judged=judged,
        )

"""What a changed question does to a paper that was handed in, and to the points on it. Pure: no database, no clock.

A plan says what changes: `plan = [{"question": id, "act": "key" | "full" | "omit", "entry": entry}, …]` with the
question's entry as it is now (`assessments.paper`). `key` takes the present key, points and explanation; `full` gives
everybody full points; `omit` leaves the question out of the score. What the student was asked (text and options)
never changes. An entry that was regraded in such a way keeps `"regraded": "full" | "omit"`, and in `"by_hand"` the
points that a person had given before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessments.grading import grade_response, grade_tests, rounded, score_attempt
from assessments.paper import Entry, points_possible
from assessments.shapes import is_empty

ACTS = ("key", "full", "omit")
NOTHING = Decimal("0.00")
TESTED_BY = ("language", "test_cases", "time_limit_seconds", "memory_limit_mb", "checker", "tolerance")

Plan = list[dict[str, Any]]


def differences(entry: Entry, present: Entry) -> set[str]:
    """In what a question differs from what a paper says of it: `type`, `key`, `points`, `explanation`, `tests`."""
    if entry.get("regraded") and not _fits(entry, present):
        return set()
    if entry["type"] != present["type"]:
        return {"type"}
    found = set()
    if _as_set(entry["correct_answer"]) != _as_set(present["correct_answer"]):
        found.add("key")
    if entry.get("regraded") != "omit" and Decimal(entry["points"]) != Decimal(present["points"]):
        found.add("points")
    if (entry["explanation"] or "") != (present["explanation"] or ""):
        found.add("explanation")
    if tests_differ(entry, present):
        found.add("tests")
    return found


def _as_set(key: Any) -> Any:
    return frozenset(key) if isinstance(key, list) else key


def tests_differ(entry: Entry, present: Entry) -> bool:
    """Whether a program would have to be judged again."""
    old, new = entry["coding"], present["coding"]
    return bool(old and new and any(old[name] != new[name] for name in TESTED_BY))


def replaced(entry: Entry, change: Mapping[str, Any]) -> Entry | None:
    """The entry as it is after a change; None when the present key does not fit what the student was asked."""
    act, present = change["act"], change["entry"]
    fits = _fits(entry, present)
    if act == "key" and not fits:
        return None
    new = {name: value for name, value in entry.items() if name not in ("regraded", "by_hand")}
    if fits:
        correct = present["correct_answer"]
        new |= {name: present[name] for name in ("correct_answer", "explanation", "points")}
        if entry["type"] == "multiple_choice":
            new["several"] = entry["several"] or len(correct) > 1
        if entry["type"] == "coding":
            new["coding"] = {**present["coding"], "starter_code": entry["coding"]["starter_code"]}
    if act == "omit":
        new["points"] = "0.00"
    return new if act == "key" else {**new, "regraded": act}


def _fits(entry: Entry, present: Entry) -> bool:
    """Whether every correct option stands on the paper, and a program is in the same language."""
    if entry["type"] != present["type"]:
        return False
    if entry["type"] == "multiple_choice":
        return {*present["correct_answer"]} <= {option["id"] for option in entry["options"] or []}
    return entry["type"] != "coding" or entry["coding"]["language"] == present["coding"]["language"]


@dataclass(frozen=True)
class Graded:
    """What a response is after a regrade: its points, or who gives them (`judge`, `person`)."""

    points: Decimal | None
    grading: str = "done"


def regrade_response(row: Any, old: Entry, new: Entry) -> Graded:
    """The points of a response by the new entry. Points that a person gave stay, up to what the question is worth."""
    most = rounded(Decimal(new["points"]))
    act = new.get("regraded")
    if act:
        return Graded(most if act == "full" else NOTHING)
    if _is_of_a_person(row, old):
        return Graded(min(_points_by_hand(row, old), most))
    if new["type"] == "coding" and not is_empty(row.response):
        return _regrade_program(row, old, new)
    points = grade_response(new, row.response)
    return Graded(points) if points is not None else Graded(None, "person")


def _is_of_a_person(row: Any, entry: Entry) -> bool:
    """Whether a person gave the points; essays of before that was written down have theirs from nobody else."""
    is_read = entry["type"] == "essay" and row.points_earned is not None and not is_empty(row.response)
    return bool(row.is_by_hand or (is_read and ("regraded" not in entry or "by_hand" in entry)))


def _points_by_hand(row: Any, old: Entry) -> Decimal:
    """What a person gave, also where a regrade had set it aside since and nobody has graded anew."""
    set_aside = Decimal(old["points"]) if old.get("regraded") == "full" else NOTHING
    if old.get("by_hand") is not None and row.points_earned == set_aside:
        return Decimal(old["by_hand"])
    return Decimal(row.points_earned)


def _regrade_program(row: Any, old: Entry, new: Entry) -> Graded:
    """By the verdicts that the judge gave, where the tests are the same; else it has to look again."""
    if row.grading == "person":
        return Graded(None, "person")
    found = (row.judged or {}).get("tests", [])
    if tests_differ(old, new) or len(found) != len(new["coding"]["test_cases"]):
        return Graded(None, "judge")
    return Graded(grade_tests(new, (test["verdict"] == "accepted" for test in found)))


@dataclass
class Outcome:
    """An attempt after a plan was followed; nothing is saved. `changed` holds the responses that differ from before."""

    paper: list[Entry]
    points: dict[int, Decimal | None]
    score: Decimal | None
    changed: dict[int, Graded] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)
    worst: Fraction = Fraction(0)


def follow(plan: Plan, paper: list[Entry], rows: Iterable[Any], *, judge_again: bool) -> Outcome:
    """Follow a plan on one attempt.

    Programs whose tests changed wait for the judge only with `judge_again`; otherwise they stay as they are. What the
    judge is working on stays too. `left` counts what was left: `misfit`, `judge`, `programs`.
    """
    changes = {change["question"]: change for change in plan}
    by_question = {row.question_id: row for row in rows}
    outcome = Outcome([], {number: row.points_earned for number, row in by_question.items()}, None)
    for entry in paper:
        row, change = by_question.get(entry["question"]), changes.get(entry["question"])
        new = _follow_one(entry, row, change, outcome, judge_again=judge_again) if change else entry
        outcome.paper.append(new)
    outcome.score = score_attempt(outcome.points.values(), points_possible(outcome.paper))
    outcome.worst = _worst_change(paper, outcome, by_question)
    return outcome


def _follow_one(
    entry: Entry, row: Any, change: Mapping[str, Any], outcome: Outcome, *, judge_again: bool
) -> Entry:
    """One question of the paper: its new entry, or the old one where the change is left out."""
    new = replaced(entry, change)
    if new is None:
        return _leave(entry, "misfit", outcome)
    if change["act"] == "key" and new == entry:
        return entry
    if row is not None and row.grading == "judge" and change["act"] == "key":
        return _leave(entry, "judge", outcome)
    graded = regrade_response(row, entry, new) if row is not None else None
    if graded and graded.grading == "judge" and not tests_differ(entry, new) and "regraded" not in entry:
        # Verdicts are missing, so the points can only be scaled.
        graded = Graded(_scaled(row.points_earned, entry, new))
    if graded and graded.grading == "judge" and not judge_again:
        return _leave(entry, "programs", outcome)
    if row is not None and new.get("regraded") and _is_of_a_person(row, entry):
        new["by_hand"] = str(_points_by_hand(row, entry))
    if new != entry:
        outcome.touched.add(entry["question"])
    if graded and (graded.points, graded.grading) != (row.points_earned, row.grading):
        outcome.changed[entry["question"]] = graded
        outcome.points[entry["question"]] = graded.points
    return new


def _leave(entry: Entry, why: str, outcome: Outcome) -> Entry:
    outcome.left[why] = outcome.left.get(why, 0) + 1
    outcome.touched.add(entry["question"])
    return entry


def _scaled(points: Decimal, old: Entry, new: Entry) -> Decimal:
    before = Decimal(old["points"])
    return rounded(points * Decimal(new["points"]) / before) if before else NOTHING


def _worst_change(paper: list[Entry], outcome: Outcome, rows: Mapping[int, Any]) -> Fraction:
    """By how much the share of points changes at worst, whatever is given for responses that still wait."""
    old_worth, new_worth = _worth(paper), _worth(outcome.paper)
    change = Fraction(0)
    for number, row in rows.items():
        before, after = row.points_earned, outcome.points[number]
        most_before, most_after = old_worth.get(number, Fraction(0)), new_worth.get(number, Fraction(0))
        if before is None and after is None:
            change += min(Fraction(0), most_after - most_before)
            continue
        change += _share(after, new_worth) if after is not None else Fraction(0)
        change -= _share(before, old_worth) if before is not None else most_before
    return change


def _share(points: Decimal, worth: Mapping[int, Fraction]) -> Fraction:
    return Fraction(points) * worth[-1]


def _worth(paper: list[Entry]) -> dict[int, Fraction]:
    """What each question is of the whole score; under -1 what one point is."""
    possible = Fraction(points_possible(paper))
    one = 1 / possible if possible else Fraction(0)
    return {**{entry["question"]: Fraction(Decimal(entry["points"])) * one for entry in paper}, -1: one}


def is_gain(old_score: Decimal | None, outcome: Outcome) -> bool:
    """Whether nobody can lose by it: the score is not lower, or cannot become lower where responses still wait."""
    if old_score is not None and outcome.score is not None:
        return outcome.score >= old_score
    return outcome.worst >= 0

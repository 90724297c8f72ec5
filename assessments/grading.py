"""Points and scores. Pure: no database, no clock; the rules are those of the help page for students."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.shapes import is_empty, points_of_test

CENT = Decimal("0.01")


def rounded(number: Decimal) -> Decimal:
    """Two decimals, half up."""
    return number.quantize(CENT, ROUND_HALF_UP)


def grade_response(entry: Mapping[str, Any], response: Any) -> Decimal | None:
    """The points for a response to a question of a paper; None when a person or the judge has to say.

    One correct option, and true or false: all or nothing. Several correct options: (correct chosen − wrong chosen) /
    number of correct, not below 0. An empty answer earns 0, also where a person grades.
    """
    points = Decimal(entry["points"])
    if is_empty(response):
        return Decimal("0.00")
    match entry["type"]:
        case "multiple_choice":
            return rounded(points * _share_of_options(entry["correct_answer"], response))
        case "true_false":
            return rounded(points) if response is entry["correct_answer"] else Decimal("0.00")
    return None


def _share_of_options(correct: list[str], chosen: list[str]) -> Decimal:
    if len(correct) == 1:
        return Decimal(chosen == correct)
    right = len(set(chosen) & set(correct))
    wrong = len(set(chosen) - set(correct))
    return max(Decimal(0), Decimal(right - wrong) / len(correct))


def grade_tests(entry: Mapping[str, Any], passed: Iterable[bool]) -> Decimal:
    """The points for a program: the share of the tests' points that it passed. `passed` is in the tests' order."""
    tests = entry["coding"]["test_cases"]
    possible = sum((points_of_test(test) for test in tests), Decimal(0))
    earned = sum((points_of_test(test) for test, ok in zip(tests, passed, strict=True) if ok), Decimal(0))
    return rounded(Decimal(entry["points"]) * earned / possible) if possible else Decimal("0.00")


def is_full(entry: Mapping[str, Any], points: Decimal | None) -> bool | None:
    """Whether a response is correct: full points only; None while it has none."""
    return None if points is None else points >= Decimal(entry["points"])


def score_attempt(earned: Iterable[Decimal | None], possible: Decimal) -> Decimal | None:
    """`100 × earned / possible`, two decimals; None while a response has no points. An empty paper scores 0."""
    points = list(earned)
    if any(one is None for one in points):
        return None
    total = sum((one for one in points if one is not None), Decimal(0))
    return rounded(100 * total / possible) if possible else Decimal("0.00")

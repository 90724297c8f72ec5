"""Numbers out of files, forms and JSON are plain figures."""

from decimal import Decimal
from typing import Any

import pytest

from assessments import shapes
from assessments.hand_grading import check_feedback
from projectgenius.numbers import plain_decimal


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, "3"), ("0", "0"), ("0.50", "0.50"), (0.25, "0.25"), (1e-7, "0.0000001"), (Decimal("1.50"), "1.50")],
)
def test_plain_figures_are_read_exactly(value: Any, number: str) -> None:
    assert plain_decimal(value, 1_000) == Decimal(number)


@pytest.mark.parametrize(
    "value",
    [
        "1_0", "٣", "0e9999999", "1e2", "NaN", "inf", "-1", "+1", "", " 1", "1\n", "1.", ".5", "1,5", "0x1", "1001",
        1_001, -1, float("nan"), float("inf"), 1e300, 10**19, True, None, [], b"1", Decimal("0e9999999"),
        "9" * 200,
    ],
)  # fmt: skip
def test_anything_else_is_no_number(value: Any) -> None:
    assert plain_decimal(value, 1_000) is None


def test_endless_figures_are_no_number() -> None:
    assert plain_decimal(10**5_000, 1_000) is None
    assert plain_decimal("9" * 100_000, 1_000) is None


def test_number_below_the_least_is_refused() -> None:
    assert plain_decimal("-2", 5, -3) == -2
    assert plain_decimal("-4", 5, -3) is None


@pytest.mark.parametrize("points", ["1_0", "٣", "0e9999999", 1_001])
def test_points_of_a_test_are_plain_figures(points: Any) -> None:
    problem = shapes.tests_problem([{"input": "", "output": "", "points": points}])
    assert problem is not None
    assert problem.code == "test_points"


def test_half_characters_do_not_reach_the_database() -> None:
    assert check_feedback(" a\ud800\0b ") == "ab"
    assert shapes.tests_problem([{"input": "\ud800", "output": ""}]) is not None
    assert shapes.options_problem([{"id": "a", "text": "\ud800"}, {"id": "b", "text": "b"}]) is not None

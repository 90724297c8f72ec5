"""What is said of single questions."""

from typing import Any

import pytest

from assessments.figures import verdict_of
from assessments.item_analysis import analyse_items, discrimination
from assessments.models import QuestionResponse
from tests.assessments.factories import make_quiz
from tests.assessments.test_analytics import sit


@pytest.mark.django_db
def test_options_blanks_and_facility_are_counted() -> None:
    quiz = make_quiz(kinds="mt")
    for choice, truth in [(["b"], True), (["b"], False), (["a"], True), (None, True)]:
        sit(quiz, choice, truth)
    first, second = analyse_items(quiz)
    assert (first["answered"], first["blank"], first["facility"]) == (3, 1, 50.0)
    assert first["chosen"] == {"a": 1, "b": 2}
    assert second["chosen"] == {"false": 1, "true": 3}
    assert second["facility"] == 75.0


@pytest.mark.django_db
def test_question_that_the_strong_miss_has_a_negative_discrimination() -> None:
    quiz = make_quiz(kinds="mttt")
    for strong in (True, True, True, False, False, False):
        sit(quiz, ["a"] if strong else ["b"], strong, strong, strong)
    turned, *rest = analyse_items(quiz)
    assert turned["discrimination"] == -1.0
    assert all(item["discrimination"] > 0 for item in rest)
    assert verdict_of(turned)[1] == "bad"


@pytest.mark.django_db
def test_failing_tests_of_programs_are_counted() -> None:
    quiz = make_quiz(kinds="c")
    for failed in ([3], [2, 3]):
        attempt = sit(quiz, {"code": "print(1)"})
        tests = [
            {"number": number, "verdict": "wrong_answer" if number in failed else "accepted"}
            for number in (1, 2, 3)
        ]
        QuestionResponse.objects.filter(attempt=attempt).update(judged={"tests": tests}, points_earned=1)
    [item] = analyse_items(quiz)
    assert (item["judged"], item["failed_tests"]) == (2, {"3": 2, "2": 1})


@pytest.mark.django_db
def test_response_that_waits_for_points_says_nothing() -> None:
    quiz = make_quiz(kinds="e")
    sit(quiz, "An essay.")
    assert analyse_items(quiz) == []


@pytest.mark.parametrize(
    ("shares", "rests", "expected"),
    [
        ([1, 0, 1, 0, 1], [1, 0, 1, 0, 1], 1.0),
        ([1, 0, 1, 0, 1], [0, 1, 0, 1, 0], -1.0),
        ([1, 1, 1, 1, 1], [0, 1, 0, 1, 0], None),
        ([1, 0], [1, 0], None),
        ([1, 0, 1, 0, 1, 0], [0.9, 0.4, 0.5, 0.5, 0.8, 0.1], 0.76),
    ],
)
def test_discrimination_is_a_correlation(shares: list[float], rests: list[float], expected: Any) -> None:
    assert discrimination(shares, rests) == expected

"""What a changed question does to papers and points; pure, so tables of data."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from assessments.new_keys import differences, follow, is_gain, replaced

CODING = {
    "language": "python", "starter_code": "", "time_limit_seconds": 5, "memory_limit_mb": 128,
    "checker": "standard", "tolerance": "0.000001",
    "test_cases": [{"input": "1", "output": "1"}, {"input": "2", "output": "2", "points": 3}],
}  # fmt: skip


def entry(kind: str = "multiple_choice", number: int = 1, **values: Any) -> dict[str, Any]:
    """A question of a paper, worth two points."""
    key: dict[str, Any] = {"multiple_choice": ["a"], "true_false": True, "essay": "Model", "coding": None}
    return {
        "question": number, "type": kind, "content": "?", "points": "2.00", "several": False,
        "options": [{"id": one, "text": one} for one in "abc"] if kind == "multiple_choice" else None,
        "correct_answer": key[kind], "explanation": None, "difficulty": None, "lesson": None,
        "coding": CODING if kind == "coding" else None, **values,
    }  # fmt: skip


@dataclass
class Row:
    """A response as far as these rules look at it."""

    response: Any
    points_earned: Decimal | None
    grading: str = "done"
    is_by_hand: bool = False
    judged: Any = None
    question_id: int = 1


def change(act: str = "key", **values: Any) -> dict[str, Any]:
    kind = values.pop("kind", "multiple_choice")
    return {"question": 1, "act": act, "entry": entry(kind, **values)}


def done(points: str | None, response: Any = ("a",), **values: Any) -> Row:
    given = list(response) if isinstance(response, tuple) else response
    return Row(given, None if points is None else Decimal(points), **values)


@pytest.mark.parametrize(
    ("old", "now", "expected"),
    [
        ({}, {}, set()),
        ({}, {"content": "Other words?", "options": None, "difficulty": "hard", "lesson": 5}, set()),
        ({}, {"correct_answer": ["b"]}, {"key"}),
        ({"correct_answer": ["a", "b"]}, {"correct_answer": ["b", "a"]}, set()),
        ({}, {"points": "2"}, set()),
        ({}, {"points": "3.00", "explanation": "So."}, {"points", "explanation"}),
        ({}, {"type": "true_false"}, {"type"}),
        ({"regraded": "full"}, {"type": "true_false"}, set()),
        ({"regraded": "omit", "points": "0.00"}, {}, set()),
        ({"regraded": "omit", "points": "0.00"}, {"correct_answer": ["b"]}, {"key"}),
        ({"regraded": "full"}, {"correct_answer": ["d"]}, set()),
    ],
)
def test_differences_are_those_that_count(old: Any, now: Any, expected: set[str]) -> None:
    assert differences(entry(**old), entry(**now)) == expected


@pytest.mark.parametrize("name", ["test_cases", "checker", "tolerance", "time_limit_seconds"])
def test_tests_and_limits_of_programs_count(name: str) -> None:
    now = entry("coding", coding={**CODING, name: "other"})
    assert differences(entry("coding"), now) == {"tests"}
    starter = entry("coding", coding={**CODING, "starter_code": "other"})
    assert differences(entry("coding"), starter) == set()


@pytest.mark.parametrize(
    ("act", "present", "expected"),
    [
        ("key", {"correct_answer": ["b"], "points": "3.00"}, {"correct_answer": ["b"], "points": "3.00"}),
        ("key", {"correct_answer": ["a", "b"]}, {"correct_answer": ["a", "b"], "several": True}),
        ("key", {"correct_answer": ["d"]}, None),
        ("key", {"type": "true_false", "correct_answer": True}, None),
        ("full", {"correct_answer": ["d"]}, {"regraded": "full"}),
        ("full", {"correct_answer": ["b"]}, {"regraded": "full", "correct_answer": ["b"]}),
        ("omit", {}, {"regraded": "omit", "points": "0.00"}),
    ],
)
def test_an_entry_takes_the_key_and_keeps_what_was_asked(act: str, present: Any, expected: Any) -> None:
    new = replaced(entry(), {"question": 1, "act": act, "entry": entry(content="New words", **present)})
    assert new == (None if expected is None else {**entry(), **expected})


@pytest.mark.parametrize(
    ("row", "made", "points", "grading"),
    [
        (done("2"), change(correct_answer=["b"]), "0", "done"),
        (done("0", ("b",)), change(correct_answer=["b"]), "2", "done"),
        (done("0", ("b",)), change(correct_answer=["a", "b"]), "1", "done"),
        (done("2"), change(points="5.00"), "5", "done"),
        (done("0", None), change(correct_answer=["b"]), "0", "done"),
        # By hand: the points stay, up to what the question is worth now.
        (done("1.5", is_by_hand=True), change(correct_answer=["b"]), "1.5", "done"),
        (done("1.5", is_by_hand=True), change(points="1.00"), "1", "done"),
        (done("1.5", is_by_hand=True), change(points="9.00"), "1.5", "done"),
        # Everybody, whoever gave the points.
        (done("0", ("b",)), change("full"), "2", "done"),
        (done("0", None), change("full"), "2", "done"),
        (done("0.5", is_by_hand=True), change("full"), "2", "done"),
        (done("2"), change("omit"), "0", "done"),
        (done("1", is_by_hand=True), change("omit"), "0", "done"),
    ],
)
def test_points_follow_the_change(row: Row, made: Any, points: str, grading: str) -> None:
    outcome = follow([made], [entry()], [row], judge_again=True)
    assert outcome.points == {1: Decimal(points)}
    assert (((1 in outcome.changed) and outcome.changed[1].grading) or row.grading) == grading


ESSAY = {"kind": "essay"}


@pytest.mark.parametrize(
    ("row", "made", "points", "grading"),
    [
        (done(None, "Text", grading="person"), change(**ESSAY, correct_answer="New"), None, "person"),
        (done("1", "Text", is_by_hand=True), change(**ESSAY, correct_answer="New"), "1", "done"),
        # Adopted: graded before it was written down by whom.
        (done("1", "Text"), change(**ESSAY, points="0.50"), "0.5", "done"),
        (done(None, "Text", grading="person"), change("full", **ESSAY), "2", "done"),
        (done(None, "Text", grading="person"), change("omit", **ESSAY), "0", "done"),
    ],
)
def test_essays_keep_what_a_person_gave_or_still_wait(row: Row, made: Any, points: Any, grading: str) -> None:
    outcome = follow([made], [entry("essay")], [row], judge_again=True)
    assert outcome.points == {1: points and Decimal(points)}
    assert (outcome.changed[1].grading if 1 in outcome.changed else row.grading) == grading


JUDGED = {"tests": [{"verdict": "accepted"}, {"verdict": "wrong_answer"}]}
CODE = {"code": "print(1)"}
OTHER_TESTS = {**CODING, "test_cases": [{"input": "1", "output": "2"}]}


@pytest.mark.parametrize(
    ("row", "values", "again", "points", "state"),
    [
        (done("0.5", CODE, judged=JUDGED), {"points": "4.00"}, True, "1", ("done", {})),
        (done("0.5", CODE), {"points": "4.00"}, True, "1", ("done", {})),
        (done("0.5", CODE, judged=JUDGED), {"coding": OTHER_TESTS}, True, None, ("judge", {})),
        (done("0.5", CODE, judged=JUDGED), {"coding": OTHER_TESTS}, False, "0.5", ("done", {"programs": 1})),
        (done(None, CODE, grading="judge"), {"coding": OTHER_TESTS}, True, None, ("judge", {"judge": 1})),
        (done(None, CODE, grading="person"), {"coding": OTHER_TESTS}, True, None, ("person", {})),
        (done("1", CODE, is_by_hand=True), {"coding": OTHER_TESTS}, True, "1", ("done", {})),
        (done("0", None), {"coding": OTHER_TESTS}, True, "0", ("done", {})),
        (done("0.5", CODE), {"coding": {**CODING, "language": "c"}}, True, "0.5", ("done", {"misfit": 1})),
    ],
)
def test_programs_are_judged_again_only_where_their_tests_changed(
    row: Row, values: Any, again: bool, points: Any, state: tuple[str, Any]
) -> None:
    grading, left = state
    outcome = follow([change(kind="coding", **values)], [entry("coding")], [row], judge_again=again)
    assert outcome.points == {1: points and Decimal(points)}
    assert (outcome.changed[1].grading if 1 in outcome.changed else row.grading) == grading
    assert outcome.left == left


def test_what_a_person_gave_comes_back_after_full_points() -> None:
    row = done("0.5", "Text", is_by_hand=True)
    full = follow([change("full", **ESSAY)], [entry("essay")], [row], judge_again=True)
    row.points_earned = full.points[1]
    assert row.points_earned == 2
    for act in ("omit", "full", "full", "key"):
        step = follow([change(act, **ESSAY)], full.paper, [row], judge_again=True)
        full, row.points_earned = step, step.points[1]
    assert (row.points_earned, full.paper) == (Decimal("0.5"), [entry("essay")])


def test_following_twice_changes_nothing_more() -> None:
    for act in ("key", "full", "omit"):
        made = change(act, correct_answer=["b"], points="3.00")
        row = done("2")
        once = follow([made], [entry()], [row], judge_again=True)
        row.points_earned = once.points[1]
        twice = follow([made], once.paper, [row], judge_again=True)
        assert (twice.paper, twice.changed, twice.score) == (once.paper, {}, once.score)


@pytest.mark.parametrize(
    ("rows", "made", "gain"),
    [
        # Question 1 is multiple choice with answer a; question 2 is an essay of two points.
        ([done("2"), done("1", "T", question_id=2, is_by_hand=True)], change(correct_answer=["b"]), False),
        ([done("0", ("b",)), done("1", "T", question_id=2, is_by_hand=True)], change(correct_answer=["b"]), True),
        ([done("2"), done(None, "T", question_id=2, grading="person")], change("omit"), False),
        ([done("0", ("b",)), done(None, "T", question_id=2, grading="person")], change("omit"), True),
        # Worth more: who has it right gains less than a waiting essay could lose.
        ([done("2"), done(None, "T", question_id=2, grading="person")], change(points="4.00"), True),
        ([done("0", ("b",)), done(None, "T", question_id=2, grading="person")], change(points="4.00"), False),
    ],
)  # fmt: skip
def test_a_gain_is_one_whatever_is_still_given(rows: list[Row], made: Any, gain: bool) -> None:
    paper = [entry(), entry("essay", 2)]
    outcome = follow([made], paper, rows, judge_again=False)
    known = [row.points_earned for row in rows]
    score = None if None in known else Decimal(100) * sum(known) / 4  # type: ignore[arg-type]
    assert is_gain(score, outcome) is gain
    if score is None:
        assert gain is (outcome.worst >= Fraction(0))

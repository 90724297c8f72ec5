"""Regrades and grades by hand in whatever order, and at the same moment."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, User
from assessments import regrading
from assessments.grading import score_attempt
from assessments.hand_grading import grade_by_hand
from assessments.models import Question, QuestionResponse, Quiz, QuizAttempt, Regrade, ScoreChange
from assessments.paper import points_possible
from assessments.regrading import apply_regrade, carry_on, drop_regrade, preview_regrade
from courses.models import Course
from projectgenius.errors import Conflict
from tests.assessments.factories import make_quiz
from tests.assessments.regrades import hand_in, rekey, score
from tests.races import at_once, on_postgresql


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A choice and a true or false question, a point each."""
    return make_quiz(kinds="mt", course=course)


# --- Whatever happens, in whatever order ----------------------------------------------------------

ACTS = st.one_of(
    st.tuples(st.just("grade"), st.integers(0, 2), st.integers(0, 20)),
    st.tuples(
        st.just("regrade"),
        st.dictionaries(st.integers(0, 2), st.sampled_from(["key", "full", "omit"]), min_size=1),
        st.sampled_from(["all", "gains", "drop"]),
    ),
    st.tuples(st.just("rekey"), st.sampled_from([["a"], ["b"], ["a", "b"], ["c"]]), st.integers(1, 8)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, max_size=7), answer=st.sampled_from([["a"], ["b"], None]))
def test_scores_follow_the_formula_and_hand_points_stay(
    acts: list[Any], answer: Any, course: Course, instructor: User
) -> None:
    quiz = make_quiz(kinds="mte", course=course)
    attempt = hand_in(quiz, multiple_choice=answer)
    questions = list(quiz.questions.all())
    by_hand: dict[int, Decimal] = {}
    for act, first, second in acts:
        before = score(attempt)
        if act == "grade":
            row = QuestionResponse.objects.get(attempt=attempt, question=questions[first])
            entry = next(one for one in attempt.paper if one["question"] == row.question_id)
            points = min(Decimal(second) / 4, Decimal(entry["points"]))
            if entry.get("regraded") == "omit":
                with pytest.raises(Conflict, match="left out"):
                    grade_by_hand(response=row, points=points, by=instructor, reason="Why.")
                continue
            grade_by_hand(response=row, points=points, by=instructor, reason="Why.")
            by_hand[row.question_id] = points
        elif act == "rekey":
            Question.objects.filter(pk=questions[0].pk).update(correct_answer=first, points=second)
        else:
            chosen = {questions[number].pk: how for number, how in first.items()}
            regrade = preview_regrade(quiz=quiz, by=instructor, reason="Why.", acts=chosen)
            if second == "drop":
                drop_regrade(regrade=regrade, by=instructor)
                assert score(attempt) == before
            else:
                apply_regrade(regrade=regrade, by=instructor, mode=second)
            if second == "gains" and before is not None:
                now = score(attempt)
                assert now is not None
                assert now >= before
        check(attempt, by_hand)


def check(attempt: QuizAttempt, by_hand: dict[int, Decimal]) -> None:
    """The score is the formula's; points by hand stand, as far as their question counts."""
    attempt.refresh_from_db()
    rows = {row.question_id: row for row in QuestionResponse.objects.filter(attempt=attempt)}
    known = [row.points_earned for row in rows.values()]
    assert attempt.score == score_attempt(known, points_possible(attempt.paper))
    for entry in attempt.paper:
        row = rows[entry["question"]]
        assert row.points_earned is None or 0 <= row.points_earned <= Decimal(entry["points"])
        if "regraded" not in entry and entry["question"] in by_hand:
            by_hand[entry["question"]] = min(by_hand[entry["question"]], Decimal(entry["points"]))
            assert (row.is_by_hand, row.points_earned) == (True, by_hand[entry["question"]])


# --- Races ----------------------------------------------------------------------------------------


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_regrades_at_once_one_is_refused(quiz: Quiz, instructor: User, admin_user: User) -> None:
    results = at_once(
        lambda: preview_regrade(quiz=quiz, by=instructor, reason="One."),
        lambda: preview_regrade(quiz=quiz, by=admin_user, reason="Two."),
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Regrade"]
    assert Regrade.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(4))
def test_a_grade_given_during_a_regrade_is_not_lost(_round: int, course: Course, instructor: User) -> None:
    quiz = make_quiz(kinds="mte", course=course)
    attempts = [hand_in(quiz) for _number in range(6)]
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    essays = list(QuestionResponse.objects.filter(question__question_type="essay").order_by("-pk"))

    def grade() -> None:
        for row in essays:
            grade_by_hand(response=row, points=Decimal(5), by=instructor)

    results = at_once(lambda: apply_regrade(regrade=regrade, by=instructor), grade)
    assert not [result for result in results if isinstance(result, Exception)]
    assert [score(attempt) for attempt in attempts] == [Decimal("85.71")] * 6
    assert {attempt.paper[0]["correct_answer"][0] for attempt in attempts} == {"a"}


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_workers_do_no_attempt_twice(
    quiz: Quiz, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrading, "AT_ONCE", 2)
    attempts = [hand_in(quiz) for _number in range(9)]
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    at_once(*(lambda: carry_on.call(regrade.pk) for _worker in range(2)))
    regrade.refresh_from_db()
    assert len(regrade.preview) == 9
    apply_regrade(regrade=regrade, by=instructor)
    at_once(*(lambda: carry_on.call(regrade.pk) for _worker in range(2)))
    assert [score(attempt) for attempt in attempts] == [50] * 9
    assert ScoreChange.objects.filter(question=None).count() == 9
    assert AuditEvent.objects.filter(action="grade.regrade").count() == 9

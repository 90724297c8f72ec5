"""The figures of a quiz: counted attempt by attempt, and anew, with one result."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from assessments.analytics import (
    Counted,
    count_due_attempts,
    figures_of,
    rebuild_quiz_analytics,
    refresh_due_quizzes,
    score_distribution,
)
from assessments.attempts import close_ended, save_response, start_preview, submit_attempt
from assessments.models import Quiz, QuizAnalytics, QuizAttempt
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz

pytestmark = pytest.mark.django_db
FIGURES = (
    "total_attempts", "average_score", "completion_rate", "average_time_seconds", "difficulty_rating",
    "completed_count", "abandoned_count", "scored_count", "score_sum", "time_sum",
)  # fmt: skip


def figures(quiz: Quiz) -> dict[str, Any]:
    return QuizAnalytics.objects.values(*FIGURES).get(quiz=quiz)


def sit(quiz: Quiz, *answers: Any, student: User | None = None, seconds: int = 60) -> QuizAttempt:
    """An attempt of a new student that answers so, in the order of the questions; None leaves one empty."""
    start = timezone.now() - timedelta(days=1)
    attempt = make_attempt(quiz=quiz, student=student or UserFactory(), now=start)
    for question, answer in zip(quiz.questions.all(), answers, strict=False):
        if answer is not None:
            save_response(attempt=attempt, question_id=question.pk, response=answer, version=1, now=start)
    return submit_attempt(attempt=attempt, now=start + timedelta(seconds=seconds))


def test_figures_follow_their_formulas() -> None:
    total = Counted(completed=3, abandoned=1, scored=2, scores=Decimal("150.00"), seconds=100)
    assert figures_of(total) == {
        "total_attempts": 4,
        "average_score": Decimal("75.00"),
        "completion_rate": Decimal("75.00"),
        "average_time_seconds": Decimal("33.33"),
        "difficulty_rating": Decimal("1.25"),
    }
    assert set(figures_of(Counted()).values()) == {0, None}


@pytest.mark.parametrize(("score", "difficulty"), [("100", "0.00"), ("0", "5.00")])
def test_difficulty_goes_from_0_for_full_points_to_5_for_none(score: str, difficulty: str) -> None:
    assert figures_of(Counted(completed=1, scored=1, scores=Decimal(score)))["difficulty_rating"] == Decimal(
        difficulty
    )


def test_attempts_are_counted_once_and_as_they_are_now() -> None:
    quiz = make_quiz(kinds="mt")
    good = sit(quiz, ["b"], True, seconds=100)
    sit(quiz, ["a"], True, seconds=50)
    assert count_due_attempts(quiz_id=quiz.pk) == 2
    assert count_due_attempts(quiz_id=quiz.pk) == 0
    assert figures(quiz)["average_score"] == Decimal("75.00")
    assert figures(quiz)["average_time_seconds"] == Decimal("75.00")
    QuizAttempt.objects.filter(pk=good.pk).update(score=50, is_count_due=True)
    count_due_attempts(quiz_id=quiz.pk)
    assert figures(quiz)["average_score"] == Decimal("50.00")
    QuizAttempt.objects.filter(pk=good.pk).update(voided_at=timezone.now(), is_count_due=True)
    count_due_attempts(quiz_id=quiz.pk)
    assert (figures(quiz)["total_attempts"], figures(quiz)["time_sum"]) == (1, 50)


def test_previews_running_and_voided_attempts_do_not_count(instructor: User) -> None:
    quiz = make_quiz(kinds="m", course__instructor=instructor, time_limit=5)
    preview, _ = start_preview(quiz=quiz, by=instructor)
    submit_attempt(attempt=preview)
    make_attempt(quiz=quiz, student=UserFactory())
    make_attempt(quiz=quiz, student=UserFactory(), now=timezone.now() - timedelta(hours=1))
    close_ended()
    voided = sit(quiz, ["b"])
    QuizAttempt.objects.filter(pk=voided.pk).update(voided_at=timezone.now())
    count_due_attempts(quiz_id=quiz.pk)
    assert (figures(quiz)["total_attempts"], figures(quiz)["abandoned_count"]) == (1, 1)
    assert figures(quiz)["average_score"] is None


@pytest.mark.parametrize("seed", range(5))
def test_both_ways_end_in_the_same_figures(seed: int) -> None:
    chance = random.Random(seed)
    quiz = make_quiz(kinds="mste", time_limit=chance.choice([None, 10]))
    for _round in range(12):
        sit(
            quiz,
            chance.choice([None, ["a"], ["b"]]),
            chance.choice([None, ["a"], ["a", "c"], ["b"]]),
            chance.choice([None, True, False]),
            chance.choice([None, "An essay."]),
            seconds=chance.randint(1, 900),
        )
        if chance.random() < 0.3:
            some = chance.choice(list(QuizAttempt.objects.all()))
            change = chance.choice(
                [{"score": chance.randint(0, 100)}, {"voided_at": timezone.now()}, {"status": "abandoned"}]
            )
            QuizAttempt.objects.filter(pk=some.pk).update(is_count_due=True, **change)
        if chance.random() < 0.5:
            count_due_attempts(quiz_id=quiz.pk)
    count_due_attempts(quiz_id=quiz.pk)
    counted = figures(quiz)
    QuizAnalytics.objects.filter(quiz=quiz).update(score_sum=1, completed_count=77, average_score=3)
    call_command("rebuild_quiz_analytics", quiz=quiz.pk)
    assert figures(quiz) == counted
    assert not QuizAttempt.objects.filter(is_count_due=True).exists()


def test_background_counts_and_analyses_what_changed() -> None:
    quiz = make_quiz(kinds="m")
    sit(quiz, ["b"])
    assert refresh_due_quizzes() == 1
    row = QuizAnalytics.objects.get(quiz=quiz)
    assert row.items[0]["answered"] == 1
    sit(quiz, ["b"])
    refresh_due_quizzes()
    assert QuizAnalytics.objects.get(quiz=quiz).items[0]["answered"] == 1, "not again within ten minutes"
    refresh_due_quizzes(now=timezone.now() + timedelta(minutes=11))
    assert QuizAnalytics.objects.get(quiz=quiz).items[0]["answered"] == 2
    before = QuizAnalytics.objects.get(quiz=quiz).items_at
    assert refresh_due_quizzes(now=timezone.now() + timedelta(hours=1)) == 0
    assert QuizAnalytics.objects.get(quiz=quiz).items_at == before, "nothing changed"


def test_scores_are_spread_over_tenths() -> None:
    quiz = make_quiz(kinds="mt")
    sit(quiz, ["b"], True)
    sit(quiz, ["b"], False)
    sit(quiz, ["a"], False)
    assert score_distribution(quiz) == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1]


def test_rebuilding_costs_statements_by_the_chunk_not_by_the_attempt(statements: Any) -> None:
    quiz = make_quiz(kinds="m")
    for _number in range(4):
        sit(quiz, ["b"])
    with statements() as seen:
        rebuild_quiz_analytics(quiz=quiz)
    few = len(seen)
    for _number in range(4):
        sit(quiz, ["b"])
    with statements() as seen:
        rebuild_quiz_analytics(quiz=quiz)
    assert len(seen) == few


def test_command_knows_no_quiz_of_that_number() -> None:
    with pytest.raises(CommandError, match="no quiz"):
        call_command("rebuild_quiz_analytics", quiz=404)

"""What of an attempt its student sees, and when."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from assessments.attempts import save_response, submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.models import AttemptStatus, KeyAfter, QuestionResponse, Quiz, QuizAttempt, QuizAvailability
from assessments.results import (
    attempts_with_key,
    best_attempt,
    can_see_key,
    can_see_score,
    key_shows,
    result_of,
    score_shows,
)
from courses.accommodations import give_accommodation
from courses.models import Accommodation, Course
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def attempt_with(
    quiz: Quiz, student: User, *, number: int = 1, status: str = "completed", deadline: datetime | None = None
) -> QuizAttempt:
    """An attempt as it stands in the database, without having been taken."""
    attempt = QuizAttempt.objects.create(
        quiz=quiz,
        user=student,
        attempt_number=number,
        status=status,
        deadline=deadline,
        started_at=NOON - 2 * HOUR,
        score=None if status == "in_progress" else Decimal(50),
    )
    return QuizAttempt.objects.select_related("quiz__course", "quiz__availability").get(pk=attempt.pk)


STATES: dict[str, tuple[str, datetime | None, bool]] = {  # status, deadline, whether it is over at noon
    "running": ("in_progress", NOON + HOUR, False),
    "no clock": ("in_progress", None, False),
    "in its last 30 seconds": ("in_progress", NOON - timedelta(seconds=29), False),
    "at its end": ("in_progress", NOON - timedelta(seconds=30), True),
    "completed": ("completed", NOON - HOUR, True),
    "abandoned": ("abandoned", NOON - HOUR, True),
}
RESULTS_AT = {None: True, NOON - HOUR: True, NOON: True, NOON + timedelta(seconds=1): False}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("results_at", RESULTS_AT)
@pytest.mark.parametrize("shows_answers", [True, False])
def test_student_sees_score_and_key_by_the_rule(
    enrolled_student: User, course: Course, state: str, results_at: datetime | None, shows_answers: bool
) -> None:
    status, deadline, is_over = STATES[state]
    quiz = make_quiz(kinds="m", course=course, results_at=results_at, show_correct_answers=shows_answers)
    attempt = attempt_with(quiz, enrolled_student, status=status, deadline=deadline)
    score = is_over and RESULTS_AT[results_at]
    assert can_see_score(attempt, NOON) == score
    assert can_see_key(attempt, NOON) == (score and shows_answers)


CLOSES = {None: False, NOON + HOUR: False, NOON - timedelta(seconds=29): False, NOON - HOUR: True}


@pytest.mark.parametrize("key_after", KeyAfter.values)
@pytest.mark.parametrize("closes_at", CLOSES)
def test_narrowed_key_waits_for_the_last_attempt_or_for_the_closing(
    enrolled_student: User, course: Course, key_after: str, closes_at: datetime | None
) -> None:
    """All combinations of limit, used attempts, extra attempts, voided ones and a running one."""
    quiz = make_quiz(kinds="m", course=course, key_after=key_after)
    QuizAvailability.objects.create(quiz=quiz, closes_at=closes_at)
    give_accommodation(enrollment=enrolled_student.enrollments.get(), by=course.instructor)
    for limit, used, extra, is_voided, runs in product(
        (None, 2), (1, 2), (0, 1), (False, True), (False, True)
    ):
        quiz.attempts.all().delete()
        Quiz.objects.update(max_attempts=limit)
        Accommodation.objects.update(extra_attempts=extra)
        for number in range(1, used + 1):
            attempt_with(quiz, enrolled_student, number=number)
        first = QuizAttempt.objects.select_related("quiz__availability").get(attempt_number=1)
        if is_voided:
            QuizAttempt.objects.filter(pk=first.pk).update(voided_at=NOON)
        if runs:
            attempt_with(quiz, enrolled_student, number=9, status="in_progress", deadline=NOON + HOUR)
        counting = used - is_voided + runs
        is_last = limit is not None and counting >= limit + extra and not runs
        is_closed = CLOSES[closes_at] and not runs
        expected = {"attempt": True, "last_attempt": is_last or is_closed, "closing": is_closed}[key_after]
        case = (limit, used, extra, is_voided, runs)
        assert can_see_key(first, NOON) == expected, case
        assert attempts_with_key([first], enrolled_student, NOON) == ({first.pk} if expected else set()), case


def test_who_teaches_or_assists_sees_all_at_any_time(
    course: Course, enrolled_student: User, admin_user: User
) -> None:
    quiz = make_quiz(kinds="m", course=course, show_correct_answers=False, results_at=NOON + HOUR)
    attempt = attempt_with(quiz, enrolled_student, status="in_progress")
    for person in (course.instructor, HelperFactory(course=course).user, admin_user):
        assert score_shows(attempt, person, NOON)
        assert key_shows(attempt, person, NOON)
        assert attempts_with_key([attempt], person, NOON) == {attempt.pk}
        assert result_of(attempt, person, NOON).shows_key
    assert not score_shows(attempt, enrolled_student, NOON)


def hand_in(quiz: Quiz, student: User) -> QuizAttempt:
    """Handed in at noon: the choice right, the true or false question wrong, an essay, a program."""
    attempt = make_attempt(quiz=quiz, student=student, now=NOON)
    answers = [["b"], False, "Because.", {"code": "print(3)"}]
    for question, answer in zip(quiz.questions.all(), answers, strict=True):
        save_response(attempt=attempt, question_id=question.pk, response=answer, version=1, now=NOON)
    submit_attempt(attempt=attempt, now=NOON)
    return QuizAttempt.objects.select_related("quiz__course", "quiz__availability").get(pk=attempt.pk)


def test_result_holds_nothing_of_the_key_while_it_is_hidden(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mtec", course=course, show_correct_answers=False)
    attempt = hand_in(quiz, enrolled_student)
    QuestionResponse.objects.filter(question__question_type="coding").update(
        judged={"verdict": "accepted", "tests": [{"number": 1, "sample": True, "verdict": "accepted"}]},
        feedback="Well done.",
    )
    result = result_of(attempt, enrolled_student, NOON)
    assert (result.shows_score, result.shows_key, result.score) == (True, False, None)
    told = (result.earned, result.graded, result.possible, result.waiting)
    assert told == (None, None, 11, 2), "points that grow one by one would tell which answers were right"
    for one in result.questions:
        assert (one.earned, one.is_correct, one.correct_answer, one.explanation, one.tests) == (
            None,
            None,
            None,
            "",
            (),
        )
        assert "correct_answer" not in one.shown
    assert "20 22" not in repr(result), "the input of a hidden test"
    assert "A model answer" not in repr(result.questions)
    assert result.questions[3].feedback == "Well done."


def test_result_before_its_time_says_nothing(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mtec", course=course, results_at=NOON + HOUR)
    attempt = hand_in(quiz, enrolled_student)
    QuestionResponse.objects.update(feedback="Well done.")
    result = result_of(attempt, enrolled_student, NOON)
    assert (result.score, result.earned, result.graded, result.is_passed) == (None, None, None, None)
    assert {one.feedback for one in result.questions} == {""}
    assert {one.correct_answer for one in result.questions} == {None}
    assert result_of(attempt, enrolled_student, NOON + HOUR).earned == 1


def test_model_answer_waits_until_the_essay_is_graded(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mtec", course=course)
    attempt = hand_in(quiz, enrolled_student)
    before = result_of(attempt, enrolled_student, NOON)
    choice, truth, essay, coding = before.questions
    assert (choice.correct_answer, choice.is_correct, choice.earned) == (["b"], True, 1)
    assert (truth.correct_answer, truth.is_correct, truth.earned) == (True, False, 0)
    assert (essay.correct_answer, essay.explanation, essay.is_waiting) == (None, "", True)
    assert coding.is_waiting
    grade_by_hand(
        response=QuestionResponse.objects.get(pk=essay.response_id),
        points=Decimal(3),
        by=course.instructor,
        now=NOON,
    )
    after = result_of(attempt, enrolled_student, NOON).questions[2]
    assert (after.correct_answer, after.earned, after.is_correct) == ("A model answer.", 3, False)
    assert result_of(attempt, course.instructor, NOON).questions[2].correct_answer == "A model answer."


def test_nobody_else_gets_a_result(course: Course, enrolled_student: User, other_instructor: User) -> None:
    attempt = attempt_with(make_quiz(kinds="m", course=course), enrolled_student)
    classmate = EnrollmentFactory(course=course, student=UserFactory()).student
    for stranger in (other_instructor, classmate):
        with pytest.raises(PermissionDenied):
            result_of(attempt, stranger, NOON)


def test_highest_score_counts_and_of_equal_ones_the_first(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course)
    assert best_attempt(quiz, enrolled_student) is None
    for number, score in enumerate((40, 80, 80, 100, 90), start=1):
        attempt = attempt_with(quiz, enrolled_student, number=number)
        QuizAttempt.objects.filter(pk=attempt.pk).update(score=score)
    QuizAttempt.objects.filter(attempt_number=4).update(voided_at=NOON)
    QuizAttempt.objects.filter(attempt_number=5).update(is_preview=True)
    best = best_attempt(quiz, enrolled_student)
    assert best
    assert best.attempt_number == 2


def test_rule_costs_the_same_however_many_attempts(
    course: Course, enrolled_student: User, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = []
    for size in (2, 12):
        for _each in range(size):
            quiz = make_quiz(kinds="m", course=course, key_after=KeyAfter.LAST_ATTEMPT, max_attempts=1)
            attempt_with(quiz, enrolled_student, status=AttemptStatus.COMPLETED)
        attempts = list(QuizAttempt.objects.select_related("quiz__course", "quiz__availability"))
        user = User.objects.with_roles().get(pk=enrolled_student.pk)
        with statements() as seen:
            assert len(attempts_with_key(attempts, user, NOON)) == len(attempts)
        counts.append(len(seen))
    assert counts == [2, 2]

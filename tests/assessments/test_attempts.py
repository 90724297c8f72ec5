"""Taking a quiz from start to score."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from assessments.attempts import (
    close_ended,
    close_if_ended,
    close_those_ended,
    mark_question,
    save_position,
    save_response,
    start_attempt,
    submit_attempt,
)
from assessments.models import AttemptStatus, QuestionResponse, QuizAttempt
from courses.models import Course, CourseEnrollment
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import LessonFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)


def test_student_takes_a_quiz_and_gets_a_score(student: User) -> None:
    quiz = make_quiz(kinds="mst")
    choice, several, truth = quiz.questions.all()
    attempt = make_attempt(quiz=quiz, student=student)
    save_response(attempt=attempt, question_id=choice.pk, response=["b"], version=1)
    save_response(attempt=attempt, question_id=several.pk, response=["a"], version=1)
    done = submit_attempt(attempt=attempt)
    assert done.status == AttemptStatus.COMPLETED
    assert done.score == Decimal("50.00")
    assert QuestionResponse.objects.get(question=truth).points_earned == 0


def test_late_packet_never_overwrites_a_newer_answer(student: User) -> None:
    quiz = make_quiz(kinds="m")
    question = quiz.questions.get()
    attempt = make_attempt(quiz=quiz, student=student)
    save_response(attempt=attempt, question_id=question.pk, response=["b"], version=2)
    late = save_response(attempt=attempt, question_id=question.pk, response=["a"], version=1)
    assert not late.is_newer
    assert late.response.response == ["b"]


def test_answer_at_the_end_is_refused_and_the_job_closes_the_attempt(student: User) -> None:
    quiz = make_quiz(kinds="m", time_limit=10)
    question = quiz.questions.get()
    start = timezone.now() - timedelta(minutes=20)
    attempt = make_attempt(quiz=quiz, student=student, now=start)
    end = start + timedelta(minutes=10, seconds=30)
    save_response(
        attempt=attempt, question_id=question.pk, response=["b"], version=1, now=end - timedelta(seconds=1)
    )
    with pytest.raises(Conflict, match="over"):
        save_response(attempt=attempt, question_id=question.pk, response=["a"], version=2, now=end)
    assert close_ended() == 1
    attempt.refresh_from_db()
    assert (attempt.status, attempt.score, attempt.time_taken) == ("completed", Decimal(100), 600)


def test_reading_closes_an_attempt_whose_end_has_come_and_no_other(student: User) -> None:
    quiz = make_quiz(kinds="m", time_limit=10)
    start = timezone.now()
    attempt = make_attempt(quiz=quiz, student=student, now=start)
    end = start + timedelta(minutes=10, seconds=30)
    assert close_if_ended(attempt=attempt, now=end - timedelta(seconds=1)).is_running
    assert close_if_ended(attempt=attempt, now=end).status == AttemptStatus.ABANDONED


def test_nobody_else_saves_into_an_attempt(student: User, other_instructor: User) -> None:
    quiz = make_quiz(kinds="m")
    packet = {"question_id": quiz.questions.get().pk, "response": ["b"]}
    attempt = make_attempt(quiz=quiz, student=student)
    assert save_response(attempt=attempt, by=student, version=1, **packet).is_newer
    for stranger in (other_instructor, quiz.course.instructor):
        with pytest.raises(QuizAttempt.DoesNotExist):
            save_response(attempt=attempt, by=stranger, version=2, **packet)
    CourseEnrollment.objects.update(withdrawn_at=timezone.now())
    with pytest.raises(QuizAttempt.DoesNotExist):
        save_response(attempt=attempt, by=student, version=2, **packet)


@pytest.mark.parametrize("text", ["null \0", "half \ud800"])
def test_student_cannot_save_what_no_database_stores(student: User, text: str) -> None:
    quiz = make_quiz(kinds="ec")
    essay, coding = quiz.questions.all()
    attempt = make_attempt(quiz=quiz, student=student)
    for question, response in ((essay, text), (coding, {"code": text})):
        with pytest.raises(ValidationError):
            save_response(attempt=attempt, question_id=question.pk, response=response, version=1)


# --- Saving ---------------------------------------------------------------------------------------


def test_flag_and_place_are_saved_without_touching_the_answer(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mt", course=course)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    choice, truth = (entry["question"] for entry in attempt.paper)
    row = mark_question(attempt=attempt, question_id=truth, is_flagged=True, by=enrolled_student, now=NOON)
    assert (row.is_flagged, row.version, row.response, row.saved_at) == (True, 0, None, None)
    save_response(attempt=attempt, question_id=truth, response=True, version=1, now=NOON)
    mark_question(attempt=attempt, question_id=truth, is_flagged=False, now=NOON)
    row.refresh_from_db()
    assert (row.is_flagged, row.version, row.response) == (False, 1, True)
    assert save_position(attempt=attempt, position=99, by=enrolled_student, now=NOON).position == 2
    assert save_position(attempt=attempt, position=-3, now=NOON).position == 1
    assert not QuestionResponse.objects.filter(question=choice).exists()


def test_flag_alone_is_no_answer(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    mark_question(attempt=attempt, question_id=attempt.paper[0]["question"], is_flagged=True, now=NOON)
    ended = close_if_ended(attempt=attempt, now=NOON + timedelta(minutes=11))
    assert ended.status == AttemptStatus.ABANDONED


def test_seconds_go_to_the_question_that_was_open(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mtm", course=course)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    first, second, third = (entry["question"] for entry in attempt.paper)

    def at(seconds: int) -> datetime:
        return NOON + timedelta(seconds=seconds)

    save_position(attempt=attempt, position=2, now=at(40))
    save_response(attempt=attempt, question_id=second, response=True, version=1, position=2, now=at(50))
    save_response(attempt=attempt, question_id=second, response=False, version=2, position=3, now=at(55))
    save_position(attempt=attempt, position=3, now=at(30))  # a packet that came late turns no clock back
    submit_attempt(attempt=attempt, now=at(55 + 3600))
    spent = dict(QuestionResponse.objects.values_list("question", "seconds"))
    assert spent == {first: 40, second: 15, third: 600}, "of a long pause ten minutes"


@pytest.mark.parametrize("version", [0, -1, 2**31, True, "1", 1.0])
def test_version_counts_from_one(version: Any, course: Course, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", course=course), student=enrolled_student)
    question = attempt.paper[0]["question"]
    with pytest.raises(ValidationError):
        save_response(attempt=attempt, question_id=question, response=["b"], version=version)


def test_repeated_packet_is_told_from_an_older_one(course: Course, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", course=course), student=enrolled_student)
    save = partial(save_response, attempt=attempt, question_id=attempt.paper[0]["question"])
    assert save(response=["a"], version=2).is_new
    again, other, older, newer = (
        save(response=["a"], version=2),
        save(response=["b"], version=2),
        save(response=["b"], version=1),
        save(response=["b"], version=3),
    )
    assert [(one.is_newer, one.is_repeated, one.is_new) for one in (again, other, older, newer)] == [
        (False, True, False),
        (False, False, False),
        (False, False, False),
        (True, False, False),
    ]


def test_attempt_takes_no_answers_to_foreign_questions(course: Course, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", course=course), student=enrolled_student)
    foreign = make_quiz(kinds="m", course=course).questions.get()
    for act in (
        partial(save_response, attempt=attempt, question_id=foreign.pk, response=["b"], version=1),
        partial(mark_question, attempt=attempt, question_id=foreign.pk, is_flagged=True),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "not_asked"


# --- The end --------------------------------------------------------------------------------------


def test_empty_paper_handed_in_is_completed_and_left_alone_is_abandoned(
    course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    handed_in = submit_attempt(attempt=attempt, now=NOON + timedelta(minutes=10, seconds=29))
    assert (handed_in.status, handed_in.score, handed_in.time_taken) == ("completed", 0, 600)
    late = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    late = submit_attempt(attempt=late, now=NOON + timedelta(minutes=10, seconds=30))
    assert (late.status, late.score, late.completed_at) == ("abandoned", 0, NOON + timedelta(minutes=10))


def test_nobody_else_hands_an_attempt_in(
    course: Course, enrolled_student: User, other_instructor: User
) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m", course=course), student=enrolled_student)
    for stranger in (other_instructor, course.instructor):
        with pytest.raises(QuizAttempt.DoesNotExist):
            submit_attempt(attempt=attempt, by=stranger)
    assert submit_attempt(attempt=attempt, by=enrolled_student).is_completed


def test_list_tells_an_ended_attempt_from_a_running_one(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    end = NOON + timedelta(minutes=10, seconds=30)
    for moment, is_over in ((end - timedelta(seconds=1), False), (end, True)):
        assert QuizAttempt.objects.with_is_over(moment).get().is_over == is_over  # type: ignore[attr-defined]
        assert QuizAttempt.objects.open_at(moment).exists() != is_over
        close_those_ended([attempt], now=moment)
        assert attempt.is_running != is_over


def test_one_attempt_that_cannot_be_closed_keeps_no_other_open(
    course: Course, enrolled_student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiz = make_quiz(kinds="m", course=course, time_limit=10)
    broken = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    sound = make_attempt(quiz=quiz, student=UserFactory(), now=NOON + timedelta(minutes=1))
    QuizAttempt.objects.filter(pk=broken.pk).update(paper=[{"question": 0}])
    assert close_ended(now=NOON + timedelta(hours=1)) == 1
    sound.refresh_from_db()
    assert not sound.is_running


# --- What it costs --------------------------------------------------------------------------------


def test_statements_do_not_grow_with_the_questions(
    course: Course, enrolled_student: User, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    user = User.objects.with_roles().get(pk=enrolled_student.pk)
    lesson = LessonFactory(module=course.modules.all()[0], content_type="quiz", order_index=9)
    costs = []
    for size in (3, 20):
        quiz = make_quiz(kinds="m" * size, course=course, lesson=lesson, time_limit=10)
        with statements() as start:
            attempt, _new = start_attempt(quiz=quiz, student=user)
        for entry in attempt.paper[:size]:
            with statements() as save:
                save_response(
                    attempt=attempt, question_id=entry["question"], response=["b"], version=1, by=user
                )
        with statements() as mark:
            mark_question(attempt=attempt, question_id=attempt.paper[0]["question"], is_flagged=True, by=user)
        with statements() as submit:
            submit_attempt(attempt=attempt, by=user)
        costs.append([len(one) for one in (start, save, mark, submit)])
    assert costs == [[6, 4, 3, 4]] * 2, "start, save, flag, hand in"


def test_handing_in_and_completing_the_lesson_costs(
    course: Course,
    enrolled_student: User,
    statements: Callable[[], AbstractContextManager[list[str]]],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    lesson = LessonFactory(module=course.modules.all()[0], content_type="quiz", order_index=9)
    quiz = make_quiz(kinds="m" * 20, course=course, lesson=lesson)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    for entry in attempt.paper[:19]:
        save_response(attempt=attempt, question_id=entry["question"], response=["b"], version=1)
    with statements() as seen, django_capture_on_commit_callbacks(execute=True):
        assert submit_attempt(attempt=attempt, by=enrolled_student).score == 95
    assert lesson.completions.filter(student=enrolled_student).exists()
    assert len(seen) == 13, (
        "five to grade, one for a regrade, seven for the lesson, the module and the course"
    )

"""Voiding, reopening and adding time: by whom, when, and what comes of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEvent, User
from assessments.attempts import close_if_ended, save_response, start_attempt, start_preview, submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.interventions import add_time, reopen_attempt, void_attempt
from assessments.models import (
    AttemptStatus,
    GradingState,
    QuestionResponse,
    Quiz,
    QuizAttempt,
    QuizAvailability,
)
from courses.models import Course, HelperRole
from projectgenius.errors import Conflict
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WHY = {"reason": "The fire alarm rang."}

ACTS: dict[str, Callable[..., QuizAttempt]] = {
    "void": void_attempt,
    "reopen": lambda **facts: reopen_attempt(minutes=20, **facts),
    "add_time": lambda **facts: add_time(minutes=20, **facts),
}


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return make_quiz(kinds="m", course=course, time_limit=10)


def answer(attempt: QuizAttempt, response: Any, *, version: int = 1, now: datetime = NOON) -> None:
    question = attempt.paper[0]["question"]
    save_response(attempt=attempt, question_id=question, response=response, version=version, now=now)


@pytest.mark.parametrize("act", ACTS)
def test_only_who_edits_the_course_intervenes_and_nobody_in_own_work(
    act: str, quiz: Quiz, enrolled_student: User, other_instructor: User
) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    assistant = HelperFactory(course=quiz.course).user
    for person in (enrolled_student, assistant, other_instructor):
        with pytest.raises(PermissionDenied):
            ACTS[act](attempt=attempt, by=person, now=NOON, **WHY)
    HelperFactory(course=quiz.course, user=enrolled_student, role=HelperRole.CO_INSTRUCTOR)
    with pytest.raises(PermissionDenied):
        ACTS[act](attempt=attempt, by=User.objects.get(pk=enrolled_student.pk), now=NOON, **WHY)
    User.objects.filter(pk=enrolled_student.pk).update(is_admin=True)
    with pytest.raises(PermissionDenied):
        ACTS[act](attempt=attempt, by=User.objects.get(pk=enrolled_student.pk), now=NOON, **WHY)
    assert not AuditEvent.objects.filter(action__startswith="grade.").exists()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("reason", ["", "  ", "\0"])
def test_nobody_intervenes_without_a_reason(
    act: str, reason: str, quiz: Quiz, enrolled_student: User
) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    with pytest.raises(ValidationError) as refused:
        ACTS[act](attempt=attempt, by=quiz.course.instructor, reason=reason, now=NOON)
    assert refused.value.error_dict["reason"][0].code == "reason_required"


@pytest.mark.parametrize("act", ACTS)
def test_intervention_is_logged_with_its_reason(act: str, quiz: Quiz, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    if act == "reopen":
        submit_attempt(attempt=attempt, now=NOON)
    ACTS[act](attempt=attempt, by=quiz.course.instructor, now=NOON, **WHY)
    event = AuditEvent.objects.get(action=f"grade.{act}")
    assert (event.reason, event.actor_id, event.row_id) == (
        "The fire alarm rang.",
        quiz.course.instructor_id,
        str(attempt.pk),
    )
    assert event.course_id == quiz.course_id
    assert event.before["student"] == enrolled_student.pk


@pytest.mark.parametrize("act", ACTS)
def test_previews_and_voided_attempts_are_left_alone(act: str, quiz: Quiz, enrolled_student: User) -> None:
    colleague = HelperFactory(course=quiz.course, role=HelperRole.CO_INSTRUCTOR).user
    preview, _new = start_preview(quiz=quiz, by=colleague, now=NOON)
    voided = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    void_attempt(attempt=voided, by=quiz.course.instructor, now=NOON, **WHY)
    for attempt, code in ((preview, "preview"), (voided, "voided")):
        with pytest.raises(Conflict) as refused:
            ACTS[act](attempt=attempt, by=quiz.course.instructor, now=NOON, **WHY)
        assert refused.value.code == code


# --- Voiding --------------------------------------------------------------------------------------


def test_voided_attempt_frees_its_place_and_keeps_its_number(quiz: Quiz, enrolled_student: User) -> None:
    Quiz.objects.update(max_attempts=1)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    answer(attempt, ["b"])
    voided = void_attempt(attempt=attempt, by=quiz.course.instructor, now=NOON, **WHY)
    assert (voided.status, voided.score, voided.is_voided) == (AttemptStatus.COMPLETED, 100, True)
    with pytest.raises(Conflict) as refused:
        answer(attempt, ["a"], version=2)
    assert refused.value.code == "ended"
    again, is_new = start_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    assert (again.attempt_number, is_new) == (2, True)
    submit_attempt(attempt=again, now=NOON)
    with pytest.raises(Conflict):
        start_attempt(quiz=quiz, student=enrolled_student, now=NOON)


# --- Adding time ----------------------------------------------------------------------------------


def test_added_time_moves_the_deadline(quiz: Quiz, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    more = add_time(attempt=attempt, minutes=5, by=quiz.course.instructor, now=NOON + 9 * MINUTE, **WHY)
    assert (more.deadline, more.extra_minutes) == (NOON + 15 * MINUTE, 5)
    answer(attempt, ["b"], now=NOON + 14 * MINUTE)
    done = submit_attempt(attempt=attempt, now=NOON + 15 * MINUTE + timedelta(seconds=20))
    assert (done.score, done.time_taken) == (100, 15 * 60)


def test_added_time_ends_when_the_quiz_closes(quiz: Quiz, enrolled_student: User) -> None:
    QuizAvailability.objects.create(quiz=quiz, closes_at=NOON + 12 * MINUTE)
    quiz.refresh_from_db()
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    more = add_time(attempt=attempt, minutes=5, by=quiz.course.instructor, now=NOON, **WHY)
    assert more.deadline == NOON + 12 * MINUTE
    with pytest.raises(Conflict) as refused:
        add_time(attempt=attempt, minutes=5, by=quiz.course.instructor, now=NOON, **WHY)
    assert refused.value.code == "closes"


@pytest.mark.parametrize("minutes", [0, -5, 7 * 24 * 60 + 1])
def test_minutes_are_one_to_a_week(minutes: int, quiz: Quiz, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    for act in (add_time, reopen_attempt):
        with pytest.raises(ValidationError):
            act(attempt=attempt, minutes=minutes, by=quiz.course.instructor, now=NOON, **WHY)


def test_time_is_added_to_running_attempts_with_a_limit_only(quiz: Quiz, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    by = quiz.course.instructor
    with pytest.raises(Conflict) as refused:
        add_time(attempt=attempt, minutes=5, by=by, now=NOON + 11 * MINUTE, **WHY)
    assert refused.value.code == "ended"
    QuizAttempt.objects.update(deadline=None)
    with pytest.raises(Conflict) as refused:
        add_time(attempt=attempt, minutes=5, by=by, now=NOON, **WHY)
    assert refused.value.code == "no_deadline"


# --- Reopening ------------------------------------------------------------------------------------


def test_reopened_attempt_goes_on_with_its_answers(quiz: Quiz, enrolled_student: User) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    answer(attempt, ["a"], now=NOON + MINUTE)
    submit_attempt(attempt=attempt, now=NOON + 2 * MINUTE)
    later = NOON + timedelta(days=1)
    again = reopen_attempt(attempt=attempt, minutes=20, by=quiz.course.instructor, now=later, **WHY)
    assert (again.is_running, again.score, again.deadline) == (True, None, later + 20 * MINUTE)
    row = QuestionResponse.objects.get()
    assert (row.response, row.points_earned, row.grading) == (["a"], None, GradingState.OPEN)
    assert start_attempt(quiz=quiz, student=enrolled_student, now=later) == (again, False)
    answer(attempt, ["b"], version=2, now=later + 3 * MINUTE)
    done = submit_attempt(attempt=attempt, now=later + 4 * MINUTE)
    assert (done.score, done.time_taken) == (100, (2 + 4) * 60), "the day between does not count"


def test_reopened_attempt_ends_by_its_new_deadline_though_the_quiz_has_closed(
    quiz: Quiz, enrolled_student: User
) -> None:
    QuizAvailability.objects.create(quiz=quiz, closes_at=NOON + 5 * MINUTE)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    later = NOON + timedelta(days=1)
    again = reopen_attempt(attempt=attempt, minutes=20, by=quiz.course.instructor, now=later, **WHY)
    assert again.time_taken == 5 * 60, "it ran out, and was closed first"
    answer(attempt, ["b"], now=later + 19 * MINUTE)
    ended = close_if_ended(attempt=again, now=later + 21 * MINUTE)
    assert (ended.status, ended.score, ended.time_taken) == ("completed", 100, 25 * 60)


def test_points_of_a_person_stay_with_an_answer_that_does_not_change(
    course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="ee", course=course)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    for question in quiz.questions.all():
        save_response(attempt=attempt, question_id=question.pk, response="Old.", version=1, now=NOON)
    submit_attempt(attempt=attempt, now=NOON)
    for row in QuestionResponse.objects.all():
        grade_by_hand(response=row, points=Decimal(4), by=course.instructor, now=NOON)
    reopen_attempt(attempt=attempt, minutes=20, by=course.instructor, now=NOON, **WHY)
    answer(attempt, "New.", version=2)
    done = submit_attempt(attempt=attempt, now=NOON)
    kept = {row.response: (row.points_earned, str(row.grading)) for row in QuestionResponse.objects.all()}
    assert kept == {"New.": (None, "person"), "Old.": (4, "done")}
    assert done.score is None


def test_reopening_is_refused_while_something_runs(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="c", course=course)
    first = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    answer(first, {"code": "print(3)"})
    with pytest.raises(Conflict) as running:
        reopen_attempt(attempt=first, minutes=5, by=course.instructor, now=NOON, **WHY)
    submit_attempt(attempt=first, now=NOON)
    with pytest.raises(Conflict) as judging:
        reopen_attempt(attempt=first, minutes=5, by=course.instructor, now=NOON, **WHY)
    start_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    with pytest.raises(Conflict) as other:
        reopen_attempt(attempt=first, minutes=5, by=course.instructor, now=NOON, **WHY)
    assert [one.value.code for one in (running, judging, other)] == ["running", "judging", "other_running"]


def test_student_who_left_keeps_what_was_reopened_and_cannot_answer(
    quiz: Quiz, enrolled_student: User
) -> None:
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    submit_attempt(attempt=attempt, now=NOON)
    reopen_attempt(attempt=attempt, minutes=20, by=quiz.course.instructor, now=NOON, **WHY)
    enrolled_student.enrollments.update(withdrawn_at=NOON)
    with pytest.raises(QuizAttempt.DoesNotExist):
        save_response(
            attempt=attempt,
            question_id=attempt.paper[0]["question"],
            response=["b"],
            version=1,
            by=enrolled_student,
            now=NOON,
        )
    EnrollmentFactory(course=quiz.course)
    assert QuizAttempt.objects.visible_to(enrolled_student).get() == attempt

"""A quiz lesson is completed by passing what is on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from assessments.attempts import save_response, start_preview, submit_attempt
from assessments.completion import complete_lessons, complete_released
from assessments.hand_grading import grade_by_hand
from assessments.models import QuestionResponse, Quiz, QuizAttempt
from assessments.publishing import save_quiz, unpublish_quiz
from assessments.tasks import complete_quiz_lessons
from courses.models import Course, CourseEnrollment, Lesson, LessonCompletion
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, LessonFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
Commits = Callable[..., Any]


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return LessonFactory(module=course.modules.all()[0], content_type="quiz", order_index=9)


def take(quiz: Quiz, student: User, *, is_right: bool = True, now: datetime | None = None) -> QuizAttempt:
    """Answer a quiz whose questions are multiple choice ones, and hand it in."""
    attempt = make_attempt(quiz=quiz, student=student, now=now)
    for question in quiz.questions.filter(question_type="multiple_choice"):
        answer = ["b"] if is_right else ["a"]
        save_response(attempt=attempt, question_id=question.pk, response=answer, version=1, now=now)
    return submit_attempt(attempt=attempt, now=now)


def done(lesson: Lesson) -> list[str]:
    return list(LessonCompletion.objects.filter(lesson=lesson).values_list("student__username", flat=True))


def test_student_who_passes_completes_the_lesson_once(
    course: Course, lesson: Lesson, enrolled_student: User, django_capture_on_commit_callbacks: Commits
) -> None:
    quiz = make_quiz(kinds="m", course=course, lesson=lesson)
    with django_capture_on_commit_callbacks(execute=True):
        take(quiz, enrolled_student, is_right=False)
    assert done(lesson) == []
    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            take(quiz, enrolled_student)
        assert done(lesson) == ["enrolled_student"]
    assert CourseEnrollment.objects.get(student=enrolled_student).progress == Decimal("20.00")


def test_lesson_waits_for_every_published_quiz_on_it(
    course: Course, lesson: Lesson, enrolled_student: User, django_capture_on_commit_callbacks: Commits
) -> None:
    first, second = (make_quiz(kinds="m", course=course, lesson=lesson) for _each in range(2))
    make_quiz(kinds="m", course=course, lesson=lesson, is_published=False)
    with django_capture_on_commit_callbacks(execute=True):
        take(first, enrolled_student)
    assert done(lesson) == []
    with django_capture_on_commit_callbacks(execute=True):
        take(second, enrolled_student)
    assert done(lesson) == ["enrolled_student"]


def test_lesson_waits_for_the_grade_of_a_person(
    course: Course, lesson: Lesson, enrolled_student: User, django_capture_on_commit_callbacks: Commits
) -> None:
    quiz = make_quiz(kinds="e", course=course, lesson=lesson)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    save_response(attempt=attempt, question_id=quiz.questions.get().pk, response="Because.", version=1)
    with django_capture_on_commit_callbacks(execute=True):
        submit_attempt(attempt=attempt)
    assert done(lesson) == []
    with django_capture_on_commit_callbacks(execute=True):
        grade_by_hand(response=QuestionResponse.objects.get(), points=Decimal(5), by=course.instructor)
    assert done(lesson) == ["enrolled_student"]


def test_neither_previews_nor_voided_attempts_nor_other_lessons_complete_anything(
    course: Course, lesson: Lesson, enrolled_student: User, django_capture_on_commit_callbacks: Commits
) -> None:
    quiz = make_quiz(kinds="m", course=course, lesson=lesson)
    reading = LessonFactory(module=lesson.module, content_type="text", order_index=8)
    beside = make_quiz(kinds="m", course=course, lesson=reading)
    with django_capture_on_commit_callbacks(execute=True):
        preview, _new = start_preview(quiz=quiz, by=course.instructor)
        save_response(attempt=preview, question_id=quiz.questions.get().pk, response=["b"], version=1)
        assert submit_attempt(attempt=preview).score == 100
        take(beside, enrolled_student)
    attempt = take(quiz, enrolled_student)
    QuizAttempt.objects.filter(pk=attempt.pk).update(voided_at=NOON)
    assert complete_lessons(lesson_ids=[lesson.pk, reading.pk]) == 0
    assert (done(lesson), done(reading)) == ([], [])


def test_unpublishing_what_was_missing_completes_the_lesson_of_those_who_passed_the_rest(
    course: Course, lesson: Lesson, enrolled_student: User
) -> None:
    passed, missing = (make_quiz(kinds="m", course=course, lesson=lesson) for _each in range(2))
    take(passed, enrolled_student)
    failed = EnrollmentFactory(course=course, student=UserFactory()).student
    take(passed, failed, is_right=False)
    assert complete_lessons(lesson_ids=[lesson.pk]) == 0
    unpublish_quiz(quiz=missing, by=course.instructor)
    run_tasks()
    assert done(lesson) == ["enrolled_student"]
    unpublish_quiz(quiz=passed, by=course.instructor)
    run_tasks()
    assert done(lesson) == ["enrolled_student"], "what was completed stays so"


def test_a_lower_pass_mark_and_a_deleted_quiz_complete_lessons(
    course: Course, lesson: Lesson, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="mm", course=course, lesson=lesson)
    other = make_quiz(kinds="m", course=course, lesson=lesson)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    save_response(attempt=attempt, question_id=quiz.questions.all()[0].pk, response=["b"], version=1)
    assert submit_attempt(attempt=attempt).score == 50
    other.delete()
    run_tasks()
    assert done(lesson) == []
    quiz.passing_score = Decimal(50)
    save_quiz(quiz=quiz, by=course.instructor)
    run_tasks()
    assert done(lesson) == ["enrolled_student"]


def test_progress_does_not_tell_a_result_before_it_appears(
    course: Course, lesson: Lesson, enrolled_student: User, django_capture_on_commit_callbacks: Commits
) -> None:
    quiz = make_quiz(kinds="m", course=course, lesson=lesson, results_at=NOON)
    hour = timedelta(hours=1)
    take(quiz, enrolled_student, now=NOON - hour)
    assert complete_lessons(lesson_ids=[lesson.pk], now=NOON - hour) == 0
    assert complete_released(since=NOON - 24 * hour, now=NOON - timedelta(seconds=1)) == 0
    assert complete_released(since=NOON - 24 * hour, now=NOON) == 1
    assert complete_released(since=NOON - 24 * hour, now=NOON) == 0
    assert done(lesson) == ["enrolled_student"]


def run_tasks() -> None:
    """Do what was put on the queue for lessons."""
    for task in DBTaskResult.objects.filter(task_path=complete_quiz_lessons.module_path):
        complete_quiz_lessons.func(*task.args_kwargs["args"])
        task.delete()

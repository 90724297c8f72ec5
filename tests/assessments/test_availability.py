"""When a quiz is open: the rule in the database and in words say the same."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from assessments.attempts import start_attempt
from assessments.availability import lock_of, locks_of
from assessments.models import Quiz, QuizAvailability
from assessments.publishing import save_quiz
from courses.authoring import save_content
from courses.availability import save_availability
from courses.models import Course, Lesson, LessonAvailability, ModuleAvailability
from projectgenius.errors import Conflict
from tests.assessments.factories import QuizFactory, make_quiz
from tests.courses.factories import CompletionFactory, HelperFactory, LessonFactory, ModuleFactory

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIMES = [(None, None), (NOON - HOUR, None), (NOON + HOUR, None), (None, NOON), (None, NOON + HOUR)]


def rule_row(kind: str, quiz: Quiz, lesson: Lesson) -> Any:
    if kind == "quiz":
        return QuizAvailability.objects.create(quiz=quiz)
    if kind == "lesson":
        return LessonAvailability.objects.create(lesson=lesson)
    return ModuleAvailability.objects.create(module=lesson.module)


@pytest.mark.parametrize("kind", ["quiz", "lesson", "module"])
@pytest.mark.parametrize("is_preview", [False, True])
def test_condition_and_sentence_agree_in_every_case(
    course: Course, enrolled_student: User, kind: str, is_preview: bool
) -> None:
    lesson = LessonFactory(module=ModuleFactory(course=course), is_preview=is_preview)
    quiz = QuizFactory(course=course, lesson=lesson)
    key = LessonFactory(module=ModuleFactory(course=course, order_index=9))
    row = rule_row(kind, quiz, lesson)
    seen = set()
    for times, after, done in product(TIMES, ("", "lesson", "module"), (True, False)):
        row.opens_at, row.closes_at = times
        row.after_lesson = key if after == "lesson" else None
        row.after_module = key.module if after == "module" else None
        row.save()
        enrolled_student.lesson_completions.all().delete()
        if done:
            CompletionFactory(student=enrolled_student, lesson=key)
        found = lock_of(Quiz.objects.with_rules().get(), enrolled_student, NOON)
        is_open = Quiz.objects.unlocked_for(enrolled_student, NOON).exists()
        assert is_open == (found is None), (times, after, done)
        seen.add(found.code if found else None)
    passes_all = is_preview and kind != "quiz"
    assert seen == ({None} if passes_all else {None, "opens_later", "closed", "after_lesson", "after_module"})


def test_who_teaches_passes_every_rule(course: Course, admin_user: User, enrolled_student: User) -> None:
    quiz = QuizFactory(course=course)
    QuizAvailability.objects.create(quiz=quiz, closes_at=NOON - HOUR)
    assistant = HelperFactory(course=course).user
    for person in (course.instructor, assistant, admin_user):
        assert lock_of(Quiz.objects.with_rules().get(), person, NOON) is None
    lock = lock_of(Quiz.objects.with_rules().get(), enrolled_student, NOON)
    assert lock
    assert lock.code == "closed"


def test_student_cannot_start_the_quiz_of_a_locked_lesson(course: Course, enrolled_student: User) -> None:
    lesson = course.modules.all()[1].lessons.all()[0]
    quiz = make_quiz(kinds="m", course=course, lesson=lesson)
    ModuleAvailability.objects.create(module=lesson.module, opens_at=NOON + HOUR)
    with pytest.raises(Conflict) as refused:
        start_attempt(quiz=quiz, student=enrolled_student, now=NOON)
    assert refused.value.code == "locked"
    assert start_attempt(quiz=quiz, student=enrolled_student, now=NOON + HOUR)[1]


def test_reasons_cost_the_same_however_many_quizzes(
    course: Course, enrolled_student: User, statements: Any
) -> None:
    key = course.modules.all()[0].lessons.all()[0]
    counts = []
    for size in (2, 20):
        for quiz in QuizFactory.create_batch(size, course=course):
            QuizAvailability.objects.create(quiz=quiz, after_lesson=key)
        with statements() as seen:
            locks = locks_of(Quiz.objects.with_rules(), enrolled_student)
        assert {lock.code for lock in locks.values()} == {"after_lesson"}
        counts.append(len(seen))
    assert counts == [3, 2], "the quizzes, once whether the person helps somewhere, the lessons"


# --- Rules that would wait for each other ---------------------------------------------------------


@pytest.fixture
def quiz_lesson(course: Course) -> Lesson:
    return LessonFactory(module=course.modules.all()[0], content_type="quiz", order_index=9)


def test_quiz_cannot_open_after_its_own_lesson_nor_in_a_circle(course: Course, quiz_lesson: Lesson) -> None:
    other = LessonFactory(module=course.modules.all()[1], content_type="quiz", order_index=9)
    first = QuizFactory(course=course, lesson=quiz_lesson)
    second = QuizFactory(course=course, lesson=other)
    with pytest.raises(ValidationError):
        save_availability(row=QuizAvailability(quiz=first, after_lesson=quiz_lesson), by=course.instructor)
    save_availability(row=QuizAvailability(quiz=first, after_lesson=other), by=course.instructor)
    with pytest.raises(ValidationError):
        save_availability(row=QuizAvailability(quiz=second, after_lesson=quiz_lesson), by=course.instructor)
    with pytest.raises(ValidationError):
        save_availability(
            row=LessonAvailability(lesson=other, after_lesson=quiz_lesson), by=course.instructor
        )


def test_quiz_cannot_move_to_the_lesson_that_it_opens_after(course: Course, quiz_lesson: Lesson) -> None:
    quiz = QuizFactory(course=course)
    save_availability(row=QuizAvailability(quiz=quiz, after_lesson=quiz_lesson), by=course.instructor)
    quiz.lesson = quiz_lesson
    with pytest.raises(Conflict) as refused:
        save_quiz(quiz=quiz, by=course.instructor)
    assert refused.value.code == "breaks_availability"


def test_lesson_cannot_move_where_a_quiz_would_wait_for_it_in_vain(
    course: Course, quiz_lesson: Lesson
) -> None:
    """The quiz opens after a module, and its lesson moves into that module."""
    module = course.modules.all()[1]
    quiz = QuizFactory(course=course, lesson=quiz_lesson)
    save_availability(row=QuizAvailability(quiz=quiz, after_module=module), by=course.instructor)
    quiz_lesson.module = module
    with pytest.raises(Conflict) as refused:
        save_content(row=quiz_lesson, by=course.instructor)
    assert refused.value.code == "breaks_availability"


def test_lesson_cannot_leave_the_course_of_a_quiz_that_opens_after_it(
    course: Course, quiz_lesson: Lesson
) -> None:
    quiz = QuizFactory(course=course)
    save_availability(row=QuizAvailability(quiz=quiz, after_lesson=quiz_lesson), by=course.instructor)
    elsewhere = ModuleFactory(course__instructor=course.instructor)
    quiz_lesson.module = elsewhere
    with pytest.raises(Conflict) as refused:
        save_content(row=quiz_lesson, by=course.instructor)
    assert refused.value.code == "breaks_availability"

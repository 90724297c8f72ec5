"""Copying questions and quizzes."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, User
from assessments.copying import copy_question, copy_quiz
from assessments.models import Quiz, QuizAvailability
from courses.copying import copy_course
from courses.images import image_markdown
from courses.models import Course, CourseImage
from tests.assessments.factories import QuizFactory, make_quiz
from tests.courses.factories import ImageFactory, make_course


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """Multiple choice and coding, after a lesson that covers the first."""
    quiz = make_quiz(course=course, kinds="mc", lesson=course.modules.all()[0].lessons.all()[0])
    quiz.questions.filter(order_index=1).update(lesson=quiz.lesson)
    QuizAvailability.objects.create(quiz=quiz, opens_at=timezone.now(), after_module=course.modules.all()[0])
    return quiz


@pytest.fixture
def other(instructor: User) -> Course:
    """Another course of the instructor."""
    return make_course(slug="other", instructor=instructor)


def test_copy_of_a_question_stands_behind_it(quiz: Quiz, instructor: User) -> None:
    first, coding = quiz.questions.all()
    copy = copy_question(question=first, by=instructor)
    assert list(quiz.questions.values_list("pk", "order_index")) == [
        (first.pk, 1),
        (copy.pk, 2),
        (coding.pk, 3),
    ]
    assert (copy.correct_answer, copy.lesson) == (first.correct_answer, first.lesson)
    twin = copy_question(question=coding, by=instructor)
    assert twin.coding.test_cases == coding.coding.test_cases


def test_question_is_copied_into_another_quiz_with_its_picture(
    quiz: Quiz, other: Course, instructor: User
) -> None:
    image = ImageFactory(course=quiz.course)
    unused = ImageFactory(course=quiz.course)
    quiz.questions.filter(order_index=1).update(
        options=[{"id": "a", "text": image_markdown(image)}, {"id": "b", "text": "none"}]
    )
    target = make_quiz(course=other, kinds="t")
    copy = copy_question(question=quiz.questions.all()[0], quiz=target, by=instructor)
    [picture] = CourseImage.objects.filter(course=other)
    assert image_markdown(picture) in copy.options[0]["text"]
    assert (copy.quiz, copy.order_index, copy.lesson) == (target, 2, None)
    assert unused.course == quiz.course


def test_copy_of_a_quiz_is_a_draft_with_all_that_is_asked(quiz: Quiz, instructor: User) -> None:
    quiz.questions.filter(order_index=2).update(is_retired=True)
    copy = copy_quiz(quiz=quiz, by=instructor)
    assert (copy.title, copy.is_published, copy.lesson) == (f"Copy of {quiz.title}", False, quiz.lesson)
    assert [row.order_index for row in copy.questions.all()] == [1]
    assert copy.questions.get().lesson == quiz.lesson
    assert copy.availability.after_module == quiz.availability.after_module
    assert AuditEvent.objects.get(action="quiz.copy").after == {"source": quiz.pk}


def test_quiz_is_copied_into_another_course(quiz: Quiz, other: Course, instructor: User) -> None:
    lesson = other.modules.all()[0].lessons.all()[0]
    copy = copy_quiz(quiz=quiz, course=other, lesson=lesson, by=instructor)
    assert (copy.course, copy.lesson) == (other, lesson)
    assert not QuizAvailability.objects.filter(quiz=copy).exists()
    assert [row.lesson for row in copy.questions.all()] == [None, None]
    assert copy.questions.get(question_type="coding").coding.language == "python"
    with pytest.raises(ValidationError):
        copy_quiz(quiz=quiz, lesson=lesson, by=instructor)


def test_nobody_copies_from_or_into_what_they_do_not_edit(
    quiz: Quiz, instructor: User, other_instructor: User
) -> None:
    foreign = make_course(slug="foreign", instructor=other_instructor)
    question = quiz.questions.all()[0]
    for refused in (
        lambda: copy_quiz(quiz=quiz, by=other_instructor),
        lambda: copy_quiz(quiz=quiz, course=foreign, by=instructor),
        lambda: copy_quiz(quiz=quiz, course=foreign, by=other_instructor),
        lambda: copy_question(question=question, by=other_instructor),
        lambda: copy_question(question=question, quiz=QuizFactory(course=foreign), by=instructor),
        lambda: copy_question(question=question, quiz=QuizFactory(course=foreign), by=other_instructor),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert quiz.questions.count() == 2


def test_copied_course_has_its_quizzes_with_their_rules(quiz: Quiz, instructor: User) -> None:
    QuizAvailability.objects.update(closes_at=timezone.now() + timedelta(days=9))
    new = copy_course(course=quiz.course, by=instructor)
    copy = new.quizzes.get()
    assert copy.availability.closes_at == QuizAvailability.objects.get(quiz=quiz).closes_at
    assert copy.availability.after_module.course == new
    assert copy.questions.all()[0].lesson.module.course == new

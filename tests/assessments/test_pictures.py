"""Pictures in quizzes: students see them inside an own attempt alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from assessments.attempts import submit_attempt
from assessments.models import Question, Quiz
from courses.images import delete_image, image_markdown, places_of
from courses.models import Course, CourseImage
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory, ImageFactory


@pytest.fixture
def image(course: Course) -> CourseImage:
    return ImageFactory(course=course)


@pytest.fixture
def quiz(course: Course) -> Quiz:
    return make_quiz(course=course, kinds="m")


def sees(user: Any, image: CourseImage) -> bool:
    return CourseImage.objects.visible_to(user).filter(pk=image.pk).exists()


@pytest.mark.parametrize("where", ["content", "options"])
def test_student_sees_a_picture_of_a_question_from_the_start_of_an_own_attempt(
    where: str, quiz: Quiz, image: CourseImage, student: User
) -> None:
    words: Any = image_markdown(image)
    if where == "options":
        words = [{"id": "a", "text": words}, {"id": "b", "text": "no"}]
    Question.objects.update(**{where: words})
    EnrollmentFactory(course=quiz.course, student=student)
    classmate = EnrollmentFactory(course=quiz.course, student=UserFactory()).student
    assert not sees(student, image)
    attempt = make_attempt(quiz=quiz, student=student)
    assert sees(student, image)
    Question.objects.update(**{where: "Gone." if where == "content" else None})
    assert sees(student, image)
    submit_attempt(attempt=attempt)
    assert sees(student, image)
    assert not sees(classmate, image)
    assert not sees(AnonymousUser(), image)


def test_picture_of_an_explanation_waits_for_the_key(quiz: Quiz, image: CourseImage, student: User) -> None:
    Question.objects.update(explanation=image_markdown(image))
    attempt = make_attempt(quiz=quiz, student=student)
    assert not sees(student, image)
    submit_attempt(attempt=attempt)
    assert sees(student, image)
    Quiz.objects.update(show_correct_answers=False)
    assert not sees(student, image)
    Quiz.objects.update(show_correct_answers=True, results_at=timezone.now() + timedelta(days=1))
    assert not sees(student, image)


def test_picture_of_a_description_is_seen_by_who_sees_the_quiz(
    quiz: Quiz, image: CourseImage, student: User
) -> None:
    Quiz.objects.update(description=image_markdown(image))
    assert not sees(student, image)
    EnrollmentFactory(course=quiz.course, student=student)
    assert sees(student, image)
    Quiz.objects.update(is_published=False)
    assert not sees(student, image)


def test_those_who_teach_see_it(quiz: Quiz, image: CourseImage, other_instructor: User) -> None:
    Question.objects.update(content=image_markdown(image))
    assert sees(quiz.course.instructor, image)
    assert sees(HelperFactory(course=quiz.course, role="assistant").user, image)
    assert not sees(other_instructor, image)


def test_picture_that_a_quiz_shows_or_showed_stays(quiz: Quiz, image: CourseImage, student: User) -> None:
    assert places_of(image) == []
    Question.objects.update(explanation=image_markdown(image))
    assert places_of(image) == [quiz.title]
    make_attempt(quiz=quiz, student=student)
    Question.objects.update(explanation="")
    assert places_of(image) == [quiz.title]
    with pytest.raises(Conflict):
        delete_image(image=image, by=quiz.course.instructor)

"""What the demo's students answered: the same on every machine, once, and through the doors of the site."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from assessments.models import GradingState, QuestionResponse, Quiz, QuizAttempt
from courses.models import Course, Lesson
from projectgenius.demo.attempts import load_attempts
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_quiz
from tests.courses.factories import CompletionFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(course: Course) -> Quiz:
    lesson = Lesson.objects.published().filter(module__course=course).in_order()[0]
    return make_quiz(kinds="mstec", course=course, lesson=lesson)


def enroll(quiz: Quiz, name: str, *, days_ago: int) -> User:
    student = UserFactory(username=name)
    begun = timezone.now() - timedelta(days=days_ago)
    EnrollmentFactory(course=quiz.course, student=student, enrolled_at=begun)
    CompletionFactory(student=student, lesson=quiz.lesson, completed_at=begun)
    return student


def test_students_take_the_quizzes_of_the_lessons_they_have_done_once(quiz: Quiz) -> None:
    names = [enroll(quiz, f"student{number}", days_ago=20).username for number in range(4)]
    EnrollmentFactory(course=quiz.course, student=UserFactory(username="newcomer"))
    made = load_attempts([*names, "newcomer"])
    assert made >= 4
    assert set(QuizAttempt.objects.values_list("user__username", flat=True)) == set(names)
    assert not QuizAttempt.objects.running().exists()
    assert load_attempts([*names, "newcomer"]) == 0


def test_old_essays_are_graded_and_young_ones_wait(quiz: Quiz) -> None:
    old, young = enroll(quiz, "ada", days_ago=30), enroll(quiz, "bo", days_ago=2)
    load_attempts(["ada", "bo"])
    essays = QuestionResponse.objects.filter(question__question_type="essay", response__isnull=False)
    assert set(essays.filter(attempt__user=old).values_list("grading", flat=True)) <= {GradingState.DONE}
    assert set(essays.filter(attempt__user=young).values_list("grading", flat=True)) <= {GradingState.PERSON}
    assert essays.filter(is_by_hand=True).count() <= 2


def test_answers_are_the_same_each_time(quiz: Quiz) -> None:
    enroll(quiz, "ada", days_ago=30)
    found = []
    for _time in range(2):
        load_attempts(["ada"])
        rows = QuestionResponse.objects.order_by("attempt", "question")
        found.append(list(rows.values_list("question", "response")))
        QuizAttempt.objects.all().delete()
    assert found[0] == found[1]

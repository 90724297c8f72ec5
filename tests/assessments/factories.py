"""Makes quizzes, their questions and attempts for tests. Quizzes are published, without limits, and not shuffled."""

from decimal import Decimal
from typing import Any

import factory

from accounts.models import User
from assessments.attempts import start_attempt
from assessments.models import CodingQuestion, Question, QuestionType, Quiz, QuizAttempt
from courses.models import CourseEnrollment
from tests.courses.factories import CourseFactory, EnrollmentFactory


class QuizFactory(factory.django.DjangoModelFactory):
    """A published quiz of a course, without questions."""

    class Meta:
        model = Quiz

    course = factory.SubFactory(CourseFactory)
    title = factory.Sequence(lambda number: f"Quiz {number}")
    description = "What you have learned about counting."
    is_published = True
    shuffle_questions = False
    shuffle_options = False


class QuestionFactory(factory.django.DjangoModelFactory):
    """A multiple choice question with one correct option, b, worth one point."""

    class Meta:
        model = Question

    quiz = factory.SubFactory(QuizFactory)
    question_type = QuestionType.MULTIPLE_CHOICE
    content = factory.Sequence(lambda number: f"How much is {number} + 1?")
    options = [{"id": "a", "text": "less"}, {"id": "b", "text": "one more"}, {"id": "c", "text": "the same"}]
    correct_answer = ["b"]
    explanation = "Adding one makes one more."
    points = Decimal("1.00")
    order_index = factory.Sequence(lambda number: number + 1)


class SeveralFactory(QuestionFactory):
    """A multiple choice question with two correct options, a and c, worth two points."""

    correct_answer = ["a", "c"]
    points = Decimal("2.00")


class TrueFalseFactory(QuestionFactory):
    """True is right."""

    question_type = QuestionType.TRUE_FALSE
    options = None
    correct_answer = True


class EssayFactory(QuestionFactory):
    """An essay worth five points."""

    question_type = QuestionType.ESSAY
    options = None
    correct_answer = "A model answer."
    points = Decimal("5.00")


class CodingFactory(QuestionFactory):
    """Add two numbers in Python: one sample test and two hidden ones, four points."""

    class Meta:
        skip_postgeneration_save = True

    question_type = QuestionType.CODING
    options = None
    correct_answer = None
    points = Decimal("4.00")

    @factory.post_generation
    def coding(self, create: bool, extracted: dict[str, Any] | None, **fields: Any) -> None:
        CodingQuestion.objects.create(question=self, **{**CODING, **(extracted or {}), **fields})


CODING: dict[str, Any] = {
    "language": "python",
    "starter_code": "a, b = map(int, input().split())\n",
    "test_cases": [
        {"input": "1 2\n", "output": "3\n", "sample": True, "points": 1},
        {"input": "20 22\n", "output": "42\n", "points": 1},
        {"input": "-5 5\n", "output": "0\n", "points": 2},
    ],
    "solution": "a, b = map(int, input().split())\nprint(a + b)\n",
}


def make_quiz(*, kinds: str = "mtse", **fields: Any) -> Quiz:
    """A published quiz; `kinds` says its questions: m(ultiple choice), s(everal), t(rue/false), e(ssay), c(oding)."""
    quiz = QuizFactory(**fields)
    makers = {
        "m": QuestionFactory,
        "s": SeveralFactory,
        "t": TrueFalseFactory,
        "e": EssayFactory,
        "c": CodingFactory,
    }
    for place, kind in enumerate(kinds, start=1):
        makers[kind](quiz=quiz, order_index=place)
    return quiz


def make_attempt(*, quiz: Quiz, student: User, **times: Any) -> QuizAttempt:
    """A running attempt of `student`, who is enrolled if necessary."""
    if not CourseEnrollment.objects.filter(course=quiz.course, student=student).exists():
        EnrollmentFactory(course=quiz.course, student=student)
    return start_attempt(quiz=quiz, student=student, **times)[0]

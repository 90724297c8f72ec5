"""Attempts for the tests of regrades, and changes of keys after them."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from assessments.attempts import save_response, submit_attempt
from assessments.models import Question, Quiz, QuizAttempt
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt

CHOICE: dict[str, Any] = {"multiple_choice": ["b"], "true_false": True, "essay": "Because."}


def hand_in(quiz: Quiz, student: User | None = None, **answers: Any) -> QuizAttempt:
    """An attempt with everything right, or as `answers` say by the type of the question; None leaves out."""
    attempt = make_attempt(quiz=quiz, student=student or UserFactory())
    for question in quiz.questions.all():
        answer = answers.get(question.question_type, CHOICE[question.question_type])
        save_response(attempt=attempt, question_id=question.pk, response=answer, version=1)
    return submit_attempt(attempt=attempt)


def rekey(quiz: Quiz, kind: str = "multiple_choice", **values: Any) -> Question:
    question = quiz.questions.get(question_type=kind)
    for name, value in (values or {"correct_answer": ["a"]}).items():
        setattr(question, name, value)
    question.save()
    return question


def score(attempt: QuizAttempt) -> Decimal | None:
    attempt.refresh_from_db()
    return attempt.score


def give_to(attempt: QuizAttempt, person: User) -> QuizAttempt:
    """Let an attempt be that of somebody who was a student once and teaches now."""
    QuizAttempt.objects.filter(pk=attempt.pk).update(user=person)
    attempt.refresh_from_db()
    return attempt

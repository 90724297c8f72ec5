"""Lets the demo's students take the demo's quizzes, so that its figures, queues and results show something.

Each student has a knack of their own, each question its difficulty; what comes out of both is drawn by a seed, the same
on every machine. All of it goes through the functions that a student's clicks go through.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from assessments.answering import save_response
from assessments.finishing import submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.judging import request_solution_check
from assessments.models import (
    CodingQuestion,
    GradingState,
    Question,
    QuestionResponse,
    QuestionType,
    Quiz,
    QuizAttempt,
)
from assessments.starting import start_attempt
from courses.models import LessonCompletion
from projectgenius.errors import Conflict

EASE = {"easy": 0.25, "medium": 0.05, "hard": -0.2}  # added to a student's knack
SECONDS = {"multiple_choice": 35, "true_false": 20, "essay": 240, "coding": 420}
LEFT_TO_GRADE = 5  # days: younger essays still wait for the instructor


def prove_solutions() -> None:
    """Ask the judge to run each reference solution that was never asked about, so that none is called unproven."""
    coding = CodingQuestion.objects.exclude(solution="").filter(solution_proven="")
    for row in coding.filter(question__code_runs=None).select_related("question__quiz__course__instructor"):
        quiz = row.question.quiz
        teacher = quiz.course.instructor
        request_solution_check(quiz=quiz, coding=row, by=teacher, question=row.question, is_counted=False)


@task(priority=-50)
def take_quizzes(username: str) -> int:
    """As `load_attempts` for one student, by the worker: a newcomer does not want to wait for all of them."""
    return load_attempts([username])


def load_attempts(usernames: list[str], *, now: datetime | None = None) -> int:
    """Take every quiz whose lesson the student has completed, once and now and then again; returns how many attempts.

    Who has an attempt at a quiz takes no further one: a second loading adds nothing.
    """
    now = now or timezone.now()
    students = list(User.objects.filter(username__in=usernames).order_by("username"))
    questions = Prefetch("questions", Question.objects.asked().select_related("coding"))
    quizzes = Quiz.objects.published().select_related("course__instructor").prefetch_related(questions)
    by_lesson: dict[int, list[Quiz]] = {}
    for quiz in quizzes.exclude(lesson=None).order_by("pk"):
        by_lesson.setdefault(quiz.lesson_id or 0, []).append(quiz)
    done = LessonCompletion.objects.filter(student__in=students, lesson__in=by_lesson)
    taken = set(QuizAttempt.objects.filter(user__in=students).values_list("user_id", "quiz_id"))
    people = {student.pk: student for student in students}
    count = 0
    for completion in done.order_by("student_id", "lesson__module__order_index", "pk"):
        for quiz in by_lesson[completion.lesson_id]:
            if (completion.student_id, quiz.pk) not in taken:
                count += _sit(quiz, people[completion.student_id], completion.completed_at, now)
    return count


@transaction.atomic
def _sit(quiz: Quiz, student: User, at: datetime, now: datetime) -> int:
    """One student's attempts at one quiz: a second one for some of those who failed."""
    chance = random.Random(f"{student.username} {quiz.title}")  # noqa: S311  (no secret: the same each time)
    knack = random.Random(student.username).uniform(0.45, 0.9)  # noqa: S311
    sat = 0
    for begin in (at + timedelta(minutes=10), at + timedelta(minutes=10, days=1)):
        if begin > now - timedelta(hours=1):
            break
        try:
            attempt = _take(quiz, student, begin, knack + 0.15 * sat, chance)
        except Conflict:  # left the course, or may not take it any more
            break
        sat += 1
        _grade_essays(attempt, quiz, knack, chance, now)
        attempt.refresh_from_db(fields=["score"])
        if (attempt.score or 100) >= quiz.passing_score or chance.random() < 0.4:
            break
    return sat


def _take(quiz: Quiz, student: User, begin: datetime, knack: float, chance: random.Random) -> QuizAttempt:
    attempt, _is_new = start_attempt(quiz=quiz, student=student, now=begin)
    moment = begin
    asked = {question.pk: question for question in quiz.questions.all()}
    for entry in attempt.paper:
        question = asked[entry["question"]]
        moment += timedelta(seconds=SECONDS[question.question_type] * chance.uniform(0.5, 1.8))
        if attempt.deadline and moment >= attempt.deadline:
            moment = attempt.deadline
            break
        knows = chance.random() < knack + EASE.get(question.difficulty or "", 0.0)
        answer = ANSWERS[QuestionType(question.question_type)](question, knows, chance)
        if answer is not None:
            save_response(attempt=attempt, question_id=question.pk, response=answer, version=1, now=moment)
    return submit_attempt(attempt=attempt, now=moment + timedelta(seconds=5))


def _choose(question: Question, knows: bool, chance: random.Random) -> Any:
    """The key, or a wrong option that is the same favourite for many: the first one that is wrong."""
    correct: list[str] = question.correct_answer or []
    if knows:
        return correct
    wrong = [option["id"] for option in question.options or [] if option["id"] not in correct]
    if not wrong or chance.random() < 0.06:
        return None
    favourite = wrong[0] if chance.random() < 0.6 else chance.choice(wrong)
    return [favourite] if len(correct) == 1 else sorted({*correct[:-1], favourite})


def _judge_truth(question: Question, knows: bool, _chance: random.Random) -> Any:
    return question.correct_answer if knows else not question.correct_answer


def _write(question: Question, knows: bool, chance: random.Random) -> Any:
    model: str = question.correct_answer or ""
    sentences = [part.strip() for part in model.replace("?", ".").split(".") if part.strip()]
    if not sentences:
        return None
    kept = sentences if knows else sentences[:1]
    return ". ".join(kept) + "." if chance.random() > 0.05 else None


def _program(question: Question, knows: bool, _chance: random.Random) -> Any:
    """The reference solution, or a program that knows the first sample alone."""
    coding = question.coding
    if knows:
        return {"code": coding.solution}
    if coding.language == "python":
        sample = next(test["output"] for test in coding.test_cases if test.get("sample"))
        return {"code": f"{coding.starter_code or ''}print({sample.rstrip()!r})\n"}
    return {"code": coding.starter_code} if coding.starter_code else None


ANSWERS: dict[QuestionType, Callable[[Question, bool, random.Random], Any]] = {
    QuestionType.MULTIPLE_CHOICE: _choose,
    QuestionType.TRUE_FALSE: _judge_truth,
    QuestionType.ESSAY: _write,
    QuestionType.CODING: _program,
}


def _grade_essays(
    attempt: QuizAttempt, quiz: Quiz, knack: float, chance: random.Random, now: datetime
) -> None:
    """The instructor has read the older essays; the younger ones still wait in the queue."""
    handed_in = attempt.completed_at or now
    if handed_in > now - timedelta(days=LEFT_TO_GRADE):
        return
    for row in QuestionResponse.objects.filter(attempt=attempt, grading=GradingState.PERSON):
        row.attempt = attempt
        entry = next(entry for entry in attempt.paper if entry["question"] == row.question_id)
        share = Decimal(str(round(min(1.0, chance.gauss(knack, 0.15)) * 2) / 2)).max(Decimal("0"))
        grade_by_hand(
            response=row,
            points=Decimal(entry["points"]) * min(share, Decimal(1)),
            by=quiz.course.instructor,
            now=min(now, handed_in + timedelta(days=2)),
        )

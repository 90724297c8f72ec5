"""Quizzes in a course's folder: `quizzes/NN-<title>.yaml`, each with its questions in order."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import CheckerKind, CodingQuestion, KeyAfter, Question, Quiz, QuizAvailability
from assessments.publishing import findings
from courses.archive_entries import (
    AMOUNT,
    AVAILABILITY,
    JSON,
    MOMENT,
    TRUTH,
    WHOLE,
    Entry,
    name_columns,
    write_entries,
)
from courses.archive_parts import Part, Reading, Writing
from courses.models import Course

QUIZ = (
    Entry("title", "title"),
    Entry("description", "description", default=""),
    Entry("time_limit", "time_limit", WHOLE, None),
    Entry("passing_score", "passing_score", AMOUNT, Decimal("70.00"), always=True),
    Entry("max_attempts", "max_attempts", WHOLE, None),
    Entry("shuffle", "shuffle_questions", TRUTH, True),
    Entry("show_correct_answers", "show_correct_answers", TRUTH, True),
    Entry("show_correct_answers_after", "key_after", default=KeyAfter.ATTEMPT.value),
    Entry("results_appear", "results_at", MOMENT, None),
    Entry("shuffle_options", "shuffle_options", TRUTH, True),
    Entry("one_question_per_page", "one_question_per_page", TRUTH, True),
    Entry("timer_optional", "is_timer_optional", TRUTH, False),
    Entry("published", "is_published", TRUTH, True, always=True),
)
QUESTION = (
    Entry("type", "question_type"),
    Entry("question", "content"),
    Entry("options", "options", JSON, None),
    Entry("correct", "correct_answer", JSON, None),
    Entry("explanation", "explanation", default=None),
    Entry("points", "points", AMOUNT, Decimal("1.00"), always=True),
    Entry("difficulty", "difficulty", default=None),
    Entry("retired", "is_retired", TRUTH, False),
)
CODING = (
    Entry("language", "language"),
    Entry("starter_code", "starter_code", default=None),
    Entry("tests", "test_cases", JSON),
    Entry("seconds", "time_limit_seconds", WHOLE, 5),
    Entry("megabytes", "memory_limit_mb", WHOLE, 128),
    Entry("checker", "checker", default=CheckerKind.STANDARD.value),
    Entry("tolerance", "tolerance", AMOUNT, Decimal("0.000001000000")),
    Entry("solution", "solution", default=""),
)
OPENING = ("opens", "closes")
AFTER = ("after_lesson", "after_module")
name_columns(QUIZ, QUESTION, CODING)


def write_quizzes(course: Course, writing: Writing) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each quiz of the course with its title."""
    quizzes = Quiz.objects.filter(course=course).select_related("availability").order_by("id")
    for quiz in quizzes.prefetch_related("questions__coding"):
        said = write_entries(quiz, QUIZ)
        if quiz.lesson_id:
            said["lesson"] = writing.lesson_name(quiz.lesson_id)
        said.update(writing.availability(quiz))
        said["questions"] = [_question(question, writing) for question in quiz.questions.all()]
        yield quiz.title, said


def _question(question: Question, writing: Writing) -> dict[str, Any]:
    said = write_entries(question, QUESTION)
    if question.lesson_id:
        said["lesson"] = writing.lesson_name(question.lesson_id)
    if hasattr(question, "coding"):
        said["coding"] = write_entries(question.coding, CODING)
    return said


def read_quiz(fields: dict[str, Any], reading: Reading) -> None:
    """Bring one file's quiz, its opening rule and its questions into the course."""
    values = reading.entries(fields, QUIZ, ("lesson", "questions", *OPENING, *AFTER))
    rule = _read_rule(fields, reading)
    lesson = reading.lesson(fields["lesson"]) if fields.get("lesson") is not None else None
    questions = fields.get("questions") or []
    if not isinstance(questions, list):
        reading.report(_("it must be a list"), "questions")
        return
    if values is None or rule is None or (lesson is None and fields.get("lesson") is not None):
        return
    quiz = Quiz(course=reading.course, lesson=lesson, **values)
    if reading.save(quiz):
        if rule:
            reading.save(QuizAvailability(quiz=quiz, **rule))
        for number, entry in enumerate(questions, start=1):
            _read_question(entry, quiz, number, reading)
        _keep_back(quiz, reading)


def _keep_back(quiz: Quiz, reading: Reading) -> None:
    """Leave a quiz that cannot be taken as a draft, whatever its file says: no door publishes what is not ready."""
    lacks = [finding.message for finding in findings(quiz) if finding.is_error] if quiz.is_published else []
    if lacks:
        Quiz.objects.filter(pk=quiz.pk).update(is_published=False)
        message = _("“%(title)s” comes in as a draft. %(reasons)s")
        reading.note(message % {"title": quiz.title, "reasons": " ".join(lacks[:3])})


def _read_rule(fields: dict[str, Any], reading: Reading) -> dict[str, Any] | None:
    """The columns of the rule when the quiz is open, empty without one; None when something is wrong with it."""
    said = {name: value for name, value in fields.items() if name in (*OPENING, *AFTER) and value is not None}
    if not said:
        return {}
    rule = reading.entries({name: said[name] for name in OPENING if name in said}, AVAILABILITY)
    finds = {"after_lesson": reading.lesson, "after_module": reading.module}
    found = {name: finds[name](said[name], name) for name in AFTER if name in said}
    return None if rule is None or None in found.values() else {**rule, **found}


def _read_question(fields: Any, quiz: Quiz, number: int, reading: Reading) -> None:
    within = f"questions {number}"
    values = reading.entries(fields, QUESTION, ("coding", "lesson"), within)
    if values is None:
        return
    lesson = None
    if fields.get("lesson") is not None:
        lesson = reading.lesson(fields["lesson"], f"{within}.lesson")
        if lesson is None:
            return
    coding = fields.get("coding")
    code = reading.entries(coding, CODING, (), f"{within}.coding") if coding is not None else None
    question = Question(quiz=quiz, order_index=number, lesson=lesson, **values)
    if reading.save(question, within) and code is not None:
        reading.save(CodingQuestion(question=question, **code), f"{within}.coding")


QUIZZES = Part(write=write_quizzes, read=read_quiz)

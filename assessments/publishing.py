"""What a quiz lacks before students can take it, and showing it to them. Every door comes through here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.records import save_record
from assessments.code_languages import name_of_language, runs_here
from assessments.models import Question, Quiz
from assessments.proving import is_proven
from assessments.questions import check_whole, lock_quiz, points_of_quiz, require_right
from assessments.tasks import complete_quiz_lessons
from courses.availability import require_sound_rules
from projectgenius.errors import Conflict

ERRORS: dict[str, str | Promise] = {
    "no_questions": _("The quiz has no questions."),
    "no_points": _("No question is worth points."),
    "unsound_question": _("Question %(place)s: %(problem)s"),
    "closes_before_it_opens": _("The quiz closes before it opens."),
}
HINTS: dict[str, str | Promise] = {
    "has_closed": _("The quiz has closed already: nobody can start it."),
    "language_not_here": _("Question %(place)s: this server cannot run %(language)s now."),
    "no_solution": _("Question %(place)s has no reference solution."),
    "solution_unproven": _("Question %(place)s: the reference solution has not passed its tests."),
    "no_sample": _("Question %(place)s has no sample test: students see no example."),
    "worthless_question": _("Question %(place)s is worth 0 points: it does not count."),
    "no_explanation": _("Question %(place)s explains nothing."),
    "hidden_lesson": _("The lesson is a draft: students find the quiz once it is published."),
    "hidden_course": _("The course is a draft: students find the quiz once it is published."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that is missing; `question` is the id of the question that it is about, if it is about one."""

    code: str
    message: str
    question: int | None = None

    @property
    def is_error(self) -> bool:
        return self.code in ERRORS


def findings(quiz: Quiz) -> list[Finding]:
    """What is missing: errors, which keep the quiz back, before hints, which do not."""
    rows = Question.objects.asked().filter(quiz=quiz.pk).select_related("coding", "lesson__module")
    questions = [] if quiz._state.adding else list(rows)
    for question in questions:
        question.quiz = quiz
    found = [Finding(code, str((ERRORS | HINTS)[code])) for code in _of_quiz(quiz, questions)]
    runs = cache(runs_here)
    found += [one for place, row in enumerate(questions, start=1) for one in _of_question(place, row, runs)]
    return sorted(found, key=lambda finding: not finding.is_error)


def _of_quiz(quiz: Quiz, questions: list[Question]) -> Iterator[str]:
    if not questions:
        yield "no_questions"
    elif not points_of_quiz(questions):
        yield "no_points"
    availability = getattr(quiz, "availability", None)
    if availability and availability.closes_at:
        if availability.opens_at and availability.closes_at <= availability.opens_at:
            yield "closes_before_it_opens"
        elif availability.closes_at <= timezone.now():
            yield "has_closed"
    if not quiz.course.is_published:
        yield "hidden_course"
    elif quiz.lesson and not (quiz.lesson.is_published and quiz.lesson.module.is_published):
        yield "hidden_lesson"


def _of_question(place: int, question: Question, runs: Callable[[str], bool]) -> Iterator[Finding]:
    coding = getattr(question, "coding", None)

    def finding(code: str, **words: str) -> Finding:
        message = str((ERRORS | HINTS)[code]) % {"place": place, **words}
        return Finding(code, message, question.pk)

    try:
        check_whole(question, coding)
    except ValidationError as error:
        yield finding("unsound_question", problem=error.messages[0])
        return
    if coding is not None:
        if not runs(coding.language):
            yield finding("language_not_here", language=name_of_language(coding.language))
        if not coding.solution.strip():
            yield finding("no_solution")
        elif not is_proven(coding):
            yield finding("solution_unproven")
        if not any(test.get("sample") for test in coding.test_cases):
            yield finding("no_sample")
    if not question.points:
        yield finding("worthless_question")
    if not (question.explanation or "").strip():
        yield finding("no_explanation")


def require_ready(quiz: Quiz) -> None:
    """Raise Conflict `not_ready` that names what keeps the quiz from being published."""
    errors = [finding.message for finding in findings(quiz) if finding.is_error]
    if errors:
        raise Conflict(
            _("“%(title)s” is not ready. %(reasons)s") % {"title": quiz, "reasons": " ".join(errors[:3])},
            code="not_ready",
        )


@transaction.atomic
def save_quiz(*, quiz: Quiz, by: Any) -> Quiz:
    """Save a validated quiz; a change of its publication is logged. Attempts that have begun keep their rules.

    Raises PermissionDenied, and Conflict `not_ready` when it is published before it can be taken. A quiz whose
    course changes is refused (`other_course`): copy it.
    """
    require_right(quiz, by)
    was_published = False
    lessons = {quiz.lesson_id}
    if not quiz._state.adding:
        stored = lock_quiz(quiz.pk)
        require_right(stored, by)
        was_published = stored.is_published
        lessons.add(stored.lesson_id)
        if stored.course_id != quiz.course_id:
            message = _("A quiz stays in its course. Copy it into the other one.")
            raise ValidationError({"course": ValidationError(message, code="other_course")})
    if quiz.is_published and not was_published:
        require_ready(quiz)
    save_record(row=quiz, by=by, course_id=quiz.course_id)
    if len(lessons) > 1:
        require_sound_rules(course_ids={quiz.course_id})
    if found := sorted(pk for pk in lessons if pk):
        complete_quiz_lessons.enqueue(found)
    return quiz


@transaction.atomic
def publish_quiz(*, quiz: Quiz, by: Any) -> Quiz:
    """Show a quiz to students. Raises Conflict `not_ready` when something is missing."""
    return _set_published(quiz, by, True)


@transaction.atomic
def unpublish_quiz(*, quiz: Quiz, by: Any) -> Quiz:
    """Hide a quiz from students; attempts and results stay, and come back with it."""
    return _set_published(quiz, by, False)


def _set_published(quiz: Quiz, by: Any, is_published: bool) -> Quiz:
    row = lock_quiz(quiz.pk)
    if row.is_published == is_published:
        require_right(row, by)
        return row
    row.is_published = is_published
    return save_quiz(quiz=row, by=by)

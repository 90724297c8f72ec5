"""Writing the questions of a quiz, and their order. Admin, API and imports come through here.

`order_index` counts from 1 without gaps: first the questions that are asked, then the retired ones. Whoever changes a
question holds the quiz's row, so two changes never mix.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Q, Value
from django.db.models.expressions import Combinable, RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_event, set_identity
from accounts.records import count_in_words, delete_record, holds_work
from assessments.models import (
    AttemptStatus,
    CodeRun,
    CodingQuestion,
    Question,
    QuestionResponse,
    Quiz,
    QuizAttempt,
)
from assessments.paper import entry_of
from assessments.permissions import can_edit_quiz
from assessments.shapes import check_coding
from projectgenius.errors import Conflict
from projectgenius.row_security import asking_role

# What `check_coding` says better than the fields themselves.
CHECKED_BY_SHAPE = {"question", "language", "test_cases", "time_limit_seconds", "memory_limit_mb"}
HOLD = "SELECT 1 FROM quizzes WHERE id = %s FOR KEY SHARE"


def require_right(quiz: Quiz, by: Any) -> None:
    """Refuse those who may look at a quiz but not change it."""
    if not can_edit_quiz(by, quiz):
        raise PermissionDenied(_("You may look at this course, but not change it."))


def lock_quiz(quiz_id: int) -> Quiz:
    """The quiz, locked until the transaction ends: its questions change one after the other."""
    return Quiz.objects.select_for_update(of=("self",)).select_related("course").get(pk=quiz_id)


def hold_questions(quiz_id: int) -> None:
    """Keep the quiz's questions as they are until the transaction ends; many may hold them at the same time.

    An attempt that takes them onto its paper waits for whoever changes them, and the other way round: no paper asks a
    question that is deleted. On SQLite every transaction that writes keeps out all others anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(HOLD, [quiz_id])


def holding_questions(quiz_id: int) -> Combinable:
    """What `hold_questions` does, as an annotation of a query that finds a row: one statement less."""
    return RawSQL(HOLD, [quiz_id]) if connection.vendor == "postgresql" else Value(1)  # noqa: S611


# --- Saving ---------------------------------------------------------------------------------------


@transaction.atomic
def save_question(*, question: Question, coding: CodingQuestion | None = None, by: Any) -> Question:
    """Save a new or changed question, a coding question with its coding part.

    A new question comes last, unless its `order_index` says where. Attempts that have begun keep the question as it
    was. Raises PermissionDenied, and ValidationError by field (the coding part's fields by their own names).
    """
    quiz = lock_quiz(question.quiz_id)
    require_right(quiz, by)
    question.quiz = quiz
    _check_place(question)
    place, question.order_index = question.order_index, question.order_index or 1
    check_whole(question, coding)
    question.save()
    _save_coding(question, coding)
    _put(question, None if place is None else place - 1)
    return question


def _check_place(question: Question) -> None:
    """A question stays in its quiz and keeps its type."""
    if question._state.adding:
        return
    stored = Question.objects.only("quiz_id", "question_type").get(pk=question.pk)
    if stored.quiz_id != question.quiz_id:
        message = _("A question stays in its quiz. Copy it into the other one.")
        raise ValidationError({"quiz": ValidationError(message, code="other_quiz")})
    if stored.question_type != question.question_type:
        message = _("A question keeps its type. Add a new question.")
        raise ValidationError({"question_type": ValidationError(message, code="other_type")})


def check_whole(question: Question, coding: CodingQuestion | None) -> None:
    """The question and its coding part are sound, and belong together. Raises ValidationError by field."""
    problems: dict[str, list[ValidationError]] = {}
    for check in _checks(question, coding):
        try:
            check()
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                problems.setdefault(name, []).extend(errors)
    if question.is_coding and coding is None:
        message = _("A coding question needs a language and tests.")
        problems.setdefault("coding", []).append(ValidationError(message, code="coding_missing"))
    if coding is not None and not question.is_coding:
        message = _("Only a coding question has a language and tests.")
        problems.setdefault("coding", []).append(ValidationError(message, code="coding_not_used"))
    if problems:
        raise ValidationError(problems)


def _checks(question: Question, coding: CodingQuestion | None) -> list[Any]:
    checks: list[Any] = [lambda: question.clean_fields(exclude={"quiz", "lesson"}), question.clean]
    if coding is not None:
        checks += [
            lambda: coding.clean_fields(exclude=CHECKED_BY_SHAPE),
            lambda: check_coding(coding),
        ]
    return checks


def _save_coding(question: Question, coding: CodingQuestion | None) -> None:
    if coding is not None:
        coding.question = question
        coding.save()
        question.coding = coding


# --- Order ----------------------------------------------------------------------------------------


def arrange(quiz: Quiz, ids: Sequence[int] | None = None) -> None:
    """Number the quiz's questions from 1, in the order of `ids` or as they stand; retired ones last."""
    rows = list(Question.objects.filter(quiz=quiz).only("pk", "order_index", "is_retired"))
    if ids is not None:
        place_of = {pk: place for place, pk in enumerate(ids)}
        rows.sort(key=lambda row: place_of[row.pk])
    rows.sort(key=lambda row: row.is_retired)
    for place, row in enumerate(rows, start=1):
        if row.order_index != place:
            Question.objects.filter(pk=row.pk).update(order_index=place)


def _put(question: Question, place: int | None) -> None:
    """Put a question at `place` (from 0; None: last) of its quiz, and let `question` know its number."""
    ids = _ids(question.quiz_id)
    ids.remove(question.pk)
    ids.insert(len(ids) if place is None else max(place, 0), question.pk)
    arrange(question.quiz, ids)
    question.refresh_from_db(fields=["order_index"])


def place_behind(question: Question, other_id: int | None) -> Question:
    """Put a question behind another one of its locked quiz, or at the end; returns it as it is stored."""
    question = Question.objects.select_related("quiz").get(pk=question.pk)
    ids = _ids(question.quiz_id)
    _put(question, ids.index(other_id) + 1 if other_id is not None else None)
    return question


def _ids(quiz_id: int) -> list[int]:
    return list(Question.objects.filter(quiz=quiz_id).values_list("pk", flat=True))


@transaction.atomic
def move_question(*, question: Question, steps: int, by: Any) -> bool:
    """Move a question up (-1) or down (1) among those that are asked; False when it stands at the end already."""
    quiz = lock_quiz(question.quiz_id)
    require_right(quiz, by)
    ids = list(Question.objects.asked().filter(quiz=quiz).values_list("pk", flat=True))
    if question.pk not in ids:
        raise _changed()
    place = ids.index(question.pk)
    target = min(max(place + steps, 0), len(ids) - 1)
    ids.insert(target, ids.pop(place))
    reorder_questions(quiz=quiz, ids=ids, by=by)
    return target != place


@transaction.atomic
def reorder_questions(*, quiz: Quiz, ids: Sequence[int], by: Any) -> None:
    """Bring the questions that are asked into the order of `ids`, which names each of them once.

    Else raises Conflict `order_changed`, for somebody added or removed one.
    """
    quiz = lock_quiz(quiz.pk)
    require_right(quiz, by)
    rows = dict(Question.objects.filter(quiz=quiz).values_list("pk", "is_retired"))
    asked = [pk for pk, is_retired in rows.items() if not is_retired]
    if len(ids) != len(asked) or set(ids) != set(asked):
        raise _changed()
    arrange(quiz, [*ids, *(pk for pk, is_retired in rows.items() if is_retired)])


def _changed() -> Conflict:
    return Conflict(_("The quiz was changed meanwhile. This is how it stands now."), code="order_changed")


# --- Going ----------------------------------------------------------------------------------------


@transaction.atomic
def retire_question(*, question: Question, is_retired: bool = True, by: Any) -> Question:
    """Ask a question no more in new attempts, or ask it again, at the end. Attempts that have it keep it."""
    quiz = lock_quiz(question.quiz_id)
    require_right(quiz, by)
    question = Question.objects.get(pk=question.pk)
    if question.is_retired == is_retired:
        return question
    Question.objects.filter(pk=question.pk).update(is_retired=is_retired)
    question.quiz, question.is_retired = quiz, is_retired
    _put(question, None)
    verb = "retire" if is_retired else "restore"
    record_event(f"question.{verb}", actor=by, row=question, course_id=quiz.course_id)
    return question


@transaction.atomic
def delete_question(*, question: Question, by: Any) -> None:
    """Delete a question that no attempt has. Raises Conflict `holds_work`: retire it instead."""
    quiz = lock_quiz(question.quiz_id)
    require_right(quiz, by)
    if work := work_on_question(question):
        raise holds_work(question, work)
    drop_previews(quiz=quiz, by=by)
    delete_record(row=question, by=by, course_id=quiz.course_id)
    arrange(quiz)


def work_on_question(question: Question) -> str:
    """What keeps a question from being deleted, in words: responses to it, or running attempts that ask it.

    Previews keep nothing.
    """
    responses = QuestionResponse.objects.filter(question=question.pk, attempt__is_preview=False)
    if count := responses.count():
        return ngettext("%(count)s response", "%(count)s responses", count) % {"count": count}
    running = QuizAttempt.objects.running().filter(quiz=question.quiz_id, is_preview=False)
    asked = running.only("pk", "paper").iterator(chunk_size=20)
    return count_in_words(attempt for attempt in asked if entry_of(attempt.paper, question.pk))


def work_on_quiz(quiz: Quiz) -> str:
    """What keeps a quiz from being deleted, in words: attempts of students, voided ones too."""
    count = QuizAttempt.objects.filter(quiz=quiz.pk, is_preview=False).count()
    return (
        ngettext("%(count)s quiz attempt", "%(count)s quiz attempts", count) % {"count": count}
        if count
        else ""
    )


@transaction.atomic
def delete_quiz(*, quiz: Quiz, by: Any) -> None:
    """Delete a quiz with its questions. Raises Conflict `holds_work` when students took it: unpublish it instead."""
    locked = lock_quiz(quiz.pk)
    require_right(locked, by)
    if work := work_on_quiz(locked):
        raise holds_work(locked, work)
    drop_previews(quiz=locked, by=by)
    delete_record(row=locked, by=by, course_id=locked.course_id)


def drop_previews(*, quiz: Quiz, by: Any) -> None:
    """Delete the attempts with which those who teach looked at the quiz, and runs of programs that go with them.

    Runs show to nobody but who asked for them, so the system takes them away.
    """
    role = asking_role()
    set_identity(by, role="system")
    runs = CodeRun.objects.filter(question__quiz=quiz)
    runs.filter(Q(response=None) | Q(response__attempt__is_preview=True)).delete()
    QuizAttempt.objects.filter(quiz=quiz, is_preview=True).delete()
    set_identity(by, role=role or None)


# --- What a change means for attempts that are over -----------------------------------------------


def key_of(question: Question) -> list[Any]:
    """All that decides the points for a response; when it changes, graded attempts may deserve a regrade."""
    coding = getattr(question, "coding", None)
    return [
        question.points,
        question.correct_answer,
        sorted(option["id"] for option in question.options or []),
        coding and [coding.test_cases, coding.checker, coding.tolerance, coding.language],
    ]


def stored_key(question: Question) -> list[Any] | None:
    """The key as it is stored now; None for a new question."""
    row = Question.objects.select_related("coding").filter(pk=question.pk).first()
    return key_of(row) if row else None


def finished_attempts(quiz: Quiz) -> int:
    """How many attempts of students were handed in and count."""
    return QuizAttempt.objects.counting().filter(quiz=quiz, status=AttemptStatus.COMPLETED).count()


def points_of_quiz(questions: Iterable[Question]) -> Any:
    """The sum of the points of those questions that are asked."""
    return sum(question.points for question in questions if not question.is_retired)

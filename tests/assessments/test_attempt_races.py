"""Many requests at the same moment: one attempt, no attempt too many, no answer lost, one grading."""

from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from assessments import starting
from assessments.attempts import (
    close_ended,
    mark_question,
    save_position,
    save_response,
    start_attempt,
    start_preview,
    submit_attempt,
)
from assessments.interventions import add_time, reopen_attempt, void_attempt
from assessments.models import AttemptStatus, Question, QuestionResponse, Quiz, QuizAttempt
from assessments.paper import make_paper
from assessments.questions import delete_question, save_question
from assessments.signals import attempt_graded, attempt_submitted
from courses.models import Course
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.races import at_once, on_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]

WHY = {"reason": "The fire alarm rang."}


def test_sixteen_starts_make_one_attempt(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="mt", course=course, max_attempts=2)
    found = at_once(*[partial(start_attempt, quiz=quiz, student=enrolled_student)] * 16)
    assert {attempt.pk for attempt, _is_new in found} == {QuizAttempt.objects.get().pk}
    assert sum(is_new for _attempt, is_new in found) == 1


def test_limit_holds_when_the_last_attempt_is_started_many_times(
    course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="m", course=course, max_attempts=3)

    def take() -> None:
        attempt, _is_new = start_attempt(quiz=quiz, student=enrolled_student)
        submit_attempt(attempt=attempt)

    found = [one for _round in range(3) for one in at_once(*[take] * 6)]
    assert all(one is None or (isinstance(one, Conflict) and one.code == "no_attempts_left") for one in found)
    assert list(QuizAttempt.objects.order_by("attempt_number").values_list("attempt_number", flat=True)) == [
        1,
        2,
        3,
    ]


def test_previews_of_one_person_get_different_numbers(course: Course, instructor: User) -> None:
    quiz = make_quiz(kinds="m", course=course)

    def preview() -> QuizAttempt:
        return submit_attempt(attempt=start_preview(quiz=quiz, by=User.objects.get(pk=instructor.pk))[0])

    found = at_once(*[preview] * 8)
    assert not [one for one in found if isinstance(one, Exception)]
    numbers = list(QuizAttempt.objects.order_by("attempt_number").values_list("attempt_number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_answer_racing_with_the_submit_is_graded_or_refused(course: Course, enrolled_student: User) -> None:
    quiz = make_quiz(kinds="m" * 8, course=course)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    ids = [entry["question"] for entry in attempt.paper]
    saves = [partial(save_response, attempt=attempt, question_id=pk, response=["b"], version=1) for pk in ids]
    found = at_once(*saves[:4], partial(submit_attempt, attempt=attempt), *saves[4:])
    refused = [one for one in found if isinstance(one, Exception)]
    assert all(isinstance(one, Conflict) and one.code == "ended" for one in refused)
    accepted = 8 - len(refused)
    assert QuestionResponse.objects.filter(response=["b"], is_correct=True).count() == accepted
    assert QuestionResponse.objects.count() == 8
    attempt.refresh_from_db()
    assert attempt.score == 100 * accepted / 8


def test_eight_submits_grade_once(course: Course, enrolled_student: User) -> None:
    heard: list[str] = []

    def note(name: str) -> None:
        heard.append(name)

    submitted = lambda **_news: note("submitted")  # noqa: E731
    graded = lambda **_news: note("graded")  # noqa: E731
    attempt_submitted.connect(submitted, weak=False)
    attempt_graded.connect(graded, weak=False)
    attempt = make_attempt(quiz=make_quiz(kinds="mts", course=course), student=enrolled_student)
    found = at_once(*[partial(submit_attempt, attempt=attempt)] * 8)
    attempt_submitted.disconnect(submitted)
    attempt_graded.disconnect(graded)
    assert {(one.status, one.score, one.completed_at) for one in found} == {
        (AttemptStatus.COMPLETED, 0, found[0].completed_at)
    }
    assert sorted(heard) == ["graded", "submitted"]
    assert QuestionResponse.objects.count() == 3


def test_job_racing_with_submits_and_answers_closes_once(course: Course, enrolled_student: User) -> None:
    """At the end itself some still come a second before it, others after it."""
    quiz = make_quiz(kinds="mmm", course=course, time_limit=10)
    start = timezone.now() - timedelta(hours=1)
    end = start + timedelta(minutes=10, seconds=30)
    attempt = make_attempt(quiz=quiz, student=enrolled_student, now=start)
    ids = [entry["question"] for entry in attempt.paper]
    save = partial(save_response, attempt=attempt, response=["b"], version=1, now=end - timedelta(seconds=1))
    found = at_once(
        *[partial(close_ended, now=end)] * 3,
        *[partial(save, question_id=pk) for pk in ids],
        *[partial(submit_attempt, attempt=attempt, now=end - timedelta(seconds=1))] * 3,
    )
    refused = [one for one in found[3:6] if isinstance(one, Exception)]
    assert all(isinstance(one, Conflict) for one in refused)
    assert not [one for one in found[:3] + found[6:] if isinstance(one, Exception)]
    attempt.refresh_from_db()
    assert not attempt.is_running
    assert QuestionResponse.objects.filter(is_correct=True).count() == 3 - len(refused)
    assert float(attempt.score or 0) == pytest.approx(100 * (3 - len(refused)) / 3, abs=0.01)


def test_two_devices_saving_the_same_answer_keep_the_newest_version(
    course: Course, enrolled_student: User
) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="e", course=course), student=enrolled_student)
    pk = attempt.paper[0]["question"]
    save = partial(save_response, attempt=attempt, question_id=pk)
    found = at_once(
        *[partial(save, response=f"text {version}", version=version) for version in range(1, 9)],
        partial(mark_question, attempt=attempt, question_id=pk, is_flagged=True),
        partial(save_position, attempt=attempt, position=1),
    )
    assert not [one for one in found if isinstance(one, Exception)]
    row = QuestionResponse.objects.get()
    assert (row.version, row.response, row.is_flagged) == (8, "text 8", True)


def test_no_student_waits_for_another_one(course: Course, enrolled_student: User) -> None:
    """While one student's save is not committed, another one saves, starts and hands in."""
    quiz = make_quiz(kinds="mt", course=course)
    mine = make_attempt(quiz=quiz, student=enrolled_student)
    others = [make_attempt(quiz=quiz, student=UserFactory()) for _each in range(3)]
    newcomer = make_attempt(quiz=make_quiz(kinds="m", course=course), student=UserFactory()).user
    pk = mine.paper[0]["question"]
    with transaction.atomic():
        save_response(attempt=mine, question_id=pk, response=["b"], version=1)
        began = monotonic()
        found = at_once(
            *[
                partial(save_response, attempt=one, question_id=pk, response=["b"], version=1)
                for one in others[:2]
            ],
            partial(submit_attempt, attempt=others[2]),
            partial(start_attempt, quiz=quiz, student=newcomer),
        )
        waited = monotonic() - began
    assert not [one for one in found if isinstance(one, Exception)]
    assert waited < 10, "a lock of the first student would have kept them until the end"


@pytest.mark.parametrize("act", ["void", "add_time"])
def test_intervention_racing_with_answers_and_submit_loses_nothing(
    act: str, course: Course, enrolled_student: User
) -> None:
    quiz = make_quiz(kinds="mm", course=course, time_limit=10)
    attempt = make_attempt(quiz=quiz, student=enrolled_student)
    acts = {
        "void": partial(void_attempt, attempt=attempt, by=course.instructor, **WHY),
        "add_time": partial(add_time, attempt=attempt, minutes=5, by=course.instructor, **WHY),
    }
    ids = [entry["question"] for entry in attempt.paper]
    found = at_once(
        acts[act],
        *[partial(save_response, attempt=attempt, question_id=pk, response=["b"], version=1) for pk in ids],
        partial(submit_attempt, attempt=attempt),
    )
    assert all(isinstance(one, Conflict) for one in found if isinstance(one, Exception))
    saved = sum(not isinstance(one, Exception) for one in found[1:3])
    attempt.refresh_from_db()
    assert (attempt.score, attempt.status) == (
        50 * saved,
        AttemptStatus.COMPLETED if act == "add_time" else attempt.status,
    )
    if not isinstance(found[0], Exception):
        assert attempt.is_voided if act == "void" else attempt.extra_minutes == 5


def test_reopening_racing_with_a_start_leaves_one_running(course: Course, enrolled_student: User) -> None:
    quiz: Quiz = make_quiz(kinds="m", course=course)
    for _round in range(4):
        attempt, _is_new = start_attempt(quiz=quiz, student=enrolled_student)
        submit_attempt(attempt=attempt)
        found = at_once(
            partial(reopen_attempt, attempt=attempt, minutes=5, by=course.instructor, **WHY),
            partial(start_attempt, quiz=quiz, student=enrolled_student),
        )
        assert all(isinstance(one, Conflict) for one in found if isinstance(one, Exception)), found
        submit_attempt(attempt=QuizAttempt.objects.running().get())


@pytest.mark.parametrize("kind", ["attempt", "preview"])
def test_no_attempt_asks_a_question_that_is_deleted_while_it_starts(
    kind: str, course: Course, enrolled_student: User, monkeypatch: Any
) -> None:
    quiz = make_quiz(kinds="mc", course=course)
    first = quiz.questions.order_by("order_index")[0]
    has_read, is_deleted = Event(), Event()

    def slowly(*args: Any) -> Any:
        has_read.set()
        is_deleted.wait(1)  # ends by itself where the deletion has to wait
        return make_paper(*args)

    def delete() -> None:
        has_read.wait(10)
        delete_question(question=first, by=course.instructor)
        is_deleted.set()

    monkeypatch.setattr(starting, "make_paper", slowly)
    start = (
        partial(start_attempt, quiz=quiz, student=enrolled_student)
        if kind == "attempt"
        else partial(start_preview, quiz=quiz, by=User.objects.get(pk=course.instructor.pk))
    )
    (started, _is_new), refused = at_once(start, delete)
    attempts = QuizAttempt.objects.filter(pk=started.pk)
    asked = {entry["question"] for attempt in attempts for entry in attempt.paper}
    assert asked <= set(Question.objects.values_list("pk", flat=True))
    assert (refused and refused.code) == ("holds_work" if kind == "attempt" else None)


def test_attempt_waits_for_a_question_that_is_being_changed(course: Course, enrolled_student: User) -> None:
    """It has the question as it is afterwards: of many changes of one form none is missing."""
    quiz = make_quiz(kinds="m", course=course)
    question = quiz.questions.get()
    is_held = Event()

    def change() -> None:
        with transaction.atomic():
            question.content = "Changed?"
            save_question(question=question, by=course.instructor)
            is_held.set()
            Event().wait(0.5)
            question.explanation = "Changed."
            save_question(question=question, by=course.instructor)

    def start() -> Any:
        is_held.wait(10)
        return start_attempt(quiz=quiz, student=enrolled_student)[0]

    _changed, attempt = at_once(change, start)
    entry = attempt.paper[0]
    assert (entry["content"], entry["explanation"]) == ("Changed?", "Changed.")

"""Points and feedback given by people."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, User
from assessments.attempts import save_response, start_preview, submit_attempt
from assessments.hand_grading import check_points, give_feedback, grade_by_hand, grade_mark
from assessments.models import GradingState, QuestionResponse, QuizAttempt, ScoreChange
from assessments.settling import settle_attempt
from assessments.signals import attempt_graded
from courses.models import Course, HelperRole
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.courses.factories import EnrollmentFactory, HelperFactory
from tests.races import at_once, on_postgresql


def hand_in(course: Course, student: User, *, kinds: str = "me", **quiz: Any) -> QuizAttempt:
    """An attempt with the first answer right and essays and programs written, handed in."""
    attempt = make_attempt(quiz=make_quiz(kinds=kinds, course=course, **quiz), student=student)
    answers = {"m": ["b"], "t": True, "e": "Because.", "c": {"code": "print(3)"}}
    for kind, question in zip(kinds, attempt.quiz.questions.all(), strict=True):
        save_response(attempt=attempt, question_id=question.pk, response=answers[kind], version=1)
    return submit_attempt(attempt=attempt)


def response_of(attempt: QuizAttempt, kind: str = "essay") -> QuestionResponse:
    return QuestionResponse.objects.get(attempt=attempt, question__question_type=kind)


@pytest.mark.parametrize(
    ("points", "code"),
    [("-0.01", "out_of_range"), ("5.01", "out_of_range"), ("NaN", "out_of_range"), ("Infinity", "out_of_range"),
     ("1.005", "too_many_decimals"), ("0", None), ("5", None), ("4.5", None), ("4.50", None)],
)  # fmt: skip
def test_points_lie_between_nothing_and_all(points: str, code: str | None) -> None:
    if code is None:
        assert check_points(Decimal(points), Decimal("5.00")) == Decimal(points)
        return
    with pytest.raises(ValidationError) as refused:
        check_points(Decimal(points), Decimal("5.00"))
    assert refused.value.error_dict["points"][0].code == code
    if code == "out_of_range":
        assert refused.value.message_dict == {"points": ["Give 0 to 5 points."]}


def test_a_first_grade_gives_the_score_and_is_written_down(
    course: Course, instructor: User, student: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    attempt = hand_in(course, student)
    assert attempt.score is None
    heard = []

    def hear(**news: Any) -> None:
        heard.append(news["attempt"].score)

    attempt_graded.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        row = grade_by_hand(
            response=response_of(attempt), points=Decimal(2), feedback=" Why so? ", by=instructor
        )
    attempt_graded.disconnect(hear)
    attempt.refresh_from_db()
    assert heard == [attempt.score] == [Decimal("50.00")]
    assert (row.points_earned, row.is_correct, row.feedback, row.is_by_hand) == (2, False, "Why so?", True)
    assert (row.grading, row.graded_by) == (GradingState.DONE, instructor)
    change = ScoreChange.objects.get()
    assert (change.old_points, change.new_points) == (None, 2)
    assert (change.old_score, change.new_score, change.changed_by) == (None, Decimal("50.00"), instructor)
    event = AuditEvent.objects.get(action="grade.give")
    assert (event.before, event.after) == (
        {"points": None, "score": None},
        {"points": "2.00", "score": "50.00"},
    )
    assert (event.course_id, event.actor_id, event.row_id) == (course.pk, instructor.pk, str(row.pk))


def test_a_shown_score_changes_with_a_reason_only(course: Course, instructor: User, student: User) -> None:
    attempt = hand_in(course, student)
    row = grade_by_hand(response=response_of(attempt), points=Decimal(2), by=instructor)
    with pytest.raises(ValidationError) as refused:
        grade_by_hand(response=row, points=Decimal(3), by=instructor, reason=" ")
    assert refused.value.error_dict["reason"][0].code == "reason_required"
    grade_by_hand(response=row, points=Decimal(2), feedback="The same points.", by=instructor)
    grade_by_hand(response=row, points=Decimal(3), by=instructor, reason="Overlooked a line.")
    attempt.refresh_from_db()
    assert attempt.score == Decimal("66.67")
    assert list(ScoreChange.objects.values_list("old_points", "new_points", "reason")) == [
        (None, 2, ""),
        (2, 3, "Overlooked a line."),
    ]


def test_a_score_that_nobody_has_seen_changes_without_a_reason(
    course: Course, instructor: User, student: User
) -> None:
    attempt = hand_in(course, student, results_at=timezone.now() + timedelta(days=1))
    row = grade_by_hand(response=response_of(attempt), points=Decimal(2), by=instructor)
    assert grade_by_hand(response=row, points=Decimal(3), by=instructor).points_earned == 3


def test_a_person_overrides_the_key(course: Course, instructor: User, student: User) -> None:
    attempt = hand_in(course, student, kinds="mt")
    assert attempt.score == 100
    row = response_of(attempt, "multiple_choice")
    row = grade_by_hand(response=row, points=Decimal("0.5"), by=instructor, reason="Guessed.")
    attempt.refresh_from_db()
    assert (attempt.score, row.is_by_hand, row.is_correct) == (75, True, False)


def test_feedback_alone_leaves_points_and_state(course: Course, instructor: User, student: User) -> None:
    attempt = hand_in(course, student)
    row = give_feedback(response=response_of(attempt), feedback="Go on.", by=instructor)
    row.refresh_from_db()
    assert (row.feedback, row.points_earned, row.grading, row.is_by_hand) == ("Go on.", None, "person", False)
    event = AuditEvent.objects.get(action="grade.feedback")
    assert "Go on" not in f"{event.before}{event.after}{event.reason}"
    with pytest.raises(ValidationError):
        give_feedback(response=row, feedback="x" * 20_001, by=instructor)


def test_what_a_colleague_gave_meanwhile_is_not_overwritten(
    course: Course, instructor: User, student: User
) -> None:
    row = response_of(hand_in(course, student))
    seen = grade_mark(row)
    colleague = HelperFactory(course=course, user__full_name="Ana Lyst").user
    grade_by_hand(response=row, points=Decimal(4), by=colleague, seen=seen)
    for again in (
        lambda: grade_by_hand(response=row, points=Decimal(1), by=instructor, seen=seen),
        lambda: give_feedback(response=row, feedback="No.", by=instructor, seen=seen),
    ):
        with pytest.raises(Conflict, match="Ana Lyst graded this while you were reading") as refused:
            again()
        assert refused.value.code == "graded_meanwhile"
    row.refresh_from_db()
    assert (row.points_earned, row.feedback, row.graded_by) == (4, None, colleague)


def test_feedback_of_a_colleague_is_seen_too(course: Course, instructor: User, student: User) -> None:
    row = response_of(hand_in(course, student))
    seen = grade_mark(row)
    give_feedback(response=row, feedback="Mine.", by=instructor)
    with pytest.raises(Conflict):
        grade_by_hand(response=row, points=Decimal(1), feedback="Other.", by=instructor, seen=seen)


@pytest.mark.parametrize("who", ["student", "other", "self", "admin_self"])
def test_those_who_may_not_grade_are_refused(
    who: str, course: Course, student: User, other_instructor: User
) -> None:
    attempt = hand_in(course, student)
    if who == "self":
        HelperFactory(course=course, user=student)
    if who == "admin_self":
        User.objects.filter(pk=student.pk).update(is_admin=True)
    student = User.objects.with_roles().get(pk=student.pk)
    by = other_instructor if who == "other" else student
    if who == "student":
        by = UserFactory()
        EnrollmentFactory(course=course, student=by)
    row = response_of(attempt)
    for act in (
        lambda: grade_by_hand(response=row, points=Decimal(5), by=by),
        lambda: give_feedback(response=row, feedback="Good.", by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    row.refresh_from_db()
    assert (row.points_earned, row.feedback) == (None, None)
    assert not AuditEvent.objects.filter(action__startswith="grade.").exists()


@pytest.mark.parametrize("state", ["running", "voided", "preview", "not_asked", "waits_for_judge"])
def test_what_is_not_graded_is_refused(state: str, course: Course, instructor: User, student: User) -> None:
    by = instructor
    if state == "preview":
        colleague = HelperFactory(course=course, role=HelperRole.CO_INSTRUCTOR).user
        attempt, _new = start_preview(quiz=make_quiz(kinds="e", course=course), by=colleague)
        save_response(attempt=attempt, question_id=attempt.paper[0]["question"], response="Text.", version=1)
        submit_attempt(attempt=attempt)
    else:
        attempt = hand_in(course, student, kinds="ec")
    changes: dict[str, Any] = {
        "running": {"status": "in_progress"},
        "voided": {"voided_at": timezone.now()},
        "not_asked": {"paper": []},
    }
    if state in changes:
        QuizAttempt.objects.filter(pk=attempt.pk).update(**changes[state])
    row = response_of(attempt, "coding" if state == "waits_for_judge" else "essay")
    if state == "waits_for_judge":
        QuestionResponse.objects.filter(pk=row.pk).update(grading="judge", points_earned=None)
    with pytest.raises(Conflict) as refused:
        grade_by_hand(response=row, points=Decimal(1), by=by)
    assert refused.value.code == state


# --- Races ----------------------------------------------------------------------------------------


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_graders_at_once_one_is_told(course: Course, instructor: User, student: User) -> None:
    row = response_of(hand_in(course, student))
    colleague = HelperFactory(course=course).user
    seen = grade_mark(row)
    results = at_once(
        lambda: grade_by_hand(response=row, points=Decimal(1), by=instructor, seen=seen),
        lambda: grade_by_hand(response=row, points=Decimal(4), by=colleague, seen=seen),
    )
    given = [one for one in results if isinstance(one, QuestionResponse)]
    assert len(given) == 1
    assert [one.code for one in results if isinstance(one, Conflict)] == ["graded_meanwhile"]
    row.refresh_from_db()
    assert row.points_earned == given[0].points_earned
    assert ScoreChange.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
def test_the_judge_settles_while_a_person_grades(
    _round: int, course: Course, instructor: User, student: User
) -> None:
    attempt = hand_in(course, student, kinds="ec")
    essay, program = response_of(attempt), response_of(attempt, "coding")

    def judge() -> QuizAttempt:
        QuestionResponse.objects.filter(pk=program.pk).update(points_earned=Decimal(4), grading="done")
        return settle_attempt(attempt=attempt)

    results = at_once(judge, lambda: grade_by_hand(response=essay, points=Decimal(5), by=instructor))
    assert not [one for one in results if isinstance(one, Exception)]
    attempt.refresh_from_db()
    assert attempt.score == 100

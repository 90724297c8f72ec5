"""Grading finished attempts again."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEvent, User
from assessments import regrading
from assessments.attempts import save_response, submit_attempt
from assessments.hand_grading import grade_by_hand
from assessments.judging import begin
from assessments.models import (
    Question,
    QuestionResponse,
    Quiz,
    QuizAttempt,
    Regrade,
    RegradeState,
    ScoreChange,
)
from assessments.paper import points_possible
from assessments.regraded_attempts import ask_judge, note_score_after_judging
from assessments.regrading import (
    apply_regrade,
    carry_on,
    changed_questions,
    drop_regrade,
    preview_regrade,
    work_on_part,
)
from assessments.settling import settle_attempt
from assessments.signals import attempt_graded
from courses.models import Course
from projectgenius.errors import Conflict
from tests.accounts.factories import UserFactory
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.regrades import give_to, hand_in, rekey, score
from tests.courses.factories import HelperFactory


@pytest.fixture
def quiz(course: Course) -> Quiz:
    """A choice and a true or false question, a point each."""
    return make_quiz(kinds="mt", course=course)


def test_a_wrong_key_is_found_previewed_and_applied(
    quiz: Quiz, instructor: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    wrong, right = hand_in(quiz), hand_in(quiz, multiple_choice=["a"])
    assert changed_questions(quiz, most=100) == {}
    question = rekey(quiz)
    assert changed_questions(quiz, most=100) == {question.pk: {"in": {"key"}, "attempts": 2}}
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="The key was wrong.")
    assert regrade.state == RegradeState.PREVIEWED
    assert regrade.counts == {"attempts": 2, "down": 1, "up": 1, "failed": 1, "passed": 1}
    assert regrade.preview[1] == {
        "attempt": right.pk, "user": right.user_id, "old_score": "50.00", "new_score": "100.00",
        "was_passed": False, "is_passed": True,
    }  # fmt: skip
    assert (score(wrong), score(right)) == (100, 50), "a preview changes nothing"
    heard = []

    def hear(**news: Any) -> None:
        heard.append((news["attempt"].pk, news["attempt"].score))

    attempt_graded.connect(hear)
    with django_capture_on_commit_callbacks(execute=True):
        done = apply_regrade(regrade=regrade, by=instructor)
    attempt_graded.disconnect(hear)
    assert done.state == RegradeState.APPLIED
    assert (score(wrong), score(right)) == (50, 100)
    assert heard == [(wrong.pk, 50), (right.pk, 100)]
    assert changed_questions(quiz, most=100) == {}
    assert right.paper[0]["correct_answer"] == ["a"]
    change = ScoreChange.objects.get(attempt=right, question=None)
    assert (change.old_score, change.new_score, change.reason) == (50, 100, "The key was wrong.")
    assert (change.regrade, change.changed_by) == (regrade, instructor)
    points = ScoreChange.objects.get(attempt=right, question=question)
    assert (points.old_points, points.new_points, points.old_score) == (0, 1, None)
    event = AuditEvent.objects.get(action="grade.regrade", row_id=str(right.pk))
    assert (event.before, event.course_id) == ({"score": "50.00"}, quiz.course_id)
    assert event.after == {"score": "100.00", "regrade": regrade.pk}


def test_only_gains_lower_nobody(quiz: Quiz, instructor: User) -> None:
    wrong, right = hand_in(quiz), hand_in(quiz, multiple_choice=["a"])
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    assert apply_regrade(regrade=regrade, by=instructor, mode="gains").state == RegradeState.GAINS_APPLIED
    assert (score(wrong), score(right)) == (100, 100)
    assert wrong.paper[0]["correct_answer"] == ["b"], "who keeps the score keeps the key that it was given by"
    assert [change.attempt_id for change in ScoreChange.objects.filter(question=None)] == [right.pk]


def test_applying_twice_does_nothing(quiz: Quiz, instructor: User) -> None:
    hand_in(quiz)
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    apply_regrade(regrade=regrade, by=instructor)
    changes, events = ScoreChange.objects.count(), AuditEvent.objects.count()
    again = apply_regrade(regrade=regrade, by=instructor, mode="gains")
    assert again.state == RegradeState.APPLIED
    assert (ScoreChange.objects.count(), AuditEvent.objects.count()) == (changes, events)
    with pytest.raises(Conflict) as refused:
        drop_regrade(regrade=regrade, by=instructor)
    assert refused.value.code == "applied"


def test_a_dropped_regrade_changes_nothing(quiz: Quiz, instructor: User) -> None:
    attempt = hand_in(quiz)
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    for _again in range(2):
        assert drop_regrade(regrade=regrade, by=instructor).state == RegradeState.DROPPED
    with pytest.raises(Conflict) as refused:
        apply_regrade(regrade=regrade, by=instructor)
    assert refused.value.code == "dropped"
    assert score(attempt) == 100


def test_one_regrade_of_a_quiz_at_a_time(quiz: Quiz, instructor: User, admin_user: User) -> None:
    first = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    with pytest.raises(Conflict) as refused:
        preview_regrade(quiz=quiz, by=admin_user, reason="Mine.")
    assert refused.value.code == "regrade_open"
    preview_regrade(quiz=make_quiz(course=quiz.course), by=instructor, reason="Another quiz.")
    drop_regrade(regrade=first, by=admin_user)
    preview_regrade(quiz=quiz, by=admin_user, reason="Now.")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001])
def test_a_reason_is_asked_for(reason: str, quiz: Quiz, instructor: User) -> None:
    with pytest.raises(ValidationError) as refused:
        preview_regrade(quiz=quiz, by=instructor, reason=reason)
    assert refused.value.error_dict.keys() == {"reason"}
    assert not Regrade.objects.exists()


@pytest.mark.parametrize("acts", [{}, {0: "key"}, {"other": "key"}, {"own": "double"}])
def test_only_the_quizs_questions_are_chosen(acts: Any, quiz: Quiz, instructor: User) -> None:
    ids = {"own": quiz.questions.all()[0].pk, "other": make_quiz(kinds="m").questions.get().pk}
    with pytest.raises(ValidationError) as refused:
        preview_regrade(
            quiz=quiz, by=instructor, reason="Key.", acts={ids.get(k, k): v for k, v in acts.items()}
        )
    assert refused.value.error_dict.keys() == {"questions"}


@pytest.mark.parametrize("who", ["student", "assistant", "other_instructor"])
def test_those_who_do_not_teach_the_course_are_refused(
    who: str, quiz: Quiz, instructor: User, request: pytest.FixtureRequest
) -> None:
    by = HelperFactory(course=quiz.course).user if who == "assistant" else request.getfixturevalue(who)
    by = User.objects.with_roles().get(pk=by.pk)
    with pytest.raises(PermissionDenied):
        preview_regrade(quiz=quiz, by=by, reason="Key.")
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    for act in (apply_regrade, drop_regrade):
        with pytest.raises(PermissionDenied):
            act(regrade=regrade, by=by)
    regrade.refresh_from_db()
    assert regrade.state == RegradeState.PREVIEWED


def test_running_voided_preview_and_own_attempts_are_left_alone(
    quiz: Quiz, instructor: User, admin_user: User
) -> None:
    running = make_attempt(quiz=quiz, student=UserFactory())
    voided, preview, own, theirs, counts = (hand_in(quiz) for _number in range(5))
    give_to(own, admin_user)
    give_to(theirs, instructor)
    QuizAttempt.objects.filter(pk=voided.pk).update(voided_at=voided.started_at)
    QuizAttempt.objects.filter(pk=preview.pk).update(is_preview=True)
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    assert [line["attempt"] for line in regrade.preview] == [own.pk, counts.pk]
    assert regrade.counts["own"] == 1
    apply_regrade(regrade=regrade, by=admin_user)
    changed = {attempt.pk: attempt for attempt in QuizAttempt.objects.all()}
    for untouched in (running, voided, preview, own, theirs):
        assert changed[untouched.pk].paper == untouched.paper
        assert changed[untouched.pk].score == untouched.score
    assert changed[counts.pk].score == 50


def test_what_happened_since_the_preview_is_not_overwritten(quiz: Quiz, instructor: User) -> None:
    first, later = hand_in(quiz), None
    question = rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    row = QuestionResponse.objects.get(attempt=first, question=question)
    grade_by_hand(response=row, points=Decimal("0.75"), by=instructor, reason="A good thought.")
    Question.objects.filter(pk=question.pk).update(correct_answer=["c"])
    later = hand_in(quiz, multiple_choice=["a"])
    apply_regrade(regrade=regrade, by=instructor)
    assert score(first) == Decimal("87.50"), "what a person gave stays"
    assert first.paper[0]["correct_answer"] == ["a"], "what was previewed, not what stands there now"
    assert score(later) == 100


def test_full_points_for_all_and_leaving_a_question_out(course: Course, instructor: User) -> None:
    quiz = make_quiz(kinds="mte", course=course)
    attempt = hand_in(quiz, multiple_choice=["c"])
    choice, truth, essay = quiz.questions.all()
    acts = {choice.pk: "full", truth.pk: "omit", essay.pk: "full"}
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Bad questions.", acts=acts)
    assert (regrade.preview[0]["old_score"], regrade.preview[0]["new_score"]) == (None, "100.00")
    apply_regrade(regrade=regrade, by=instructor)
    assert score(attempt) == 100
    assert points_possible(attempt.paper) == 6
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Not so.", acts=dict.fromkeys(acts, "key"))
    apply_regrade(regrade=regrade, by=instructor)
    assert score(attempt) is None, "the essay waits for a person again"
    assert QuestionResponse.objects.get(question=essay).grading == "person"


def test_a_worker_that_dies_in_the_middle_is_followed_by_another(
    quiz: Quiz, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrading, "AT_ONCE", 2)
    attempts = [hand_in(quiz) for _number in range(5)]
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    assert (regrade.state, regrade.percent) == (RegradeState.PREPARING, 0)
    with pytest.raises(Conflict) as refused:
        apply_regrade(regrade=regrade, by=instructor)
    assert refused.value.code == "still_working"
    carry_on.call(regrade.pk)
    regrade.refresh_from_db()
    assert (regrade.state, len(regrade.preview)) == (RegradeState.PREVIEWED, 5)
    apply_regrade(regrade=regrade, by=instructor)
    assert work_on_part(regrade_id=regrade.pk)

    def fail(*_args: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(regrading, "write_outcomes", fail)
        with pytest.raises(RuntimeError):
            work_on_part(regrade_id=regrade.pk)
    regrade.refresh_from_db()
    assert (regrade.state, regrade.done, regrade.percent) == (RegradeState.APPLYING, 2, 40)
    carry_on.call(regrade.pk)
    carry_on.call(regrade.pk)
    assert [score(attempt) for attempt in attempts] == [50] * 5
    assert ScoreChange.objects.filter(question=None).count() == 5
    regrade.refresh_from_db()
    assert (regrade.state, regrade.done) == (RegradeState.APPLIED, 5)


def test_who_lost_the_right_meanwhile_changes_nothing_more(
    quiz: Quiz, instructor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrading, "AT_ONCE", 1)
    attempts = [hand_in(quiz) for _number in range(2)]
    rekey(quiz)
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Key.")
    carry_on.call(regrade.pk)
    apply_regrade(regrade=regrade, by=instructor)
    User.objects.filter(pk=instructor.pk).update(is_active=False)
    carry_on.call(regrade.pk)
    regrade.refresh_from_db()
    assert (regrade.state, regrade.counts["stopped"]) == (RegradeState.DROPPED, 1)
    assert [score(attempt) for attempt in attempts] == [100, 100]


def test_programs_are_judged_again_and_the_new_score_is_noted(course: Course, instructor: User) -> None:
    quiz = make_quiz(kinds="c", course=course)
    question = quiz.questions.get()
    attempt = make_attempt(quiz=quiz, student=UserFactory())
    save_response(attempt=attempt, question_id=question.pk, response={"code": "print(3)"}, version=1)
    submit_attempt(attempt=attempt)
    verdicts = [{"number": n, "sample": n == 1, "verdict": "accepted", "points": "1"} for n in (1, 2, 3)]
    row = attempt.responses.get()
    QuestionResponse.objects.filter(pk=row.pk).update(
        grading="done", points_earned=4, judged={"verdict": "accepted", "tests": verdicts}
    )
    attempt.responses.get().code_runs.update(state="finished")
    settle_attempt(attempt=attempt)
    question.coding.test_cases = [{"input": "", "output": "4"}]
    question.coding.save()
    regrade = preview_regrade(quiz=quiz, by=instructor, reason="Tests.")
    assert (regrade.counts, regrade.preview) == ({"programs": 1, "attempts": 1}, [])
    apply_regrade(regrade=regrade, by=instructor)
    row.refresh_from_db()
    assert (score(attempt), row.grading, row.judged) == (None, "judge", None)
    ask_judge.call([attempt.pk])
    ask_judge.call([attempt.pk])
    run = row.code_runs.get(state="queued")
    turn = begin(run_id=run.pk)
    assert turn is not None
    assert turn.entry["coding"]["test_cases"] == question.coding.test_cases
    QuestionResponse.objects.filter(pk=row.pk).update(grading="done", points_earned=0)
    settle_attempt(attempt=attempt)
    for _twice in range(2):
        note_score_after_judging(attempt=attempt)
    scores = ScoreChange.objects.filter(question=None).values_list("old_score", "new_score", "reason")
    assert list(scores) == [(100, None, "Tests."), (100, 0, "Tests.")]

"""What was handed in goes through the judge: once, whatever happens to workers, and then has its points."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit import set_identity
from accounts.models import User
from assessments.attempts import submit_attempt
from assessments.finishing import finish_attempt
from assessments.judge import Case, CaseResult, Report, SandboxUnavailable, Verdict
from assessments.judge_states import judge_what_waited
from assessments.judging import (
    begin,
    finish,
    give_up_lost,
    process,
    proof_of,
    request_judging,
    request_solution_check,
)
from assessments.models import CodeRun, CodingQuestion, GradingState, QuestionResponse, QuizAttempt, RunKind
from assessments.proving import fingerprint_of, is_proven
from projectgenius.errors import Conflict
from tests.assessments.factories import CODING, make_quiz
from tests.assessments.running import (
    coding_attempt,
    judged_by,
    make_due,
    submitted,
    verdicts,
    work,
)
from tests.races import at_once, on_postgresql

pytestmark = pytest.mark.django_db

HALF = {"verdict": "wrong_answer", "compile": "", "tests": []}


def report_of(*values: str) -> dict[str, Any]:
    """A stored report with these verdicts."""
    tests = [
        {
            "number": number, "sample": number == 1, "verdict": value, "seconds": 0.01, "megabytes": 8.0,
            "output": "", "errors": "", "detail": "",
        }
        for number, value in enumerate(values, start=1)
    ]  # fmt: skip
    wrong = [value for value in values if value != "accepted"]
    return {"verdict": wrong[0] if wrong else "accepted", "compile": "", "tests": tests}


def broken(*_args: Any, **_options: Any) -> Report:
    return Report(Verdict.INTERNAL_ERROR, None, (CaseResult(Verdict.INTERNAL_ERROR, detail="no exit code"),))


def switched_off(*_args: Any, **_options: Any) -> Report:
    raise SandboxUnavailable("no bwrap")


def test_submitting_puts_each_program_on_the_queue_in_the_same_transaction(student: User) -> None:
    response = submitted(student)
    run = CodeRun.objects.get()
    assert (run.response, run.kind, run.state) == (response, RunKind.ALL_TESTS, "queued")
    assert DBTaskResult.objects.get().queue_name == "judge"
    assert response.grading == GradingState.JUDGE


def test_submission_that_is_taken_back_leaves_no_run(student: User) -> None:
    attempt = coding_attempt(student, "print(3)")

    with transaction.atomic():
        submit_attempt(attempt=attempt)
        transaction.set_rollback(True)
    assert not CodeRun.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_blank_program_is_not_judged(student: User) -> None:
    response = submitted(student, "  \n")
    assert (response.points_earned, response.grading) == (0, GradingState.DONE)
    assert not CodeRun.objects.exists()


def test_points_are_the_share_of_the_tests_passed(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "wrong_answer")):
        work()
    response.refresh_from_db()
    assert (response.points_earned, response.is_correct, response.grading) == (Decimal("2.00"), False, "done")
    assert response.attempt.score == Decimal("50.00")
    assert [test["verdict"] for test in response.judged["tests"]] == ["accepted", "accepted", "wrong_answer"]
    assert set(response.judged["tests"][2]) == {"number", "sample", "verdict", "points"}


def test_program_that_does_not_compile_earns_nothing(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, lambda *_args, **_options: Report(Verdict.COMPILE_ERROR)):
        work()
    response.refresh_from_db()
    assert (response.points_earned, response.grading) == (0, GradingState.DONE)
    assert {test["verdict"] for test in response.judged["tests"]} == {"compile_error"}


def test_asking_twice_makes_one_run(student: User) -> None:
    response = submitted(student)
    assert request_judging(attempt=response.attempt) == []
    assert CodeRun.objects.count() == 1


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_the_same_moment_makes_one_run(student: User) -> None:
    response = submitted(student)
    CodeRun.objects.all().delete()
    found = at_once(*[lambda: request_judging(attempt=response.attempt)] * 4)
    assert sorted(len(runs) for runs in found) == [0, 0, 0, 1]
    assert CodeRun.objects.count() == 1


@on_postgresql
def test_instructor_who_finds_an_attempt_over_sends_it_to_the_judge(student: User) -> None:
    attempt = coding_attempt(student, "print(3)")
    try:
        set_identity(attempt.quiz.course.instructor)
        finish_attempt(attempt=attempt, now=timezone.now())
        assert CodeRun.objects.get().user_id == student.pk
    finally:
        set_identity(None, role="system")


def test_worker_that_wakes_late_does_not_overwrite(student: User) -> None:
    response = submitted(student)
    pk = CodeRun.objects.get().pk
    paused, other = begin(run_id=pk), begin(run_id=pk)
    assert paused is not None
    assert other is not None
    assert not finish(turn=paused, report=report_of("wrong_answer", "wrong_answer", "wrong_answer"))
    assert QuestionResponse.objects.get().points_earned is None
    assert finish(turn=other, report=report_of("accepted", "accepted", "accepted"))
    assert not finish(turn=paused, report=report_of("wrong_answer", "wrong_answer", "wrong_answer"))
    response.refresh_from_db()
    assert (response.points_earned, CodeRun.objects.get().tries) == (4, 2)


def test_run_that_is_over_is_not_judged_again(student: User, monkeypatch: Any) -> None:
    submitted(student)
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "accepted")):
        work()
    with judged_by(monkeypatch, broken):
        process(run_id=CodeRun.objects.get().pk)
    assert CodeRun.objects.get().state == "finished"


def test_points_by_hand_stay(student: User) -> None:
    response = submitted(student)
    turn = begin(run_id=CodeRun.objects.get().pk)
    assert turn is not None
    QuestionResponse.objects.update(is_by_hand=True, points_earned=3, grading=GradingState.DONE)
    finish(turn=turn, report=report_of("wrong_answer", "wrong_answer", "wrong_answer"))
    response.refresh_from_db()
    assert (response.points_earned, response.judged["verdict"]) == (3, "wrong_answer")


@pytest.mark.parametrize(("judge", "note"), [(broken, "judge_failed"), (switched_off, "judge_off")])
def test_after_three_failures_a_person_grades(student: User, monkeypatch: Any, judge: Any, note: str) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, judge):
        for tries in (1, 2, 3):
            work()
            assert CodeRun.objects.get().tries == tries
            response.refresh_from_db()
            assert response.grading == (GradingState.PERSON if tries == 3 else GradingState.JUDGE)
            make_due()
        assert work() == 0
    assert response.judged == {"verdict": "internal_error", "tests": [], "note": note}
    assert response.points_earned is None
    assert CodeRun.objects.get().state == "failed"


def test_failure_in_the_first_try_does_not_count(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, broken):
        work()
    make_due()
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "accepted")):
        work()
    response.refresh_from_db()
    assert response.points_earned == 4


def test_what_came_while_the_judge_was_off_is_judged_when_it_is_back(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, switched_off):
        for _ in range(3):
            work()
            make_due()
    assert judge_what_waited() == 1
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "accepted")):
        work()
    response.refresh_from_db()
    assert (response.points_earned, response.grading) == (4, GradingState.DONE)
    assert judge_what_waited() == 0


def test_response_that_a_person_graded_meanwhile_is_left_alone(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    with judged_by(monkeypatch, switched_off):
        for _ in range(3):
            work()
            make_due()
    QuestionResponse.objects.update(points_earned=1, is_by_hand=True, grading=GradingState.DONE)
    assert judge_what_waited() == 0
    response.refresh_from_db()
    assert response.points_earned == 1


def test_run_whose_task_is_gone_is_given_up(student: User) -> None:
    response = submitted(student)
    CodeRun.objects.update(created_at="2026-01-01T00:00:00Z")
    assert give_up_lost() == 0
    DBTaskResult.objects.all().delete()
    assert give_up_lost() == 1
    response.refresh_from_db()
    assert response.grading == GradingState.PERSON


def test_changed_question_is_judged_as_the_attempt_asked_it(student: User, monkeypatch: Any) -> None:
    response = submitted(student)
    CodingQuestion.objects.update(test_cases=[{"input": "9 9", "output": "18"}])
    seen: list[Case] = []

    def note(_program: Any, cases: Sequence[Case], *_args: Any, **_options: Any) -> Report:
        seen.extend(cases)
        return verdicts("accepted", "accepted", "accepted")(_program, cases)

    with judged_by(monkeypatch, note):
        work()
    assert [case.input for case in seen] == [test["input"] for test in CODING["test_cases"]]
    response.refresh_from_db()
    assert response.points_earned == 4


# --- Reference solutions ---------------------------------------------------------------------------


def unsaved(**values: Any) -> CodingQuestion:
    return CodingQuestion(**{**CODING, **values})


def test_solution_of_a_question_that_is_not_saved_is_checked(monkeypatch: Any) -> None:
    quiz = make_quiz(kinds="m")
    teacher = quiz.course.instructor
    coding = unsaved()
    run = request_solution_check(quiz=quiz, coding=coding, by=teacher)
    assert proof_of(coding=coding, by=teacher) == ""
    with judged_by(monkeypatch, verdicts("accepted", "accepted", "accepted")):
        work()
    run.refresh_from_db()
    assert (run.state, run.question_id) == ("finished", None)
    assert proof_of(coding=coding, by=teacher) == fingerprint_of(coding)
    assert proof_of(coding=unsaved(time_limit_seconds=9), by=teacher) == ""


@pytest.mark.parametrize(("last", "passes"), [("accepted", True), ("wrong_answer", False)])
def test_solution_that_passes_all_tests_is_marked_as_proven(
    monkeypatch: Any, last: str, passes: bool
) -> None:
    quiz = make_quiz(kinds="c")
    question = quiz.questions.get()
    request_solution_check(quiz=quiz, coding=question.coding, by=quiz.course.instructor, question=question)
    with judged_by(monkeypatch, verdicts("accepted", "accepted", last)):
        work()
    coding = CodingQuestion.objects.get()
    assert is_proven(coding) is passes
    coding.test_cases = coding.test_cases[:2]
    assert not is_proven(coding)


def test_stranger_cannot_check_a_solution(other_instructor: User, student: User) -> None:
    quiz = make_quiz(kinds="c")
    for person in (other_instructor, student):
        with pytest.raises(PermissionDenied):
            request_solution_check(quiz=quiz, coding=unsaved(), by=person)
    assert not CodeRun.objects.exists()


def test_question_of_another_quiz_cannot_be_proven(monkeypatch: Any) -> None:
    quiz, other = make_quiz(kinds="c"), make_quiz(kinds="c")
    with pytest.raises(PermissionDenied):
        request_solution_check(
            quiz=quiz, coding=unsaved(), by=quiz.course.instructor, question=other.questions.get()
        )


def test_nonsense_is_refused_before_it_is_queued() -> None:
    quiz = make_quiz(kinds="c")
    with pytest.raises(ValidationError) as refused:
        request_solution_check(quiz=quiz, coding=unsaved(test_cases=[]), by=quiz.course.instructor)
    assert set(refused.value.message_dict) == {"test_cases"}


def test_solution_checks_count_among_the_runs_of_a_person(settings: Any) -> None:
    settings.CODE_RUNS_PER_MINUTE = 1
    quiz = make_quiz(kinds="c")
    teacher = quiz.course.instructor
    request_solution_check(quiz=quiz, coding=unsaved(), by=teacher)
    with pytest.raises(Conflict) as refused:
        request_solution_check(quiz=quiz, coding=unsaved(), by=teacher)
    assert refused.value.code == "too_many_runs"


def test_locked_rows_are_the_attempt_first(student: User) -> None:
    """Whoever grades locks the attempt before the response: else two of them would wait for each other."""
    submitted(student)
    turn = begin(run_id=CodeRun.objects.get().pk)
    assert turn is not None
    assert QuizAttempt.objects.filter(responses__code_runs=turn.run).count() == 1

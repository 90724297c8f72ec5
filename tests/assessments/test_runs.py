"""Running a program while an attempt runs: who may, how often, and what is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.audit import set_identity
from accounts.models import User
from accounts.privacy import erase_person
from assessments.attempts import save_response, start_preview, submit_attempt
from assessments.judge import Report, SandboxUnavailable, Verdict
from assessments.models import CodeRun, JudgeState, QuestionResponse
from assessments.run_reports import difference, public_report
from assessments.runs import request_run
from assessments.templatetags.code_runs import visible
from courses.models import CourseEnrollment
from projectgenius.errors import Conflict
from tests.assessments.factories import make_attempt, make_quiz
from tests.assessments.running import coding_attempt, judged_by, make_due, question_of, verdicts, work
from tests.races import at_once, on_postgresql

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture
def asked(student: User) -> dict[str, Any]:
    """What `request_run` needs for a running attempt of `student`."""
    attempt = coding_attempt(student)
    return {
        "attempt": attempt, "question_id": question_of(attempt), "kind": "samples", "code": "print(3)", "by": student
    }  # fmt: skip


def switch_off(languages: list[str] | None = None, reason: str = "no bwrap") -> None:
    JudgeState.objects.create(
        host_name="here", languages=languages or [], reason=reason, checked_at=timezone.now()
    )


# --- Asking ----------------------------------------------------------------------------------------


def test_run_takes_the_samples_with_it_and_nothing_of_the_hidden_tests(asked: dict[str, Any]) -> None:
    run = request_run(**asked)
    assert [test["input"] for test in run.task["test_cases"]] == ["1 2\n"]
    assert set(run.task) == {"test_cases", "time_limit_seconds", "memory_limit_mb", "checker", "tolerance"}
    assert (run.state, run.response, DBTaskResult.objects.get().queue_name) == ("queued", None, "judge")
    assert not QuestionResponse.objects.exists()


def test_instructor_runs_programs_in_a_preview() -> None:
    quiz = make_quiz(kinds="c")
    attempt, _is_new = start_preview(quiz=quiz, by=quiz.course.instructor)
    run = request_run(
        attempt=attempt, question_id=question_of(attempt), kind="samples", code="print()", by=attempt.user
    )
    assert run.user == quiz.course.instructor


def test_another_student_cannot_run_in_an_attempt(asked: dict[str, Any], instructor: User) -> None:
    other = make_attempt(quiz=asked["attempt"].quiz, student=instructor).user
    for person in (other, asked["attempt"].quiz.course.instructor):
        with pytest.raises(PermissionDenied):
            request_run(**{**asked, "by": person})
    assert not CodeRun.objects.exists()


def test_student_whose_place_is_closed_cannot_run(asked: dict[str, Any]) -> None:
    CourseEnrollment.objects.update(payment_status="refunded")
    with pytest.raises(PermissionDenied):
        request_run(**asked)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"question_id": 999_999}, "not_asked"),
        ({"now": timezone.now() + timedelta(days=400)}, "ended"),
    ],
)
def test_run_that_the_state_forbids_is_refused(student: User, change: dict[str, Any], code: str) -> None:
    quiz = make_quiz(kinds="cm", time_limit=30)
    attempt = make_attempt(quiz=quiz, student=student)
    asked = {
        "attempt": attempt,
        "question_id": question_of(attempt),
        "kind": "samples",
        "code": "x",
        "by": student,
    }
    with pytest.raises(Conflict) as refused:
        request_run(**{**asked, **change})
    assert refused.value.code == code


def test_question_without_a_program_takes_none(student: User) -> None:
    attempt = make_attempt(quiz=make_quiz(kinds="m"), student=student)
    with pytest.raises(Conflict):
        request_run(attempt=attempt, question_id=question_of(attempt), kind="samples", code="x", by=student)


def test_submitted_attempt_takes_no_run(asked: dict[str, Any]) -> None:
    submit_attempt(attempt=asked["attempt"])
    asked["attempt"].refresh_from_db()
    with pytest.raises(Conflict):
        request_run(**asked)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "all_tests"}, "kind"),
        ({"kind": "solution"}, "kind"),
        ({"code": "  \n"}, "code"),
        ({"code": "x" * 64_001}, "code"),
        ({"code": "a\0b"}, "code"),
        ({"kind": "own_input", "own_input": "1" * 64_001}, "own_input"),
        ({"kind": "own_input", "own_input": "a\0b"}, "own_input"),
    ],
)
def test_run_that_can_never_be_right_is_refused(
    asked: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        request_run(**{**asked, **change})
    assert set(refused.value.message_dict) == {field}
    assert not CodeRun.objects.exists()


def test_question_without_samples_says_so(student: User) -> None:
    attempt = coding_attempt(student, test_cases=[{"input": "1 2", "output": "3"}])
    asked = {"attempt": attempt, "question_id": question_of(attempt), "code": "x", "by": student}
    with pytest.raises(Conflict) as refused:
        request_run(**asked, kind="samples")
    assert refused.value.code == "no_samples"
    assert request_run(**asked, kind="own_input").own_input == ""


# --- Limits ----------------------------------------------------------------------------------------


def test_fourth_waiting_run_is_refused_until_one_is_done(asked: dict[str, Any], monkeypatch: Any) -> None:
    for _ in range(3):
        request_run(**asked)
    with pytest.raises(Conflict) as refused:
        request_run(**asked)
    assert refused.value.code == "runs_waiting"
    with judged_by(monkeypatch, verdicts("accepted")):
        work()
    request_run(**asked)


def test_runs_of_a_minute_are_limited_for_each_person(
    asked: dict[str, Any], settings: Any, instructor: User
) -> None:
    settings.CODE_RUNS_PER_MINUTE = 2
    for _ in range(2):
        request_run(**asked)
    CodeRun.objects.update(state="finished")
    with pytest.raises(Conflict) as refused:
        request_run(**asked)
    assert refused.value.code == "too_many_runs"
    other = make_attempt(quiz=asked["attempt"].quiz, student=instructor)
    request_run(**{**asked, "attempt": other, "by": instructor})


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_three_places(asked: dict[str, Any]) -> None:
    found = at_once(*[lambda: request_run(**asked)] * 8)
    assert sum(isinstance(one, CodeRun) for one in found) == 3
    assert {one.code for one in found if isinstance(one, Conflict)} == {"runs_waiting"}


# --- A judge that is off ---------------------------------------------------------------------------


def test_site_without_a_sandbox_says_so_at_once(asked: dict[str, Any]) -> None:
    switch_off()
    with pytest.raises(Conflict, match=r"no sandbox passed its self-test \(no bwrap\). Nothing was run."):
        request_run(**asked)


def test_language_that_is_off_is_refused_and_others_run(asked: dict[str, Any]) -> None:
    switch_off(["java"], "")
    with pytest.raises(Conflict) as refused:
        request_run(**asked)
    assert refused.value.code == "language_off"


def test_old_news_of_the_judge_count_no_more(asked: dict[str, Any]) -> None:
    switch_off()
    JudgeState.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    request_run(**asked)


def test_run_that_meets_a_judge_switched_off_fails_at_once(asked: dict[str, Any], monkeypatch: Any) -> None:
    def off(*_args: Any, **_options: Any) -> Report:
        raise SandboxUnavailable("no bwrap")

    run = request_run(**asked)
    with judged_by(monkeypatch, off):
        work()
    run.refresh_from_db()
    assert (run.state, run.tries) == ("failed", 1)
    assert (
        "switched off on this server: no sandbox passed its self-test (no bwrap)"
        in public_report(run)["message"]
    )


def test_run_that_the_judge_fails_three_times_says_so(asked: dict[str, Any], monkeypatch: Any) -> None:
    run = request_run(**asked)
    with judged_by(monkeypatch, lambda *_args, **_options: Report(Verdict.INTERNAL_ERROR)):
        for _ in range(3):
            work()
            make_due()
    run.refresh_from_db()
    assert (run.state, run.tries) == ("failed", 3)
    assert public_report(run)["message"] == "The judge failed. Your code is saved. Run it again in a minute."


# --- What is told ----------------------------------------------------------------------------------


def test_difference_marks_what_is_missing_and_what_is_extra() -> None:
    found = difference("one\ntwo\nthree\n", "one\n2\nthree\nfour\n")
    assert [(line["mark"], line["text"]) for line in found] == [
        ("same", "one"), ("missing", "two"), ("extra", "2"), ("same", "three"), ("extra", "four"),
    ]  # fmt: skip


def test_difference_of_long_texts_ends() -> None:
    found = difference("a\n" * 100_000, "b" * 100_000)
    assert len(found) < 500
    assert max(len(line["text"]) for line in found) < 600


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0b", "a\u2400b"),
        ("\x1b[31mred", "\u241b[31mred"),
        ("x\u202egnp.exe", "x⟨U+202E⟩gnp.exe"),
        ("tab\there\r\nline", "tab\there\nline"),
        ("\x7f\x9b", "\u2421⟨U+009B⟩"),
    ],
)
def test_unseen_signs_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


HOSTILE = "<script>alert(1)</script>\x1b[2J\u202eevil\0</pre><b>"


def test_hostile_output_stays_text(
    asked: dict[str, Any], monkeypatch: Any, login: Callable[[User], Client]
) -> None:
    run = request_run(**{**asked, "kind": "own_input", "own_input": "<i>in</i>", "code": "</pre><u>code</u>"})

    def say(*_args: Any, **_options: Any) -> Report:
        from assessments.judge import CaseResult, CompileResult

        result = CaseResult(Verdict.RUNTIME_ERROR, stdout=HOSTILE, stderr=f"Boom {HOSTILE}")
        return Report(Verdict.RUNTIME_ERROR, CompileResult(True, HOSTILE), (result,))

    with judged_by(monkeypatch, say):
        work()
    client = login(asked["by"])
    address = reverse("assessments:coderun_detail", args=[run.key])
    page = client.get(address).content.decode()
    part = client.get(address, headers=JSON).json()["html"]
    for html in (page, part):
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        for raw in ("<script>alert", "\x1b", "\u202e", "\0", "<i>in", "<u>code", "</pre><b>"):
            assert raw not in html


def test_wrong_answer_shows_the_difference(
    asked: dict[str, Any], monkeypatch: Any, login: Callable[[User], Client]
) -> None:
    run = request_run(**asked)
    with judged_by(monkeypatch, verdicts("wrong_answer")):
        work()
    run.refresh_from_db()
    report = public_report(run)
    assert report["message"] == "0 of 1 sample test passed"
    assert [line["mark"] for line in report["tests"][0]["difference"]] == ["missing", "extra"]
    page = login(asked["by"]).get(reverse("assessments:coderun_detail", args=[run.key])).content.decode()
    assert "Sample 1: <strong>Wrong answer</strong>" in page


# --- A person who leaves ---------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["student", "admin_user"])
def test_programs_that_were_tried_go_with_the_account(
    by: str, asked: dict[str, Any], instructor: User, request: pytest.FixtureRequest
) -> None:
    """What was handed in stays, and so does what others tried; the administrator who closes it may see none of it."""
    person, closer = asked["by"], request.getfixturevalue(by)
    request_run(**asked)
    save_response(
        attempt=asked["attempt"], question_id=asked["question_id"], response={"code": "print()"}, version=1
    )
    submit_attempt(attempt=asked["attempt"])
    CodeRun.objects.create(user=instructor, kind="samples", language="c", code="x")
    with transaction.atomic():
        set_identity(closer)
        erase_person(user=person, by=closer)
        set_identity(None, role="system")
    kept = CodeRun.objects.order_by("pk").values_list("user", "kind")
    assert list(kept) == [(person.pk, "all_tests"), (instructor.pk, "samples")]


def test_error_on_own_input_is_told_once(student: User) -> None:
    trace = 'Traceback:\n  File "main.py", line 3, in <module>\nZeroDivisionError: division by zero'
    asked = {
        "attempt": (attempt := coding_attempt(student)),
        "question_id": question_of(attempt),
        "by": student,
    }
    run = request_run(kind="own_input", code="1/0", own_input="1 2", **asked)
    found = {"number": 1, "sample": True, "verdict": "runtime_error", "seconds": 0.1, "megabytes": 9.0}
    run.state = "finished"
    run.report = {
        "verdict": "runtime_error",
        "tests": [{**found, "output": "", "errors": trace, "detail": ""}],
    }
    report = public_report(run)
    assert report["message"] == "Error in your code, line 3"
    page = render_to_string("assessments/_run_result.html", {"run": run, "report": report})
    assert page.count("ZeroDivisionError") == 1
    assert page.count("Error in your code") == 1
    run.report["tests"][0] |= {"errors": "", "detail": "ended by signal 9"}
    assert public_report(run)["message"] == "Error in your code: ended by signal 9"

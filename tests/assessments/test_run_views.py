"""Pages for runs of programs: with a script and without, for their owners alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from assessments.judging import request_solution_check
from assessments.models import CodeRun, JudgeState, QuestionResponse
from assessments.runs import forget_old_runs, latest_run, request_run
from assessments.templatetags.code_runs import runner_for
from tests.assessments.factories import make_quiz
from tests.assessments.running import coding_attempt, judged_by, question_of, verdicts, work

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


# --- Pages -----------------------------------------------------------------------------------------


def address_of(asked: dict[str, Any]) -> str:
    return reverse("assessments:attempt_run", args=[asked["attempt"].pk, asked["question_id"]])


def test_run_without_a_script_saves_the_program_and_leads_back(
    asked: dict[str, Any], login: Callable[[User], Client]
) -> None:
    client, question = login(asked["by"]), asked["question_id"]
    form = {"kind": "samples", f"answer-{question}": "print(3)", f"version-{question}": "0"}
    answer = client.post(address_of(asked), form, headers={"Accept": "text/html"})
    assert QuestionResponse.objects.get(attempt=asked["attempt"]).response == {"code": "print(3)"}
    assert asked["attempt"].quiz.title in client.get(answer["Location"]).content.decode()


def test_own_input_that_no_database_stores_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Write your input as text"):
        request_run(**{**asked, "kind": "own_input", "own_input": "\ud800"})


def test_script_asks_for_a_run_and_looks_for_its_verdict(
    asked: dict[str, Any], monkeypatch: Any, login: Callable[[User], Client]
) -> None:
    client = login(asked["by"])
    answer = client.post(address_of(asked), {"kind": "samples", "code": "print(3)"}, headers=JSON)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["is_over"], told["message"]) == (False, "Waiting for its turn.")
    with judged_by(monkeypatch, verdicts("accepted")):
        work()
    told = client.get(told["address"], headers=JSON).json()
    assert (told["is_over"], told["message"]) == (True, "1 of 1 sample test passed")


def test_form_without_a_script_leads_to_a_page_that_waits(
    asked: dict[str, Any], monkeypatch: Any, login: Callable[[User], Client]
) -> None:
    client = login(asked["by"])
    fields = {
        "kind": "own_input",
        f"answer-{asked['question_id']}": "print(3)",
        f"input-{asked['question_id']}": "7",
    }
    page = client.post(address_of(asked), fields, follow=True)
    assert "Waiting for its turn." in page.content.decode()
    assert "Look again" in page.content.decode()
    run = CodeRun.objects.get()
    assert (run.code, run.own_input) == ("print(3)", "7")
    with judged_by(monkeypatch, verdicts("accepted")):
        work()
    assert "Look again" not in client.get(page.request["PATH_INFO"]).content.decode()


def test_refusal_is_told_on_the_page(asked: dict[str, Any], login: Callable[[User], Client]) -> None:
    client = login(asked["by"])
    empty = client.post(address_of(asked), {"kind": "samples", "code": ""})
    assert (empty.status_code, "Write a program first." in empty.content.decode()) == (400, True)
    switch_off()
    off = client.post(address_of(asked), {"kind": "samples", "code": "x"})
    assert (off.status_code, "Nothing was run." in off.content.decode()) == (409, True)
    told = client.post(address_of(asked), {"kind": "samples", "code": "x"}, headers=JSON).json()
    assert (told["address"], told["is_over"]) == ("", True)
    assert "Nothing was run." in told["html"]


def test_run_needs_the_token_of_the_page(asked: dict[str, Any], login: Callable[[User], Client]) -> None:
    signed_in = login(asked["by"])
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in.cookies
    assert client.post(address_of(asked), {"kind": "samples", "code": "x"}, headers=JSON).status_code == 403
    assert not CodeRun.objects.exists()


def test_nobody_sees_the_run_of_another(
    asked: dict[str, Any], login: Callable[[User], Client], admin_user: User, instructor: User
) -> None:
    run = request_run(**asked)
    address = reverse("assessments:coderun_detail", args=[run.key])
    for person in (asked["attempt"].quiz.course.instructor, admin_user, instructor):
        assert login(person).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_check_of_a_solution_is_hidden_from_who_no_longer_teaches(login: Callable[[User], Client]) -> None:
    quiz = make_quiz(kinds="c")
    teacher = quiz.course.instructor
    run = request_solution_check(quiz=quiz, coding=quiz.questions.get().coding, by=teacher)
    address = reverse("assessments:coderun_detail", args=[run.key])
    assert login(teacher).get(address).status_code == 200
    quiz.course.instructor = make_quiz().course.instructor
    quiz.course.save()
    assert login(teacher).get(address).status_code == 404


# --- The runner in a question ----------------------------------------------------------------------


def test_runner_shows_what_was_typed_last(asked: dict[str, Any], student: User) -> None:
    attempt = asked["attempt"]
    entry = attempt.paper[0]
    runner = runner_for(attempt, entry, None, student)
    assert (runner.code, runner.run, runner.hidden_tests) == (entry["coding"]["starter_code"], None, 2)
    saved = QuestionResponse(response={"code": "saved"}, saved_at=timezone.now())
    assert runner_for(attempt, entry, saved, student).code == "saved"
    request_run(**{**asked, "code": "run later"})
    assert runner_for(attempt, entry, saved, student).code == "run later"
    saved.saved_at = timezone.now() + timedelta(seconds=1)
    assert runner_for(attempt, entry, saved, student).code == "saved"


def test_run_of_an_earlier_attempt_is_not_shown(asked: dict[str, Any], student: User) -> None:
    request_run(**asked)
    CodeRun.objects.update(created_at=asked["attempt"].started_at - timedelta(minutes=1))
    assert latest_run(attempt=asked["attempt"], question_id=asked["question_id"], by=student) is None


def test_old_runs_are_forgotten_and_what_was_handed_in_stays(asked: dict[str, Any], settings: Any) -> None:
    request_run(**asked)
    kept = request_run(**asked)
    CodeRun.objects.filter(pk=kept.pk).update(kind="all_tests")
    CodeRun.objects.update(created_at=timezone.now() - timedelta(days=settings.CODE_RUNS_KEPT_DAYS + 1))
    fresh = request_run(**asked)
    forget_old_runs()
    assert set(CodeRun.objects.values_list("pk", flat=True)) == {kept.pk, fresh.pk}

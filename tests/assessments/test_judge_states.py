"""Several machines judge: one without a sandbox leaves programs to those that have one."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from assessments import judge_states
from assessments.judge import Report, SandboxUnavailable, Status
from assessments.models import JudgeState
from assessments.runs import request_run
from projectgenius.background.signals import worker_started
from projectgenius.background.worker import LeasedWorker
from tests.assessments.running import coding_attempt, judged_by, make_due, question_of, verdicts, work

pytestmark = pytest.mark.django_db


def switched_off(*_args: Any, **_options: Any) -> Report:
    raise SandboxUnavailable("no bwrap")


def state_of(host: str, languages: list[str], minutes: int = 0) -> None:
    JudgeState.objects.create(
        host_name=host, languages=languages, checked_at=timezone.now() - timedelta(minutes=minutes)
    )


@pytest.fixture
def _no_sandbox(monkeypatch: Any) -> None:
    monkeypatch.setattr(judge_states.judge, "status", lambda: Status("D", "no bwrap"))


@pytest.mark.usefixtures("_no_sandbox")
def test_worker_without_a_sandbox_leaves_programs_to_a_machine_that_has_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    takes = judge_states.ProgramsHere()
    monkeypatch.setattr(judge_states, "LOOK_EVERY", 0)
    assert takes(), "nobody else does"
    state_of("another", ["python"])
    assert (takes(), takes()) == (False, False)
    assert [record.getMessage() for record in caplog.records] == [
        "No sandbox here (no bwrap): programs are left to other machines."
    ]
    assert JudgeState.objects.exclude(host_name="another").get().reason == "no bwrap"
    JudgeState.objects.filter(host_name="another").update(checked_at=timezone.now() - timedelta(hours=1))
    assert takes(), "the other one is gone"


@pytest.mark.usefixtures("_no_sandbox")
def test_machines_that_all_lack_a_sandbox_take_programs_to_say_so() -> None:
    state_of("another", [])
    assert judge_states.ProgramsHere()()


def test_worker_looks_around_once_a_minute(monkeypatch: Any) -> None:
    looks: list[int] = []
    takes = judge_states.ProgramsHere()
    monkeypatch.setattr(takes, "_look", lambda: looks.append(1))
    for _each in range(5):
        assert takes()
    assert len(looks) == 1


def test_started_worker_asks_whether_it_takes_programs() -> None:
    worker = LeasedWorker()
    worker_started.send(sender=LeasedWorker, worker=worker)
    judge_states.judge.forbid_here()
    assert isinstance(worker.conditions["judge"], judge_states.ProgramsHere)


def test_run_that_another_machine_can_make_is_tried_again(student: User, monkeypatch: Any) -> None:
    attempt = coding_attempt(student)
    run = request_run(attempt=attempt, question_id=question_of(attempt), kind="samples", code="x", by=student)
    state_of("another", ["python"])
    with judged_by(monkeypatch, switched_off):
        work()
    run.refresh_from_db()
    assert (run.is_over, run.tries) == (False, 1)
    make_due()
    with judged_by(monkeypatch, verdicts("accepted")):
        work()
    run.refresh_from_db()
    assert (run.state, run.tries) == ("finished", 2)

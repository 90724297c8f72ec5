"""Real workers on PostgreSQL with the real judge, killed and paused in the middle of a judging."""

import signal
import subprocess
import time
from typing import Any

import pytest

from accounts.models import User
from assessments.models import CodeRun, GradingState, JudgeState, QuestionResponse
from tests.assessments.running import submitted
from tests.background.conftest import StartWorker
from tests.background.processes import LEASE, WorkerProcess, wait_for

pytestmark = pytest.mark.slow

MARK = "a_program_of_the_test_of_killed_workers"
SLOW = f"""
import time
{MARK} = [int(word) for word in input().split()]
time.sleep(1.5)
print(sum({MARK}))
"""


def running_run() -> CodeRun | None:
    return CodeRun.objects.filter(state="running").first()


def is_graded() -> bool:
    return QuestionResponse.objects.filter(grading=GradingState.DONE).exists()


def sandboxes_of(worker: WorkerProcess) -> list[str]:
    """Processes that a worker started, and theirs."""
    table = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,comm="], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 2) for line in table.splitlines()]
    found, parents = [], {str(worker.pid)}
    while new := [row for row in rows if row[1] in parents and row not in found]:
        found += new
        parents = {row[0] for row in new}
    return [row[2] for row in found]


@pytest.fixture
def _empty_afterwards(postgresql_url: str) -> Any:
    yield
    JudgeState.objects.all().delete()


@pytest.mark.usefixtures("_empty_afterwards")
def test_run_of_a_killed_worker_is_judged_again_once(
    postgresql_url: str,
    start_worker: StartWorker,
    student: User,
) -> None:
    submitted(student, SLOW)
    one = start_worker(postgresql_url).ready()
    wait_for(running_run)
    wait_for(lambda: sandboxes_of(one))
    children = sandboxes_of(one)
    one.signal(signal.SIGKILL)
    one.process.wait()
    assert children
    start_worker(postgresql_url).ready()
    wait_for(is_graded)

    run = CodeRun.objects.get()
    assert (run.state, run.tries) == ("finished", 2)
    response = QuestionResponse.objects.get()
    assert (response.points_earned, response.attempt.score) == (4, 100)
    time.sleep(LEASE)
    assert CodeRun.objects.get().tries == 2


@pytest.mark.usefixtures("_empty_afterwards")
def test_paused_worker_that_wakes_late_does_not_grade(
    postgresql_url: str,
    start_worker: StartWorker,
    student: User,
) -> None:
    submitted(student, SLOW)
    one = start_worker(postgresql_url).ready()
    wait_for(running_run)
    one.signal(signal.SIGSTOP)
    two = start_worker(postgresql_url).ready()
    wait_for(lambda: CodeRun.objects.get().tries == 2)
    one.signal(signal.SIGCONT)  # its go ends first, and is not the latest
    wait_for(is_graded)
    one.wait_until_it_says("is not the latest, result not written")
    assert "not the latest" not in two.output
    run = CodeRun.objects.get()
    assert (run.state, run.tries, QuestionResponse.objects.get().points_earned) == ("finished", 2, 4)


def test_program_that_costs_each_worker_its_life_ends_with_a_person(
    postgresql_url: str,
    start_worker: StartWorker,
    student: User,
) -> None:
    """Three workers are lost in a row; then the task has failed, and the periodic look gives the run up."""
    from assessments.judging import give_up_lost

    submitted(student, SLOW)
    for tries in (1, 2, 3):
        worker = start_worker(postgresql_url).ready()
        wait_for(lambda tries=tries: CodeRun.objects.filter(state="running", tries=tries).exists())
        worker.signal(signal.SIGKILL)
        worker.process.wait()
    start_worker(postgresql_url).wait_until_it_says("given up")
    CodeRun.objects.update(created_at="2026-01-01T00:00:00Z")
    assert give_up_lost() == 1
    response = QuestionResponse.objects.get()
    assert (response.grading, response.judged["note"]) == (GradingState.PERSON, "judge_failed")

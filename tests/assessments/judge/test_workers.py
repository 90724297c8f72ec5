"""Several judges at once, and judges that are killed in the middle."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from assessments import judge
from assessments.judge import Case, Limits, Program, Verdict
from assessments.judge.sandbox import Job, launch
from tests.assessments.judge.users import as_ordinary_user

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("judging")]

WORKER = """
import os, sys, django
django.setup()
from assessments import judge
judge.allow_here()
assert judge.status().is_on
print("ready", flush=True)
while True:
    judge.run(judge.Program("bash", "sleep {mark} & sleep {mark}"), [""], judge.Limits(20, 64))
"""


def processes_with(word: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in words and b"python" not in words:
            found.append(f"{folder.name}: {words!r}")
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_threads_judge_at_once_without_knowing_of_each_other() -> None:
    def sums(number: int) -> Verdict:
        program = Program("python", f"print(int(input()) + {number})\n")
        return judge.judge(program, [Case(str(n), str(n + number)) for n in range(3)], Limits(10, 64)).verdict

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(sums, range(24))) == {Verdict.ACCEPTED}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives each run a user id")
def test_runs_at_once_have_user_ids_of_their_own() -> None:
    job = Job(("true",), 1, 3, 64, 1000)
    with (
        launch(job, bwrap="bwrap", with_proc=True, joins=[], status=0) as one,
        launch(job, bwrap="bwrap", with_proc=True, joins=[], status=0) as other,
    ):
        assert None not in (one.slot, other.slot)
        assert one.slot != other.slot


@pytest.mark.parametrize("_time", range(2))
def test_nothing_survives_a_worker_that_is_killed(_time: int) -> None:
    mark = f"8{random.randrange(10**6):06}"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(mark=mark)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    assert wait_for(lambda: len(processes_with(mark)) >= 2)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert wait_for(lambda: not processes_with(mark), 5), processes_with(mark)
    with judge.allowed_here():
        machine = judge.fresh_status().machine
    assert machine is not None
    if machine.groups:
        for _, parent in machine.groups.parents:
            assert not list(parent.glob(f"judge-{worker.pid}-*"))


@pytest.mark.parametrize("as_whom", ["as started", "ordinary user"])
def test_nothing_survives_a_worker_that_is_killed_while_it_starts_a_program(as_whom: str) -> None:
    """The sandbox is made in several steps, and the worker may die between any two of them."""
    mark = f"7{random.randrange(10**6):06}"
    program = Program("bash", f"sleep {mark}")

    def many_deaths() -> None:
        with judge.allowed_here():
            assert judge.fresh_status().is_on
            for number in range(40):
                pid = os.fork()
                if pid == 0:
                    try:
                        judge.run(program, [""], Limits(20, 64))
                    finally:
                        os._exit(0)
                time.sleep(number * 0.0015)
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    (as_ordinary_user if as_whom == "ordinary user" else (lambda one: one()))(many_deaths)
    assert wait_for(lambda: not processes_with(mark), 5), processes_with(mark)

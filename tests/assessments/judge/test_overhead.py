"""What the sandbox costs, for each test that a program runs. `pytest -s` prints the figures."""

import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assessments import judge
from assessments.judge import LANGUAGES, Case, Limits, Program, Verdict
from assessments.judge.judging import Comparison, judge_on
from assessments.judge.runtimes import ARTEFACT, SOURCE_DIR, runtime_of
from assessments.judge.samples import SUM
from assessments.judge.sandbox import SEARCH
from tests.assessments.judge.conftest import each_language

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("judging")]

RUNS, TRIES = 15, 6
MOST = {
    "c": 0.025,
    "cpp": 0.025,
    "python": 0.025,
    "bash": 0.025,
}  # seconds; the others vary with their own start
LIMITS = Limits(5, 256)
CASE = Case("20 22\n", "42\n")


def bare(language: str, folder: Path) -> Callable[[], None]:
    """The program as it runs without any sandbox."""
    runtime, file = runtime_of(language), folder / LANGUAGES[language].file_name
    file.write_text(SUM[language])
    program = folder / "program"

    def outside(words: tuple[str, ...]) -> list[str]:
        places = {"/tmp/": f"{folder}/", ARTEFACT: str(program), SOURCE_DIR: str(folder)}
        return [re.sub("|".join(places), lambda found: places[found[0]], word) for word in words]

    if runtime.makes_artefact:
        built = subprocess.run(outside(runtime.build), capture_output=True, check=True)
        program.unlink(missing_ok=True)
        program.write_bytes(built.stdout)
        program.chmod(0o755)
    command, environment = outside(runtime.run(256)), {"PATH": SEARCH, **dict(runtime.environment)}

    def run() -> None:
        done = subprocess.run(
            command, input=b"20 22\n", capture_output=True, env=environment, cwd="/", check=True
        )
        assert done.stdout == b"42\n"

    return run


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def crowding() -> float:
    """How much longer things take than they work, because others work too; 1.0 on a quiet machine."""
    began, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < 0.05:
        pass
    return max(1.0, (time.perf_counter() - began) / (time.process_time() - worked))


@each_language
def test_sandbox_costs_little(language: str) -> None:
    """The best of several tries counts, by the clock of a quiet machine: other work only ever adds."""
    machine = judge.status().machine
    assert machine is not None
    program = Program(language, SUM[language])
    tries: list[tuple[float, float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        run_bare = bare(language, Path(folder))
        for _ in range(TRIES):
            before = crowding()
            alone = statistics.median(timed(run_bare) for _ in range(RUNS))
            inside = statistics.median(_run_times(program, RUNS))
            crowded = (before + crowding()) / 2
            tries.append(((inside - alone) / crowded, crowded, alone, inside))
            if min(tries)[0] <= MOST.get(language, 1.0):
                break
    overhead, crowded, alone, inside = min(tries)
    compiling = min(timed(lambda: judge_on(machine, program, [], LIMITS, Comparison())) for _ in range(3))
    print(  # noqa: T201
        f"\n{language:10} bare {alone * 1000:6.1f} ms, in the sandbox {inside * 1000:6.1f} ms, "
        f"over {overhead * 1000:6.1f} ms where nothing else runs (crowding {crowded:.1f}), "
        f"compile or check {compiling * 1000:6.1f} ms"
    )
    assert overhead <= MOST.get(language, 1.0), tries


def _run_times(program: Program, number: int) -> list[float]:
    """Seconds of single runs of a program, without its compiling."""
    machine = judge.status().machine
    assert machine is not None
    times: list[float] = []
    began = [0.0]

    class Stopwatch(list[Case]):
        """Cases that note when each is asked for."""

        def __iter__(self):
            for _ in range(number):
                began[0] = time.perf_counter()
                yield CASE
                times.append(time.perf_counter() - began[0])

    assert judge_on(machine, program, Stopwatch(), LIMITS, Comparison()).verdict == Verdict.ACCEPTED
    return times


@pytest.mark.parametrize("language", ["c", "python", "java"], indirect=True)
def test_two_workers_judge_more_than_one(language: str) -> None:
    machine = judge.status().machine
    assert machine is not None
    program, each = Program(language, SUM[language]), {"c": 40, "python": 30, "java": 6}[language]

    def work(number: int) -> int:
        return sum(
            result.passed
            for result in judge_on(machine, program, [CASE] * number, LIMITS, Comparison()).results
        )

    rates = []
    for workers in (1, 2):
        with ThreadPoolExecutor(workers) as pool:
            began = time.perf_counter()
            done = sum(pool.map(work, [each] * workers))
            rates.append(done / (time.perf_counter() - began))
        assert done == each * workers
    print(  # noqa: T201
        f"\n{language:10} {rates[0]:6.1f} tests/s with one worker, {rates[1]:6.1f} with two, {os.cpu_count()} cores"
    )
    assert rates[1] > 0.5 * rates[0]

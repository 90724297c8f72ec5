"""Whether this machine can run programs safely, found out by running some."""

import contextlib
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from assessments.judge.bubblewrap import find_bwrap
from assessments.judge.cgroups import Groups, NoGroups, find_groups
from assessments.judge.gate import SandboxUnavailable, require_allowed
from assessments.judge.judging import Comparison, judge_on
from assessments.judge.languages import LANGUAGES, Language
from assessments.judge.programs import Case, Limits, Program, Report
from assessments.judge.runtimes import RuntimeMissing, runtime_of
from assessments.judge.samples import BALLOON, PROBE, SPINNER, SUM
from assessments.judge.sandbox import Job, find_tools
from assessments.judge.supervisor import Machine, execute
from assessments.judge.verdicts import Verdict

ASK_AGAIN_AFTER = 300.0  # seconds; what failed may work by then
AT_ONCE = 2
TRIES = 2


@dataclass(frozen=True, slots=True)
class Status:
    """What the self-test found. `rung`: A with a memory cgroup, B without, C without /proc, D none: nothing runs.

    `reason`: why nothing runs; empty where programs run. `refused`: why a language is not offered, by its code.
    `note`: why the rung is no better one. `machine`: what programs run on.
    """

    rung: str
    reason: str
    languages: tuple[Language, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    note: str = ""
    machine: Machine | None = None

    @property
    def is_on(self) -> bool:
        return not self.reason


class Failed(Exception):
    """A step of the self-test that did not go as it must."""


_lock = threading.Lock()
_found: tuple[Status, float] | None = None


def status() -> Status:
    """The result of the self-test, run once in a process; one that found something amiss is repeated later.

    Raises NotAllowedHere.
    """
    global _found  # noqa: PLW0603
    require_allowed()
    with _lock:
        if _found is not None:
            found, at = _found
            if (found.is_on and not found.refused) or time.monotonic() - at < ASK_AGAIN_AFTER:
                return found
        _found = (fresh_status(), time.monotonic())
        return _found[0]


def available_languages() -> tuple[Language, ...]:
    """The languages whose runtime is here and passed the self-test. Raises NotAllowedHere."""
    return status().languages


def machine_for(language: str) -> Machine:
    """What to run a language on. Raises SandboxUnavailable where the sandbox or the language failed its self-test."""
    found = status()
    if found.machine is None:
        raise SandboxUnavailable(found.reason)
    if language not in {offered.code for offered in found.languages}:
        raise SandboxUnavailable(f"{language}: {dict(found.refused).get(language, 'unknown')}")
    return found.machine


# --- The test -------------------------------------------------------------------------------------


def fresh_status() -> Status:
    """Test the sandbox, then each language in it; what fails is tried once more, as a busy machine may be to blame."""
    require_allowed()
    try:
        find_tools()
        bwrap = find_bwrap()
        groups, note = _groups()
        machine = _tested(Machine(bwrap, groups=groups))
    except (SandboxUnavailable, RuntimeMissing, Failed, OSError) as error:
        return Status("D", _reason(error))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = list(pool.map(lambda language: _try(machine, language), LANGUAGES.values()))
    rung = "C" if not machine.with_proc else "A" if machine.groups else "B"
    return Status(
        rung=rung,
        reason="",
        languages=tuple(one for one in tried if isinstance(one, Language)),
        refused=tuple(one for one in tried if not isinstance(one, Language)),
        note=note if machine.with_proc else "this container may not mount /proc",
        machine=machine,
    )


def _reason(error: Exception) -> str:
    return (error.reason if isinstance(error, SandboxUnavailable) else str(error)) or type(error).__name__


def _tested(machine: Machine, *, tries: int = TRIES) -> Machine:
    """The machine as it can be used. Raises Failed where its sandbox does not hold."""
    try:
        machine = _working(machine)
        _probe(machine)
        _limits_hold(machine)
    except Failed:
        if tries > 1:
            return _tested(machine, tries=tries - 1)
        raise
    return machine


def _groups() -> tuple[Groups | None, str]:
    try:
        return find_groups(), ""
    except NoGroups as error:
        return None, f"no memory control group: {error}"


def _job(script: str, seconds: float = 3.0) -> Job:
    return Job(
        command=(*runtime_of("bash").run(64)[:-1], "-c", script),
        seconds=seconds,
        wall_seconds=2 * seconds + 3,
        memory_mb=64,
        output_bytes=64 * 1024,
    )


def _working(machine: Machine) -> Machine:
    """The machine, without /proc if it is not to be had. Raises Failed with what bwrap said."""
    outcome = execute(_job("echo works"), machine)
    if outcome.stdout == b"works\n":
        return machine
    if machine.with_proc and b"proc" in outcome.stderr:
        return _working(replace(machine, with_proc=False))
    raise Failed(_last_line(outcome.stderr) or "the sandbox does not start")


def _probe(machine: Machine) -> None:
    """What must not be seen is not seen, what must be refused is refused, and nothing is left. Raises Failed."""
    with _canary() as (file, word):
        outcome = execute(_job(PROBE.replace("{file}", file).replace("{word}", word)), machine)
        lines = outcome.stdout.decode("utf-8", "replace").split("\n")
        if "end" not in lines:
            raise Failed(_last_line(outcome.stderr) or "the probe did not come to its end")
        if found := [line for line in lines if line not in ("end", "")]:
            raise Failed("; ".join(found)[:500])
        if word in outcome.stdout.decode("utf-8", "replace"):
            raise Failed("the worker's environment is visible")
        if left := _processes_with(word):
            raise Failed(f"processes outlive their program: {left}")


@contextlib.contextmanager
def _canary() -> Iterator[tuple[str, str]]:
    """A file that everybody can read, and a word in this process's environment; no program may see either."""
    word = f"canary-{secrets.token_hex(8)}"
    with tempfile.NamedTemporaryFile(prefix="judge-") as file:
        os.chmod(file.name, 0o644)
        os.environ["JUDGE_CANARY"] = word
        try:
            yield file.name, word
        finally:
            del os.environ["JUDGE_CANARY"]


def _processes_with(word: str) -> list[int]:
    """Processes whose command line holds a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if word.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def _limits_hold(machine: Machine) -> None:
    """A program that spins and one that swells are stopped. Raises Failed."""
    spun = _judge(machine, "bash", SPINNER, Limits(0.2, 64))
    if spun.verdict != Verdict.TIME_LIMIT:
        raise Failed(f"a program that spins ends with {spun.verdict}")
    swollen = _judge(machine, "bash", BALLOON, Limits(5, 32))
    # Where only addresses are limited the program itself meets the limit.
    fitting = {Verdict.MEMORY_LIMIT} if machine.groups else {Verdict.MEMORY_LIMIT, Verdict.RUNTIME_ERROR}
    if swollen.verdict not in fitting:
        raise Failed(f"a program that swells ends with {swollen.verdict}")


def _try(machine: Machine, language: Language) -> Language | tuple[str, str]:
    """The language with the version found here, or its code and why it is not offered."""
    try:
        for _ in range(TRIES):
            report = _judge(
                machine, language.code, SUM[language.code], Limits(5, 256), Case("20 22\n", "42\n")
            )
            if report.verdict == Verdict.ACCEPTED:
                return replace(language, version=_version(machine, language))
    except (SandboxUnavailable, RuntimeMissing, OSError) as error:
        return language.code, _reason(error)
    return language.code, _what_went_wrong(report)


def _judge(machine: Machine, language: str, source: str, limits: Limits, case: Case | None = None) -> Report:
    return judge_on(machine, Program(language, source), [case or Case("")], limits, Comparison())


def _what_went_wrong(report: Report) -> str:
    said = [report.compile.message] if report.compile else []
    said += [f"{result.detail} {result.stderr}" for result in report.results]
    return f"its sample ends with {report.verdict}: {' '.join(said).strip()}"[:500]


def _version(machine: Machine, language: Language) -> str:
    """The name of the language's runtime with its version, if it tells it."""
    runtime = runtime_of(language.code)
    if isinstance(runtime.version, str):
        return runtime.version
    job = replace(
        _job(""),
        command=runtime.version,
        binds=runtime.run_binds,
        environment=runtime.environment,
        memory_mb=256,
    )
    said = execute(job, machine).stdout.decode("utf-8", "replace").split()
    number = said[-1].lstrip("v") if said else ""
    return f"{runtime.told_as} {number}".strip()


def _last_line(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip().rpartition("\n")[2][:500]

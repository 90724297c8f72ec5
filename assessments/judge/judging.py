"""Judging a program: compile it once, run it on each case, compare what it wrote."""

import logging
import math
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.judge.checker import KINDS, check
from assessments.judge.gate import SandboxUnavailable, require_allowed
from assessments.judge.languages import LANGUAGES
from assessments.judge.programs import Case, CaseResult, CompileResult, Limits, Program, Report
from assessments.judge.runtimes import ARTEFACT, SOURCE_DIR, Runtime, RuntimeMissing, runtime_of
from assessments.judge.sandbox import Job
from assessments.judge.supervisor import Machine, Outcome, Stopped, execute
from assessments.judge.verdicts import Verdict, overall

logger = logging.getLogger(__name__)

OUTPUT_LIMIT = 2**20  # bytes; twice the expected output where that is more
ARTEFACT_LIMIT = 32 * 2**20
COMPILE_LIMITS = Limits(seconds=10, memory_mb=512)
SETTING_UP = 0.05  # seconds of processor time that are the sandbox's, at most
SPACE_BESIDE_MEMORY = 64  # megabytes of addresses that hold no memory
OUTPUT_KEPT, OWN_OUTPUT_KEPT = 8_000, 64_000  # characters
STDERR_KEPT = 4_000
MESSAGE_KEPT = 16_000
TRIES = 2  # for errors of ours

SIGNALS = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGFPE: "division by zero or another arithmetic error",
    signal.SIGILL: "illegal instruction",
    signal.SIGBUS: "bus error",
    signal.SIGKILL: "killed",
    signal.SIGPIPE: "broken pipe",
    signal.SIGSYS: "forbidden system call",
    signal.SIGTERM: "terminated",
}
OUT_OF_MEMORY = (b"MemoryError", b"OutOfMemoryError", b"std::bad_alloc", b"heap out of memory")


NOT_RUN = CaseResult(Verdict.NOT_RUN, detail="the time for all tests together was over")


@dataclass(frozen=True, slots=True)
class Comparison:
    """How outputs are compared."""

    checker: str = "standard"
    tolerance: float | Decimal = 0.0


@dataclass(frozen=True, slots=True)
class Built:
    """A program that can be run: by what, on which machine, and the file that goes into the sandbox."""

    machine: Machine
    runtime: Runtime
    file: tuple[str, int, bytes]


def judge_on(
    machine: Machine,
    program: Program,
    cases: Sequence[Case],
    limits: Limits,
    comparison: Comparison,
    *,
    stop_early: bool = False,
    within: float = math.inf,
    kept: int = OUTPUT_KEPT,
) -> Report:
    """Judge on a machine whose sandbox passed its self-test, or is being tested. Raises as `judge`."""
    require_allowed()
    began = time.monotonic()
    if comparison.checker not in KINDS:
        raise ValueError(f"No checker is named {comparison.checker!r}.")
    try:
        runtime = runtime_of(program.language)
    except RuntimeMissing as error:
        raise SandboxUnavailable(str(error)) from error
    source = f"{SOURCE_DIR}/{LANGUAGES[program.language].file_name}"
    text = program.source.encode("utf-8", "replace")
    compiled, outcome = _compile(machine, runtime, (source, 0o444, text))
    if compiled is None:
        return Report(Verdict.INTERNAL_ERROR)
    if not compiled.ok:
        return Report(Verdict.COMPILE_ERROR, compiled)
    file = (ARTEFACT, 0o555, outcome.stdout) if runtime.makes_artefact else (source, 0o444, text)
    built = Built(machine, runtime, file)
    results: list[CaseResult] = []
    for case in cases:
        if results and time.monotonic() - began > within:
            results += [NOT_RUN] * (len(cases) - len(results))
            break
        results.append(_judge_case(built, case, limits, comparison, kept))
        if stop_early and not results[-1].passed:
            break
    return Report(overall(result.verdict for result in results), compiled, tuple(results))


# --- The steps ------------------------------------------------------------------------------------


def _compile(
    machine: Machine, runtime: Runtime, source: tuple[str, int, bytes]
) -> tuple[CompileResult | None, Outcome]:
    """Compile, or check the syntax. No result where the sandbox failed."""
    job = Job(
        command=runtime.build,
        seconds=float(COMPILE_LIMITS.seconds),
        wall_seconds=2 * float(COMPILE_LIMITS.seconds),
        memory_mb=COMPILE_LIMITS.memory_mb,
        output_bytes=ARTEFACT_LIMIT,
        files=(source,),
        binds=runtime.build_binds,
        environment=runtime.environment,
        space_mb=_space(machine, runtime, COMPILE_LIMITS.memory_mb),
        file_mb=32,
        scratch_mb=48,
    )
    outcome = _execute(job, machine)
    if _is_ours(outcome):
        return None, outcome
    failed = outcome.stopped is not None or outcome.exit_code != 0
    if not failed and runtime.makes_artefact and not outcome.stdout:
        failed = True
    message = _text(outcome.stderr, MESSAGE_KEPT).replace(f"{SOURCE_DIR}/", "").strip()
    if failed:
        reason = _limit_reached(outcome, COMPILE_LIMITS) or ("" if message else _ending(outcome.exit_code))
        message = "\n".join(filter(None, [f"The compiler was stopped: {reason}." if reason else "", message]))
    return CompileResult(not failed, message, round(outcome.cpu_seconds, 2)), outcome


def _judge_case(built: Built, case: Case, limits: Limits, comparison: Comparison, kept: int) -> CaseResult:
    expected = None if case.output is None else case.output.encode("utf-8", "replace")
    seconds = float(limits.seconds)
    job = Job(
        command=built.runtime.run(limits.memory_mb),
        seconds=seconds,
        wall_seconds=2 * seconds + 1,
        memory_mb=limits.memory_mb,
        output_bytes=max(OUTPUT_LIMIT, 2 * len(expected or b"")),
        files=(built.file,),
        binds=built.runtime.run_binds,
        environment=built.runtime.environment,
        stdin=case.input.encode("utf-8", "replace"),
        space_mb=_space(built.machine, built.runtime, limits.memory_mb),
    )
    outcome = _execute(job, built.machine)
    verdict, detail = verdict_on(outcome, expected, limits, comparison)
    return CaseResult(
        verdict,
        seconds=round(outcome.cpu_seconds, 2),
        peak_mb=None if outcome.peak_mb is None else round(outcome.peak_mb, 1),
        stdout=_text(outcome.stdout, kept),
        stderr="" if verdict == Verdict.INTERNAL_ERROR else _text(outcome.stderr, STDERR_KEPT),
        detail=detail,
    )


def _execute(job: Job, machine: Machine) -> Outcome:
    """Run a job, once more after an error of ours."""
    for _ in range(TRIES):
        try:
            outcome = execute(job, machine)
        except OSError as error:
            problem = f"{type(error).__name__}: {error}".encode()
            outcome = Outcome(None, None, 0.0, 0.0, None, b"", problem)
        if not _is_ours(outcome):
            break
        logger.error("The sandbox failed: %s", outcome.stderr[-2000:].decode("utf-8", "replace").strip())
    return outcome


def _space(machine: Machine, runtime: Runtime, memory_mb: int) -> int | None:
    """Without a control group a limit on addresses has to do, in megabytes."""
    return memory_mb + SPACE_BESIDE_MEMORY if machine.groups is None and runtime.limits_space else None


# --- What an outcome means ------------------------------------------------------------------------


def verdict_on(
    outcome: Outcome, expected: bytes | None, limits: Limits, comparison: Comparison
) -> tuple[Verdict, str]:
    """The verdict on a run and how it ended; the first rule that fits counts (`Verdict`'s order)."""
    if _is_ours(outcome):
        return Verdict.INTERNAL_ERROR, "the sandbox failed"
    for verdict in (Verdict.OUTPUT_LIMIT, Verdict.MEMORY_LIMIT, Verdict.TIME_LIMIT):
        if _is_over(outcome, verdict, limits):
            return verdict, _limit_reached(outcome, limits)
    if outcome.exit_code:
        return Verdict.RUNTIME_ERROR, _ending(outcome.exit_code)
    if expected is None or check(comparison.checker, expected, outcome.stdout, comparison.tolerance):
        return Verdict.ACCEPTED, ""
    return Verdict.WRONG_ANSWER, ""


def _is_ours(outcome: Outcome) -> bool:
    """The sandbox neither told how the program ended nor was ended by us: an error of ours."""
    return outcome.exit_code is None and outcome.stopped is None


def _is_over(outcome: Outcome, verdict: Verdict, limits: Limits) -> bool:
    """Whether a run broke the limit that a verdict names."""
    code = outcome.exit_code or 0
    if verdict == Verdict.OUTPUT_LIMIT:
        return outcome.stopped == Stopped.OUTPUT or code == 128 + signal.SIGXFSZ
    if verdict == Verdict.MEMORY_LIMIT:
        ran_out = code != 0 and any(words in outcome.stderr[-4096:] for words in OUT_OF_MEMORY)
        return outcome.stopped == Stopped.MEMORY or ran_out
    slow = outcome.cpu_seconds > float(limits.seconds) + SETTING_UP
    return outcome.stopped == Stopped.TIME or code == 128 + signal.SIGXCPU or slow


def _limit_reached(outcome: Outcome, limits: Limits) -> str:
    """Which limit a run broke, in English; empty for none."""
    if _is_over(outcome, Verdict.OUTPUT_LIMIT, limits):
        return "too much output"
    if _is_over(outcome, Verdict.MEMORY_LIMIT, limits):
        return f"more than {limits.memory_mb} MB of memory"
    if _is_over(outcome, Verdict.TIME_LIMIT, limits):
        seconds = float(limits.seconds)
        if outcome.stopped == Stopped.TIME and outcome.cpu_seconds <= seconds:
            return f"waited longer than {2 * seconds + 1:g} s"
        return f"more than {seconds:g} s of processor time"
    return ""


def _ending(code: int | None) -> str:
    """How a program ended that did not end well: by a signal, or with an exit status."""
    if code is None:
        return "killed"
    try:
        number = signal.Signals(code - 128)
    except ValueError:
        return f"exit status {code}"
    return SIGNALS.get(number, number.name)


def _text(output: bytes, kept: int) -> str:
    """What a database can hold of an output: no NUL, no half characters, not too long."""
    text = output[: 4 * kept].decode("utf-8", "replace").replace("\0", "\ufffd")
    return text if len(text) <= kept else text[: kept - 1] + "…"

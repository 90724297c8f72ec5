"""Between a run and the judge: what is handed over, and the report as it is stored with the run.

`report = {"verdict": "accepted", "compile": "compiler's text", "tests": [{"number": 1, "sample": true,
"verdict": "accepted", "seconds": 0.02, "megabytes": 9.5 | null, "output": "…", "errors": "…", "detail": "…"}, …]}`,
a test for each one that was asked for, in their order.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assessments.judge import Case, CaseResult, Limits, Program, Report, Verdict, judge
from assessments.models import CodeRun, RunKind
from assessments.paper import Entry

LONGEST_SHOWN = 20_000  # characters of output kept of a run that somebody looks at
LONGEST_KEPT = 1_000  # of a test of what was handed in


class JudgeBroken(Exception):
    """The judge met an error of its own; the program is not to blame."""


def judge_run(run: CodeRun, coding: Entry, within: float) -> dict[str, Any]:
    """Run the program on its tests, or on its own input; no further test begins `within` seconds after the first.

    Of a try, tests that were not run are reported so. Where a grade or a proof hangs on them, they count as failed if
    a test that took too long is to blame, and else the judge is. Raises SandboxUnavailable and JudgeBroken.
    """
    tests = coding["test_cases"]
    cases = [Case(test["input"], test["output"]) for test in tests]
    if run.kind == RunKind.OWN_INPUT:
        tests, cases = [{"number": 1, "sample": True}], [Case(run.own_input)]
    limits = Limits(seconds=coding["time_limit_seconds"], memory_mb=coding["memory_limit_mb"])
    report = judge(
        Program(coding["language"], run.code),
        cases,
        limits,
        checker=coding["checker"],
        tolerance=Decimal(coding["tolerance"]),
        within=within,
    )
    if report.verdict == Verdict.INTERNAL_ERROR or (report.is_ours and not run.is_try):
        raise JudgeBroken(next((one.detail for one in report.results if one.detail), "internal error"))
    longest = LONGEST_KEPT if run.kind == RunKind.ALL_TESTS else LONGEST_SHOWN
    return stored_report(report, tests, longest)


def stored_report(report: Report, tests: Sequence[Entry], longest: int) -> dict[str, Any]:
    """The report in the shape above; a test that was not reached has the verdict of the whole."""
    results = [*report.results, *[CaseResult(report.verdict)] * (len(tests) - len(report.results))]
    return {
        "verdict": report.verdict.value,
        "compile": storable(report.compile.message, longest) if report.compile else "",
        "tests": [
            _stored(number, test, result, longest)
            for number, (test, result) in enumerate(zip(tests, results, strict=True), start=1)
        ],
    }


def _stored(place: int, test: Entry, result: CaseResult, longest: int) -> dict[str, Any]:
    return {
        "number": test.get("number", place),
        "sample": bool(test.get("sample")),
        "verdict": result.verdict.value,
        "seconds": result.seconds,
        "megabytes": result.peak_mb,
        "output": storable(result.stdout, longest),
        "errors": storable(result.stderr, longest),
        "detail": storable(result.detail, longest),
    }


def storable(text: str, longest: int) -> str:
    """A text that every database can hold: without NUL and halves of characters, and not too long."""
    return text[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode()

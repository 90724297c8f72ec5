"""Judging for the rest of the site: on this machine, if its sandbox passed the self-test."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from assessments.judge.gate import require_allowed
from assessments.judge.judging import OWN_OUTPUT_KEPT, Comparison, judge_on
from assessments.judge.programs import Case, Limits, Program, Report
from assessments.judge.self_test import machine_for


def judge(
    program: Program,
    cases: Sequence[Case],
    limits: Limits,
    checker: str = "standard",
    tolerance: float | Decimal = 0.0,
    *,
    stop_early: bool = False,
    within: float | None = None,
) -> Report:
    """Run a program on each case in a sandbox of its own and compare its output by a checker (`checker.check`).

    `stop_early`: no further case after one that failed. `within`: seconds by the clock, JUDGING_SECONDS unless given;
    cases that have not begun by then are `not_run`. Raises SandboxUnavailable where nothing can be run safely or
    the language is not offered here, NotAllowedHere in a process that is not open for judging, ValueError for a
    checker that nobody knows.
    """
    require_allowed()
    machine = machine_for(program.language)
    within = settings.JUDGING_SECONDS if within is None else within
    comparison = Comparison(checker, tolerance)
    return judge_on(machine, program, cases, limits, comparison, stop_early=stop_early, within=within)


def run(program: Program, inputs: Sequence[str], limits: Limits) -> Report:
    """Run a program on own inputs; nothing is expected, and more of the output is kept. Raises as `judge`."""
    require_allowed()
    machine = machine_for(program.language)
    cases = [Case(text) for text in inputs]
    return judge_on(machine, program, cases, limits, Comparison(), kept=OWN_OUTPUT_KEPT)

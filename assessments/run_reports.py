"""What a person sees of a run.

`report = {"verdict": "accepted", "compile": "compiler's text", "tests": [{"number": 1, "sample": true,
"verdict": "accepted", "seconds": 0.02, "megabytes": 9.5, "output": "…", "errors": "…", "detail": "…"}, …]}` as
`assessments.judge_door` makes it, or `{"verdict": "internal_error", "reason": "…", "off": true}` of a failure.

Of a hidden test a student sees the number and the verdict. Everything else can carry its input: a program may print
it, wait as long as it says, or die with it.
"""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.judge import Verdict
from assessments.models import CodeRun, RunKind, RunState
from assessments.paper import Entry
from assessments.run_limits import switched_off
from assessments.shapes import points_of_test

Report = dict[str, Any]

MOST_LINES = 200  # compared; what follows is left out
LONGEST_LINE = 500
# Controls but tab and line feed, and signs that turn the direction of what follows.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
LINE_OF_ERROR = re.compile(r'[Mm]ain\.\w+(?:", line |:)(\d+)')


def failed_report(reason: str, *, is_off: bool) -> Report:
    """The report of a run that the judge could not make."""
    return {
        "verdict": Verdict.INTERNAL_ERROR,
        "reason": reason[:500].replace("\0", ""),
        "off": is_off,
        "tests": [],
    }


def judged_of(report: Report, entry: Entry | None) -> Report:
    """What is kept with a response: the verdicts of its tests with their points, or the failure with a note."""
    if entry is None:
        note = "judge_off" if report.get("off") else "judge_failed"
        return {"verdict": Verdict.INTERNAL_ERROR, "tests": [], "note": note}
    tests = entry["coding"]["test_cases"]
    return {
        "verdict": report["verdict"],
        "tests": [
            {
                "number": found["number"],
                "sample": found["sample"],
                "verdict": found["verdict"],
                "points": str(points_of_test(test)),
            }
            for found, test in zip(report["tests"], tests, strict=True)
        ],
    }


def public_report(run: CodeRun) -> Report:
    """A run for its owner: `{"state", "is_over", "verdict", "message", "compile", "tests": [test, …]}`.

    A test is `{"number", "is_sample", "verdict", "words"}`; of a sample, own input, and a solution that an instructor
    checks also `seconds`, `megabytes`, `input`, `output`, `error_output`, `expected` and `difference`.
    """
    report: Report = run.report or {}
    tests = [_public_test(run, found) for found in report.get("tests", [])]
    return {
        "state": run.state,
        "is_over": run.is_over,
        "verdict": report.get("verdict"),
        "message": _message(run, report),
        "compile": report.get("compile", "")[: MOST_LINES * 40],
        "tests": tests,
    }


def _public_test(run: CodeRun, found: Mapping[str, Any]) -> Report:
    verdict = found["verdict"]
    shown: Report = {"number": found["number"], "is_sample": found["sample"], "verdict": verdict}
    if run.kind == RunKind.ALL_TESTS:
        return {**shown, "words": words_of(verdict, run.limits)}
    shown |= {name: found[name] for name in ("seconds", "megabytes", "output")}
    shown["error_output"] = found["errors"]
    shown["words"] = words_of(verdict, run.limits, found)
    if run.kind == RunKind.OWN_INPUT:
        shown["words"] = _own_words(run, found)
        return {**shown, "input": run.own_input, "expected": None, "difference": []}
    test = run.test(found["number"])
    shown |= {"input": test["input"], "expected": test["output"]}
    is_wrong = verdict == "wrong_answer"
    return {**shown, "difference": difference(test["output"], found["output"]) if is_wrong else []}


def words_of(verdict: str, limits: Mapping[str, Any], found: Mapping[str, Any] | None = None) -> str:
    """A verdict for people; with `found`, the program's own error too."""
    seconds, megabytes = limits.get("time_limit_seconds", "?"), limits.get("memory_limit_mb", "?")
    sentences = {
        Verdict.ACCEPTED: _("Accepted"),
        "wrong_answer": _("Wrong answer"),
        "time_limit": _("Too slow: over %(seconds)s s") % {"seconds": seconds},
        "memory_limit": _("Used more than %(megabytes)s MB") % {"megabytes": megabytes},
        "output_limit": _("Printed too much"),
        "compile_error": _("Your program does not compile"),
        "runtime_error": _("Error in your code"),
        "finished": _("Finished"),
        Verdict.NOT_RUN: _("Not run: the tests before it took too long"),
    }
    words = sentences.get(verdict, _("The judge failed"))
    return f"{words}{_error_of(found)}" if found and verdict == "runtime_error" else words


def _error_of(found: Mapping[str, Any]) -> str:
    """The line and the last words of what a program wrote to its error output, or how it ended."""
    errors = found["errors"].strip()
    said = visible(errors.splitlines()[-1].strip()[:200] if errors else found["detail"])
    line = _line_of_error(errors)
    return f"{line}: {said}" if said else line


def _line_of_error(errors: str) -> str:
    place = LINE_OF_ERROR.findall(errors)
    return _(", line %(line)s") % {"line": place[-1]} if place else ""


def _own_words(run: CodeRun, found: Mapping[str, Any]) -> str:
    """The verdict on one's own input; what the program wrote of its error stands below it in full, so not here."""
    if found["verdict"] != "runtime_error" or not found["errors"].strip():
        return words_of(found["verdict"], run.limits, found)
    return words_of(found["verdict"], run.limits) + _line_of_error(found["errors"])


def _message(run: CodeRun, report: Report) -> str:
    """The run in a sentence."""
    if run.state == RunState.QUEUED:
        return _("Waiting for its turn.")
    if run.state == RunState.RUNNING:
        return _("Running …")
    if run.state == RunState.FAILED:
        return _failure(run, report)
    if report["verdict"] == "compile_error":
        return words_of("compile_error", run.limits)
    if run.kind == RunKind.OWN_INPUT:
        return _own_words(run, report["tests"][0])
    passed = sum(test["verdict"] == Verdict.ACCEPTED for test in report["tests"])
    counted = {"passed": passed, "all": len(report["tests"])}
    if run.kind == RunKind.SAMPLES:
        text = ngettext(
            "%(passed)s of %(all)s sample test passed",
            "%(passed)s of %(all)s sample tests passed",
            counted["all"],
        )
    else:
        text = ngettext(
            "%(passed)s of %(all)s test passed", "%(passed)s of %(all)s tests passed", counted["all"]
        )
    return text % counted


def _failure(run: CodeRun, report: Report) -> str:
    if report.get("off"):
        return switched_off(report["reason"])
    if run.kind == RunKind.ALL_TESTS:
        return _("The judge failed three times. A person grades your program.")
    return _("The judge failed. Your code is saved. Run it again in a minute.")


def visible(text: str) -> str:
    """A text of a program with its unseen signs made visible, so that none colours, hides or turns what is read."""
    return UNSEEN.sub(_name, text.replace("\r\n", "\n"))


def _name(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else f"⟨U+{code:04X}⟩"


# --- The difference between two texts --------------------------------------------------------------


def difference(expected: str, output: str) -> list[dict[str, str]]:
    """Two texts line by line: `[{"mark": "same" | "missing" | "extra", "text": "…"}, …]`.

    `missing` was expected and did not come, `extra` came and was not expected.
    """
    wanted, got = _lines(expected), _lines(output)
    lines: list[dict[str, str]] = []
    for kind, i, j, k, m in SequenceMatcher(None, wanted, got, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [_line("same", text) for text in wanted[i:j]]
        else:
            lines += [_line("missing", text) for text in wanted[i:j]]
            lines += [_line("extra", text) for text in got[k:m]]
    return lines


def _lines(text: str) -> list[str]:
    return text.rstrip().split("\n")[:MOST_LINES]


def _line(mark: str, text: str) -> dict[str, str]:
    return {"mark": mark, "text": text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…"}

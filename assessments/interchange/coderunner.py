"""Coding questions in Moodle XML, as the plugin CodeRunner keeps them: whole programs that read and print."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.interchange.drafts import Draft, Skip, number
from assessments.interchange.xml_tree import Node
from assessments.models import CheckerKind
from assessments.shapes import MOST_MEGABYTES, MOST_SECONDS, MOST_TESTS

TYPES = {
    "python3": "python",
    "python3_w_input": "python",
    "nodejs": "javascript",
    "c_program": "c",
    "cpp_program": "cpp",
    "java_program": "java",
    "bash": "bash",
}
GRADERS = {
    "": CheckerKind.EXACT_LINES,
    "EqualityGrader": CheckerKind.EXACT_LINES,
    "NearEqualityGrader": CheckerKind.STANDARD,
}
OWN = "projectgenius"  # an element that only we read: the checker and its tolerance
NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,12})?\Z", re.ASCII)
SECONDS, MEGABYTES, TOLERANCE = 5, 128, Decimal("0.000001")


def coding_of(node: Node, draft: Draft) -> dict[str, Any]:
    """The columns of the coding question. Raises Skip for what cannot be judged by input and output alone."""
    kind = node.value("coderunnertype")
    if kind not in TYPES:
        raise Skip(_("CodeRunner's type “%(type)s” is not known here.") % {"type": kind[:40]})
    if any(node.value(name) for name in ("template", "templateparams", "globalextra")):
        raise Skip(_("It runs the answer within a template of its own."))
    cases = node.child("testcases")
    tests = [_test(case) for case in (cases.all("testcase") if cases else [])]
    if len(tests) > MOST_TESTS:
        raise Skip(_("It has more than %(most)s tests.") % {"most": MOST_TESTS})
    if len(tests) > 1 and node.value("allornothing") == "1":
        draft.change(_("Here each test counts by itself, not all or nothing."))
    return {
        "language": TYPES[kind],
        "starter_code": _code(node.child("answerpreload")) or None,
        "solution": _code(node.child("answer")),
        "test_cases": tests,
        "time_limit_seconds": _limit(node.value("cputimelimitsecs"), SECONDS, (1, MOST_SECONDS), draft),
        "memory_limit_mb": _limit(node.value("memlimitmb"), MEGABYTES, (16, MOST_MEGABYTES), draft),
        **_checker(node),
    }


def _code(node: Node | None) -> str:
    code = node.text if node else ""
    return code if code.strip() else ""


def _raw(node: Node, name: str) -> str:
    """The text below a child, with its blanks."""
    child = node.child(name)
    inner = child.child("text") if child else None
    return inner.text if inner else ""


def _test(node: Node) -> dict[str, Any]:
    if _raw(node, "testcode").strip() or _raw(node, "extra").strip():
        raise Skip(_("Its tests call the answer's functions; here programs read their input and print."))
    mark = node.attributes.get("mark", "1").strip()
    if not NUMBER.match(mark):
        raise Skip(_("The mark “%(mark)s” of a test is no number.") % {"mark": mark[:20]})
    return {
        "input": _raw(node, "stdin"),
        "output": _raw(node, "expected"),
        "sample": node.attributes.get("useasexample") == "1",
        "points": number(Decimal(mark)),
    }


def _limit(text: str, default: int, bounds: tuple[int, int], draft: Draft) -> int:
    if not NUMBER.match(text) or not Decimal(text):
        return default
    exact = Decimal(text)
    limit = min(max(int(exact), bounds[0]), bounds[1])
    if limit != exact:
        draft.change(_("The limits of time or memory were brought within those here."))
    return limit


def _checker(node: Node) -> dict[str, Any]:
    grader = node.value("grader")
    if grader not in GRADERS:
        raise Skip(_("CodeRunner's grader “%(grader)s” is not known here.") % {"grader": grader[:40]})
    own = node.child(OWN)
    attributes = own.attributes if own else {}
    checker, tolerance = attributes.get("checker", ""), attributes.get("tolerance", "")
    return {
        "checker": checker if checker in CheckerKind.values else GRADERS[grader],
        "tolerance": Decimal(tolerance) if NUMBER.match(tolerance) else TOLERANCE,
    }

"""The one door to running people's programs: `judge` and `run`, in a process that `allow_here` opened for it.

Programs run in a fresh sandbox each, or not at all: no setting runs them without one.
"""

from assessments.judge.checker import KINDS as CHECKERS
from assessments.judge.checker import check
from assessments.judge.door import judge, run
from assessments.judge.gate import (
    NotAllowedHere,
    SandboxUnavailable,
    allow_here,
    allowed_here,
    forbid_here,
    is_allowed_here,
)
from assessments.judge.languages import LANGUAGES, Language
from assessments.judge.programs import Case, CaseResult, CompileResult, Limits, Program, Report
from assessments.judge.self_test import Status, available_languages, fresh_status, status
from assessments.judge.verdicts import Verdict

__all__ = [
    "CHECKERS",
    "LANGUAGES",
    "Case",
    "CaseResult",
    "CompileResult",
    "Language",
    "Limits",
    "NotAllowedHere",
    "Program",
    "Report",
    "SandboxUnavailable",
    "Status",
    "Verdict",
    "allow_here",
    "allowed_here",
    "available_languages",
    "check",
    "forbid_here",
    "fresh_status",
    "is_allowed_here",
    "judge",
    "run",
    "status",
]

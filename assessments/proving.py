"""Whether a coding question's reference solution passed its tests, both as they are now."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from assessments.models import CodingQuestion


def fingerprint(
    *,
    language: str,
    code: str,
    tests: Iterable[Mapping[str, Any]],
    time_limit_seconds: int,
    memory_limit_mb: int,
    checker: str,
    tolerance: Decimal | str,
) -> str:
    """A mark of all that decides whether `code` passes `tests`; another input, limit or checker gives another mark.

    Points and samples decide nothing and are left out. 64 characters.
    """
    said = [
        language,
        code.replace("\r\n", "\n"),
        [[test["input"], test["output"]] for test in tests],
        time_limit_seconds,
        memory_limit_mb,
        checker,
        str(Decimal(tolerance).normalize()),
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def fingerprint_of(coding: CodingQuestion) -> str:
    """The mark of a coding question with its reference solution."""
    return fingerprint(
        language=coding.language,
        code=coding.solution,
        tests=coding.test_cases,
        time_limit_seconds=coding.time_limit_seconds,
        memory_limit_mb=coding.memory_limit_mb,
        checker=coding.checker,
        tolerance=coding.tolerance,
    )


def is_proven(coding: CodingQuestion) -> bool:
    """There is a reference solution, and just this one passed just these tests."""
    return bool(coding.solution.strip()) and coding.solution_proven == fingerprint_of(coding)

"""The judge, open for a test."""

import os
from collections.abc import Iterator

import pytest

from assessments import judge
from assessments.judge import LANGUAGES


@pytest.fixture
def judging() -> Iterator[None]:
    """This process may run programs, as a worker may; skips where no sandbox holds, unless that may not be."""
    with judge.allowed_here():
        found = judge.status()
        require(found.is_on, found.reason)
        yield


@pytest.fixture
def language(request: pytest.FixtureRequest, judging: None) -> str:
    """A language that is offered here; for tests with `@each_language`."""
    code: str = request.param
    refused = dict(judge.status().refused)
    require(code not in refused, f"{code}: {refused.get(code)}")
    return code


def require(is_there: bool, reason: str) -> None:
    """Skip a test that lacks something; where everything is required, fail."""
    if not is_there:
        if os.environ.get("REQUIRE_EVERYTHING") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


each_language = pytest.mark.parametrize("language", LANGUAGES, indirect=True)

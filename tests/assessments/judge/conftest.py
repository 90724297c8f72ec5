"""The judge, open for a test."""

from collections.abc import Iterator

import pytest

from assessments import judge
from assessments.judge import LANGUAGES
from tests.requirements import require


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


each_language = pytest.mark.parametrize("language", LANGUAGES, indirect=True)

"""What tests need of the machine."""

import os

import pytest


def require(is_there: bool, reason: str) -> None:
    """Skip a test that lacks something, and say how to get it; where everything is required, fail."""
    if not is_there:
        if os.environ.get("REQUIRE_EVERYTHING") == "1":
            pytest.fail(reason)
        pytest.skip(reason)

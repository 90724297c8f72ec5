"""Which process may run programs: only one that was opened for it, never the web server."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _


class SandboxUnavailable(Exception):
    """No program was run, because nothing here can run it safely. `reason` says why, in English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return _(
            "Code execution is switched off on this server: no sandbox passed its self-test (%(reason)s). "
            "Nothing was run."
        ) % {"reason": self.reason}


class NotAllowedHere(SandboxUnavailable):
    """This process was not opened for judging."""

    def __init__(self) -> None:
        super().__init__("this process is not a worker")


_is_open = False


def allow_here() -> None:
    """Open this process for judging. Called when a worker starts, and by nothing that serves pages."""
    global _is_open  # noqa: PLW0603
    _is_open = True


def forbid_here() -> None:
    """Close this process again."""
    global _is_open  # noqa: PLW0603
    _is_open = False


def is_allowed_here() -> bool:
    return _is_open


@contextmanager
def allowed_here() -> Iterator[None]:
    """Open this process for a while: for commands, and tests."""
    was_open = _is_open
    allow_here()
    try:
        yield
    finally:
        if not was_open:
            forbid_here()


def require_allowed() -> None:
    """Raises NotAllowedHere unless this process was opened."""
    if not _is_open:
        raise NotAllowedHere

"""Facts about the request being answered, for the logs and the audit log. Stands alone: logging loads it first."""

import logging
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RequestFacts:
    """Where a request came from; what the logs and the audit log say of it."""

    request_id: str
    address: str | None = None
    user_agent: str = ""


_current: ContextVar[RequestFacts | None] = ContextVar("request_facts", default=None)


def set_current_request(facts: RequestFacts) -> Token[RequestFacts | None]:
    """Begin a request; hand the token to `end_current_request`."""
    return _current.set(facts)


def end_current_request(token: Token[RequestFacts | None]) -> None:
    """End the request."""
    _current.reset(token)


def current_request() -> RequestFacts | None:
    """The facts of the request being answered; None in commands and background work."""
    return _current.get()


class RequestIdFilter(logging.Filter):
    """Puts the number of the request on every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        facts = current_request()
        record.request_id = facts.request_id if facts else "-"
        return True


def note_refused_row(request: Any, table: str, row_id: object) -> None:
    """Say which row a request is refused for the sake of, when the body names it and the address does not.

    `request` is the framework's or Django's own; the log of refusals asks `refused_row`.
    """
    getattr(request, "_request", request).refused_row = (table, str(row_id))


def refused_row(request: Any) -> tuple[str, str] | None:
    """Table and number of the row that `note_refused_row` named; None when there is none."""
    named: tuple[str, str] | None = getattr(request, "refused_row", None)
    return named

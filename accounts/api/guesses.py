"""How often an address may send keys that do not work."""

from contextlib import suppress

from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.limits import mark_limited
from projectgenius.request_facts import current_request

MOST_GUESSES = 20  # in a minute, from one address
MINUTE = 60  # seconds


def refuse_guesses(request: Request) -> None:
    """Answer 429 to an address that has sent too many keys that do not work, whatever it sends now."""
    if cache.get(_name(), 0) >= MOST_GUESSES:
        mark_limited(request._request)
        raise Throttled(wait=MINUTE)


def count_guess(request: Request) -> None:
    """One more key that did not work."""
    if not cache.add(_name(), 1, MINUTE):
        with suppress(ValueError):  # the minute ended in between
            cache.incr(_name())


def _name() -> str:
    facts = current_request()
    return f"api-key-guesses:{facts.address if facts else ''}"

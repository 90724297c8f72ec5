"""How often somebody tried something in this minute: one count for pages and API."""

import time

from projectgenius.limits.counting import count_request

TRIES, SECONDS = 30, 60


def may_try(kind: str, who: object) -> bool:
    """Count one more try of this kind; False after `TRIES` in a minute of `SECONDS` seconds."""
    return count_request(kind, who, seconds=SECONDS, now=time.time()) <= TRIES

"""Counts in one statement, on a connection of its own: what a request takes back stays counted."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connections, router

from projectgenius.limits.models import RequestCount

COUNT = """
INSERT INTO request_counts (key, hits, ends_at) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET hits = request_counts.hits + 1 RETURNING hits
"""


def count_request(kind: str, who: object, *, seconds: int, now: float) -> int:
    """The number of this request of its kind by `who` in the present window of `seconds`; windows begin at fixed times.

    In the cache where the site has a fast one (CACHE_URL), in a table of the database otherwise. `now` is in
    seconds since 1970.
    """
    window = int(now // seconds)
    key = hashlib.sha256(f"{kind} {who} {seconds} {window}".encode()).hexdigest()
    if settings.COUNT_IN_CACHE:
        return _count_in_cache(f"requests:{key}", seconds)
    ends_at = datetime.fromtimestamp((window + 1) * seconds, tz=UTC)
    connection = connections[router.db_for_write(RequestCount)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [key, connection.ops.adapt_datetimefield_value(ends_at)])
        return int(cursor.fetchone()[0])


def _count_in_cache(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    with suppress(ValueError):  # the entry ran out between the two calls
        return int(cache.incr(key))
    return 1

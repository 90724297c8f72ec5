"""How often one may ask."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, BaseThrottle, SimpleRateThrottle, UserRateThrottle

from projectgenius.limits.counting import count_request
from projectgenius.request_facts import current_request
from projectgenius.tries import SECONDS, may_try


class Counted(SimpleRateThrottle):
    """Counts in windows that begin at fixed times: one statement a request, where a list of times would cost four."""

    duration: int
    num_requests: int

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.rate is None:
            return True
        self.key = self.get_cache_key(request, view)
        if self.key is None:
            return True
        self.now = self.timer()
        count = count_request("api", self.key, seconds=self.duration, now=self.now)
        return bool(count <= self.num_requests)

    def wait(self) -> float:
        """Seconds until the next window."""
        return float(self.duration - self.now % self.duration)


class AnonymousThrottle(Counted, AnonRateThrottle):
    """Limit for requests without a session or key, by address."""


class PersonThrottle(Counted, UserRateThrottle):
    """Limit for a person, whatever the session or key."""


class LookupThrottle(BaseThrottle):
    """Limit by address for looking something up by a code, so that codes cannot be found by trying.

    `lookup` of the view names what is looked up; its pages count the same tries.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        facts = current_request()
        return may_try(getattr(view, "lookup", "lookup"), facts.address if facts else "")

    def wait(self) -> float:
        return SECONDS

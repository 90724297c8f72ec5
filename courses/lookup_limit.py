"""How often one address may ask for certificates, join codes and invitations, so that none is found by trying."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projectgenius.request_facts import current_request
from projectgenius.tries import SECONDS, may_try

CERTIFICATE_LOOKUP = "certificate-lookup"


def limited_as(
    kind: str, *, by_person: bool = False
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Answer 429 after `TRIES` requests of this kind in `SECONDS` seconds from one address.

    `by_person` counts the signed-in person instead: a class behind one address types its code at the same time.
    """

    def limit(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            facts = current_request()
            who = request.user.pk if by_person else facts.address if facts else ""
            if not may_try(kind, who):
                response = render(request, "429.html", {"retry_minutes": SECONDS // 60}, status=429)
                response["Retry-After"] = str(SECONDS)
                return response
            return view(request, *args, **kwargs)

        return guarded

    return limit


limited = limited_as(CERTIFICATE_LOOKUP)

"""What follows when somebody tries too often: said on the request, written down, never more than once a minute."""

import hashlib
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from accounts.audit import record_event
from accounts.models import User
from projectgenius.request_facts import current_request

QUIET_SECONDS = 60


def mark_limited(request: HttpRequest) -> None:
    """Say that a limit has stopped this request."""
    request.was_limited = True  # type: ignore[attr-defined]


def was_limited(request: HttpRequest) -> bool:
    """Whether a limit has stopped this request."""
    return getattr(request, "was_limited", False)


def record_limit(request: HttpRequest) -> None:
    """Log the stopped try with the account that was tried, if there is one; what was typed is not kept.

    One row a minute for an address, an entrance and an account: the log can only grow, and must not be floodable.
    """
    tried = _tried_account(request)
    match = request.resolver_match
    entrance = (match.url_name or "" if match else "")[:64]
    facts = current_request()
    what = f"{facts.address if facts else ''} {entrance} {tried.pk if tried else ''}"
    if cache.add(f"limit-logged:{hashlib.sha256(what.encode()).hexdigest()}", True, QUIET_SECONDS):
        user = request.user if request.user.is_authenticated else None
        record_event(
            "sign_in.limit",
            actor=user,
            row=tried,
            table="" if tried else "users",
            after={"entrance": entrance},
        )


def _tried_account(request: HttpRequest) -> Any:
    """Whom the second step is about, or who has the name or address that was sent."""
    stage = getattr(request, "_login_stage", None)
    if stage is not None:
        return stage.login.user
    login = request.POST.get("login") or request.POST.get("email") or ""
    if "\0" in login:
        return None
    return User.objects.named(login).first() if login else None

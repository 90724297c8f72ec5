"""What happens to every request and answer of the site."""

import codecs
import secrets
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from csp.constants import UNSAFE_EVAL
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse

from projectgenius.request_facts import RequestFacts, end_current_request, set_current_request

GetResponse = Callable[[HttpRequest], HttpResponse]
THEMES = ("light", "dark")


class RequestIdMiddleware:
    """Gives each request a number of its own, in the answer's header, the logs and the error page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        facts = RequestFacts(
            request_id=secrets.token_hex(4).upper(),
            address=_client_address(request),
            user_agent=request.headers.get("User-Agent", "")[:255],
        )
        request.request_id = facts.request_id  # type: ignore[attr-defined]
        token = set_current_request(facts)
        try:
            response = self.get_response(request)
        finally:
            end_current_request(token)
        response["X-Request-ID"] = facts.request_id
        return response


def _client_address(request: HttpRequest) -> str | None:
    """The client's address, as far as the proxies that we trust say it."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None


class CharsetMiddleware:
    """Refuses a body that says it is written in anything but UTF-8, as every page asks for: 400.

    Django would try whatever codec is named, also those that are none for texts, and break.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if not _is_utf8(charset):
            raise BadRequest(f"The body is in {charset[:40]!r}, not in UTF-8.")
        return self.get_response(request)


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name == "utf-8"
    except LookupError:
        return False


class AdminScriptPolicyMiddleware:
    """Loosens the script policy on the admin's path alone: its theme evaluates expressions in attributes."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {"script-src": [UNSAFE_EVAL]}  # type: ignore[attr-defined]
        return response


def site_context(request: HttpRequest) -> dict[str, object]:
    """What every template may use: theme, languages, demo or not, currency, contact, the request's number."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "languages": settings.LANGUAGES,
        "demo": settings.DEMO,
        "currency": settings.CURRENCY,
        "contact_email": settings.CONTACT_EMAIL,
        "site_url": settings.SITE_URL,
        "request_id": getattr(request, "request_id", ""),
    }

"""One transaction a request, carrying the person's identity; refusals are written down.

Around it: who must have a second factor and has none is nobody yet; limits answer 429, sessions are seen.
"""

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from accounts.audit import forget_identity, record_refusal, set_identity
from accounts.limits import record_limit, was_limited
from accounts.second_factor import lacks_second_factor
from accounts.sessions import note_seen
from projectgenius.api.errors import API_PATH
from projectgenius.requests import GetResponse

# What a person reaches on the way to a second factor that is required.
WAY_TO_SECOND_FACTOR = {
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "set_theme",
    "set_language",
    "help",
    "accessibility",
    "privacy",
    "terms",
    "demo_outbox",
    "demo_outbox_message",
}
LIMIT_SECONDS = 300  # what Retry-After says; the longest of the short limits


class SecondFactorMiddleware:
    """Leads whoever lacks a required second factor to setting it up; the API meets such a person as nobody.

    Stands before the transaction that tells the database who asks, so that this is nobody there too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if lacks_second_factor(request.user):
            if request.path.startswith(API_PATH):
                request.user = AnonymousUser()
            elif _name_of(request) not in WAY_TO_SECOND_FACTOR:
                return redirect("mfa_index")
        return self.get_response(request)


def _name_of(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None


class EntranceMiddleware:
    """A try that a limit has stopped is answered 429 and written down; a session in use is seen.

    Stands around the request's transaction, so that the log keeps what the rest of the request takes back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        note_seen(request)
        response = self.get_response(request)
        if was_limited(request):
            record_limit(request)
            if response.status_code == 200:
                response.status_code = 429
            response.headers.setdefault("Retry-After", str(LIMIT_SECONDS))
        return response


class IdentityMiddleware:
    """Runs the request in one transaction that tells PostgreSQL who is asking.

    A request that fails is rolled back as a whole. On SQLite a transaction would take the write lock for
    every page, so there only the functions that write open one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if connection.vendor != "postgresql":
            response = self.get_response(request)
        else:
            request.user.is_authenticated  # noqa: B018  (reads session and person before the transaction begins)
            try:
                response = self._in_transaction(request)
            finally:
                forget_identity()
        if response.status_code in (403, 404):
            record_refusal(request, response.status_code)
        return response

    def _in_transaction(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            set_identity(request.user)
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "must_roll_back", False):
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Remember that the view failed, whatever answer is made of it."""
        request.must_roll_back = True  # type: ignore[attr-defined]

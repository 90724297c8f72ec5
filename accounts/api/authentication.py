"""Signing in to the API with a key."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.api.guesses import count_guess, refuse_guesses
from accounts.api_keys import note_key_use, rights_of_key, user_for_api_key
from accounts.audit import set_identity
from accounts.models import User
from accounts.second_factor import lacks_second_factor
from projectgenius.api.scopes import KeyRights, Scope

SCHEME = "Api-Key"


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key pg_…` or `X-API-Key: pg_…`. Unknown, revoked and expired keys are answered alike (401).

    Stands before the session: a request with a key is the key's, and an answer 401 says how to send one.
    """

    def authenticate(self, request: Request) -> tuple[User, KeyRights] | None:
        key = _key_of(request)
        if key is None:
            return None
        refuse_guesses(request)
        user = user_for_api_key(key)
        if user is None or lacks_second_factor(user):
            count_guess(request)
            raise AuthenticationFailed(_("This API key does not work."), code="invalid_key")
        rights = rights_of_key(user)
        if not rights.holds(Scope.ADMIN_READ):
            user.act_without_admin_flag()
        set_identity(user)
        note_key_use(user)
        return user, rights

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def _key_of(request: Request) -> str | None:
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == SCHEME.lower():
        return key.strip()
    return request.headers.get("X-API-Key")


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the key: two headers, one of which is enough."""

    target_class = "accounts.api.authentication.ApiKeyAuthentication"
    name = ["ApiKeyAuth", "XApiKeyAuth"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Api-Key pg_…"},
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "pg_…"},
        ]

    def get_security_requirement(self, auto_schema: object) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.name]

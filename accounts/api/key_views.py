"""Endpoints for API keys. No key opens them."""

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.utils.translation import gettext as _
from rest_framework import mixins
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.api.key_serializers import ApiKeySerializer, NewApiKeySerializer
from accounts.api.permissions import KeyPolicy
from accounts.api_keys import issue_named_key, revoke_named_key
from accounts.models import ApiKey
from projectgenius.api.endpoints import CreateRows, Endpoint


class ApiKeys(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """One's own named API keys; everybody's for administrators. Deleting revokes: the row stays, the key ends at once.

    Only with a session. Making a key needs the password entered in the last minutes (`reauthentication_required`).
    """

    queryset = ApiKey.objects.all()
    permission_classes = [KeyPolicy]
    ordering = ("-id",)
    ordering_fields = ("id", "created_at", "expires_at", "last_used_at")

    def get_serializer_class(self) -> type[Any]:
        return NewApiKeySerializer if self.action == "create" else ApiKeySerializer

    def perform_create(self, serializer: Any) -> None:
        require_recent_password(self.request)
        row, key = issue_named_key(user=self.request.user, **serializer.validated_data)  # type: ignore[arg-type]
        row.key = key  # type: ignore[attr-defined]
        serializer.instance = row

    def perform_destroy(self, instance: ApiKey) -> None:
        revoke_named_key(key=instance, by=self.request.user)


def require_recent_password(request: Request) -> None:
    """Refuse somebody who did not prove lately who it is."""
    if not did_recently_reauthenticate(request._request):
        raise PermissionDenied(
            _("Enter your password again at /accounts/reauthenticate/ first."),
            code="reauthentication_required",
        )

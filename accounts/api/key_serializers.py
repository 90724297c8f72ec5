"""API keys as the API shows them: never the key or its digest."""

from typing import Any

from rest_framework import serializers

from accounts.api_keys import change_named_key
from accounts.models import ApiKey
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import ServerFields

READ_ONLY = ("user", "prefix", "last_used_at", "revoked_at", "created_at")


class ApiKeySerializer(ServerFields, serializers.ModelSerializer[ApiKey]):
    """A named key. Its name can be changed, and scopes can be taken away."""

    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices),
        allow_empty=False,
        max_length=len(Scope),
        help_text="What the key may do.",
    )

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "user",
            "name",
            "prefix",
            "scopes",
            "expires_at",
            "last_used_at",
            "revoked_at",
            "created_at",
        )
        read_only_fields = (*READ_ONLY, "expires_at")
        server_only = ("key", "key_hash")

    def update(self, key: ApiKey, values: dict[str, Any]) -> ApiKey:
        return change_named_key(key=key, by=self.context["request"].user, **values)


class NewApiKeySerializer(ApiKeySerializer):
    """A key that is made: `key` is shown this once."""

    key = serializers.CharField(read_only=True, help_text="The key itself. It cannot be shown again.")

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")  # type: ignore[assignment]
        read_only_fields = READ_ONLY  # type: ignore[assignment]
        own = ("user",)
        server_only = ("key_hash",)  # type: ignore[assignment]

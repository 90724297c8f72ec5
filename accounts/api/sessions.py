"""Endpoint over one's own sessions. No key ends a session, or even sees one."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from rest_framework import mixins, serializers

from accounts.api.permissions import BySession
from accounts.devices import device_name
from accounts.sessions import end_session, sessions_of
from projectgenius.api.endpoints import Endpoint


class SessionSerializer(serializers.ModelSerializer[UserSession]):
    """Where somebody is signed in. The key of the session is never given out."""

    device = serializers.SerializerMethodField(help_text="Browser and system, as the browser says.")
    address = serializers.IPAddressField(source="ip", read_only=True)
    is_this = serializers.SerializerMethodField(help_text="Whether this request came in that session.")

    class Meta:
        model = UserSession
        fields = ("id", "device", "address", "is_this", "created_at", "last_seen_at")
        read_only_fields = fields

    def get_device(self, session: UserSession) -> str:
        return device_name(session.user_agent)

    def get_is_this(self, session: UserSession) -> bool:
        return bool(session.session_key == self.context["request"].session.session_key)


class Sessions(mixins.ListModelMixin, mixins.DestroyModelMixin, Endpoint):
    """Where the caller is signed in, used last first; deleting signs out there, at its next request."""

    queryset = UserSession.objects.all()
    permission_classes = [BySession]
    serializer_class = SessionSerializer
    ordering_fields = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        return sessions_of(self.request.user)

    def perform_destroy(self, instance: UserSession) -> None:
        end_session(session=instance, by=self.request.user)

"""Endpoints for people."""

from rest_framework import mixins
from rest_framework.parsers import MultiPartParser

from accounts.api.permissions import SignedIn
from accounts.api.personal import RetrievePersonal
from accounts.api.serializers import PersonSerializer, ProfileSerializer, RequestToTeachSerializer
from accounts.models import InstructorRequest, User
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.scopes import Scope


class People(mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """People: oneself, the students of the courses one teaches, everybody for administrators."""

    scopes = {"read": Scope.READ}
    queryset = User.objects.with_roles()
    permission_classes = [SignedIn]
    serializer_class = PersonSerializer
    search_fields = ("full_name", "email")
    ordering_fields = ("id", "full_name", "email")
    person = "pk"


class Myself(mixins.RetrieveModelMixin, mixins.UpdateModelMixin, Endpoint):
    """The caller's own profile. A picture is sent as `multipart/form-data`."""

    scopes = {"read": Scope.READ, "write": Scope.WRITE_OWN}
    queryset = User.objects.with_roles()
    permission_classes = [SignedIn]
    parser_classes = [StrictJSONParser, MultiPartParser]
    serializer_class = ProfileSerializer

    def get_object(self) -> User:
        """No id in the address: it is always the caller."""
        return self.request.user  # type: ignore[return-value]


class RequestsToTeach(mixins.ListModelMixin, RetrievePersonal, CreateRows, Endpoint):
    """One's own requests to become an instructor; everybody's for administrators, who decide in the admin site."""

    scopes = {"read": Scope.READ, "write": Scope.WRITE_OWN}
    queryset = InstructorRequest.objects.all()
    permission_classes = [SignedIn]
    serializer_class = RequestToTeachSerializer
    ordering = ("-id",)
    ordering_fields = ("id", "created_at", "decided_at")

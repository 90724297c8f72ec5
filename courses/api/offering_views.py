"""Endpoints for helpers, invitations, join codes and payments."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.personal import RetrievePersonal
from courses.api.filtersets import HelperFilter, InvitationFilter, JoinCodeFilter, PaymentFilter
from courses.api.offering_serializers import (
    HelperSerializer,
    InvitationSerializer,
    JoinCodeSerializer,
    PaymentSerializer,
    TokenSerializer,
)
from courses.api.permissions import (
    HelperPolicy,
    InvitationPolicy,
    JoinCodePolicy,
    ReadingPolicy,
    refuse_by_key,
)
from courses.helping import remove_helper
from courses.invitations import (
    accept_invitation,
    find_invitation,
    is_for,
    resend_invitation,
    withdraw_invitation,
)
from courses.join_codes import end_join_code
from courses.models import CourseHelper, CourseInvitation, CourseJoinCode, Payment
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.scopes import Scope
from projectgenius.api.throttles import LookupThrottle


class Helpers(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Who helps in the courses that one studies or helps to teach; named by the owner of the course."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    queryset = CourseHelper.objects.select_related("course", "user")
    permission_classes = [HelperPolicy]
    serializer_class = HelperSerializer
    filterset_class = HelperFilter
    ordering = ("course", "role", "id")
    ordering_fields = ("id", "role", "created_at")

    def perform_destroy(self, instance: CourseHelper) -> None:
        remove_helper(helper=instance, by=self.request.user)


class Invitations(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, mixins.DestroyModelMixin, Endpoint
):
    """Addresses that were asked to join one's courses. Deleting is withdrawing: the row stays."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = CourseInvitation.objects.select_related("course__instructor", "invited_by")
    permission_classes = [InvitationPolicy]
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    ordering = ("-id",)
    ordering_fields = ("id", "created_at", "expires_at")

    def perform_destroy(self, instance: CourseInvitation) -> None:
        withdraw_invitation(invitation=instance, by=self.request.user)  # type: ignore[arg-type]

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> Response:
        """Write again, with a new link; the old one no longer opens anything."""
        sent = resend_invitation(invitation=self.get_object(), by=request.user)  # type: ignore[arg-type]
        return Response(self.get_serializer(sent).data)

    @extend_schema(request=TokenSerializer, responses={204: None})
    @action(detail=False, methods=["post"], throttle_classes=[LookupThrottle])
    def accept(self, request: Request) -> Response:
        """Take what the link offers; signed in, with the invited address. Unknown and foreign links are alike (404)."""
        refuse_by_key(request)
        asked = TokenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        invitation = find_invitation(asked.validated_data["token"])
        if invitation is None or not is_for(invitation, request.user):
            raise NotFound
        accept_invitation(invitation=invitation, user=request.user)  # type: ignore[arg-type]
        return Response(status=204)


class JoinCodes(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, mixins.DestroyModelMixin, Endpoint
):
    """Codes by which students join one's courses. Deleting ends a code: the row stays."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = CourseJoinCode.objects.select_related("course")
    permission_classes = [JoinCodePolicy]
    serializer_class = JoinCodeSerializer
    filterset_class = JoinCodeFilter
    ordering = ("-id",)
    ordering_fields = ("id", "created_at", "expires_at", "uses")

    def perform_destroy(self, instance: CourseJoinCode) -> None:
        end_join_code(code=instance, by=self.request.user)


class Payments(mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """What one has paid; administrators see all, instructors none."""

    scopes = {"read": Scope.READ}
    queryset = Payment.objects.select_related("enrollment")
    person, course = "enrollment.student_id", "enrollment.course_id"
    permission_classes = [ReadingPolicy]
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    ordering = ("-id",)
    ordering_fields = ("id", "paid_at", "amount")

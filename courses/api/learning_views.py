"""Endpoints for students' places, progress and proofs."""

from collections.abc import Callable
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.personal import RetrievePersonal
from accounts.models import User
from courses.api.filtersets import (
    CertificateFilter,
    CompletionFilter,
    EnrollmentFilter,
    ModuleProgressFilter,
)
from courses.api.learning_serializers import (
    CertificateSerializer,
    CompletionSerializer,
    EnrollmentSerializer,
    ModuleProgressSerializer,
    ReasonSerializer,
    VerificationSerializer,
)
from courses.api.offering_serializers import CodeSerializer
from courses.api.permissions import (
    CertificatePolicy,
    CompletionPolicy,
    EnrollmentPolicy,
    ReadingPolicy,
    refuse_paid_place_by_key,
)
from courses.certificates import reinstate_certificate, reissue_certificate, revoke_certificate, verify
from courses.enrollment import unenroll_student
from courses.join_codes import find_join_code, join_by_code
from courses.lookup_limit import CERTIFICATE_LOOKUP
from courses.models import Certificate, CourseEnrollment, LessonCompletion, ModuleProgress
from courses.progress import complete_lesson, undo_completion
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.policy import require_scope
from projectgenius.api.scopes import Scope
from projectgenius.api.throttles import LookupThrottle


class Enrollments(
    mixins.ListModelMixin,
    RetrievePersonal,
    CreateRows,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """One's own places in courses, and those in courses one teaches. Deleting is leaving: the row stays."""

    scopes = {
        "read": Scope.READ,
        "create": Scope.WRITE_OWN,
        "join": Scope.WRITE_OWN,
        "destroy": (Scope.WRITE_OWN, Scope.COURSE_WRITE),
    }
    queryset = CourseEnrollment.objects.select_related("course", "student")
    permission_classes = [EnrollmentPolicy]
    serializer_class = EnrollmentSerializer
    filterset_class = EnrollmentFilter
    ordering = ("-id",)
    ordering_fields = ("id", "enrolled_at", "completed_at", "progress", "last_accessed")

    person, course = "student_id", "course_id"

    def perform_create(self, serializer: Any) -> None:
        refuse_paid_place_by_key(self.request, serializer.validated_data["course"])
        serializer.save()

    @extend_schema(request=CodeSerializer, responses={201: EnrollmentSerializer})
    @action(detail=False, methods=["post"], throttle_classes=[LookupThrottle])
    def join(self, request: Request) -> Response:
        """Enroll by a join code; unknown, ended and used-up codes are answered alike (409 `unknown_code`)."""
        asked = CodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        text = asked.validated_data["code"]
        if found := find_join_code(text):
            refuse_paid_place_by_key(request, found.course)
        place = join_by_code(text=text, student=cast(User, request.user))
        return Response(self.get_serializer(place).data, status=201)

    def perform_destroy(self, instance: CourseEnrollment) -> None:
        is_own = instance.student_id == self.request.user.pk
        require_scope(self.request, Scope.WRITE_OWN if is_own else Scope.COURSE_WRITE)
        refuse_paid_place_by_key(self.request, instance.course)
        unenroll_student(enrollment=instance, by=self.request.user)


class ModuleProgressRows(mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """How far students are in modules; worked out by the system."""

    scopes = {"read": Scope.READ}
    queryset = ModuleProgress.objects.select_related("enrollment")
    person, course = "enrollment.student_id", "enrollment.course_id"
    permission_classes = [ReadingPolicy]
    serializer_class = ModuleProgressSerializer
    filterset_class = ModuleProgressFilter
    ordering = ("enrollment", "module")
    ordering_fields = ("id", "enrollment", "module", "progress", "started_at", "completed_at")


class LessonCompletions(
    mixins.ListModelMixin,
    RetrievePersonal,
    CreateRows,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Lessons done. Marking one again changes nothing (200); deleting takes the mark back."""

    scopes = {"read": Scope.READ, "write": Scope.WRITE_OWN}
    queryset = LessonCompletion.objects.select_related("lesson__module", "student")
    person, course = "student_id", "lesson.module.course_id"
    permission_classes = [CompletionPolicy]
    serializer_class = CompletionSerializer
    filterset_class = CompletionFilter
    ordering = ("-id",)
    ordering_fields = ("id", "completed_at")

    @extend_schema(responses={200: CompletionSerializer, 201: CompletionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """201 for a new mark, 200 for one that was there."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        lesson, student = asked.validated_data["lesson"], cast(User, request.user)
        mine = LessonCompletion.objects.filter(student=student, lesson=lesson)
        status = 200 if mine.exists() else 201
        complete_lesson(lesson=lesson, student=student)
        return Response(self.get_serializer(mine.get()).data, status=status)

    def perform_destroy(self, instance: LessonCompletion) -> None:
        undo_completion(lesson=instance.lesson, student=instance.student)


class Certificates(mixins.ListModelMixin, RetrievePersonal, Endpoint):
    """One's own certificates, and those of courses one teaches; issued by the system, revoked by who teaches."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    lookup = CERTIFICATE_LOOKUP
    queryset = Certificate.objects.select_related("enrollment__course")
    person, course = "enrollment.student_id", "enrollment.course_id"
    permission_classes = [CertificatePolicy]
    serializer_class = CertificateSerializer
    filterset_class = CertificateFilter
    ordering = ("-id",)
    ordering_fields = ("id", "issued_at", "course_title", "holder_name")

    @extend_schema(responses=VerificationSerializer)
    @action(detail=False, url_path="verify/<str:code>", throttle_classes=[LookupThrottle])
    def verify(self, request: Request, code: str) -> Response:
        """Whether a number is a certificate's, and whose; open to everybody, 30 times a minute."""
        certificate = verify(code)
        if certificate is None:
            raise NotFound
        return Response(VerificationSerializer(certificate).data)

    @extend_schema(request=ReasonSerializer, responses=CertificateSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """Take the certificate back, with a reason that its public page shows."""
        return self._changed(revoke_certificate, request, takes_reason=True)

    @extend_schema(request=ReasonSerializer, responses=CertificateSerializer)
    @action(detail=True, methods=["post"])
    def reinstate(self, request: Request, pk: int) -> Response:
        """Let a revoked certificate hold again."""
        return self._changed(reinstate_certificate, request, takes_reason=True)

    @extend_schema(request=None, responses=CertificateSerializer)
    @action(detail=True, methods=["post"])
    def reissue(self, request: Request, pk: int) -> Response:
        """Write names, text and signature anew, as they are now; the number stays."""
        return self._changed(reissue_certificate, request)

    def _changed(
        self, change: Callable[..., Certificate], request: Request, *, takes_reason: bool = False
    ) -> Response:
        certificate = self.get_object()  # who may not see or change it is told so before anything else
        values = {}
        if takes_reason:
            asked = ReasonSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            values = asked.validated_data
        changed = change(certificate=certificate, by=request.user, **values)
        return Response(CertificateSerializer(changed).data)

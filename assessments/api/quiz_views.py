"""Endpoints for quizzes and when they are open."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.attempt_serializers import AttemptDetailSerializer, StartSerializer
from assessments.api.filtersets import QuizAvailabilityFilter, QuizFilter
from assessments.api.permissions import QuizAvailabilityPolicy, QuizPolicy
from assessments.api.question_serializers import QuestionOrderSerializer
from assessments.api.quiz_serializers import (
    CopySerializer,
    QuizAvailabilitySerializer,
    QuizChecklistSerializer,
    QuizSerializer,
)
from assessments.attempts import start_attempt, start_preview
from assessments.availability import locks_of
from assessments.copying import copy_quiz
from assessments.models import Quiz, QuizAttempt, QuizAvailability
from assessments.publishing import findings, publish_quiz, unpublish_quiz
from assessments.questions import delete_quiz, reorder_questions
from courses.api.availability import AvailabilityEndpoint
from courses.availability import Lock
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.scopes import Scope


class Quizzes(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Quizzes of the courses that one studies or helps to teach: their settings, never their questions."""

    scopes = {
        "read": Scope.READ,
        "write": Scope.COURSE_WRITE,
        "start": Scope.SUBMIT,
    }
    queryset = (
        Quiz.objects.with_rules()
        .with_counts()
        .select_related("availability__after_lesson__module", "availability__after_module")
    )
    permission_classes = [QuizPolicy]
    serializer_class = QuizSerializer
    filterset_class = QuizFilter
    search_fields = ("title",)
    ordering = ("course", "title")
    ordering_fields = ("id", "course", "title", "created_at")
    locks: dict[int, Lock] = {}

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "locks": self.locks}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page; a locked quiz says why."""
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        self.locks = locks_of(page, request.user)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The quiz; 403 with the reason while it is locked."""
        quiz = self.get_object()
        if lock := locks_of([quiz], request.user).get(quiz.pk):
            raise PermissionDenied(str(lock.reason), code=lock.code)
        return Response(self.get_serializer(quiz).data)

    @extend_schema(
        request=StartSerializer, responses={200: AttemptDetailSerializer, 201: AttemptDetailSerializer}
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int) -> Response:
        """Begin an attempt (201), or find the one that runs (200)."""
        quiz = self.get_object()
        sent = StartSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        started = start_attempt(quiz=quiz, student=request.user, **sent.validated_data)  # type: ignore[arg-type]
        return self._attempt(quiz, *started)

    @extend_schema(request=None, responses={201: AttemptDetailSerializer})
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: int) -> Response:
        """Take the quiz as a student would, for who teaches the course; nothing of it counts."""
        quiz = self.get_object()
        return self._attempt(quiz, *start_preview(quiz=quiz, by=request.user))  # type: ignore[arg-type]

    @extend_schema(responses=QuizChecklistSerializer)
    @action(detail=True)
    def checklist(self, request: Request, pk: int) -> Response:
        """What the quiz lacks before students see it."""
        found = findings(self.get_object())
        answer = {"can_publish": not any(finding.is_error for finding in found), "findings": found}
        return Response(QuizChecklistSerializer(answer).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: int) -> Response:
        """Show the quiz to students; 409 `not_ready` when something is missing."""
        return self._shown(publish_quiz(quiz=self.get_object(), by=request.user))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def unpublish(self, request: Request, pk: int) -> Response:
        """Hide the quiz from students; attempts and results stay."""
        return self._shown(unpublish_quiz(quiz=self.get_object(), by=request.user))

    @extend_schema(request=CopySerializer, responses={201: QuizSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: int) -> Response:
        """Make a draft with all questions, and without attempts."""
        quiz = self.get_object()
        sent = CopySerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        copied = copy_quiz(quiz=quiz, by=request.user, **sent.validated_data)  # type: ignore[arg-type]
        return self._shown(copied, status=201)

    @extend_schema(request=QuestionOrderSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: int) -> Response:
        """Bring the questions into an order; 409 `order_changed` unless each that is asked is named once."""
        quiz = self.get_object()
        sent = QuestionOrderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        reorder_questions(quiz=quiz, ids=sent.validated_data["questions"], by=request.user)
        return Response(status=204)

    def _shown(self, quiz: Quiz, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=quiz.pk)).data, status=status)

    def _attempt(self, quiz: Quiz, attempt: QuizAttempt, is_new: bool) -> Response:
        attempt.quiz, attempt.user = quiz, self.request.user  # type: ignore[assignment]
        shown = AttemptDetailSerializer(
            attempt, context={**self.get_serializer_context(), "is_own_running": True}
        ).data
        return Response(shown, status=201 if is_new else 200)

    def perform_destroy(self, instance: Quiz) -> None:
        delete_quiz(quiz=instance, by=self.request.user)


class QuizAvailabilities(AvailabilityEndpoint):
    """When quizzes are open."""

    queryset = QuizAvailability.objects.select_related("quiz__course")
    permission_classes = [QuizAvailabilityPolicy]
    serializer_class = QuizAvailabilitySerializer
    filterset_class = QuizAvailabilityFilter

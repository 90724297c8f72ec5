"""Endpoints for questions and their coding parts, for those who teach."""

from typing import Any

from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.filtersets import CodingQuestionFilter, QuestionFilter
from assessments.api.permissions import QuestionPolicy
from assessments.api.question_serializers import (
    CodingQuestionSerializer,
    QuestionCopySerializer,
    QuestionSerializer,
    StepsSerializer,
)
from assessments.copying import copy_question
from assessments.models import CodingQuestion, Question
from assessments.questions import delete_question, move_question, retire_question
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.scopes import Scope


class QuestionEndpoint(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Questions or their coding parts, of the courses that the caller helps to teach."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    permission_classes = [QuestionPolicy]


class Questions(QuestionEndpoint):
    """Questions with their keys, for those who teach or assist; students find none here, but in their attempts."""

    queryset = Question.objects.select_related("quiz__course", "coding")
    serializer_class = QuestionSerializer
    filterset_class = QuestionFilter
    search_fields = ("content",)
    ordering = ("quiz", "order_index")
    ordering_fields = ("id", "quiz", "order_index", "points", "created_at")

    def perform_destroy(self, instance: Question) -> None:
        delete_question(question=instance, by=self.request.user)

    @extend_schema(request=StepsSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: int) -> Response:
        """Move the question among those that are asked; beyond the end means the end."""
        question = self.get_object()
        sent = StepsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        move_question(question=question, steps=sent.validated_data["steps"], by=request.user)
        return self._shown(question)

    @extend_schema(request=QuestionCopySerializer, responses={201: QuestionSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: int) -> Response:
        """Copy the question behind itself, or to the end of another quiz that the caller edits."""
        question = self.get_object()
        sent = QuestionCopySerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        copied = copy_question(question=question, by=request.user, **sent.validated_data)  # type: ignore[arg-type]
        return self._shown(copied, status=201)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: int) -> Response:
        """Ask the question no more in new attempts; those that have it keep it."""
        return self._shown(retire_question(question=self.get_object(), by=request.user))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """Ask a retired question again, at the end."""
        question = self.get_object()
        return self._shown(retire_question(question=question, is_retired=False, by=request.user))

    def _shown(self, question: Question, status: int = 200) -> Response:
        row = self.get_queryset().get(pk=question.pk)
        return Response(self.get_serializer(row).data, status=status)


class CodingQuestions(QuestionEndpoint):
    """The coding parts of questions, for those who teach or assist. Deleting one deletes its question."""

    queryset = CodingQuestion.objects.select_related("question__quiz__course").annotate(id=F("question"))
    serializer_class = CodingQuestionSerializer
    filterset_class = CodingQuestionFilter
    ordering_fields = ("id", "language")
    lookup_field, lookup_url_kwarg = (
        "question__id",
        "pk",
    )  # of the key itself no number is too high for the database

    def perform_destroy(self, instance: Any) -> None:
        delete_question(question=instance.question, by=self.request.user)

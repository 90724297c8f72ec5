"""Endpoints for figures about quizzes."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.analytics import refresh_quiz_analytics
from assessments.api.permissions import AnalyticsPolicy
from assessments.models import QuizAnalytics
from projectgenius.api.endpoints import Endpoint
from projectgenius.api.filters import IdFilter
from projectgenius.api.scopes import Scope


class QuizAnalyticsSerializer(serializers.ModelSerializer[QuizAnalytics]):
    """Figures over the finished attempts of a quiz; `items` tells of each question."""

    course = serializers.IntegerField(source="quiz.course_id", read_only=True)
    items = serializers.SerializerMethodField()

    class Meta:
        model = QuizAnalytics
        fields = (
            "id",
            "quiz",
            "course",
            "total_attempts",
            "completed_count",
            "abandoned_count",
            "scored_count",
            "average_score",
            "completion_rate",
            "average_time_seconds",
            "difficulty_rating",
            "items",
            "items_at",
            "updated_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
    def get_items(self, row: QuizAnalytics) -> Any:
        return row.items


class QuizAnalyticsFilter(django_filters.FilterSet):
    """By course or quiz."""

    course = IdFilter("quiz__course")
    quiz = IdFilter()

    class Meta:
        model = QuizAnalytics
        fields = ("course", "quiz")


class QuizAnalyticsRows(mixins.ListModelMixin, mixins.RetrieveModelMixin, Endpoint):
    """Figures about the quizzes of courses that one helps to teach; worked out by the system."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = QuizAnalytics.objects.select_related("quiz__course")
    permission_classes = [AnalyticsPolicy]
    serializer_class = QuizAnalyticsSerializer
    filterset_class = QuizAnalyticsFilter
    ordering = ("quiz",)
    ordering_fields = ("id", "quiz", "total_attempts", "average_score", "difficulty_rating", "updated_at")

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def recompute(self, request: Request, pk: int) -> Response:
        """Count what is due and analyse the questions now."""
        row = self.get_object()
        refresh_quiz_analytics(quiz=row.quiz)
        return Response(self.get_serializer(self.get_queryset().get(pk=row.pk)).data)

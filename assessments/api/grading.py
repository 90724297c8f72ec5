"""Grades given by people, and regrades, as the API shows and takes them."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.permissions import RegradePolicy
from assessments.hand_grading import (
    LONGEST_FEEDBACK,
    LONGEST_REASON,
    give_feedback,
    grade_by_hand,
    grade_mark,
)
from assessments.models import QuestionResponse, Quiz, Regrade, RegradeState
from assessments.new_keys import ACTS
from assessments.permissions import can_regrade_quiz
from assessments.regrading import apply_regrade, drop_regrade, preview_regrade
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.filters import IdFilter
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import RowField, ServerFields

MOST_QUESTIONS = 1_000


class GradeSerializer(serializers.ModelSerializer[QuestionResponse]):
    """The grade of a response. `mark` changes with it: sent back, it keeps a colleague's grade from being lost."""

    mark = serializers.SerializerMethodField()

    class Meta:
        model = QuestionResponse
        fields = (
            "id", "attempt", "question", "grading", "points_earned", "is_correct", "feedback", "is_by_hand",
            "graded_by", "graded_at", "mark",
        )  # fmt: skip
        read_only_fields = fields

    def get_mark(self, row: QuestionResponse) -> str:
        return grade_mark(row)


class GivenGradeSerializer(ServerFields, GradeSerializer):
    """Points, or feedback, or both. A score that its student has seen changes with a `reason` only."""

    points_earned = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, required=False)
    feedback = serializers.CharField(
        allow_blank=True, required=False, max_length=LONGEST_FEEDBACK, trim_whitespace=False
    )
    reason = serializers.CharField(
        allow_blank=True, required=False, max_length=LONGEST_REASON, write_only=True
    )
    mark = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=64, help_text="Of the grade that you looked at."
    )

    class Meta:
        model = QuestionResponse
        fields = (*GradeSerializer.Meta.fields, "reason")
        read_only_fields = tuple(
            sorted(set(GradeSerializer.Meta.fields) - {"points_earned", "feedback", "mark"})
        )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if not {"points_earned", "feedback"} & values.keys():
            raise serializers.ValidationError({"points_earned": ["Give points, or feedback, or both."]})
        return values


class GradeActions:
    """Looking at a response's grade, and giving one. Nobody grades own work."""

    @extend_schema(responses=GradeSerializer)
    @action(detail=True)
    def grade(self: Any, request: Request, pk: int) -> Response:
        """The grade, for those who may give one."""
        return Response(GradeSerializer(self.get_object()).data)

    @extend_schema(request=GivenGradeSerializer, responses=GradeSerializer)
    @grade.mapping.patch
    def give_grade(self: Any, request: Request, pk: int) -> Response:
        """Give points and feedback. 409 `graded_meanwhile` when somebody has graded it since `mark`."""
        row = self.get_object()
        sent = GivenGradeSerializer(row, data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        said: dict[str, Any] = {"response": row, "by": request.user, "seen": given.get("mark")}
        if "points_earned" in given:
            row = grade_by_hand(
                points=given["points_earned"],
                feedback=given.get("feedback"),
                reason=given.get("reason", ""),
                **said,
            )
        else:
            row = give_feedback(feedback=given["feedback"], **said)
        return Response(GradeSerializer(row).data)


class RegradedQuestionSerializer(serializers.Serializer[Any]):
    """A question and what is done: its present `key` counts, everybody gets `full` points, or it is left out."""

    question = serializers.IntegerField(min_value=1)
    act = serializers.ChoiceField(choices=list(ACTS))


class RegradeLineSerializer(serializers.Serializer[Any]):
    """An attempt whose score would move; an open score is null."""

    attempt = serializers.IntegerField()
    user = serializers.IntegerField()
    old_score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    new_score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    was_passed = serializers.BooleanField()
    is_passed = serializers.BooleanField()


class RegradeSerializer(ServerFields, serializers.ModelSerializer[Regrade]):
    """A regrade: previewed when it is made, then applied or dropped. Without `questions` all that changed count."""

    quiz = RowField(
        queryset=Quiz.objects.select_related("course__instructor"), parent=True, may=can_regrade_quiz
    )
    reason = serializers.CharField(max_length=LONGEST_REASON)
    questions = serializers.ListField(
        child=RegradedQuestionSerializer(), write_only=True, required=False, max_length=MOST_QUESTIONS
    )
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = Regrade
        fields = (
            "id", "quiz", "reason", "questions", "state", "gains_only", "counts", "total", "done", "percent",
            "started_by", "created_at", "decided_by", "decided_at",
        )  # fmt: skip
        read_only_fields = (
            "state", "gains_only", "total", "done", "started_by", "created_at", "decided_by", "decided_at",
        )  # fmt: skip
        own = ("started_by",)
        validators: list[Any] = []  # one open regrade a quiz: the function says so, as a conflict

    def create(self, values: dict[str, Any]) -> Regrade:
        chosen = values.pop("questions", None)
        acts = None if chosen is None else {one["question"]: one["act"] for one in chosen}
        return preview_regrade(by=self.context["request"].user, acts=acts, **values)


class RegradeDetailSerializer(RegradeSerializer):
    """A regrade with its preview: whose score would move."""

    preview = RegradeLineSerializer(many=True, read_only=True)

    class Meta(RegradeSerializer.Meta):
        fields = (*RegradeSerializer.Meta.fields, "preview")  # type: ignore[assignment]


class ModeSerializer(serializers.Serializer[Any]):
    """For everybody, or only where nobody's score falls."""

    mode = serializers.ChoiceField(choices=["all", "gains"], default="all")


class Regrades(mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, Endpoint):
    """Regrades of quizzes: seen by those who help to teach the course, made and decided by those who teach it."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.GRADE}
    queryset = Regrade.objects.select_related("quiz__course__instructor").defer("plan")
    permission_classes = [RegradePolicy]
    serializer_class = RegradeSerializer
    ordering = ("-id",)
    ordering_fields = ("id", "created_at")

    class Filter(django_filters.FilterSet):
        """By course, quiz and state."""

        course = IdFilter("quiz__course")
        quiz = IdFilter()
        state = django_filters.ChoiceFilter(choices=RegradeState.choices)

        class Meta:
            model = Regrade
            fields = ("course", "quiz", "state")

    filterset_class = Filter

    def get_queryset(self) -> QuerySet[Regrade]:
        """Lists leave the previews, which are long, in the database."""
        rows = super().get_queryset()
        return rows if self.action == "retrieve" else rows.defer("plan", "preview")

    def get_serializer_class(self) -> Any:
        return RegradeDetailSerializer if self.action == "retrieve" else RegradeSerializer

    @extend_schema(request=ModeSerializer, responses=RegradeSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: int) -> Response:
        """Do what was previewed. Applying what is applied changes nothing."""
        row = self.get_object()
        sent = ModeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return self._shown(apply_regrade(regrade=row, by=request.user, mode=sent.validated_data["mode"]))

    @extend_schema(request=None, responses=RegradeSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: int) -> Response:
        """Leave everything as it is."""
        return self._shown(drop_regrade(regrade=self.get_object(), by=request.user))

    def _shown(self, row: Regrade) -> Response:
        return Response(self.get_serializer(row).data, status=status.HTTP_200_OK)

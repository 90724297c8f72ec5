"""Questions out of files and into files over the API: upload one, read the report, import it; export."""

from pathlib import PurePosixPath
from typing import Any, cast

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from assessments.interchange.drafts import Format, Kind
from assessments.interchange.exports import export_response
from assessments.interchange.imports import import_for_real, start_question_import
from assessments.interchange.reading import check_size
from assessments.models import QuestionImport, Quiz
from assessments.permissions import can_edit_quiz, can_export_questions
from courses.api.permissions import READING
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.filters import IdFilter, TruthFilter
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.policy import Policy
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import RowField, ServerFields


class QuestionImportPolicy(Policy):
    """Reports are read by those who help to teach; an import is begun by those who edit the quiz."""

    def may_act_on(self, user: Any, action: str, row: QuestionImport) -> bool:
        return action in READING or can_edit_quiz(user, row.quiz)


class QuestionExportPolicy(Policy):
    """Who edits the quiz takes its questions along."""

    def may_act_on(self, user: Any, action: str, row: Quiz) -> bool:
        return can_export_questions(user, row)


def _check_upload(file: Any) -> None:
    check_size(file.size)


class QuestionReportLineSerializer(serializers.Serializer[Any]):
    """What became of one question of the file, or would become."""

    place = serializers.CharField(help_text="The line; empty for the file as a whole.")
    field = serializers.CharField(help_text="The beginning of the question.")
    message = serializers.CharField(help_text="What was changed, or why it was left out.")
    kind = serializers.ChoiceField([*Kind.values, "fault"])


class QuestionImportSerializer(ServerFields, serializers.ModelSerializer[QuestionImport]):
    """An import of questions. A dry run, which it is unless told otherwise, reports and changes nothing."""

    quiz = RowField(
        queryset=Quiz.objects.select_related("course__instructor"), parent=True, may=can_edit_quiz
    )
    file = serializers.FileField(
        max_length=200, write_only=True, allow_empty_file=True, validators=[_check_upload]
    )
    file_name = serializers.SerializerMethodField()
    format = serializers.ChoiceField(
        Format.choices, required=False, help_text="Left out, the file's name tells it."
    )
    # Said here: the framework takes a missing field of a form for false, which would import.
    is_dry_run = serializers.BooleanField(default=True)
    takes_repeated = serializers.BooleanField(
        default=False, help_text="Also take questions that the quiz has already."
    )
    percent = serializers.IntegerField(read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    report = QuestionReportLineSerializer(many=True, read_only=True)

    class Meta:
        model = QuestionImport
        fields = (
            "id",
            "quiz",
            "file",
            "file_name",
            "format",
            "is_dry_run",
            "takes_repeated",
            "status",
            "total",
            "done",
            "percent",
            "counts",
            "report",
            "started_by",
            "created_at",
            "finished_at",
        )
        read_only_fields = ("status", "total", "done", "started_by", "created_at", "finished_at")
        own = ("started_by",)

    def get_file_name(self, run: QuestionImport) -> str:
        return PurePosixPath(run.file.name or "").name

    def create(self, values: dict[str, Any]) -> QuestionImport:
        return start_question_import(by=self.context["request"].user, **values)


class QuestionImports(mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, Endpoint):
    """Imports of questions into quizzes of one's courses: uploaded, then worked through in the background."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = QuestionImport.objects.select_related("quiz__course__instructor")
    permission_classes = [QuestionImportPolicy]
    parser_classes = [MultiPartParser, StrictJSONParser]
    serializer_class = QuestionImportSerializer
    ordering = ("-id",)
    ordering_fields = ("id", "created_at")

    class Filter(django_filters.FilterSet):
        """By quiz, and by kind."""

        quiz = IdFilter()
        is_dry_run = TruthFilter()

        class Meta:
            model = QuestionImport
            fields = ("quiz", "is_dry_run")

    filterset_class = Filter

    @extend_schema(request=None, responses={201: QuestionImportSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: int) -> Response:
        """Import the file of a check that has ended, else 409. Answers with a run of its own."""
        run = import_for_real(dry_run=self.get_object(), by=cast(User, request.user))
        return Response(self.get_serializer(run).data, status=201)


class QuestionExports(Endpoint):
    """The questions of a quiz as a file, with their answers; by the quiz's id."""

    scopes = {"read": Scope.COURSE_READ}
    queryset = Quiz.objects.select_related("course__instructor")
    permission_classes = [QuestionExportPolicy]
    serializer_class = serializers.Serializer
    http_method_names = ["get", "head"]

    @extend_schema(
        parameters=[OpenApiParameter("as", enum=Format.values, required=True, description="The format.")],
        responses={(200, "*/*"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, pk: int) -> Any:
        """A file in GIFT, Moodle XML or CSV, for those who edit the quiz; logged."""
        quiz = self.get_object()
        chosen = request.query_params.get("as", "")
        if chosen not in Format.values:
            raise serializers.ValidationError({"as": [f"One of {', '.join(Format.values)}."]})
        return export_response(quiz, chosen, request.user)

"""Courses out of archives over the API: upload one, read the report, import it."""

from pathlib import PurePosixPath
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from courses.course_imports import check_archive_size, import_for_real, start_course_import
from courses.models import CourseImport
from courses.permissions import can_create_course
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.policy import Policy
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import ServerFields


class CourseImportPolicy(Policy):
    """Who makes courses brings archives in; the rows are narrowed to one's own."""

    def may_act(self, user: Any, action: str) -> bool:
        return action in ("list", "retrieve") or can_create_course(user)


class ReportLineSerializer(serializers.Serializer[Any]):
    """One thing about a file of the archive: a fault, or a note of what is good to know."""

    place = serializers.CharField(help_text="The file's path in the archive.")
    field = serializers.CharField(help_text="The name in the file; may be empty.")
    message = serializers.CharField()
    kind = serializers.ChoiceField(["fault", "note"])


class CourseImportSerializer(ServerFields, serializers.ModelSerializer[CourseImport]):
    """An archive that was brought in, and what came of it. Only the file is sent."""

    file = serializers.FileField(max_length=200, write_only=True, validators=[check_archive_size])
    file_name = serializers.SerializerMethodField()
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    report = ReportLineSerializer(many=True, read_only=True)

    class Meta:
        model = CourseImport
        fields = (
            "id",
            "file",
            "file_name",
            "is_dry_run",
            "status",
            "counts",
            "report",
            "course",
            "created_at",
            "finished_at",
        )
        read_only_fields = ("is_dry_run", "status", "course", "created_at", "finished_at")

    def get_file_name(self, run: CourseImport) -> str:
        return PurePosixPath(run.file.name or "").name

    def create(self, values: dict[str, Any]) -> CourseImport:
        return start_course_import(file=values["file"], by=self.context["request"].user)


class CourseImports(mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, Endpoint):
    """Imports of whole courses. A new one is checked in the background; `run` then makes the course."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = CourseImport.objects.all()
    permission_classes = [CourseImportPolicy]
    parser_classes = [MultiPartParser, StrictJSONParser]
    serializer_class = CourseImportSerializer
    ordering = ("-id",)

    @extend_schema(request=None, responses={201: CourseImportSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: int) -> Response:
        """Make a new course of an archive that was checked without a fault, else 409. Answers with a run of its own."""
        run = import_for_real(dry_run=self.get_object(), by=cast(User, request.user))
        return Response(self.get_serializer(run).data, status=201)

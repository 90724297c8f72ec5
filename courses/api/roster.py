"""The students of a course, imports of students and messages to them, as the API shows and takes them."""

from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from courses.api.permissions import ReadingPolicy
from courses.messages import send_course_message, with_figures
from courses.models import Course, CourseEnrollment, CourseMessage, RosterImport
from courses.permissions import can_view_course_work, can_write_to_students
from courses.roster import STATES, roster_lines, with_people
from courses.roster_import import start_roster_import
from courses.standing import Standing
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.filters import IdFilter, TruthFilter
from projectgenius.api.policy import Policy
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import RowField, ServerFields

MOST_CHOSEN = 1000
TEACHING = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}


class RosterRowSerializer(serializers.Serializer[Any]):
    """A student of the course, and how far: percentages, whole days, published lessons."""

    id = serializers.IntegerField(source="enrollment.pk", help_text="The enrollment.")
    student = serializers.IntegerField(source="enrollment.student_id")
    name = serializers.CharField(source="enrollment.student.display_name")
    email = serializers.EmailField(source="enrollment.student.email")
    state = serializers.ChoiceField(choices=list(STATES))
    payment_status = serializers.ChoiceField(
        source="enrollment.payment_status", choices=CourseEnrollment.PaymentStatus.choices
    )
    enrolled_at = serializers.DateTimeField(source="enrollment.enrolled_at")
    last_accessed = serializers.DateTimeField(source="enrollment.last_accessed", allow_null=True)
    progress = serializers.DecimalField(source="enrollment.progress", max_digits=5, decimal_places=2)
    lessons_done = serializers.IntegerField(source="done")
    lessons = serializers.IntegerField(source="total")
    expected_progress = serializers.IntegerField(
        source="pace.expected", help_text="What the full weeks since enrolling stand for."
    )
    quiet_days = serializers.IntegerField(source="pace.quiet_days")
    completed_at = serializers.DateTimeField(source="enrollment.completed_at", allow_null=True)
    withdrawn_at = serializers.DateTimeField(source="enrollment.withdrawn_at", allow_null=True)
    certificate = serializers.CharField(help_text="The number of the certificate that holds; or empty.")


class RosterFilter(django_filters.FilterSet):
    """By how students stand."""

    standing = django_filters.ChoiceFilter(choices=Standing.choices, method="by_standing")

    class Meta:
        model = CourseEnrollment
        fields = ("standing",)

    def by_standing(self, rows: Any, name: str, value: str) -> QuerySet[CourseEnrollment]:
        return rows.standing(value)  # type: ignore[no-any-return]


class Roster(mixins.ListModelMixin, Endpoint):
    """The students of a course, for those who teach it or assist."""

    scopes = {"read": Scope.COURSE_READ}
    queryset = CourseEnrollment.objects.all()
    permission_classes = [ReadingPolicy]
    serializer_class = RosterRowSerializer
    filterset_class = RosterFilter
    search_fields = ("student__full_name", "student__username", "student__email")
    ordering = ("name",)
    ordering_fields = ("id", "name", "email", "progress", "enrolled_at", "last_accessed")

    def get_queryset(self) -> QuerySet[CourseEnrollment]:
        rows = with_people(CourseEnrollment.objects.filter(course=self.kwargs.get("course", 0)))
        return rows.annotate(name=F("student__full_name"), email=F("student__email"))

    @extend_schema(parameters=[OpenApiParameter("course", OpenApiTypes.INT, OpenApiParameter.PATH)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page. 404 for a course that the caller does not see, 403 for one where the caller only learns."""
        courses = Course.objects.visible_to(request.user).select_related("instructor")
        course = get_object_or_404(courses, pk=kwargs["course"])
        if not can_view_course_work(request.user, course):
            raise PermissionDenied
        page: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(roster_lines(course, page), many=True).data)


class StudentsPolicy(Policy):
    """Rows are narrowed to the courses that somebody teaches; new ones are refused by their course."""


def taught_course() -> RowField:
    """The course that a new row is for: one whose students the caller may write to."""
    return RowField(
        queryset=Course.objects.select_related("instructor"), parent=True, may=can_write_to_students
    )


class RosterImportSerializer(ServerFields, serializers.ModelSerializer[RosterImport]):
    """An import of students. A dry run, which it is unless told otherwise, reports and changes nothing."""

    course = taught_course()
    file = serializers.FileField(write_only=True, allow_empty_file=True, help_text="CSV: email[, full_name].")
    # Said here: the framework takes a missing field of a form for false, which would import.
    is_dry_run = serializers.BooleanField(default=True)
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = RosterImport
        fields = (
            "id",
            "course",
            "file",
            "is_dry_run",
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
        read_only_fields = (
            "status",
            "total",
            "done",
            "counts",
            "report",
            "started_by",
            "created_at",
            "finished_at",
        )
        own = ("started_by",)

    def create(self, values: dict[str, Any]) -> RosterImport:
        return start_roster_import(by=self.context["request"].user, **values)


class RosterImports(mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, Endpoint):
    """Imports of students into the courses that one teaches: uploaded, then worked through in the background."""

    scopes = TEACHING
    queryset = RosterImport.objects.select_related("course")
    permission_classes = [StudentsPolicy]
    parser_classes = [MultiPartParser]
    serializer_class = RosterImportSerializer
    ordering = ("-id",)
    ordering_fields = ("id", "created_at")

    class Filter(django_filters.FilterSet):
        """By course, and by kind."""

        course = IdFilter()
        is_dry_run = TruthFilter()

        class Meta:
            model = RosterImport
            fields = ("course", "is_dry_run")

    filterset_class = Filter


class CourseMessageSerializer(ServerFields, serializers.ModelSerializer[CourseMessage]):
    """A message to students: to the places named in `enrollments`, or to everybody of a `standing`."""

    course = taught_course()
    enrollments = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        write_only=True,
        required=False,
        allow_empty=False,
        max_length=MOST_CHOSEN,
    )
    standing = serializers.ChoiceField(choices=Standing.choices, write_only=True, required=False)
    recipients = serializers.IntegerField(source="chosen", read_only=True)
    mailed = serializers.IntegerField(read_only=True)

    class Meta:
        model = CourseMessage
        fields = (
            "id",
            "course",
            "subject",
            "body",
            "replies_to_sender",
            "enrollments",
            "standing",
            "sender",
            "created_at",
            "recipients",
            "mailed",
        )
        read_only_fields = ("sender", "created_at")
        own = ("sender",)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("enrollments" in values) == ("standing" in values):
            raise serializers.ValidationError({"enrollments": ["Give either enrollments or a standing."]})
        rows: Any = CourseEnrollment.objects.filter(course=values["course"])
        if "standing" in values:
            values["students"] = list(
                rows.standing(values.pop("standing")).values_list("student_id", flat=True)
            )
            return values
        asked = set(values.pop("enrollments"))
        found = dict(rows.filter(pk__in=asked).values_list("pk", "student_id"))
        if missing := sorted(asked - found.keys()):
            listed = ", ".join(map(str, missing))
            raise serializers.ValidationError({"enrollments": [f"No such place in this course: {listed}."]})
        values["students"] = list(found.values())
        return values

    def create(self, values: dict[str, Any]) -> CourseMessage:
        sent = send_course_message(sender=self.context["request"].user, **values)
        return with_figures(CourseMessage.objects.filter(pk=sent.pk)).get()


class CourseMessages(mixins.ListModelMixin, mixins.RetrieveModelMixin, CreateRows, Endpoint):
    """Messages to the students of courses that one teaches or assists in; sent by those who teach."""

    scopes = TEACHING
    queryset = CourseMessage.objects.all()
    permission_classes = [StudentsPolicy]
    serializer_class = CourseMessageSerializer
    ordering = ("-id",)
    ordering_fields = ("id", "created_at")

    class Filter(django_filters.FilterSet):
        """By course."""

        course = IdFilter()

        class Meta:
            model = CourseMessage
            fields = ("course",)

    filterset_class = Filter

    def get_queryset(self) -> QuerySet[CourseMessage]:
        return with_figures(super().get_queryset())

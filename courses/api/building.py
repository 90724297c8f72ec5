"""What is done to a whole course by the API: its order, what it lacks, publishing, copying."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from courses.api.serializers import CourseSerializer
from courses.checklist import Checklist
from courses.copying import copy_course
from courses.ordering import arrange_course
from courses.publishing import publish_course, unpublish_course

MOST_ROWS = 10_000


class PlacedModuleSerializer(serializers.Serializer[Any]):
    """A module by its id, with the ids of its lessons in order."""

    id = serializers.IntegerField(min_value=1)
    lessons = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=MOST_ROWS)


class OrderSerializer(serializers.Serializer[Any]):
    """A whole course in order: each of its modules and each of its lessons once."""

    modules = PlacedModuleSerializer(many=True, max_length=MOST_ROWS)  # type: ignore[call-arg]

    def validate_modules(self, modules: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len({module["id"] for module in modules}) != len(modules):
            raise serializers.ValidationError(_("Name each module once."), code="repeated")
        return modules


class FindingSerializer(serializers.Serializer[Any]):
    """Something that a course lacks: an error keeps it from being published, a hint does not."""

    code = serializers.CharField()
    is_error = serializers.BooleanField()
    message = serializers.CharField()
    kind = serializers.ChoiceField(["course", "module", "lesson"], help_text="Of the row that lacks it.")
    id = serializers.IntegerField(source="pk", help_text="Of the row that lacks it.")


class ChecklistSerializer(serializers.Serializer[Any]):
    """What a course lacks as it stands, and what it would lack with all its drafts published."""

    can_publish = serializers.BooleanField()
    findings = FindingSerializer(many=True)
    can_publish_with_drafts = serializers.BooleanField()
    findings_with_drafts = FindingSerializer(many=True)


class PublishSerializer(serializers.Serializer[Any]):
    """How a course is published."""

    with_drafts = serializers.BooleanField(default=False, help_text="All its modules and lessons too.")


class BuildActions:
    """Acts on a course, for those who edit it."""

    @extend_schema(request=OrderSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def order(self: Any, request: Request, pk: int) -> Response:
        """Bring modules and lessons into an order; lessons may change their module. 409 `order_changed` unless
        each module and lesson of the course is named once.
        """
        course = self.get_object()
        sent = OrderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        layout = {module["id"]: module["lessons"] for module in sent.validated_data["modules"]}
        arrange_course(course=course, layout=layout)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=ChecklistSerializer)
    @action(detail=True)
    def checklist(self: Any, request: Request, pk: int) -> Response:
        """What the course lacks before students see it."""
        checklist = Checklist.of(self.get_object())
        found, with_drafts = checklist.findings(), checklist.findings(with_drafts=True)
        answer = {
            "can_publish": not any(finding.is_error for finding in found),
            "findings": found,
            "can_publish_with_drafts": not any(finding.is_error for finding in with_drafts),
            "findings_with_drafts": with_drafts,
        }
        return Response(ChecklistSerializer(answer).data)

    @extend_schema(request=PublishSerializer)
    @action(detail=True, methods=["post"])
    def publish(self: Any, request: Request, pk: int) -> Response:
        """Publish the course; 409 `not_ready` when something is missing."""
        course = self.get_object()
        sent = PublishSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        publish_course(course=course, by=request.user, with_drafts=sent.validated_data["with_drafts"])
        return self._shown(course)  # type: ignore[no-any-return]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def unpublish(self: Any, request: Request, pk: int) -> Response:
        """Hide the course from students."""
        course = self.get_object()
        unpublish_course(course=course, by=request.user)
        return self._shown(course)  # type: ignore[no-any-return]

    @extend_schema(request=None, responses={201: CourseSerializer})
    @action(detail=True, methods=["post"])
    def copy(self: Any, request: Request, pk: int) -> Response:
        """Make a draft with all that the course holds, without its students; the caller owns it."""
        copied = copy_course(course=self.get_object(), by=request.user)  # type: ignore[arg-type]
        return self._shown(copied, status.HTTP_201_CREATED)  # type: ignore[no-any-return]

    def _shown(self: Any, course: Any, code: int = status.HTTP_200_OK) -> Response:
        course.refresh_from_db()
        return Response(self.get_serializer(course).data, status=code)

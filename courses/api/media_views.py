"""Endpoints for pictures, videos, places in videos and earlier texts of lessons."""

from typing import Any, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from courses.api.filtersets import ImageFilter, PositionFilter, VersionFilter, VideoFilter
from courses.api.media_serializers import (
    ImageSerializer,
    PositionSerializer,
    VersionRowSerializer,
    VersionSerializer,
    VideoSerializer,
)
from courses.api.permissions import ImagePolicy, PositionPolicy, VersionPolicy, VideoPolicy
from courses.api.serializers import LessonSerializer
from courses.authoring import restore_version
from courses.images import delete_image
from courses.models import CourseImage, Lesson, LessonVersion, LessonVideo, VideoPosition
from courses.videos import delete_video, save_position
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.scopes import Scope


class CourseImages(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Pictures of the courses that one teaches. Readers get a picture by its address, with the text that shows it."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = CourseImage.objects.select_related("course")
    permission_classes = [ImagePolicy]
    parser_classes = [StrictJSONParser, MultiPartParser]
    serializer_class = ImageSerializer
    filterset_class = ImageFilter
    search_fields = ("alt_text",)
    ordering = ("-id",)
    ordering_fields = ("id", "created_at")

    def get_queryset(self) -> QuerySet[CourseImage]:
        """Those of courses that the caller teaches or assists in."""
        return CourseImage.objects.in_read_courses_of(self.request.user).select_related("course")

    def perform_destroy(self, instance: CourseImage) -> None:
        delete_image(image=instance, by=self.request.user)


class LessonVideos(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Videos of the lessons that one may read."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    queryset = LessonVideo.objects.select_related("lesson__module__course")
    permission_classes = [VideoPolicy]
    parser_classes = [StrictJSONParser, MultiPartParser]
    serializer_class = VideoSerializer
    filterset_class = VideoFilter
    ordering = ("id",)
    ordering_fields = ("id", "created_at")

    def perform_destroy(self, instance: LessonVideo) -> None:
        delete_video(video=instance, by=self.request.user)


class VideoPositions(mixins.ListModelMixin, mixins.RetrieveModelMixin, Endpoint):
    """Where one stopped in videos; everybody's own. The address names the lesson, PUT says the second."""

    scopes = {"read": Scope.READ, "write": Scope.WRITE_OWN}
    queryset = VideoPosition.objects.all()
    permission_classes = [PositionPolicy]
    serializer_class = PositionSerializer
    filterset_class = PositionFilter
    http_method_names = ["get", "put", "head"]
    lookup_field = "lesson"
    ordering = ("-updated_at",)
    ordering_fields = ("updated_at", "seconds")

    def update(self, request: Request, lesson: int) -> Response:
        """Keep the second for a lesson that the caller may read; the last one counts."""
        found = get_object_or_404(Lesson.objects.visible_to(request.user), pk=lesson)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        position = save_position(
            lesson=found, student=cast(User, request.user), seconds=asked.validated_data["seconds"]
        )
        return Response(self.get_serializer(position).data)


class LessonVersions(mixins.ListModelMixin, mixins.RetrieveModelMixin, Endpoint):
    """What lessons said before, for those who teach or assist; written by the system."""

    scopes = {"read": Scope.COURSE_READ, "write": Scope.COURSE_WRITE}
    queryset = LessonVersion.objects.all()
    permission_classes = [VersionPolicy]
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    ordering = ("-id",)
    ordering_fields = ("id", "lesson", "number", "saved_at")

    def get_queryset(self) -> QuerySet[LessonVersion]:
        """A list leaves out the texts."""
        rows = super().get_queryset()
        return (
            rows.defer("content") if self.action == "list" else rows.select_related("lesson__module__course")
        )

    def get_serializer_class(self) -> type[Any]:
        return VersionRowSerializer if self.action == "list" else VersionSerializer

    @extend_schema(request=None, responses=LessonSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """Give the lesson this text again; what it said becomes the newest earlier text. Answers with the lesson."""
        lesson = restore_version(version=self.get_object(), by=request.user)
        return Response(LessonSerializer(lesson, context=self.get_serializer_context()).data)

"""Endpoints for courses and their content."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from courses.api.building import BuildActions
from courses.api.contents import contents_of
from courses.api.filtersets import CourseRowFilter, LessonFilter, ModuleFilter, ResourceFilter
from courses.api.locks import read_lesson
from courses.api.permissions import CoursePolicy, OutlinePolicy, ResourcePolicy
from courses.api.serializers import (
    ContentsSerializer,
    CourseSerializer,
    LessonSerializer,
    ModuleSerializer,
    OutlineSerializer,
    ResourceSerializer,
)
from courses.authoring import delete_content
from courses.downloads import archive_response, private_file
from courses.models import Course, CourseEnrollment, Lesson, LessonResource, Module
from courses.progress import record_access
from courses.reading import CourseView
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.parsers import StrictJSONParser
from projectgenius.api.scopes import Scope


class ContentEndpoint(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """A course or its parts, read and edited."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}

    def perform_destroy(self, instance: Any) -> None:
        delete_content(row=instance, by=self.request.user)


class Courses(BuildActions, ContentEndpoint):
    """Published courses, and one's own drafts."""

    scopes = {**ContentEndpoint.scopes, "export": Scope.COURSE_READ}
    queryset = Course.objects.select_related("instructor")
    permission_classes = [CoursePolicy]
    serializer_class = CourseSerializer
    filterset_class = CourseRowFilter
    search_fields = ("title", "outcome", "category")
    ordering = ("title",)
    ordering_fields = ("id", "title", "price", "total_minutes", "created_at")

    @extend_schema(responses=ContentsSerializer)
    @action(detail=True)
    def contents(self, request: Request, pk: int) -> Response:
        """The course's modules and lessons in order, with what the caller has done and may open."""
        return Response(contents_of(CourseView.of(self.get_object(), request.user), request.user))

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True)
    def export(self, request: Request, pk: int) -> FileResponse:
        """The whole course as a ZIP of Markdown and YAML, for those who edit it; logged."""
        return archive_response(self.get_object(), request.user)


class Modules(ContentEndpoint):
    """Parts of courses."""

    queryset = Module.objects.select_related(
        "course", "availability__after_lesson__module", "availability__after_module"
    )
    permission_classes = [OutlinePolicy]
    serializer_class = ModuleSerializer
    filterset_class = ModuleFilter
    ordering = ("course", "order_index")
    ordering_fields = ("id", "course", "order_index", "title")

    def get_queryset(self) -> QuerySet[Module]:
        """With the number of published lessons, and whether the caller studies in the course."""
        modules = (
            super().get_queryset().annotate(lesson_count=Count("lessons", Q(lessons__is_published=True)))
        )
        if not self.request.user.is_authenticated:
            return modules
        places = CourseEnrollment.objects.open().filter(student=self.request.user, course=OuterRef("course"))
        return modules.annotate(is_studied=Exists(places))


class Lessons(ContentEndpoint):
    """Lessons: the list is the outline; the content is read one by one, where it is open."""

    queryset = Lesson.objects.all()
    permission_classes = [OutlinePolicy]
    filterset_class = LessonFilter
    search_fields = ("title",)
    ordering = ("module__course", "module__order_index", "module", "order_index")
    ordering_fields = ("id", "order_index", "title", "duration_minutes")

    def get_queryset(self) -> QuerySet[Lesson]:
        """What is listed; whether the content may be read is asked for each lesson."""
        lessons = Lesson.objects.listed_for(self.request.user)
        if self.action == "list":
            return lessons.select_related("module").defer("content", "module__description")
        if self.action == "retrieve":
            lessons = lessons.with_right(self.request.user)
        return lessons.select_related(
            "module__course", "availability__after_lesson__module", "availability__after_module"
        )

    def get_serializer_class(self) -> type[Any]:
        return OutlineSerializer if self.action == "list" else LessonSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The lesson with its content; 403 with the reason while it is locked."""
        view = read_lesson(self.get_object(), request.user)
        if view.enrollment and view.is_open:
            record_access(enrollment=view.enrollment, lesson=view.lesson)
        return Response(self.get_serializer(view.lesson).data)


class LessonResources(ContentEndpoint):
    """Links and files of the lessons that one may read."""

    queryset = LessonResource.objects.select_related("lesson__module__course")
    permission_classes = [ResourcePolicy]
    parser_classes = [StrictJSONParser, MultiPartParser]
    serializer_class = ResourceSerializer
    filterset_class = ResourceFilter
    search_fields = ("title",)
    ordering_fields = ("id", "title", "created_at")

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True)
    def download(self, request: Request, pk: int) -> FileResponse:
        """The file itself; an address has none (404)."""
        resource = self.get_object()
        if not resource.file:
            raise NotFound
        try:
            return private_file(resource.file)
        except FileNotFoundError:
            raise NotFound from None

"""Courses and what hangs on them, as the API shows and takes them. Saving goes through `courses.authoring`."""

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from accounts.models import User
from courses.archive_files import check_resource_file
from courses.authoring import create_course, next_order_index, save_content
from courses.models import Course, Lesson, LessonResource, Module
from courses.permissions import can_edit_content, can_edit_course
from courses.resource_files import note_file_size
from projectgenius.api.serializers import RowField, ServerFields
from projectgenius.errors import Conflict
from projectgenius.links import validate_link
from projectgenius.markdown import render_markdown

LONG_TEXT = 100_000  # characters; a lesson is a sitting, not a book
HIGHEST = 100_000  # an order or a number of minutes beyond this is a slip


class ContentSerializer(ServerFields, serializers.ModelSerializer[Any]):
    """A course or a part of one: checked by the model's own rules, saved by the one function that may."""

    def create(self, values: dict[str, Any]) -> Any:
        model: Any = self.Meta.model  # type: ignore[attr-defined]
        return self._save(model(**values))

    def update(self, row: Any, values: dict[str, Any]) -> Any:
        for name, value in values.items():
            setattr(row, name, value)
        return self._save(row)

    def _save(self, row: Any) -> Any:
        row.full_clean()
        save_content(row=row, by=self.context["request"].user)
        return row


class InstructorSerializer(serializers.ModelSerializer[User]):
    """What everybody may know of the instructor of a course."""

    display_name = serializers.CharField(read_only=True)
    picture_path = serializers.SerializerMethodField(
        help_text="The path of this site that shows the picture."
    )

    class Meta:
        model = User
        fields = ("id", "display_name", "avatar_url", "picture_path", "bio")
        read_only_fields = fields

    def get_picture_path(self, person: User) -> str | None:
        return person.picture_address if person.picture else None


class CourseSerializer(ContentSerializer):
    """A course. Whoever makes it teaches it; its address is made of the title and then stays."""

    instructor = InstructorSerializer(read_only=True)
    currency = serializers.SerializerMethodField(help_text="Of the price; one for the whole site.")

    class Meta:
        model = Course
        fields = (
            "id",
            "slug",
            "title",
            "outcome",
            "description",
            "outcomes",
            "audience",
            "requirements",
            "instructor",
            "cover_image",
            "cover_hue",
            "cover_url",
            "level",
            "category",
            "language",
            "price",
            "enrollment_mode",
            "currency",
            "duration_weeks",
            "certificates_enabled",
            "lesson_count",
            "total_minutes",
            "is_published",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("slug", "cover_url", "lesson_count", "total_minutes", "created_at", "updated_at")
        own = ("instructor",)
        extra_kwargs = {
            "description": {"max_length": LONG_TEXT},
            "outcomes": {"max_length": LONG_TEXT},
            "audience": {"max_length": LONG_TEXT},
            "requirements": {"max_length": LONG_TEXT},
            "cover_hue": {"min_value": 0, "max_value": 359},
            "duration_weeks": {"min_value": 1, "max_value": 520},
            "price": {"min_value": 0},
        }

    def get_currency(self, course: Course) -> str:
        return settings.CURRENCY

    def create(self, values: dict[str, Any]) -> Any:
        if values.pop("is_published", False):
            raise Conflict(_("Add lessons first, then publish the course."), code="not_ready")
        return create_course(course=Course(**values), by=self.context["request"].user)


class RuleSerializer(serializers.Serializer[Any]):
    """When an item is open, and after what; an unpublished prerequisite asks nothing and is not named."""

    opens_at = serializers.DateTimeField(read_only=True, allow_null=True)
    closes_at = serializers.DateTimeField(read_only=True, allow_null=True)
    after_lesson = serializers.SerializerMethodField()
    after_module = serializers.SerializerMethodField()

    def get_after_lesson(self, rule: Any) -> int | None:
        lesson = rule.after_lesson
        return lesson.pk if lesson and lesson.is_published and lesson.module.is_published else None

    def get_after_module(self, rule: Any) -> int | None:
        module = rule.after_module
        return module.pk if module and module.is_published else None


class ModuleSerializer(ContentSerializer):
    """A module. Who sees the outline alone gets an empty description."""

    course = RowField(queryset=Course.objects.all(), parent=True, may=can_edit_course)
    lesson_count = serializers.IntegerField(read_only=True, default=0, help_text="Published lessons.")
    availability = RuleSerializer(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Module
        fields = (
            "id",
            "course",
            "key",
            "title",
            "description",
            "order_index",
            "lesson_count",
            "availability",
            "is_published",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        validators = ()  # the model's own constraints say it in our words
        extra_kwargs = {
            "description": {"max_length": LONG_TEXT},
            "key": {"required": False},
            "order_index": {"required": False, "min_value": 1, "max_value": HIGHEST},
        }

    def create(self, values: dict[str, Any]) -> Any:
        values.setdefault("order_index", next_order_index(values["course"].modules))
        return super().create(values)

    def to_representation(self, module: Module) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(module)
        is_studied = getattr(module, "is_studied", False)
        if not is_studied and not can_edit_content(self.context["request"].user, module):
            shown["description"] = ""
        return shown


class OutlineSerializer(serializers.ModelSerializer[Lesson]):
    """A lesson as the outline shows it: never its content."""

    course = serializers.IntegerField(source="module.course_id", read_only=True)

    class Meta:
        model = Lesson
        fields = (
            "id",
            "course",
            "module",
            "title",
            "content_type",
            "duration_minutes",
            "order_index",
            "is_preview",
            "is_published",
        )
        read_only_fields = fields


class LessonSerializer(ContentSerializer):
    """A lesson with its content: the Markdown that was written, and safe HTML made of it."""

    course = serializers.IntegerField(source="module.course_id", read_only=True)
    module = RowField(queryset=Module.objects.select_related("course"), parent=True, may=can_edit_content)
    content_html = serializers.SerializerMethodField()
    availability = RuleSerializer(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Lesson
        fields = (
            *OutlineSerializer.Meta.fields,
            "availability",
            "key",
            "content",
            "content_html",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        validators = ()
        extra_kwargs = {
            "content": {"max_length": LONG_TEXT},
            "duration_minutes": {"min_value": 0, "max_value": HIGHEST},
            "key": {"required": False},
            "order_index": {"required": False, "min_value": 1, "max_value": HIGHEST},
        }

    def get_content_html(self, lesson: Lesson) -> str:
        return render_markdown(lesson.content)

    def create(self, values: dict[str, Any]) -> Any:
        values.setdefault("order_index", next_order_index(values["module"].lessons))
        return super().create(values)


class ResourceSerializer(ContentSerializer):
    """Something to take along from a lesson: an address, or a file sent as a form and fetched by `download_path`."""

    lesson = RowField(
        queryset=Lesson.objects.select_related("module__course"),
        parent=True,
        may=can_edit_content,
        seen="listed_for",
    )
    url = serializers.CharField(max_length=500, allow_blank=True, required=False, validators=[validate_link])
    file = serializers.FileField(
        max_length=200,
        write_only=True,
        required=False,
        allow_null=True,
        validators=[check_resource_file],
        help_text="Null takes the file away.",
    )
    file_name = serializers.SerializerMethodField()
    download_path = serializers.SerializerMethodField()

    class Meta:
        model = LessonResource
        fields = (
            "id",
            "lesson",
            "title",
            "resource_type",
            "url",
            "file",
            "file_name",
            "file_size",
            "download_path",
            "created_at",
        )
        read_only_fields = ("file_size", "created_at")

    def get_file_name(self, resource: LessonResource) -> str:
        return PurePosixPath(resource.file.name or "").name

    @extend_schema_field({"type": ["string", "null"]})
    def get_download_path(self, resource: LessonResource) -> str | None:
        return reverse("api-lesson-resources-download", args=[resource.pk]) if resource.file else None

    def to_representation(self, resource: LessonResource) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(resource)
        return {**shown, "url": resource.safe_url}

    def _save(self, row: LessonResource) -> LessonResource:
        row.file = row.file or ""
        note_file_size(row)
        return super()._save(row)  # type: ignore[no-any-return]


class ContentsLockSerializer(serializers.Serializer[Any]):
    """Why a lesson or a module is closed to the caller, and what opens it: a lesson, a whole module, or time."""

    code = serializers.CharField()
    reason = serializers.CharField()
    lesson = serializers.IntegerField(allow_null=True)
    module = serializers.IntegerField(allow_null=True)
    opens_at = serializers.DateTimeField(allow_null=True)


class ContentsLessonSerializer(serializers.Serializer[Any]):
    """A lesson in a course's contents."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    content_type = serializers.ChoiceField(Lesson.ContentType.choices)
    duration_minutes = serializers.IntegerField(allow_null=True)
    order_index = serializers.IntegerField()
    is_published = serializers.BooleanField()
    is_preview = serializers.BooleanField()
    is_completed = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    lock = ContentsLockSerializer(allow_null=True)


class ContentsModuleSerializer(serializers.Serializer[Any]):
    """A module in a course's contents."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    order_index = serializers.IntegerField()
    is_published = serializers.BooleanField()
    lesson_count = serializers.IntegerField()
    completed_count = serializers.IntegerField()
    lock = ContentsLockSerializer(allow_null=True)
    lessons = ContentsLessonSerializer(many=True)


class ContentsSerializer(serializers.Serializer[Any]):
    """The shape of what `courses.api.contents` gathers; used for the description alone."""

    course = serializers.IntegerField()
    lesson_count = serializers.IntegerField()
    completed_count = serializers.IntegerField()
    modules = ContentsModuleSerializer(many=True)

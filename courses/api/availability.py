"""When lessons and modules are open, as the API shows and takes it."""

from typing import Any

from rest_framework import mixins, serializers

from courses.api.filtersets import LessonAvailabilityFilter, ModuleAvailabilityFilter
from courses.api.permissions import AvailabilityPolicy
from courses.availability import remove_availability, save_availability
from courses.models import Availability, Lesson, LessonAvailability, Module, ModuleAvailability
from courses.permissions import can_edit_content
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import RowField, ServerFields

LESSONS = Lesson.objects.select_related("module__course")
MODULES = Module.objects.select_related("course")
RULE = ("opens_at", "closes_at", "after_lesson", "after_module")


class AvailabilitySerializer(ServerFields, serializers.ModelSerializer[Any]):
    """A rule: from when, until when, and after what an item is open. The item of a rule stays."""

    after_lesson = RowField(queryset=LESSONS, seen="listed_for", required=False, allow_null=True)
    after_module = RowField(queryset=MODULES, required=False, allow_null=True)

    def create(self, values: dict[str, Any]) -> Availability:
        return self._save(self.Meta.model(**values))  # type: ignore[attr-defined, no-any-return, misc]

    def update(self, row: Any, values: dict[str, Any]) -> Availability:
        for name, value in values.items():
            setattr(row, name, value)
        return self._save(row)

    def _save(self, row: Any) -> Any:
        save_availability(row=row, by=self.context["request"].user)
        return row

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        name = self.Meta.model.item_name  # type: ignore[attr-defined]
        if self.instance is not None and name in values and values[name] != self.instance.item:
            raise serializers.ValidationError({name: ["The item of a rule stays. Make another rule."]})
        return values


class LessonAvailabilitySerializer(AvailabilitySerializer):
    """When a lesson is open."""

    lesson = RowField(queryset=LESSONS, seen="listed_for", parent=True, may=can_edit_content)

    class Meta:
        model = LessonAvailability
        fields = ("id", "lesson", *RULE)
        validators = ()


class ModuleAvailabilitySerializer(AvailabilitySerializer):
    """When a module is open."""

    module = RowField(queryset=MODULES, parent=True, may=can_edit_content)

    class Meta:
        model = ModuleAvailability
        fields = ("id", "module", *RULE)
        validators = ()


class AvailabilityEndpoint(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """Rules of the courses that the caller helps to teach."""

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    permission_classes = [AvailabilityPolicy]
    ordering = ("id",)
    ordering_fields = ("id", "opens_at", "closes_at")

    def perform_destroy(self, instance: Availability) -> None:
        remove_availability(row=instance, by=self.request.user)


class LessonAvailabilities(AvailabilityEndpoint):
    """When lessons are open."""

    queryset = LessonAvailability.objects.select_related("lesson__module__course")
    serializer_class = LessonAvailabilitySerializer
    filterset_class = LessonAvailabilityFilter


class ModuleAvailabilities(AvailabilityEndpoint):
    """When modules are open."""

    queryset = ModuleAvailability.objects.select_related("module__course")
    serializer_class = ModuleAvailabilitySerializer
    filterset_class = ModuleAvailabilityFilter

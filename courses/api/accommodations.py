"""More time, attempts and days of students, as the API shows and takes them."""

from typing import Any

from django.db.models import Model
from rest_framework import mixins, serializers

from accounts.api.personal import RetrievePersonal
from courses.accommodations import give_accommodation, remove_accommodation
from courses.api.filtersets import AccommodationFilter
from courses.api.permissions import AccommodationPolicy
from courses.models import Accommodation, CourseEnrollment
from courses.permissions import can_give_accommodation, can_read_accommodation_note
from projectgenius.api.endpoints import CreateRows, Endpoint
from projectgenius.api.scopes import Scope
from projectgenius.api.serializers import RowField, ServerFields

GIVEN = ("time_factor", "extra_attempts", "extra_days", "note")


class AccommodationSerializer(ServerFields, serializers.ModelSerializer[Accommodation]):
    """What a student is given beyond the rules for everybody. The enrollment stays.

    `note` says why, and is empty for the student.
    """

    enrollment = RowField(
        queryset=CourseEnrollment.objects.select_related("course__instructor", "student"),
        parent=True,
        may=can_give_accommodation,
    )
    student = serializers.IntegerField(source="enrollment.student_id", read_only=True)
    course = serializers.IntegerField(source="enrollment.course_id", read_only=True)

    class Meta:
        model = Accommodation
        fields = ("id", "enrollment", "student", "course", *GIVEN, "updated_at")
        read_only_fields = ("updated_at",)
        validators = ()

    def to_representation(self, row: Accommodation) -> dict[str, Any]:
        shown = super().to_representation(row)
        if not can_read_accommodation_note(self.context["request"].user, row.enrollment):
            shown["note"] = ""
        return shown

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        row: Model | None = self.instance  # type: ignore[assignment]
        if row is not None and values.get("enrollment", row.enrollment) != row.enrollment:  # type: ignore[attr-defined]
            raise serializers.ValidationError({"enrollment": ["This stays. Give it to the other student."]})
        return values

    def create(self, values: dict[str, Any]) -> Accommodation:
        return give_accommodation(by=self.context["request"].user, **values)

    def update(self, row: Accommodation, values: dict[str, Any]) -> Accommodation:
        given = {name: values.get(name, getattr(row, name)) for name in GIVEN}
        return give_accommodation(enrollment=row.enrollment, by=self.context["request"].user, **given)


class Accommodations(
    mixins.ListModelMixin,
    RetrievePersonal,
    CreateRows,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    Endpoint,
):
    """More time, attempts and days: one's own, and those in courses one helps to teach. Each enrollment has one:
    giving again replaces it.
    """

    scopes = {"read": Scope.READ, "write": Scope.COURSE_WRITE}
    queryset = Accommodation.objects.select_related("enrollment__course__instructor", "enrollment__student")
    person, course = "enrollment.student_id", "enrollment.course_id"
    permission_classes = [AccommodationPolicy]
    serializer_class = AccommodationSerializer
    filterset_class = AccommodationFilter
    ordering = ("id",)
    ordering_fields = ("id", "updated_at")

    def perform_destroy(self, instance: Accommodation) -> None:
        remove_accommodation(accommodation=instance, by=self.request.user)

"""Who helps, who is invited, by which code one joins, and what was paid, as the API shows and takes it."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from courses.helping import add_helper, change_helper_role
from courses.invitations import invite
from courses.join_codes import make_join_code
from courses.models import Course, CourseHelper, CourseInvitation, CourseJoinCode, Payment
from courses.permissions import can_edit_course, can_manage_helpers
from projectgenius.api.serializers import RowField, ServerFields

COURSES = Course.objects.select_related("instructor")


class HelperSerializer(ServerFields, serializers.ModelSerializer[CourseHelper]):
    """Somebody who teaches a course beside its owner. Course and person stay; the role can change."""

    course = RowField(queryset=COURSES, parent=True, may=can_manage_helpers)
    user = RowField(queryset=User.objects.all())
    name = serializers.CharField(source="user.display_name", read_only=True)

    class Meta:
        model = CourseHelper
        fields = ("id", "course", "user", "name", "role", "created_at")
        read_only_fields = ("created_at",)
        validators = ()

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if self.instance is not None:
            for name in ("course", "user"):
                if name in values and values[name] != getattr(self.instance, name):
                    raise serializers.ValidationError({name: ["This stays. Name another helper."]})
        return values

    def create(self, values: dict[str, Any]) -> CourseHelper:
        return add_helper(by=self.context["request"].user, **values)

    def update(self, helper: CourseHelper, values: dict[str, Any]) -> CourseHelper:
        role = values.get("role", helper.role)
        return change_helper_role(helper=helper, role=role, by=self.context["request"].user)


class InvitationSerializer(ServerFields, serializers.ModelSerializer[CourseInvitation]):
    """An address that was asked to join. The link is in the mail alone."""

    course = RowField(queryset=COURSES, parent=True, may=can_edit_course)
    email = serializers.CharField(max_length=120)

    class Meta:
        model = CourseInvitation
        fields = (
            "id",
            "course",
            "email",
            "role",
            "invited_by",
            "created_at",
            "expires_at",
            "accepted_at",
            "revoked_at",
        )
        read_only_fields = ("invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")
        own = ("invited_by",)
        validators = ()
        extra_kwargs = {"role": {"required": False}}

    def create(self, values: dict[str, Any]) -> CourseInvitation:
        return invite(by=self.context["request"].user, **{"role": "student", **values})


class JoinCodeSerializer(ServerFields, serializers.ModelSerializer[CourseJoinCode]):
    """A code to enroll with."""

    course = RowField(queryset=COURSES, parent=True, may=can_edit_course)

    class Meta:
        model = CourseJoinCode
        fields = ("id", "course", "code", "expires_at", "max_uses", "uses", "is_active", "created_at")
        read_only_fields = ("code", "uses", "is_active", "created_at")
        extra_kwargs = {"max_uses": {"min_value": 1, "max_value": 100_000}}

    def create(self, values: dict[str, Any]) -> CourseJoinCode:
        return make_join_code(by=self.context["request"].user, **values)


class TokenSerializer(serializers.Serializer[Any]):
    """The last part of an invitation's link."""

    token = serializers.CharField(max_length=100)


class CodeSerializer(serializers.Serializer[Any]):
    """A join code, as it is typed."""

    code = serializers.CharField(max_length=40)


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """An amount received for a place. Written by the payment provider and by administrators in the admin site."""

    course = serializers.IntegerField(source="enrollment.course_id", read_only=True)
    student = serializers.IntegerField(source="enrollment.student_id", read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id",
            "enrollment",
            "course",
            "student",
            "amount",
            "currency",
            "method",
            "reference",
            "paid_at",
            "refunded_at",
            "refunded_amount",
        )
        read_only_fields = fields

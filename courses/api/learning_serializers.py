"""Students' places, progress and proofs, as the API shows and takes them. Writes are the domain functions'."""

from typing import Any

from rest_framework import serializers

from courses.certificates import LONGEST_REASON
from courses.enrollment import enroll_student
from courses.models import Certificate, Course, CourseEnrollment, Lesson, LessonCompletion, ModuleProgress
from courses.permissions import can_mark_lesson
from projectgenius.api.serializers import RowField, ServerFields


class EnrollmentSerializer(ServerFields, serializers.ModelSerializer[CourseEnrollment]):
    """A student's place in a course. Only the course is said; the server sets the rest."""

    course = RowField(queryset=Course.objects.select_related("instructor"), parent=True)
    course_title = serializers.CharField(source="course.title", read_only=True)
    student_name = serializers.CharField(source="student.display_name", read_only=True)

    class Meta:
        model = CourseEnrollment
        fields = (
            "id",
            "course",
            "course_title",
            "student",
            "student_name",
            "enrolled_at",
            "completed_at",
            "progress",
            "last_accessed",
            "payment_status",
            "certificate_issued",
            "withdrawn_at",
        )
        read_only_fields = (
            "student",
            "enrolled_at",
            "completed_at",
            "progress",
            "last_accessed",
            "payment_status",
            "certificate_issued",
            "withdrawn_at",
        )
        own = ("student",)

    def create(self, values: dict[str, Any]) -> CourseEnrollment:
        return enroll_student(course=values["course"], student=self.context["request"].user)


class ModuleProgressSerializer(serializers.ModelSerializer[ModuleProgress]):
    """How far an enrollment is in a module."""

    class Meta:
        model = ModuleProgress
        fields = ("id", "enrollment", "module", "progress", "started_at", "completed_at", "last_accessed")
        read_only_fields = fields


class CompletionSerializer(ServerFields, serializers.ModelSerializer[LessonCompletion]):
    """A lesson that a student has done. Only the lesson is said."""

    lesson = RowField(
        queryset=Lesson.objects.select_related("module"), parent=True, may=can_mark_lesson, seen="listed_for"
    )

    class Meta:
        model = LessonCompletion
        fields = ("id", "student", "lesson", "completed_at")
        read_only_fields = ("student", "completed_at")
        own = ("student",)


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """A certificate, for its holder, the course's instructors and administrators."""

    course = serializers.IntegerField(source="enrollment.course_id", read_only=True)
    student = serializers.IntegerField(source="enrollment.student_id", read_only=True)

    class Meta:
        model = Certificate
        fields = (
            "id",
            "code",
            "enrollment",
            "course",
            "student",
            "holder_name",
            "course_title",
            "instructor_name",
            "hours",
            "statement",
            "issued_at",
            "reissued_at",
            "revoked_at",
            "revoked_reason",
        )
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    """Why something is done that somebody will ask about."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class VerificationSerializer(serializers.ModelSerializer[Certificate]):
    """What everybody who has the code is told: whose proof of what it is, and whether it still holds."""

    is_revoked = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = (
            "code",
            "is_revoked",
            "holder_name",
            "course_title",
            "instructor_name",
            "hours",
            "statement",
            "issued_at",
            "reissued_at",
            "revoked_at",
            "revoked_reason",
        )
        read_only_fields = fields

    def get_is_revoked(self, certificate: Certificate) -> bool:
        return certificate.revoked_at is not None

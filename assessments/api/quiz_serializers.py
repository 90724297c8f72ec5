"""Quizzes and when they are open, as the API shows and takes them. Never a question: those come in attempts."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessments.models import Quiz, QuizAvailability
from assessments.permissions import can_edit_quiz
from assessments.publishing import save_quiz
from courses.api.availability import RULE, AvailabilitySerializer
from courses.api.serializers import HIGHEST, LONG_TEXT, ContentsLockSerializer, RuleSerializer
from courses.models import Course, Lesson
from courses.permissions import can_edit_course
from projectgenius.api.serializers import RowField, ServerFields


class QuizSerializer(ServerFields, serializers.ModelSerializer[Quiz]):
    """A quiz's settings. While it is locked for the caller, `lock` says why and the description stays empty."""

    course = RowField(queryset=Course.objects.select_related("instructor"), parent=True, may=can_edit_course)
    lesson = RowField(
        queryset=Lesson.objects.select_related("module"), seen="listed_for", required=False, allow_null=True
    )
    question_count = serializers.IntegerField(read_only=True, default=0, help_text="In a new attempt.")
    availability = RuleSerializer(read_only=True, allow_null=True, default=None)
    lock = serializers.SerializerMethodField()

    class Meta:
        model = Quiz
        fields = (
            "id",
            "course",
            "lesson",
            "title",
            "description",
            "question_count",
            "time_limit",
            "passing_score",
            "max_attempts",
            "shuffle_questions",
            "shuffle_options",
            "one_question_per_page",
            "is_timer_optional",
            "show_correct_answers",
            "key_after",
            "results_at",
            "availability",
            "lock",
            "is_published",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("created_at", "updated_at")
        extra_kwargs = {
            "description": {"max_length": LONG_TEXT},
            "time_limit": {"min_value": 1, "max_value": HIGHEST},
            "max_attempts": {"min_value": 1, "max_value": HIGHEST},
        }

    @extend_schema_field(ContentsLockSerializer(allow_null=True))
    def get_lock(self, quiz: Quiz) -> dict[str, Any] | None:
        lock = self.context.get("locks", {}).get(quiz.pk)
        return ContentsLockSerializer(asdict(lock)).data if lock else None

    def to_representation(self, quiz: Quiz) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(quiz)
        if shown["lock"]:
            shown["description"] = ""
        return shown

    def create(self, values: dict[str, Any]) -> Quiz:
        return self._save(Quiz(**values))

    def update(self, quiz: Quiz, values: dict[str, Any]) -> Quiz:
        for name, value in values.items():
            setattr(quiz, name, value)
        return self._save(quiz)

    def _save(self, quiz: Quiz) -> Quiz:
        quiz.full_clean()
        return save_quiz(quiz=quiz, by=self.context["request"].user)


class CopySerializer(serializers.Serializer[Any]):
    """Where a copy goes: into a course that the caller edits; the quiz's own unless said."""

    course = RowField(
        queryset=Course.objects.select_related("instructor"), parent=True, may=can_edit_course, required=False
    )
    lesson = RowField(
        queryset=Lesson.objects.select_related("module"), seen="listed_for", required=False, allow_null=True
    )


class QuizFindingSerializer(serializers.Serializer[Any]):
    """Something that a quiz lacks: an error keeps it from being published, a hint does not."""

    code = serializers.CharField()
    is_error = serializers.BooleanField()
    message = serializers.CharField()
    question = serializers.IntegerField(allow_null=True, help_text="That it is about, if about one.")


class QuizChecklistSerializer(serializers.Serializer[Any]):
    """What a quiz lacks before students see it."""

    can_publish = serializers.BooleanField()
    findings = QuizFindingSerializer(many=True)


class QuizAvailabilitySerializer(AvailabilitySerializer):
    """When a quiz is open."""

    quiz = RowField(queryset=Quiz.objects.select_related("course"), parent=True, may=can_edit_quiz)

    class Meta:
        model = QuizAvailability
        fields = ("id", "quiz", *RULE)
        validators = ()

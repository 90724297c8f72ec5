"""Attempts and responses, as the API shows and takes them; to students as far as `assessments.results` says."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from assessments.api.json_fields import AnswerField
from assessments.models import QuestionResponse, QuestionType, QuizAttempt
from assessments.paper import public_entry
from assessments.permissions import can_answer_attempt
from assessments.results import is_over, score_shows
from projectgenius.api.filters import LARGEST_ID
from projectgenius.api.serializers import ServerFields

HIGHEST = 2**31 - 1  # what the columns hold
MOST_POSITIONS = 10_000


class OptionSerializer(serializers.Serializer[Any]):
    """One option of a multiple choice question."""

    id = serializers.CharField()
    text = serializers.CharField()


class SampleSerializer(serializers.Serializer[Any]):
    """A test that students may see."""

    number = serializers.IntegerField()
    input = serializers.CharField()
    output = serializers.CharField()


class CodingTaskSerializer(serializers.Serializer[Any]):
    """What a student is told of a coding question; of hidden tests only how many there are."""

    language = serializers.CharField()
    starter_code = serializers.CharField()
    time_limit_seconds = serializers.IntegerField()
    memory_limit_mb = serializers.IntegerField()
    samples = SampleSerializer(many=True)
    hidden_tests = serializers.IntegerField()


class PaperEntrySerializer(serializers.Serializer[Any]):
    """A question as an attempt asks it: never its answer. The shape of `assessments.paper.public_entry`."""

    question = serializers.IntegerField()
    type = serializers.ChoiceField(QuestionType.choices)
    content = serializers.CharField(help_text="Markdown.")
    points = serializers.CharField()
    options = OptionSerializer(many=True, allow_null=True)  # type: ignore[call-arg]
    several = serializers.BooleanField(help_text="Several options may be chosen.")
    coding = CodingTaskSerializer(allow_null=True)


class SavedSerializer(serializers.ModelSerializer[QuestionResponse]):
    """What was saved of an answer."""

    response = AnswerField(read_only=True, allow_null=True)

    class Meta:
        model = QuestionResponse
        fields = ("id", "question", "response", "version", "is_flagged", "saved_at")
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[QuizAttempt]):
    """An attempt. `score` stays empty while a response waits for a person, and until the results appear."""

    quiz_title = serializers.CharField(source="quiz.title", read_only=True)
    course = serializers.IntegerField(source="quiz.course_id", read_only=True)
    student_name = serializers.CharField(source="user.display_name", read_only=True)
    score = serializers.SerializerMethodField(help_text="Per cent.")
    remaining_seconds = serializers.SerializerMethodField(
        help_text="Until the deadline; empty when nothing limits the attempt, or it is over."
    )

    class Meta:
        model = QuizAttempt
        fields = (
            "id",
            "quiz",
            "quiz_title",
            "course",
            "user",
            "student_name",
            "attempt_number",
            "status",
            "score",
            "started_at",
            "deadline",
            "remaining_seconds",
            "extra_minutes",
            "completed_at",
            "time_taken",
            "is_preview",
            "voided_at",
            "void_reason",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True))
    def get_score(self, attempt: QuizAttempt) -> str | None:
        if attempt.score is None or not score_shows(attempt, self.context["request"].user):
            return None
        return str(attempt.score)

    def get_remaining_seconds(self, attempt: QuizAttempt) -> int | None:
        now = timezone.now()
        if attempt.deadline is None or is_over(attempt, now):
            return None
        return max(0, int((attempt.deadline - now).total_seconds()))


class AttemptDetailSerializer(AttemptSerializer):
    """One attempt; with its questions and what was answered so far, while it is one's own and runs."""

    paper = serializers.SerializerMethodField(help_text="Empty unless the attempt is one's own and runs.")
    responses = serializers.SerializerMethodField(help_text="Empty as `paper` is.")

    class Meta:
        model = QuizAttempt
        fields = (*AttemptSerializer.Meta.fields, "position", "paper", "responses")
        read_only_fields = fields

    @extend_schema_field(PaperEntrySerializer(many=True, allow_null=True))  # type: ignore[call-arg]
    def get_paper(self, attempt: QuizAttempt) -> list[dict[str, Any]] | None:
        if not self.is_answered:
            return None
        return [public_entry(entry) for entry in attempt.paper]

    @extend_schema_field(SavedSerializer(many=True, allow_null=True))
    def get_responses(self, attempt: QuizAttempt) -> list[dict[str, Any]] | None:
        if not self.is_answered:
            return None
        return SavedSerializer(attempt.responses.all(), many=True).data  # type: ignore[return-value]

    def to_representation(self, attempt: QuizAttempt) -> dict[str, Any]:
        runs = not is_over(attempt, timezone.now())
        is_known = self.context.get("is_own_running")
        self.is_answered = runs and (is_known or can_answer_attempt(self.context["request"].user, attempt))
        return super().to_representation(attempt)


class StartSerializer(serializers.Serializer[Any]):
    """How an attempt is begun."""

    is_untimed = serializers.BooleanField(
        default=False, help_text="Without the clock, where the quiz lets one choose."
    )


RESPONSE_EXAMPLES = [
    OpenApiExample("multiple choice", value={"attempt": 1, "question": 7, "response": ["b"], "version": 1}),
    OpenApiExample("true or false", value={"attempt": 1, "question": 8, "response": True, "version": 1}),
    OpenApiExample("essay", value={"attempt": 1, "question": 9, "response": "Because …", "version": 12}),
    OpenApiExample(
        "coding",
        value={"attempt": 1, "question": 10, "response": {"code": "print(1)"}, "version": 3},
    ),
    OpenApiExample(
        "taken back", value={"attempt": 1, "question": 7, "response": None, "version": 2, "is_flagged": True}
    ),
]


class ResponseSerializer(serializers.ModelSerializer[QuestionResponse]):
    """A response. Students see whether it is correct, and its points, when the quiz shows them the key.

    `keys` of the context names the attempts, by id, that show it to the reader.
    """

    quiz = serializers.IntegerField(source="attempt.quiz_id", read_only=True)
    response = AnswerField(read_only=True, allow_null=True)
    is_correct = serializers.SerializerMethodField()
    points_earned = serializers.SerializerMethodField()
    feedback = serializers.SerializerMethodField()

    class Meta:
        model = QuestionResponse
        fields = (
            "id",
            "attempt",
            "quiz",
            "question",
            "response",
            "version",
            "is_flagged",
            "saved_at",
            "grading",
            "is_correct",
            "points_earned",
            "feedback",
        )
        read_only_fields = fields

    def get_is_correct(self, row: QuestionResponse) -> bool | None:
        return row.is_correct if row.attempt_id in self.context["keys"] else None

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True))
    def get_points_earned(self, row: QuestionResponse) -> str | None:
        if row.points_earned is None or row.attempt_id not in self.context["keys"]:
            return None
        return str(row.points_earned)

    def get_feedback(self, row: QuestionResponse) -> str | None:
        if row.feedback is None or not score_shows(row.attempt, self.context["request"].user):
            return None
        return row.feedback


@extend_schema_serializer(examples=RESPONSE_EXAMPLES)
class AnswerSerializer(ServerFields, serializers.Serializer[Any]):
    """An answer to one question of a running attempt of one's own, by the shape of the question's type.

    That is a list of option ids, true or false, a text, or `{"code": …}`; null takes the answer back. `version` counts
    the saves of this answer, from 1. `position` is the question that is open, from 1.
    """

    attempt = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    question = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    response = AnswerField(allow_null=True)
    version = serializers.IntegerField(min_value=1, max_value=HIGHEST)
    is_flagged = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=1, max_value=MOST_POSITIONS, required=False)

    class Meta:
        server_only = ("id", "quiz", "user", "saved_at", "grading", "is_correct", "points_earned", "feedback")


class ChangedAnswerSerializer(ServerFields, ResponseSerializer):
    """The answer of a response, anew; its attempt and question stay."""

    response = AnswerField(allow_null=True)
    version = serializers.IntegerField(min_value=1, max_value=HIGHEST)
    is_flagged = serializers.BooleanField(required=False)
    position = serializers.IntegerField(
        min_value=1, max_value=MOST_POSITIONS, required=False, write_only=True
    )

    class Meta:
        model = QuestionResponse
        fields = (*ResponseSerializer.Meta.fields, "position")
        read_only_fields = tuple(
            sorted(set(ResponseSerializer.Meta.fields) - {"response", "version", "is_flagged"})
        )

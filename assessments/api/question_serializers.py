"""Questions with their keys, for those who teach; students get theirs in attempts."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from assessments.api.json_fields import KeyField, OptionsField
from assessments.models import CodingQuestion, Question, Quiz
from assessments.permissions import can_edit_question, can_edit_quiz
from assessments.proving import is_proven
from assessments.questions import save_question
from assessments.shapes import LONGEST_CODE
from courses.api.serializers import HIGHEST, LONG_TEXT
from courses.models import Lesson
from projectgenius.api.serializers import RowField, ServerFields

CODING = (
    "language",
    "starter_code",
    "test_cases",
    "time_limit_seconds",
    "memory_limit_mb",
    "checker",
    "tolerance",
    "solution",
)
CODING_LIMITS = {
    "starter_code": {"max_length": LONGEST_CODE},
    "solution": {"max_length": LONGEST_CODE},
    "tolerance": {"min_value": 0},
}
TESTS = [
    {"input": "1 2\n", "output": "3\n", "sample": True},
    {"input": "20 22\n", "output": "42\n", "points": 2},
]
EXAMPLES = [
    OpenApiExample(
        "multiple choice",
        value={
            "quiz": 1,
            "question_type": "multiple_choice",
            "content": "Which are even?",
            "options": [{"id": "a", "text": "2"}, {"id": "b", "text": "3"}, {"id": "c", "text": "4"}],
            "correct_answer": ["a", "c"],
            "points": "2.00",
        },
        request_only=True,
    ),
    OpenApiExample(
        "true or false",
        value={"quiz": 1, "question_type": "true_false", "content": "Two is even.", "correct_answer": True},
        request_only=True,
    ),
    OpenApiExample(
        "essay",
        value={"quiz": 1, "question_type": "essay", "content": "Why?", "correct_answer": "Because …"},
        request_only=True,
    ),
    OpenApiExample(
        "coding",
        value={
            "quiz": 1,
            "question_type": "coding",
            "content": "Add two numbers.",
            "points": "4.00",
            "coding": {"language": "python", "test_cases": TESTS, "solution": "print(1)"},
        },
        request_only=True,
    ),
]


def save_whole(question: Question, coding: CodingQuestion | None, by: Any, *, within: bool) -> Question:
    """Save a question; what is wrong with its coding part is named `within` it, or by its own fields."""
    try:
        return save_question(question=question, coding=coding, by=by)
    except ValidationError as error:
        if not within:
            raise
        fields = error.message_dict
        of_coding = {name: fields.pop(name) for name in CODING if name in fields}
        raise serializers.ValidationError(
            {**fields, **({"coding": of_coding} if of_coding else {})}
        ) from None


class CodingPartSerializer(ServerFields, serializers.ModelSerializer[CodingQuestion]):
    """The coding part of a question: language, tests and limits. A test that is no sample is hidden from students."""

    is_proven = serializers.SerializerMethodField(
        help_text="The reference solution, as it stands, has passed all tests."
    )

    class Meta:
        model = CodingQuestion
        fields = (*CODING, "is_proven")
        extra_kwargs = CODING_LIMITS

    def _standing_value(self, name: str) -> Any:
        """Within a question, what its coding part holds."""
        if self.instance is None and self.parent is not None:
            self.instance = getattr(self.parent.instance, "coding", None)
        return super()._standing_value(name)

    def get_is_proven(self, coding: CodingQuestion) -> bool:
        return is_proven(coding)


@extend_schema_serializer(examples=EXAMPLES)
class QuestionSerializer(ServerFields, serializers.ModelSerializer[Question]):
    """A question with its key. `options` and `correct_answer` have the shape of its type, which stays.

    Multiple choice: 2 to 20 options `{"id", "text"}`, the correct ids in a list. True or false: `true` or `false`.
    Essay: a model answer or null. Coding: null, and `coding`.
    """

    quiz = RowField(queryset=Quiz.objects.select_related("course"), parent=True, may=can_edit_quiz)
    lesson = RowField(
        queryset=Lesson.objects.select_related("module"), seen="listed_for", required=False, allow_null=True
    )
    options = OptionsField(allow_null=True, required=False)
    correct_answer = KeyField(allow_null=True, required=False)
    coding = CodingPartSerializer(allow_null=True, required=False)

    class Meta:
        model = Question
        fields = (
            "id",
            "quiz",
            "lesson",
            "question_type",
            "content",
            "options",
            "correct_answer",
            "explanation",
            "points",
            "difficulty",
            "order_index",
            "coding",
            "is_retired",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("is_retired", "created_at", "updated_at")
        extra_kwargs = {
            "content": {"max_length": LONG_TEXT},
            "explanation": {"max_length": LONG_TEXT},
            "points": {"min_value": 0},
            "order_index": {"required": False, "min_value": 1, "max_value": HIGHEST},
        }

    def create(self, values: dict[str, Any]) -> Question:
        part = values.pop("coding", None)
        coding = CodingQuestion(**part) if part is not None else None
        return self._save(Question(**values), coding)

    def update(self, question: Question, values: dict[str, Any]) -> Question:
        coding: CodingQuestion | None = getattr(question, "coding", None)
        if "coding" in values:
            part = values.pop("coding")
            coding = None if part is None else coding or CodingQuestion()
            _set(coding, part or {})
        _set(question, values)
        return self._save(question, coding)

    def _save(self, question: Question, coding: CodingQuestion | None) -> Question:
        return save_whole(question, coding, self.context["request"].user, within=True)

    def to_representation(self, question: Question) -> dict[str, Any]:
        if not hasattr(question, "coding"):
            question.coding = None  # type: ignore[assignment]
        return super().to_representation(question)


def _set(row: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


class CodingQuestionSerializer(CodingPartSerializer):
    """The coding part of a question, by the question's id."""

    id = serializers.IntegerField(source="question_id", read_only=True)
    question = RowField(
        queryset=Question.objects.select_related("quiz__course"), parent=True, may=can_edit_question
    )
    quiz = serializers.IntegerField(source="question.quiz_id", read_only=True)

    class Meta:
        model = CodingQuestion
        fields = ("id", "question", "quiz", *CODING, "is_proven")
        extra_kwargs = CODING_LIMITS

    def validate_question(self, question: Question) -> Question:
        is_other = self.instance is not None and question.pk != self.instance.question_id
        if is_other or (self.instance is None and hasattr(question, "coding")):
            message = "The coding part stays with its question." if is_other else "This question has one."
            raise serializers.ValidationError(message)
        return question

    def create(self, values: dict[str, Any]) -> CodingQuestion:
        question = values.pop("question")
        return self._save(question, CodingQuestion(**values))

    def update(self, coding: CodingQuestion, values: dict[str, Any]) -> CodingQuestion:
        values.pop("question", None)
        _set(coding, values)
        return self._save(coding.question, coding)

    def _save(self, question: Question, coding: CodingQuestion) -> CodingQuestion:
        return save_whole(question, coding, self.context["request"].user, within=False).coding


class StepsSerializer(serializers.Serializer[Any]):
    """How far a question moves: −1 is one place up."""

    steps = serializers.IntegerField(min_value=-HIGHEST, max_value=HIGHEST)


class QuestionCopySerializer(serializers.Serializer[Any]):
    """The quiz that a copy goes to; behind the question itself unless said."""

    quiz = RowField(
        queryset=Quiz.objects.select_related("course"), parent=True, may=can_edit_quiz, required=False
    )


class QuestionOrderSerializer(serializers.Serializer[Any]):
    """The questions that the quiz asks, each once, in order."""

    questions = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=10_000)

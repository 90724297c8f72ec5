"""The JSON of questions and answers, as the API's description tells it; the rules are those of `assessments.shapes`."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": ["array", "boolean", "string", "object"]})
class AnswerField(serializers.JSONField):
    """What a student answers: ids of options, true or false, a text, or `{"code": …}`; null takes it back."""


@extend_schema_field({"type": ["array", "boolean", "string"]})
class KeyField(serializers.JSONField):
    """The correct answer: ids of options, true or false, or an essay's model answer."""


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "text": {"type": "string"}},
            "required": ["id", "text"],
        },
    }
)
class OptionsField(serializers.JSONField):
    """The options of a multiple choice question."""

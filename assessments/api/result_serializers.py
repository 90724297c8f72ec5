"""The result of an attempt, as far as its reader may see it: `assessments.results` decides, this shapes."""

from typing import Any

from rest_framework import serializers

from assessments.api.attempt_serializers import PaperEntrySerializer
from assessments.api.json_fields import AnswerField, KeyField
from assessments.hand_grading import LONGEST_REASON
from assessments.interventions import MOST_MINUTES
from assessments.models import GradingState, QuestionType


class PointsField(serializers.DecimalField):
    """Points, with two decimals; empty while they are hidden."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=2, **kwargs)


class VerdictSerializer(serializers.Serializer[Any]):
    """What the judge says of one test; of a hidden one never more than this."""

    number = serializers.IntegerField()
    sample = serializers.BooleanField()
    verdict = serializers.CharField()


class QuestionResultSerializer(serializers.Serializer[Any]):
    """One question of the attempt; the key is empty unless `shows_key`."""

    number = serializers.IntegerField()
    question = serializers.IntegerField()
    type = serializers.ChoiceField(QuestionType.choices)
    shown = PaperEntrySerializer(help_text="The question as it was asked.")
    possible = PointsField()
    response = AnswerField(allow_null=True)
    is_answered = serializers.BooleanField()
    is_flagged = serializers.BooleanField()
    grading = serializers.ChoiceField(GradingState.choices)
    earned = PointsField(allow_null=True)
    is_correct = serializers.BooleanField(allow_null=True)
    shows_key = serializers.BooleanField()
    correct_answer = KeyField(allow_null=True)
    explanation = serializers.CharField()
    feedback = serializers.CharField()
    lesson = serializers.IntegerField(allow_null=True, help_text="That covers the question.")
    tests = VerdictSerializer(many=True)


class ResultSerializer(serializers.Serializer[Any]):
    """An ended attempt. Score, points and key are empty as long as the quiz hides them."""

    attempt = serializers.IntegerField(source="attempt.pk")
    shows_score = serializers.BooleanField()
    shows_key = serializers.BooleanField()
    score = PointsField(allow_null=True, help_text="Per cent; empty while a response waits to be graded.")
    is_passed = serializers.BooleanField(allow_null=True)
    earned = PointsField(allow_null=True, help_text="Points so far.")
    graded = PointsField(allow_null=True, help_text="Points possible of what is graded.")
    possible = PointsField()
    waiting = serializers.IntegerField(help_text="Responses that wait to be graded.")
    questions = QuestionResultSerializer(many=True)


class AttemptReasonSerializer(serializers.Serializer[Any]):
    """Why something is done to a student's attempt."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class MinutesSerializer(AttemptReasonSerializer):
    """How much time a student is given, and why."""

    minutes = serializers.IntegerField(min_value=1, max_value=MOST_MINUTES)

"""Taking a quiz, under one name: starting, answering, the end."""

from assessments.answering import Saved, mark_question, require_running, save_position, save_response
from assessments.finishing import (
    apply_grade,
    close_ended,
    close_if_ended,
    close_those_ended,
    finish_attempt,
    submit_attempt,
)
from assessments.starting import start_attempt, start_preview

__all__ = [
    "Saved",
    "apply_grade",
    "close_ended",
    "close_if_ended",
    "close_those_ended",
    "finish_attempt",
    "mark_question",
    "require_running",
    "save_position",
    "save_response",
    "start_attempt",
    "start_preview",
    "submit_attempt",
]

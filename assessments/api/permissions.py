"""Who may call the endpoints for quizzes; the rules themselves stand in `assessments.permissions`."""

from typing import Any

from assessments.models import QuizAvailability
from assessments.permissions import (
    can_answer_attempt,
    can_edit_question,
    can_edit_quiz,
    can_grade_response,
    can_manage_attempt,
    can_preview_quiz,
    can_regrade_quiz,
    can_take_quiz,
    can_view_quiz_work,
)
from courses.api.permissions import READING
from projectgenius.api.policy import Policy


class QuizPolicy(Policy):
    """Students read what is open to them and begin attempts; a quiz is changed by those who teach its course."""

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        match action:
            case "start":
                return can_take_quiz(user, row)
            case "preview":
                return can_preview_quiz(user, row)
            case "checklist":
                return can_view_quiz_work(user, row)
        return action in READING or can_edit_quiz(user, row)


class QuizAvailabilityPolicy(Policy):
    """Rules are seen by those who help to teach, and changed by those who teach the course."""

    def may_act_on(self, user: Any, action: str, row: QuizAvailability) -> bool:
        return action in READING or can_edit_quiz(user, row.quiz)


class QuestionPolicy(Policy):
    """Questions with their keys: seen by those who help to teach, changed by those who teach the course.

    Students find none here: they get questions in their attempts alone.
    """

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        return action in READING or can_edit_question(user, getattr(row, "question", row))


class AttemptPolicy(Policy):
    """Own attempts are handed in; those of students are voided, reopened and given time by who teaches the course."""

    reading = READING | {"result"}

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        if action == "submit":
            return can_answer_attempt(user, row)
        return action in self.reading or can_manage_attempt(user, row)


class ResponsePolicy(Policy):
    """Students answer in their own attempts; points and feedback are given at the grading endpoints.

    Whether one's own attempt can still be answered is asked with the save itself.
    """

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        if action in ("grade", "give_grade"):
            return can_grade_response(user, row)
        return action in READING or row.attempt.user_id == user.pk


class RegradePolicy(Policy):
    """Regrades are seen by those who help to teach, and made and decided by those who teach the course.

    Who helps to teach nowhere never has a row here, and is told so.
    """

    def may_act(self, user: Any, action: str) -> bool:
        return bool(user.is_staff)

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        return action in READING or can_regrade_quiz(user, row.quiz)


class AnalyticsPolicy(Policy):
    """Figures are seen by those who help to teach, and worked out anew for those who teach the course.

    Who helps to teach nowhere never has a row here, and is told so.
    """

    def may_act(self, user: Any, action: str) -> bool:
        return bool(user.is_staff)

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        return action in READING or can_edit_quiz(user, row.quiz)

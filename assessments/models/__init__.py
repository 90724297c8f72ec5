"""Quizzes, their questions, and what students answered."""

from assessments.models.analytics import QuizAnalytics
from assessments.models.attempts import AttemptStatus, GradingState, QuestionResponse, QuizAttempt
from assessments.models.grading import Regrade, RegradeState, ScoreChange
from assessments.models.interchange import FileFormat, QuestionImport
from assessments.models.questions import CheckerKind, CodingQuestion, Difficulty, Question, QuestionType
from assessments.models.quizzes import KeyAfter, Quiz, QuizAvailability
from assessments.models.runs import CodeRun, JudgeState, RunKind, RunState

__all__ = [
    "AttemptStatus",
    "CheckerKind",
    "CodeRun",
    "CodingQuestion",
    "Difficulty",
    "FileFormat",
    "GradingState",
    "JudgeState",
    "KeyAfter",
    "Question",
    "QuestionImport",
    "QuestionResponse",
    "QuestionType",
    "Quiz",
    "QuizAnalytics",
    "QuizAttempt",
    "QuizAvailability",
    "Regrade",
    "RegradeState",
    "RunKind",
    "RunState",
    "ScoreChange",
]

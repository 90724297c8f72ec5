"""Addresses of the API for quizzes and what hangs on them."""

from assessments.api.analytics_views import QuizAnalyticsRows
from assessments.api.attempt_views import Attempts, QuestionResponses
from assessments.api.grading import Regrades
from assessments.api.interchange import QuestionExports, QuestionImports
from assessments.api.question_views import CodingQuestions, Questions
from assessments.api.quiz_views import QuizAvailabilities, Quizzes
from assessments.api.runs import AttemptRuns, CodeRuns
from projectgenius.api.endpoints import router

assessments = router()
assessments.register("quizzes", Quizzes, basename="api-quizzes")
assessments.register("quiz-availability", QuizAvailabilities, basename="api-quiz-availability")
assessments.register("questions", Questions, basename="api-questions")
assessments.register("coding-questions", CodingQuestions, basename="api-coding-questions")
assessments.register("quiz-attempts", Attempts, basename="api-quiz-attempts")
assessments.register("question-responses", QuestionResponses, basename="api-question-responses")
assessments.register("question-imports", QuestionImports, basename="api-question-imports")
assessments.register("question-exports", QuestionExports, basename="api-question-exports")
assessments.register("regrades", Regrades, basename="api-regrades")
assessments.register("quiz-analytics", QuizAnalyticsRows, basename="api-quiz-analytics")
assessments.register("quiz-attempts/<int:attempt>/runs", AttemptRuns, basename="api-attempt-runs")
assessments.register("code-runs", CodeRuns, basename="api-code-runs")

urlpatterns = assessments.urls

"""Addresses of quizzes and attempts."""

from django.urls import path

from assessments import result_views, run_views, taking_views

app_name = "assessments"
urlpatterns = [
    path("quizzes/<int:pk>/", taking_views.quiz_detail, name="quiz_detail"),
    path("quizzes/<int:pk>/start/", taking_views.attempt_start, name="attempt_start"),
    path("quizzes/<int:pk>/preview/", taking_views.preview_start, name="preview_start"),
    path("attempts/<int:pk>/", taking_views.attempt_take, name="attempt_take"),
    path("attempts/<int:pk>/questions/", taking_views.attempt_questions, name="attempt_questions"),
    path("attempts/<int:pk>/questions/<int:question>/runs/", run_views.attempt_run, name="attempt_run"),
    path("attempts/<int:pk>/save/", taking_views.response_save, name="response_save"),
    path("attempts/<int:pk>/state/", taking_views.attempt_state, name="attempt_state"),
    path("attempts/<int:pk>/review/", taking_views.attempt_review, name="attempt_review"),
    path("attempts/<int:pk>/submit/", taking_views.attempt_submit, name="attempt_submit"),
    path("attempts/<int:pk>/result/", result_views.attempt_result, name="attempt_result"),
    path("code-runs/<uuid:key>/", run_views.coderun_detail, name="coderun_detail"),
]

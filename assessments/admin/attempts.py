"""Attempts and responses in the admin site."""

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from assessments.admin.answers import answer_in_brief
from assessments.admin.interventions import InterventionPages
from assessments.building import name_of
from assessments.models import QuestionResponse, QuizAttempt
from assessments.permissions import can_manage_attempt
from assessments.results import is_over
from courses.backoffice import CourseScopedInline, ReadOnlyCourseScopedAdmin, link_to


class ResponseInline(CourseScopedInline):
    model = QuestionResponse
    read_only = True
    hide_title = True
    fields = ("asked", "answer", "is_correct", "points_earned", "feedback")

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("question", "attempt__quiz__course")

    @admin.display(description=_("Question"))
    def asked(self, response: QuestionResponse) -> str:
        return link_to(response.question, name_of(response.question))

    @admin.display(description=_("Response"))
    def answer(self, response: QuestionResponse) -> str:
        return answer_in_brief(response)


class AnswersShown:
    """The look of answers, for a page that shows some."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["assessments/css/answers.css"]}


@admin.register(QuizAttempt)
class QuizAttemptAdmin(AnswersShown, InterventionPages, ReadOnlyCourseScopedAdmin):
    list_display = ("quiz", "student", "attempt_number", "state", "score", "started_at", "completed_at")
    list_filter = (("quiz", NarrowedFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("quiz__title", "user__username", "user__full_name")
    inlines = (ResponseInline,)
    fields = (
        "quiz",
        "student",
        "attempt_number",
        "state",
        "score",
        "started_at",
        "deadline",
        "extra_minutes",
        "completed_at",
        "time_taken",
        "void_reason",
    )

    def get_queryset(self, request: HttpRequest) -> Rows:
        return super().get_queryset(request).select_related("quiz__course", "user")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("quiz__course", "user")

    def get_fields(self, request: HttpRequest, obj: QuizAttempt | None = None) -> tuple[str, ...]:
        """Voiding, reopening and adding time are for those who may."""
        may = obj is not None and obj.pk and can_manage_attempt(request.user, obj)
        return (*self.fields, "interventions") if may else self.fields

    @admin.display(description=_("Status"), ordering="status")
    def state(self, row: QuizAttempt) -> str:
        """In a word; one whose time is over does not run, though no job has been by yet."""
        if row.is_voided:
            return _now("voided")
        is_left_open = row.is_running and is_over(row, timezone.now())
        label = _now("time is over") if is_left_open else row.get_status_display()
        return _now("preview, %(state)s") % {"state": label} if row.is_preview else str(label)

    @admin.display(description=_("Student"), ordering="user__username")
    def student(self, row: QuizAttempt) -> str:
        return row.user.display_name


@admin.register(QuestionResponse)
class QuestionResponseAdmin(AnswersShown, ReadOnlyCourseScopedAdmin):
    list_display = ("question", "quiz", "student", "is_correct", "points_earned")
    list_filter = (("attempt__quiz", NarrowedFilter), "is_correct")
    search_fields = ("question__content", "attempt__user__username", "attempt__user__full_name")
    fields = (
        "student",
        "attempt",
        "question",
        "answer",
        "is_correct",
        "points_earned",
        "feedback",
        "created_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("question", "attempt__quiz__course", "attempt__user")

    @admin.display(description=_("Response"))
    def answer(self, response: QuestionResponse) -> str:
        return answer_in_brief(response)

    @admin.display(description=_("Quiz"), ordering="attempt__quiz__title")
    def quiz(self, row: QuestionResponse) -> str:
        return row.attempt.quiz.title

    @admin.display(description=_("Student"), ordering="attempt__user__username")
    def student(self, row: QuestionResponse) -> str:
        return row.attempt.user.display_name

"""Figures about quizzes in the admin site: the list over all of them, and the page of one."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.backoffice import NarrowedFilter, Rows
from assessments.analytics import refresh_quiz_analytics
from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.figures import BAR_HEIGHT, histogram, items_of
from assessments.models import Quiz, QuizAnalytics
from assessments.permissions import can_edit_quiz
from courses.backoffice import ReadOnlyCourseScopedAdmin


class AnalyticsPages(QuizPages):
    """How a quiz did, and its questions. For `QuizAdmin`."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        return [
            *super().quiz_routes(),
            ("analytics/", quiz_view(self.analytics_page), "analytics"),
            (
                "analytics/refresh/",
                quiz_view(self.refresh_page, may=can_edit_quiz, back_to="assessments_quiz_analytics"),
                "refresh",
            ),
        ]

    def analytics_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """Figures, the spread of the scores, and each question."""
        analytics = QuizAnalytics.objects.filter(quiz=quiz).first() or QuizAnalytics(quiz=quiz)
        return self.shown(
            request,
            "quiz_analytics.html",
            quiz,
            title=quiz.title,
            analytics=analytics,
            bars=histogram(quiz),
            bar_height=BAR_HEIGHT,
            items=items_of(quiz, analytics),
        )

    def refresh_page(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """Work everything out now instead of within the next minutes."""
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        refresh_quiz_analytics(quiz=quiz)
        messages.success(request, _("The figures are up to date."))
        return redirect("admin:assessments_quiz_analytics", pk=quiz.pk)


@admin.register(QuizAnalytics)
class QuizAnalyticsAdmin(ReadOnlyCourseScopedAdmin):
    list_display = (
        "quiz",
        "total_attempts",
        "average_score",
        "completion_rate",
        "difficulty_rating",
        "updated_at",
    )
    list_filter = (("quiz__course", NarrowedFilter),)
    search_fields = ("quiz__title",)
    fields: Any = (
        "quiz",
        "total_attempts",
        "average_score",
        "completion_rate",
        "average_time_seconds",
        "difficulty_rating",
        "updated_at",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("quiz__course")

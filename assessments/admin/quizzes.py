"""Quizzes in the admin site: the list of them, and the settings of one."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.backoffice import NarrowedFilter, Rows
from assessments.admin.analytics import AnalyticsPages
from assessments.admin.builder import BuilderPages
from assessments.admin.grading import GradingPages
from assessments.admin.interchange import InterchangePages
from assessments.admin.publishing import PublishPages
from assessments.admin.regrading import RegradePages
from assessments.models import Question, Quiz, QuizAttempt, QuizAvailability
from assessments.publishing import save_quiz
from assessments.questions import delete_quiz, work_on_quiz
from courses.admin.availability import AvailabilityAdmin, AvailabilityInline
from courses.admin.markdown import MarkdownPages
from courses.backoffice import CourseScopedAdmin, PublishedColumn, Publishing, counted
from courses.backoffice_tabs import TABS as COURSE_TABS
from courses.backoffice_tabs import CourseTab, list_of_course

COURSE_TABS.insert(1, CourseTab("quizzes", _("Quizzes"), list_of_course("assessments_quiz_changelist")))


class QuizAvailabilityInline(AvailabilityInline):
    model = QuizAvailability
    fk_name = "quiz"
    tab = False
    hide_title = False


@admin.register(Quiz)
class QuizAdmin(
    MarkdownPages,
    AnalyticsPages,
    BuilderPages,
    PublishPages,
    InterchangePages,
    GradingPages,
    RegradePages,
    PublishedColumn,
    Publishing,
    CourseScopedAdmin,
):
    markdown_fields = ("description",)
    markdown_rows = 6
    change_form_outer_before_template = "assessments/admin/_quiz_head.html"
    list_display = ("title", "course", "lesson", "state", "questions", "attempts", "contents")
    list_filter = (("course", NarrowedFilter), "is_published")
    search_fields = ("title", "course__title")
    inlines = (QuizAvailabilityInline,)
    add_fieldsets: ClassVar[Any] = (
        (
            None,
            {
                "description": _("A few lines to begin with. The questions come next."),
                "fields": ("title", "course", "lesson", "description"),
            },
        ),
    )
    fieldsets: Any = (
        (None, {"fields": ("title", "course", "lesson", "description")}),
        (
            _("Time and attempts"),
            {"fields": (("time_limit", "max_attempts"), "is_timer_optional", "passing_score")},
        ),
        (
            _("How the questions are shown"),
            {"fields": ("one_question_per_page", "shuffle_questions", "shuffle_options")},
        ),
        (_("What students see afterwards"), {"fields": ("results_at", "show_correct_answers", "key_after")}),
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("course", "lesson__module").annotate(
            questions_count=counted(Question.objects.asked(), "quiz"),
            attempts_count=counted(QuizAttempt.objects.counting(), "quiz"),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Quiz | None = None) -> Any:
        """A new quiz asks for the needful alone."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Quiz | None = None) -> tuple[str, ...]:
        """A quiz stays in its course."""
        return ("course",) if obj else ()

    def save_row(self, row: Any, by: Any) -> None:
        if isinstance(row, Quiz):
            save_quiz(quiz=row, by=by)
        else:
            super().save_row(row, by)

    def delete_row(self, row: Any, by: Any) -> None:
        if isinstance(row, Quiz):
            delete_quiz(quiz=row, by=by)
        else:
            super().delete_row(row, by)

    def work_on(self, row: Any) -> str:
        return work_on_quiz(row) if isinstance(row, Quiz) else super().work_on(row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Previews go with their quiz and protect nothing."""
        gone, counts, rights, protected = super().get_deleted_objects(objs, request)
        return gone, counts, rights, protected if any(self.work_on(row) for row in objs) else []

    def response_add(
        self, request: HttpRequest, obj: Quiz, post_url_continue: str | None = None
    ) -> HttpResponse:
        """A new quiz gets its questions next."""
        if IS_POPUP_VAR in request.POST or "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("Quiz made. Add its first question."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:assessments_quiz_build", args=[obj.pk]))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A quiz that is added from the list of one course belongs there."""
        filters = QueryDict(request.GET.get("_changelist_filters", ""))
        course = filters.get("course__id__exact", "")
        return {"course": course, **super().get_changeform_initial_data(request)}

    def name_as_choice(self, quiz: Quiz) -> str:
        """With its course: quizzes of several courses may have one name."""
        return f"{quiz.course} › {quiz}"

    @admin.display(description=_("Questions"), ordering="questions_count")
    def questions(self, quiz: Quiz) -> int:
        return quiz.questions_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("Attempts"), ordering="attempts_count")
    def attempts(self, quiz: Quiz) -> int:
        return quiz.attempts_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=_("Content"))
    def contents(self, quiz: Quiz) -> str:
        address = reverse("admin:assessments_quiz_build", args=[quiz.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("Build"))


@admin.register(QuizAvailability)
class QuizAvailabilityAdmin(AvailabilityAdmin):
    list_filter = (("quiz__course", NarrowedFilter),)

"""Questions in the admin site: a form for each type, and copying one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from assessments.admin.solutions import SolutionPages
from assessments.building import name_of
from assessments.copying import copy_question
from assessments.models import CodingQuestion, Question, QuestionType, Quiz
from assessments.question_forms import FORMS, MultipleChoiceForm
from assessments.questions import (
    delete_question,
    finished_attempts,
    key_of,
    stored_key,
    work_on_question,
)
from courses.admin.markdown import MarkdownPages
from courses.backoffice import CourseScopedAdmin, ReadOnlyCourseScopedAdmin, link_to
from projectgenius.markdown_editor import MarkdownEditor

ANSWERS: dict[str, tuple[tuple[Any, tuple[Any, ...]], ...]] = {
    QuestionType.MULTIPLE_CHOICE: ((_("Answer"), ("choices",)),),
    QuestionType.TRUE_FALSE: ((_("Answer"), ("truth",)),),
    QuestionType.ESSAY: ((_("Answer"), ("model_answer",)),),
    QuestionType.CODING: (
        (_("Program"), ("language", "starter_code")),
        (
            _("Tests and limits"),
            ("tests", "checker", "tolerance", ("time_limit_seconds", "memory_limit_mb")),
        ),
        (_("Proof that the tests can be passed"), ("solution", "solution_state")),
    ),
}


@admin.register(Question)
class QuestionAdmin(MarkdownPages, SolutionPages, CourseScopedAdmin):
    markdown_fields = ("content", "explanation")
    markdown_rows = 6
    change_form_template = "assessments/admin/question_form.html"
    list_display = ("shortened", "quiz", "question_type", "points", "difficulty", "order_index", "is_retired")
    list_filter = (("quiz", NarrowedFilter), ("question_type", ChoicesDropdownFilter), "is_retired")
    search_fields = ("content", "quiz__title")

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("quiz__course", "coding")

    # The form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = FORMS.get(_kind(request, obj), MultipleChoiceForm)
        form = super().get_form(request, obj, change, **kwargs)
        quiz = obj.quiz if obj is not None and obj.quiz_id else self.quiz_of(request)
        if obj is None and quiz is not None:
            form.base_fields["quiz"].initial = quiz.pk
            form.base_fields["quiz"].widget = forms.HiddenInput()
            for name in self.markdown_fields:
                editor = form.base_fields[name].widget
                if isinstance(editor, MarkdownEditor):
                    editor.pictures_url = reverse(
                        "admin:courses_courseimage_of_course", args=[quiz.course_id]
                    )
        return form

    def quiz_of(self, request: HttpRequest) -> Quiz | None:
        """The quiz that the address of a new question names, if the person may see it."""
        pk = request.GET.get("quiz", "")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        quizzes = Quiz.objects.in_read_courses_of(request.user).select_related("course")
        return quizzes.filter(pk=pk).first()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            answer: Any = [(_("Answer"), {"fields": ("shown_answer",)})]
        else:
            parts = ANSWERS.get(_kind(request, obj), ANSWERS[QuestionType.MULTIPLE_CHOICE])
            answer = [(title, {"fields": fields}) for title, fields in parts]
        first = ("content",) if obj else ("quiz", "content")
        last = (_("Points and explanation"), {"fields": (("points", "difficulty"), "explanation", "lesson")})
        return ((None, {"fields": first}), *answer, last)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("shown_answer", "solution_state")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form of the type that the address names; without one, the types to choose from."""
        if _kind(request, None) in FORMS:
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        quiz = self.quiz_of(request)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("New question")}
        context |= {"kinds": QuestionType.choices, "quiz": quiz}
        return TemplateResponse(request, "assessments/admin/question_kinds.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        quiz = obj.quiz if obj is not None else self.quiz_of(request)
        kind = dict(QuestionType.choices).get(_kind(request, obj), "")  # type: ignore[call-overload]
        here = name_of(obj) if obj else _("New question: %(kind)s") % {"kind": kind}
        context |= {"quiz": quiz, "here": here}
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        if not change:
            obj.order_index = None  # type: ignore[assignment]
        before = stored_key(obj)
        self.save_with_proof(request, obj, form)
        if before is not None and key_of(obj) != before:
            self.tell_of_regrade(request, obj.quiz)

    def tell_of_regrade(self, request: HttpRequest, quiz: Quiz) -> None:
        """Attempts that are over keep their points, unless somebody regrades them."""
        if not (count := finished_attempts(quiz)):
            return
        sentence = ngettext(
            "%(count)s finished attempt keeps its points.",
            "%(count)s finished attempts keep their points.",
            count,
        )
        words = sentence % {"count": count}
        address = reverse("admin:assessments_quiz_regrade", args=[quiz.pk])
        link = format_html('{} <a class="text-link" href="{}">{}</a>', words, address, _("Regrade them"))
        messages.warning(request, link)

    def delete_row(self, row: Any, by: Any) -> None:
        delete_question(question=row, by=by)

    def work_on(self, row: Any) -> str:
        return work_on_question(row)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Responses in previews go with their question and protect nothing."""
        gone, counts, rights, protected = super().get_deleted_objects(objs, request)
        return gone, counts, rights, protected if any(self.work_on(row) for row in objs) else []

    def response_add(
        self, request: HttpRequest, obj: Question, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the quiz; "another one" is of the same kind."""
        if IS_POPUP_VAR in request.POST or "_continue" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("Question added."), messages.SUCCESS)
        if "_addanother" in request.POST:
            add = reverse("admin:assessments_question_add")
            return HttpResponseRedirect(f"{add}?quiz={obj.quiz_id}&question_type={obj.question_type}")
        return HttpResponseRedirect(_in_builder(obj))

    def response_change(self, request: HttpRequest, obj: Question) -> HttpResponse:
        if IS_POPUP_VAR in request.POST or "_continue" in request.POST or "_addanother" in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, _("Question saved."), messages.SUCCESS)
        return HttpResponseRedirect(_in_builder(obj))

    # Copying

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.copy_view)
        return [path("<int:pk>/copy/", view, name="assessments_question_copy"), *super().get_urls()]

    def copy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the quiz that gets the copy, among those that the person may see; the rule asks for the right."""
        question = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, question):
            raise PermissionDenied(_("You may look at this course, but not change it."))
        form = forms.Form(request.POST or None, initial={"quiz": question.quiz_id})
        form.fields["quiz"] = self.formfield_for_foreignkey(Question._meta.get_field("quiz"), request)
        if request.method == "POST" and form.is_valid():
            copy = copy_question(question=question, quiz=form.cleaned_data["quiz"], by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("This is the copy."))
            return HttpResponseRedirect(reverse("admin:assessments_question_change", args=[copy.pk]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "quiz": question.quiz}
        context |= {"form": form, "button": _("Copy question"), "title": _("Copy question")}
        context |= {"heading": _("Copy a question"), "here": name_of(question)}
        return TemplateResponse(request, "assessments/admin/copy.html", context)

    # What is shown

    @admin.display(description=_("Question"), ordering="content")
    def shortened(self, question: Question) -> str:
        return name_of(question)

    @admin.display(description=_("Answer"))
    def shown_answer(self, question: Question) -> str:
        """The key, for those who look but do not write."""
        match question.question_type:
            case QuestionType.MULTIPLE_CHOICE:
                marked = question.correct_answer or []
                rows = [
                    (_("correct") if option["id"] in marked else _("wrong"), option["text"])
                    for option in question.options or []
                ]
                return format_html(
                    '<ul class="shown-answer">{}</ul>',
                    format_html_join("", "<li><strong>{}</strong>: {}</li>", rows),
                )
            case QuestionType.TRUE_FALSE:
                return str(_("True") if question.correct_answer else _("False"))
            case QuestionType.ESSAY:
                return str(question.correct_answer or "–")
        return link_to(question.coding, str(_("Tests and limits"))) if hasattr(question, "coding") else "–"


def _kind(request: HttpRequest, question: Question | None) -> str:
    """The type of the question, or of the new one that the address asks for."""
    return question.question_type if question is not None else request.GET.get("question_type", "")


def _in_builder(question: Question) -> str:
    address = reverse("admin:assessments_quiz_build", args=[question.quiz_id])
    return f"{address}#question-{question.pk}"


@admin.register(CodingQuestion)
class CodingQuestionAdmin(ReadOnlyCourseScopedAdmin):
    """To look through; they are written on the pages of their questions."""

    list_display = ("question", "quiz", "language", "time_limit_seconds", "memory_limit_mb")
    list_filter = (("question__quiz", NarrowedFilter), "language")
    search_fields = ("question__content", "language")
    fields = (
        "of_question",
        "language",
        "starter_code",
        "tests",
        "checker",
        "tolerance",
        "time_limit_seconds",
        "memory_limit_mb",
        "solution",
    )

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("question__quiz__course")

    @admin.display(description=_("Question"))
    def of_question(self, row: CodingQuestion) -> str:
        return link_to(row.question, name_of(row.question))

    @admin.display(description=_("Quiz"), ordering="question__quiz__title")
    def quiz(self, row: CodingQuestion) -> str:
        return row.question.quiz.title

    @admin.display(description=_("Tests"))
    def tests(self, row: CodingQuestion) -> str:
        """Inputs with their outputs."""
        shown = [
            (_("sample") if test.get("sample") else _("hidden"), test["input"], test["output"])
            for test in row.test_cases
        ]
        return format_html_join("", "<p>{}</p><pre>{}</pre><pre>{}</pre>", shown)

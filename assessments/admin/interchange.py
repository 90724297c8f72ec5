"""Questions out of files and into files, in the admin site: upload, look at the report, import; export."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts.backoffice import NarrowedFilter, Rows
from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.interchange.drafts import MOST_QUESTIONS, Format, Kind, draft_of
from assessments.interchange.exports import asked_in, export_response, left_out_of
from assessments.interchange.imports import import_for_real, start_question_import
from assessments.models import QuestionImport, Quiz
from assessments.permissions import can_edit_quiz, can_export_questions
from courses.backoffice import ReadOnlyCourseScopedAdmin
from projectgenius.imports import RunStatus

SHOWN_RUNS = 20


class QuestionFileForm(forms.Form):
    """The file, and how to take it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".gift,.txt,.xml,.csv,.tsv"}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=[("", gettext_lazy("as the file's name says")), *Format.choices],
    )
    takes_repeated = forms.BooleanField(
        label=gettext_lazy("Also take questions that the quiz has already"), required=False
    )


class InterchangePages(QuizPages):
    """Imports and exports of questions."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        back = "assessments_quiz_interchange"
        return [
            *super().quiz_routes(),
            ("interchange/", quiz_view(self.interchange, back_to=back), "interchange"),
            ("interchange/<int:run>/", quiz_view(self.one_import, back_to=back), "import"),
            (
                "interchange/<int:run>/state/",
                quiz_view(self.import_state, back_to=back),
                "import_state",
            ),
            ("interchange/export/", quiz_view(self.export, can_export_questions, back), "export"),
        ]

    def interchange(self, request: HttpRequest, quiz: Quiz) -> HttpResponse:
        """Upload a file to be checked, take one along; earlier imports, which assistants read as well."""
        _only_editors_send(request, quiz)
        form = QuestionFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                run = start_question_import(quiz=quiz, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
                return redirect("admin:assessments_quiz_import", pk=quiz.pk, run=run.pk)
            except ValidationError as error:
                form.add_error(None, error)
        drafts = [draft_of(question) for question in asked_in(quiz)]
        return self.shown(
            request,
            "question_interchange.html",
            quiz,
            tab="interchange",
            title=quiz.title,
            form=form,
            most_questions=MOST_QUESTIONS,
            formats=[
                (value, label, len(left_out_of(Format(value), drafts))) for value, label in Format.choices
            ],
            count=len(drafts),
            runs=list(QuestionImport.objects.filter(quiz=quiz).select_related("started_by")[:SHOWN_RUNS]),
        )

    def one_import(self, request: HttpRequest, quiz: Quiz, run: int) -> HttpResponse:
        """How far an import is and what became of each question; a check that has ended can be imported."""
        _only_editors_send(request, quiz)
        row = _run(quiz, run)
        if request.method == "POST":
            begun = import_for_real(dry_run=row, by=request.user)  # type: ignore[arg-type]
            messages.success(request, _("The import has begun."))
            return redirect("admin:assessments_quiz_import", pk=quiz.pk, run=begun.pk)
        taken = row.counts.get(Kind.TAKEN, 0) + row.counts.get(Kind.CHANGED, 0)
        is_checked = row.is_dry_run and row.status == RunStatus.DONE
        return self.shown(
            request,
            "question_import.html",
            quiz,
            tab="interchange",
            title=quiz.title,
            run=row,
            outcomes=outcomes(row),
            lines=[{**line, "label": kind_label(line.get("kind", ""))} for line in row.report],
            taken=taken,
            is_ready=is_checked and bool(row.file) and taken > 0 and can_edit_quiz(request.user, quiz),
        )

    def import_state(self, request: HttpRequest, quiz: Quiz, run: int) -> JsonResponse:
        """How far an import is, for the script that draws the bar."""
        state = _run(quiz, run).progress
        return JsonResponse(state, headers={"Cache-Control": "private, no-store"})

    def export(self, request: HttpRequest, quiz: Quiz) -> HttpResponseBase:
        """The questions as a file, for a POST."""
        chosen = request.POST.get("format", "")
        if chosen not in Format.values:
            return redirect("admin:assessments_quiz_interchange", pk=quiz.pk)
        return export_response(quiz, chosen, request.user)


def _only_editors_send(request: HttpRequest, quiz: Quiz) -> None:
    if request.method == "POST" and not can_edit_quiz(request.user, quiz):
        raise PermissionDenied(_("You may look at this course, but not change it."))


def _run(quiz: Quiz, pk: int) -> QuestionImport:
    return get_object_or_404(QuestionImport.objects.filter(quiz=quiz).select_related("started_by"), pk=pk)


def kind_label(kind: str) -> str:
    """What became of a question, in words."""
    return str(Kind(kind).label) if kind in Kind.values else _("fault")


def outcomes(run: QuestionImport) -> list[str]:
    """How many questions of each kind."""
    counts = [(kind, run.counts.get(kind, 0)) for kind in Kind if kind != Kind.NOTE]
    return [f"{kind.label}: {count}" for kind, count in counts if count]


@admin.register(QuestionImport)
class QuestionImportAdmin(ReadOnlyCourseScopedAdmin):
    """Imports are begun on the page of their quiz; the file itself, full of answers, is not handed out."""

    list_display = ("created_at", "quiz", "starter", "format", "is_dry_run", "status", "total")
    list_filter = (("quiz", NarrowedFilter), ("status", ChoicesDropdownFilter), "is_dry_run")
    search_fields = ("quiz__title",)
    fields = (
        "quiz",
        "starter",
        "created_at",
        "format",
        "is_dry_run",
        "status",
        "total",
        "found",
        "finished_at",
    )

    def narrow(self, rows: Rows, user: Any) -> Rows:
        return rows.visible_to(user)  # type: ignore[attr-defined, no-any-return]

    def for_list(self, rows: Rows) -> Rows:
        return rows.select_related("quiz__course", "started_by")

    @admin.display(description=gettext_lazy("Started by"), ordering="started_by__username")
    def starter(self, run: QuestionImport) -> str:
        return run.started_by.display_name

    @admin.display(description=gettext_lazy("Found"))
    def found(self, run: QuestionImport) -> str:
        return ", ".join(outcomes(run)) or "–"

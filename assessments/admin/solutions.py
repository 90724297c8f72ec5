"""Reference solutions on the page of a coding question: checked by the judge before they are saved, or behind it.

The web process runs nothing: it asks (`assessments.judging`), and the page's script asks for the answer. Without a
script the solution is saved, and what the judge says shows when the page is opened again.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from assessments.judging import proof_of, request_solution_check
from assessments.models import CodeRun, CodingQuestion, Question, QuestionType, Quiz, RunKind
from assessments.permissions import can_edit_quiz
from assessments.proving import fingerprint_of, is_proven
from assessments.question_forms import CODING_FIELDS, CodingForm
from assessments.questions import save_question
from assessments.run_reports import public_report
from assessments.runs import may_see_run
from projectgenius.errors import Conflict

ACCEPTED = "accepted"


class SolutionPages:
    """Asking the judge about the program in the form. For `QuestionAdmin`."""

    def get_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("check/", view(self.check_view), name="assessments_question_check_new"),
            path("<int:pk>/check/", view(self.check_view), name="assessments_question_check"),
            path("checks/<uuid:key>/", view(self.checked_view), name="assessments_question_checked"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def check_view(self: Any, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Put the program that stands in the form on the judge's queue, with the tests and limits that stand there."""
        question = get_object_or_404(self.get_queryset(request), pk=pk) if pk else None
        quiz = question.quiz if question else self.quiz_of(request)
        if quiz is None:
            raise Http404
        if not can_edit_quiz(request.user, quiz):
            raise PermissionDenied(_("You may look at this course, but not change it."))
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            run = ask_judge(request, quiz, question)
        except Conflict as conflict:
            return _refused(str(conflict.message))
        except ValidationError as error:
            return _refused(" ".join(error.messages))
        return JsonResponse(state_of(run))

    def checked_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """What the judge has said so far."""
        runs = CodeRun.objects.visible_to(request.user).filter(kind=RunKind.SOLUTION)
        run = get_object_or_404(runs, key=key)
        if not may_see_run(request.user, run):  # type: ignore[arg-type]
            raise Http404
        return JsonResponse(state_of(run), headers={"Cache-Control": "no-store"})

    def save_with_proof(self, request: HttpRequest, question: Question, form: Any) -> None:
        """Save a question; a reference solution that has not passed yet is sent to the judge behind it."""
        coding: CodingQuestion | None = form.coding
        by: User = request.user  # type: ignore[assignment]
        if coding is not None and coding.solution.strip():
            coding.solution_proven = proof_of(coding=coding, by=by) or coding.solution_proven
        save_question(question=question, coding=coding, by=by)
        if coding is None or not coding.solution.strip() or is_proven(coding):
            return
        if form.cleaned_data.get("is_checked"):
            messages.warning(request, _("Saved, though the reference solution did not pass its tests."))
            return
        try:
            request_solution_check(quiz=question.quiz, coding=coding, by=by, question=question)
        except Conflict as conflict:
            messages.warning(request, str(conflict.message))

    @admin.display(description=gettext_lazy("Check"))
    def solution_state(self, question: Question | None) -> str:
        """What is known of the stored solution, and where the page's script asks about the typed one."""
        stored = question is not None and not question._state.adding
        coding = getattr(question, "coding", None) if stored else None
        name = f"assessments_question_check{'' if stored else '_new'}"
        context = {
            "check": reverse(f"admin:{name}", args=[question.pk] if question and stored else []),
            "is_proven": coding is not None and is_proven(coding),
            "has_solution": coding is not None and bool(coding.solution.strip()),
            "state": _last_state(coding) if coding else None,
        }
        return render_to_string("assessments/admin/_solution_state.html", context)


def ask_judge(request: HttpRequest, quiz: Quiz, question: Question | None) -> CodeRun:
    """A run of what was typed. Raises ValidationError for what a form would refuse, and Conflict."""
    instance = question or Question(quiz=quiz, question_type=QuestionType.CODING)
    form = CodingForm(request.POST, instance=instance)
    form.is_valid()
    problems = [str(text) for name in (*CODING_FIELDS, "tests") for text in form.errors.get(name, [])]
    if problems:
        raise ValidationError(problems)
    if not form.coding.solution.strip():
        raise ValidationError(_("Write a reference solution first."), code="no_solution")
    by: User = request.user  # type: ignore[assignment]
    return request_solution_check(quiz=quiz, coding=form.coding, by=by, question=question)


def state_of(run: CodeRun) -> dict[str, Any]:
    """`{"address", "is_over", "passed", "message", "compile", "tests": [{"number", "passed", "words", …}, …]}`."""
    report = public_report(run)
    return {
        "address": reverse("admin:assessments_question_checked", args=[run.key]),
        "is_over": run.is_over,
        "passed": report["verdict"] == ACCEPTED,
        "message": report["message"],
        "compile": report["compile"],
        "tests": [
            {
                "number": test["number"],
                "words": test["words"],
                "output": test["output"],
                "errors": test["error_output"],
                "passed": test["verdict"] == ACCEPTED,
            }
            for test in report["tests"]
        ],
    }


def _last_state(coding: CodingQuestion) -> dict[str, Any] | None:
    """What the judge said last of the stored solution with the stored tests; None when it was not asked."""
    runs = CodeRun.objects.filter(question=coding.question_id, kind=RunKind.SOLUTION)
    run = runs.filter(task__fingerprint=fingerprint_of(coding)).first()
    return state_of(run) if run else None


def _refused(message: str) -> JsonResponse:
    """There is no run. 200: the browser would report any other status as an error of the page."""
    return JsonResponse(
        {"address": "", "is_over": True, "passed": False, "message": message, "compile": "", "tests": []}
    )

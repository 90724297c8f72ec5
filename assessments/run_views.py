"""Asking for a run of a program from a page, and looking for its verdict. Scripts get JSON, forms get pages."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from assessments.answer_forms import save_page
from assessments.models import CodeRun, QuizAttempt
from assessments.run_reports import public_report
from assessments.runs import may_see_run, request_run
from assessments.unsent_answers import login_or_unsent
from projectgenius.errors import Conflict


@require_POST
@login_or_unsent
def attempt_run(request: SignedInRequest, pk: int, question: int) -> HttpResponse:
    """Run the program that stands in the form, on the samples or on the own input."""
    attempts = QuizAttempt.objects.visible_to(request.user).filter(user=request.user)
    attempt = get_object_or_404(attempts.select_related("quiz__course"), pk=pk)
    code, own_input = _given(request, "code", question), _given(request, "own_input", question)
    asked = {"kind": request.POST.get("kind", ""), "code": code, "own_input": own_input}
    try:
        if not _wants_json(request):  # with a script each answer is saved by itself
            save_page(attempt=attempt, form=request.POST)
        run = request_run(attempt=attempt, question_id=question, by=request.user, now=None, **asked)
    except (Conflict, ValidationError) as refused:
        return _refused(request, refused)
    return _shown(request, run, HTTPStatus.CREATED)


def _given(request: HttpRequest, name: str, question: int) -> str:
    """A text of the form. A page may ask several questions: there the fields carry the question's number."""
    field = {"code": f"answer-{question}", "own_input": f"input-{question}"}[name]
    return request.POST.get(name, request.POST.get(field, "")).replace("\r\n", "\n")


@require_safe
@never_cache
@login_required
def coderun_detail(request: SignedInRequest, key: Any) -> HttpResponse:
    """What is known of one's own run."""
    runs = CodeRun.objects.visible_to(request.user).select_related("question__quiz")
    run = get_object_or_404(runs, key=key)
    if not may_see_run(request.user, run):
        raise Http404
    if _wants_json(request):
        return _shown(request, run, HTTPStatus.OK)
    context = {"run": run, "report": public_report(run), "quiz": run.question and run.question.quiz}
    return render(request, "assessments/coderun_detail.html", context)


def _shown(request: HttpRequest, run: CodeRun, status: int) -> HttpResponse:
    address = reverse("assessments:coderun_detail", args=[run.key])
    if not _wants_json(request):
        return redirect(address)
    report = public_report(run)
    html = render_to_string("assessments/_run_result.html", {"run": run, "report": report}, request)
    found = {"address": address, "is_over": run.is_over, "message": report["message"], "html": html}
    return JsonResponse(found, status=status)


def _refused(request: HttpRequest, refused: Conflict | ValidationError) -> HttpResponse:
    """Say why there is no run; the code stays where it was typed."""
    is_conflict = isinstance(refused, Conflict)
    status = HTTPStatus.CONFLICT if is_conflict else HTTPStatus.BAD_REQUEST
    message = str(refused.message) if isinstance(refused, Conflict) else " ".join(refused.messages)
    context = {"message": message}
    if not _wants_json(request):
        return render(request, "assessments/coderun_refused.html", context, status=status)
    html = render_to_string("assessments/_run_refused.html", context, request)
    # 200: the browser would report any other status as an error of the page.
    return JsonResponse({"address": "", "is_over": True, "message": message, "html": html})


def _wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")

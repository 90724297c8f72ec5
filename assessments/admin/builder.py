"""The pages of the admin site on which a quiz is built. What can be done there stands in `assessments.building`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse

from assessments.backoffice_tabs import QuizPages, View, quiz_view
from assessments.building import ACTS, Build, rows_of, sum_in_words
from assessments.models import QuestionType, Quiz
from assessments.permissions import can_edit_quiz, can_preview_quiz
from projectgenius.errors import Conflict

HERE = "assessments_quiz_build"
BY_SCRIPT = "fetch"  # what the page's own script says of itself in X-Requested-With


class BuilderPages(QuizPages):
    """The page with the quiz's questions, and the acts on it. For `QuizAdmin`."""

    def quiz_routes(self) -> list[tuple[str, View, str]]:
        return [
            ("build/", quiz_view(self.build_page, back_to=HERE), "build"),
            ("build/<slug:act>/", quiz_view(self.act_page, can_edit_quiz, HERE), "act"),
            *super().quiz_routes(),
        ]

    def build_page(
        self, request: HttpRequest, quiz: Quiz, refused: str = "", refused_row: str = ""
    ) -> HttpResponse:
        """The quiz's questions, to be added to, ordered, copied and retired; assistants look at them."""
        context = {**_outline(request, quiz), "refused": refused, "refused_row": refused_row}
        page = self.shown(request, "quiz_build.html", quiz, title=quiz.title, **context)
        page.status_code = 400 if refused else 200
        return page

    def act_page(self, request: HttpRequest, quiz: Quiz, act: str) -> HttpResponse:
        """Do one act: a script is answered with the new list, a plain form with the page."""
        if act not in ACTS:
            raise Http404
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        by_script = request.headers.get("X-Requested-With") == BY_SCRIPT
        try:
            outcome = ACTS[act](Build(quiz=quiz, by=request.user, data=request.POST))
        except (ValidationError, Conflict) as error:
            return self.refused_act(request, quiz, error, by_script=by_script)
        if by_script:
            answer = {"message": outcome.message, "focus": outcome.focus, "html": _html(request, quiz)}
            return JsonResponse(answer)
        messages.success(request, outcome.message)
        anchor = f"#{outcome.focus}" if outcome.focus else ""
        return HttpResponseRedirect(reverse("admin:assessments_quiz_build", args=[quiz.pk]) + anchor)

    def refused_act(
        self, request: HttpRequest, quiz: Quiz, error: Exception, *, by_script: bool
    ) -> HttpResponse:
        """The reason, at the row that was meant; a script also gets the list if it showed an old one."""
        message = str(error.message) if isinstance(error, Conflict) else " ".join(error.messages)  # type: ignore[attr-defined]
        if not by_script:
            return self.build_page(request, quiz, message, request.POST.get("question", ""))
        answer = {"message": message}
        if isinstance(error, Conflict) and error.code == "order_changed":
            answer["html"] = _html(request, quiz)
        return JsonResponse(answer, status=409 if isinstance(error, Conflict) else 400)


def _outline(request: HttpRequest, quiz: Quiz) -> dict[str, Any]:
    rows = rows_of(quiz)
    return {
        "rows": [row for row in rows if not row.question.is_retired],
        "retired": [row for row in rows if row.question.is_retired],
        "kinds": QuestionType.choices,
        "contents_in_words": sum_in_words(rows),
        "may_preview": can_preview_quiz(request.user, quiz),
    }


def _html(request: HttpRequest, quiz: Quiz) -> str:
    """The list alone, as the page shows it."""
    context = {**_outline(request, quiz), "quiz": quiz, "may_edit": True}
    return render_to_string("assessments/admin/_builder.html", context, request)

"""A form of answers that came after its student was signed out: what was written is shown, not lost."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

View = Callable[..., HttpResponse]


def login_or_unsent(view: View) -> View:
    """As `login_required`; but a form with written answers gets a page that gives them back for copying.

    Choices are quickly made again. Nothing is saved: whose answers these are, nobody can tell any more.
    """
    guarded = login_required(view)

    @wraps(view)
    def answer(request: HttpRequest, *arguments: object, **names: object) -> HttpResponse:
        is_signed_out = request.method == "POST" and not request.user.is_authenticated
        if is_signed_out and (texts := written_texts(request.POST)):
            page = render(
                request,
                "assessments/unsent_answers.html",
                {"texts": texts, "attempt": names["pk"]},
                status=403,
            )
            page["Cache-Control"] = "no-store"
            return page
        return guarded(request, *arguments, **names)

    return answer


def written_texts(form: QueryDict) -> list[str]:
    """What was typed into a form of answers; a choice is a short value of a radio button or check box, and no text."""
    names = [name for name in form if name.startswith(("answer-", "input-"))]
    return [text for name in names for text in form.getlist(name) if len(text.split()) > 1]

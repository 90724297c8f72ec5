"""The page about one's e-mail address, and the page that a link in a mail opens."""

from allauth.account.decorators import reauthentication_required
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.email_change import (
    cancel_email_change,
    confirm_email_change,
    question_of,
    request_email_change,
)
from accounts.forms import EmailChangeForm
from accounts.models import EmailChange
from accounts.requests import SignedInRequest
from projectgenius.errors import Conflict


@login_required
@never_cache
@reauthentication_required(allow_get=True)
@ratelimit.decorator(app="allauth.account", action="email_change")
def email(request: SignedInRequest) -> HttpResponse:
    """The present address, a change that waits, and the form that asks for one."""
    form = EmailChangeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        request_email_change(user=request.user, new_email=form.cleaned_data["email"])
        messages.success(
            request, _("We have sent a mail to both addresses. The change counts once both agree.")
        )
        return redirect("accounts:email")
    waiting = EmailChange.objects.filter(user=request.user).first()
    return render(request, "accounts/email.html", {"form": form, "waiting": waiting})


@require_POST
@login_required
def email_cancel(request: SignedInRequest) -> HttpResponse:
    """Keep the present address."""
    if cancel_email_change(user=request.user, by=request.user):
        messages.success(request, _("Your address stays as it is."))
    return redirect("accounts:email")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ratelimit.decorator(app="allauth.account", action="email_change_confirm")
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What a link asks; nobody has to be signed in. Opening it changes nothing, the button does."""
    question = question_of(token)
    if request.method != "POST" or question is None:
        context = {"question": question, "token": token}
        return render(request, "accounts/email_confirm.html", context, status=200 if question else 404)
    if "refuse" in request.POST:
        cancel_email_change(user=question.change.user)
        return render(request, "accounts/email_confirm.html", {"outcome": "refused"})
    try:
        change, is_done = confirm_email_change(token=token)
    except Conflict as conflict:
        return render(request, "accounts/email_confirm.html", {"problem": conflict.message}, status=409)
    done = {"outcome": "done" if is_done else "agreed", "change": change}
    return render(request, "accounts/email_confirm.html", done)

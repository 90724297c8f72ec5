"""The page on which a person closes the own account."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.forms import CloseForm
from accounts.privacy import erase_person
from accounts.requests import SignedInRequest
from projectgenius.errors import Conflict


@login_required
@never_cache
@reauthentication_required
def close(request: SignedInRequest) -> HttpResponse:
    """Say what goes and what stays; close the account of who typed the own address and entered the password lately."""
    form = CloseForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            erase_person(user=request.user, by=request.user)
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
            return redirect("accounts:close")
        logout(request)
        messages.success(request, _("Your account is closed."))
        return redirect("landing")
    return render(request, "accounts/close.html", {"form": form})

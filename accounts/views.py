"""One's own settings."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.api_keys import issue_api_key, revoke_api_key, revoke_named_key
from accounts.forms import ProfileForm, TeachForm
from accounts.key_forms import ChangeKeyForm, NewKeyForm
from accounts.models import ApiKey, RequestStatus
from accounts.permissions import is_instructor
from accounts.profiles import remove_picture
from accounts.requests import SignedInRequest
from accounts.requests_to_teach import ask_to_teach
from accounts.speaking import speaking_to
from projectgenius.errors import Conflict

SHOWN_KEYS, SHOWN_REVOKED, SHOWN_REQUESTS = 100, 10, 10


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    """Name, picture, biography, language and time zone."""
    form = ProfileForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        person = form.save()
        with speaking_to(person):  # the answer speaks the language that was just chosen
            messages.success(request, _("Profile saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_POST
@login_required
def picture_remove(request: SignedInRequest) -> HttpResponse:
    """Delete the picture."""
    if remove_picture(user=request.user, by=request.user):
        messages.success(request, _("Picture removed."))
    return redirect("accounts:profile")


@login_required
def teach(request: SignedInRequest) -> HttpResponse:
    """Ask to become an instructor, and read the answer."""
    asked = list(request.user.instructor_requests.all()[:SHOWN_REQUESTS])
    teaches = is_instructor(request.user)
    may_ask = not teaches and not any(one.status == RequestStatus.WAITING for one in asked)
    form = TeachForm(request.POST or None) if may_ask or request.method == "POST" else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            ask_to_teach(user=request.user, motivation=form.cleaned_data["motivation"])
            messages.success(request, _("Request sent. We answer by e-mail."))
        except Conflict as conflict:
            messages.error(request, str(conflict.message))
        return redirect("accounts:teach")
    return render(request, "accounts/teach.html", {"form": form, "asked": asked, "teaches": teaches})


@login_required
@never_cache
@reauthentication_required
def api_key(request: SignedInRequest) -> HttpResponse:
    """One's keys, and the form for a new one."""
    return _keys_page(request)


@require_POST
@login_required
@never_cache
def api_key_create(request: SignedInRequest) -> HttpResponse:
    """Make a named key and show it, this once."""
    if not did_recently_reauthenticate(request):
        return redirect("accounts:api_key")
    form = NewKeyForm(request.POST, user=request.user)
    if not form.is_valid():
        return _keys_page(request, form=form)
    try:
        return _keys_page(request, new_key=form.save(), new_name=form.cleaned_data["name"])
    except Conflict as conflict:
        messages.error(request, str(conflict.message))
        return _keys_page(request)


@login_required
@never_cache
def api_key_change(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a key another name or fewer scopes."""
    key = get_object_or_404(ApiKey.objects.filter(user=request.user, revoked_at=None), pk=pk)
    form = ChangeKeyForm(request.POST or None, key=key)
    if request.method == "POST" and form.is_valid():
        form.save(by=request.user)
        messages.success(request, _("Key saved."))
        return redirect("accounts:api_key")
    return render(request, "accounts/api_key_change.html", {"form": form, "key": key})


@require_POST
@login_required
def api_key_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Revoke a named key."""
    key = get_object_or_404(ApiKey, user=request.user, pk=pk)
    if revoke_named_key(key=key, by=request.user):
        messages.success(request, _("Key revoked. Programs that used it are signed out."))
    return redirect("accounts:api_key")


@require_POST
@login_required
@never_cache
def api_key_issue(request: SignedInRequest) -> HttpResponse:
    """Make the key without limits and show it, this once. Who did not enter the password lately starts again."""
    if not did_recently_reauthenticate(request):
        return redirect("accounts:api_key")
    key = issue_api_key(user=request.user, by=request.user)
    request.user.refresh_from_db(fields=["api_key"])
    return _keys_page(request, new_key=key)


@require_POST
@login_required
def api_key_revoke(request: SignedInRequest) -> HttpResponse:
    """End the key without limits."""
    if revoke_api_key(user=request.user, by=request.user):
        messages.success(request, _("API key revoked. Programs that used it are signed out."))
    return redirect("accounts:api_key")


def _keys_page(request: SignedInRequest, form: NewKeyForm | None = None, **more: str) -> HttpResponse:
    keys = ApiKey.objects.filter(user=request.user)
    context = {
        "form": form or NewKeyForm(user=request.user),
        "keys": keys.filter(revoked_at=None)[:SHOWN_KEYS],
        "revoked": keys.exclude(revoked_at=None)[:SHOWN_REVOKED],
        "has_key": bool(request.user.api_key),
    }
    return render(request, "accounts/api_key.html", context | more)

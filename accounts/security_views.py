"""The pages about the safety of one's account: second factor, and where one is signed in."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import IndexView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.devices import device_name
from accounts.requests import SignedInRequest
from accounts.second_factor import lacks_second_factor, needs_second_factor
from accounts.sessions import end_session, end_sessions, sessions_of


class SecurityPage(IndexView):
    """Password, second factor, sessions and address at a glance. Takes the place of allauth's own overview."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "is_needed": needs_second_factor(user),
            "is_missing": lacks_second_factor(user),
            "session_count": sessions_of(user).count(),
        }


security = never_cache(SecurityPage.as_view())


class PasskeyRemovalPage(RemoveWebAuthnView):
    """Removing a passkey. The library asks for apps alone whether one may go: the last factor stays here too."""

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            text = _("Your account needs a second factor. Set up an app or another passkey first.")
            messages.error(self.request, text)
            return redirect("mfa_index")
        return super().form_valid(form)


passkey_remove = never_cache(PasskeyRemovalPage.as_view())


@login_required
@never_cache
def session_list(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in."""
    sessions = [
        {
            "row": row,
            "device": device_name(row.user_agent),
            "is_this": row.session_key == request.session.session_key,
        }
        for row in sessions_of(request.user)
    ]
    sessions.sort(key=lambda session: not session["is_this"])
    return render(request, "accounts/session_list.html", {"sessions": sessions})


@require_POST
@login_required
def session_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign out in one place; ending the present session is signing out."""
    session = get_object_or_404(sessions_of(request.user), pk=pk)
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    end_session(session=session, by=request.user)
    messages.success(request, _("Signed out there."))
    return redirect("accounts:session_list")


@require_POST
@login_required
def session_end_others(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    count = end_sessions(user=request.user, by=request.user, keep=request.session.session_key)
    sentence = ngettext("Signed out in %(count)s place.", "Signed out in %(count)s places.", count)
    messages.success(request, sentence % {"count": count} if count else _("You are signed in here alone."))
    return redirect("accounts:session_list")

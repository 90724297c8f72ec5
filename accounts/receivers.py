"""What follows from signing in and out: the audit log, sessions, and the document's `email_verified`."""

import time
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.audit import record_event
from accounts.models import User
from accounts.querysets import SECOND_FACTORS
from accounts.sessions import SEEN, end_sessions
from accounts.signals import superuser_created


@receiver(account.email_confirmed)
def mark_email_verified(email_address: Any, **kwargs: Any) -> None:
    """The one writer of `users.email_verified`: true once the address in use is confirmed."""
    user = email_address.user
    verified = user.emailaddress_set.filter(email__iexact=user.email, verified=True).exists()
    User.objects.filter(pk=user.pk).update(email_verified=verified)
    record_event("email.confirm", actor=user, row=user)


@receiver(account.email_changed)
def mark_changed_email(user: User, from_email_address: Any, to_email_address: Any, **kwargs: Any) -> None:
    """A new address counts as confirmed only if it was. The first one of an account replaces none."""
    User.objects.filter(pk=user.pk).update(email_verified=to_email_address.verified)
    if from_email_address is not None:
        record_event("email.change", actor=user, row=user)


@receiver(auth.user_logged_in)
def log_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    request.session[SEEN] = int(time.time())
    record_event("sign_in.succeed", actor=user, row=user)


@receiver(auth.user_logged_out)
def log_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        UserSession.objects.filter(session_key=request.session.session_key or "").delete()
        record_event("sign_out.succeed", actor=user, row=user)


@receiver(auth.user_login_failed)
def log_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Names the account that was tried, if there is one; what was typed is not kept."""
    login = credentials.get("username") or credentials.get("email") or ""
    tried = User.objects.named(str(login)).first() if login else None
    record_event("sign_in.fail", row=tried, table="" if tried else "users")


@receiver(account.login_code_rejected)
def log_rejected_code(user: User, **kwargs: Any) -> None:
    record_event("sign_in.fail", row=user, reason="code")


@receiver([account.password_changed, account.password_set, account.password_reset])
def follow_password_change(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Logged, and all other sessions end: whoever knew the old password is out."""
    record_event("password.change", actor=user, row=user)
    end_sessions(user=user, by=user, keep=_session_of(request, user))


@receiver(mfa.authenticator_added)
def follow_new_factor(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Logged; the first one ends all other sessions, for they never showed a second factor."""
    record_event("second_factor.add", actor=user, row=user, after={"type": authenticator.type})
    factors = Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS)
    if authenticator.type in SECOND_FACTORS and factors.count() == 1:
        end_sessions(user=user, by=user, keep=_session_of(request, user))


@receiver(mfa.authenticator_removed)
def log_removed_factor(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_event("second_factor.remove", actor=user, row=user, before={"type": authenticator.type})


@receiver(mfa.authenticator_reset)
def log_renewed_codes(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    record_event("second_factor.renew", actor=user, row=user, after={"type": authenticator.type})


@receiver(mfa.authentication_failed)
def log_failed_factor(user: User, **kwargs: Any) -> None:
    record_event("sign_in.fail", row=user, reason="second factor")


@receiver(superuser_created)
def log_superuser(user: User, **kwargs: Any) -> None:
    record_event("account.create", row=user, after={"is_admin": True})


def _session_of(request: HttpRequest, user: User) -> str | None:
    """The session that goes on: the one in which the person acts."""
    return request.session.session_key if request.user.pk == user.pk else None


@receiver(account.user_signed_up)
def log_sign_up(user: User, **kwargs: Any) -> None:
    record_event("account.create", actor=user, row=user)

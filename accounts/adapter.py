"""How allauth behaves here: our words, our columns."""

import logging
import time
from contextlib import nullcontext
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as present
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.limits import mark_limited
from accounts.models import User
from accounts.speaking import speaking_to
from projectgenius.limits.counting import count_request

logger = logging.getLogger(__name__)

# Mails that anybody can cause to be sent to any address; more of them in a day serve nobody but who annoys.
ASKED_BY_ANYBODY = frozenset(
    {
        "account/email/account_already_exists",
        "account/email/email_change_new",
        "account/email/email_change_taken",
        "account/email/email_confirmation",
        "account/email/email_confirmation_signup",
        "account/email/login_code",
        "account/email/password_reset_key",
        "account/email/unknown_account",
    }
)
MAILS_A_DAY, DAY = 30, 24 * 60 * 60
LIMITS = ("too_many_login_attempts", "rate_limited")


class AccountAdapter(DefaultAccountAdapter):
    """One sentence for every wrong sign-in, so that nobody learns which accounts exist."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Name or password is wrong."),
        "username_password_mismatch": _("Name or password is wrong."),
        "invalid_login": _("Name or password is wrong."),
        "account_inactive": _("Name or password is wrong."),
        "too_many_login_attempts": _("Too many tries. Try again in 5 minutes."),
        "rate_limited": _("Too many tries. Try again in a few minutes."),
        "enter_current_password": _("Enter your current password."),
        "incorrect_password": _("This is not your current password."),
        "duplicate_email": _("This address is already on your account."),
        "same_as_current": _("The new value is the same as the old one."),
    }

    def clean_email(self, email: str) -> str:
        """Refuse an address that is longer than the column; allauth's own may be longer."""
        email = super().clean_email(email)
        longest = User._meta.get_field("email").max_length or 0
        if len(email) > longest:
            raise ValidationError(
                _("Use an address of at most %(longest)s characters."), params={"longest": longest}
            )
        return email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in the language, and by the clock, of the person who will read it.

        Not one mail too many to an address: the pages answer as ever, so that nobody learns how often others asked.
        """
        if template_prefix in ASKED_BY_ANYBODY and not _may_mail(email):
            logger.warning(
                "%s was not sent: its address had %s such mails today", template_prefix, MAILS_A_DAY
            )
            return
        reader = context.get("user") or User.objects.filter(email__iexact=email).first()
        texts = {"site_url": settings.SITE_URL, **context}
        with speaking_to(reader) if reader else nullcontext():
            if present.request is None:  # a command or background work
                self.render_mail(template_prefix, email, {"email": email, **texts}).send()
            else:
                super().send_mail(template_prefix, email, texts)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The ways to say anew who one is, in our words."""
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code from your app"),
            "mfa_reauthenticate:webauthn": _("Use your passkey"),
        }
        return [
            {**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)
        ]

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The error of a form; one that says "too often" is remembered for the answer's status and the log."""
        if code in LIMITS and present.request is not None:
            mark_limited(present.request)
        return super().validation_error(code, *args)

    def send_account_already_exists_mail(self, email: str) -> None:
        """A mail instead of a second account. A password is hashed as for a new one: it takes as long."""
        make_password(get_random_string(12))
        super().send_account_already_exists_mail(email)


def _may_mail(address: str) -> bool:
    """Count one more mail to the address; False after `MAILS_A_DAY`, by the day of UTC."""
    return count_request("mail", address.lower(), seconds=DAY, now=time.time()) <= MAILS_A_DAY

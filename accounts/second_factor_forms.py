"""The forms that take a code of the second factor: a code that was used is of no use to whoever saw it."""

from typing import TYPE_CHECKING

from allauth.mfa import app_settings
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache

if TYPE_CHECKING:
    from allauth.mfa.base.forms import BaseAuthenticateForm as Base
else:
    Base = object


class EachCodeOnce(Base):
    """Remembers a used code of an app for as long as it would be taken.

    The library remembers it for one step of 30 seconds, and takes codes of the steps before and after as well.
    """

    def clean_code(self) -> str:
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            steps = 2 * app_settings.TOTP_TOLERANCE + 1
            used = TOTP(self.authenticator)._get_used_cache_key(code)
            cache.set(used, "y", timeout=steps * app_settings.TOTP_PERIOD)
        return code


class CodeForm(EachCodeOnce, AuthenticateForm):
    """A code that signs in."""


class CodeAgainForm(EachCodeOnce, ReauthenticateForm):
    """A code instead of the password, before something sensitive."""

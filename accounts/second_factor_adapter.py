"""How allauth's second factor behaves here: secrets are encrypted in the database, and who needs one keeps one."""

from base64 import urlsafe_b64encode
from functools import cache
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.querysets import SECOND_FACTORS
from accounts.second_factor import needs_second_factor

PURPOSE = b"projectgenius: secrets of second factors"


class SecondFactorAdapter(DefaultMFAAdapter):
    """TOTP secrets and the seeds of recovery codes are stored encrypted; of a passkey only its public half is here."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your account needs a second factor. Add a passkey first, then you can remove the app."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Set up a second factor first."),
        "incorrect_code": gettext_lazy("This code is wrong or too old. Enter the newest one."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return ciphers(tuple(settings.MFA_ENCRYPTION_KEYS)).encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return ciphers(tuple(settings.MFA_ENCRYPTION_KEYS)).decrypt(encrypted_text).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Who needs a second factor does not remove the last one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=SECOND_FACTORS)
        return not needs_second_factor(authenticator.user) or others.exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}


@cache
def ciphers(keys: tuple[str, ...]) -> MultiFernet:
    """The first key encrypts, all decrypt. SECRET_KEY's own stays the last: what it wrote stays readable."""
    return MultiFernet([*map(Fernet, keys), Fernet(derived_key())])


def derived_key() -> bytes:
    """A Fernet key of its own for this purpose (HKDF, RFC 5869)."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return urlsafe_b64encode(derivation.derive(settings.SECRET_KEY.encode()))

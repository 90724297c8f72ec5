"""A second factor without a phone: codes of an app, and what signing in with one needs."""

import time
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import User
from tests.accounts.factories import PASSWORD


def give_app(user: User) -> str:
    """Set up an app for `user` in the database alone; returns its secret."""
    secret = generate_totp_secret()
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(secret)}
    )
    return secret


def code_of(secret: str, *, later: int = 0) -> str:
    """What the app shows now, or `later` half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def prove(client: Client, password: str = PASSWORD) -> Any:
    """Enter the password anew, as sensitive changes ask."""
    return client.post("/accounts/reauthenticate/", {"password": password})

"""Taking a person's second factor away, for someone who has lost phone, passkeys and codes."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import User
from accounts.permissions import can_manage_users
from accounts.sessions import end_sessions
from projectgenius.errors import Conflict


@transaction.atomic
def reset_second_factor(*, user: User, by: Any) -> bool:
    """Remove every factor and code of `user`, who is signed out everywhere and told by mail; False without any.

    `by` is an administrator, or None on the command line. Raises Conflict `own_factor` for one's own: that would
    pass by the question for it.
    """
    if by is not None:
        if not can_manage_users(by):
            raise PermissionDenied(_("Only administrators remove somebody’s second factor."))
        if by.pk == user.pk:
            raise Conflict(_("Remove your own second factor on your security page."), code="own_factor")
    removed, _rows = Authenticator.objects.filter(user=user).delete()
    if not removed:
        return False
    record_event("second_factor.reset", actor=by, row=user)
    end_sessions(user=user, by=by)
    get_adapter().send_mail("account/email/second_factor_reset", user.email, {"user": user})
    return True

"""Closing an account: what belongs to the person alone goes, the academic record stays without the name."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.api_keys import revoke_all_keys
from accounts.audit import record_event
from accounts.models import AuditOrigin, User
from accounts.permissions import can_manage_users
from accounts.profiles import remove_picture
from accounts.roles import CLOSED_DOMAIN, is_erased, keep_one_admin, lock_with_admins
from accounts.sessions import end_sessions
from accounts.signals import person_erased
from accounts.speaking import speaking_to
from projectgenius.errors import Conflict

# Deleted with a person's row by the database's rules, but no data of the person: the history of other rows.
KEPT = (LogEntry,)


@transaction.atomic
def erase_person(*, user: User, by: Any) -> None:
    """Close an account at once and for good: nobody signs in with it any more, and nothing in it names the person.

    Sessions and keys end. Name, addresses, picture, biography, notes and all other rows that hang on the person alone
    are deleted. Enrollments, results, submissions and reviews stay under a name that says nothing; certificates keep
    their holder's name; the log names people by number only. The caller has asked who it is.

    Raises PermissionDenied unless it is one's own account or `by` an administrator, and Conflict `last_admin`,
    `teaches_courses` or, for an account that is closed already, `closed`.
    """
    if by.pk != user.pk and not can_manage_users(by):
        raise PermissionDenied(_("Only the person and administrators close an account."))
    locked = lock_with_admins(user)
    if is_erased(locked):
        raise Conflict(_("This account is closed."), code="closed")
    keep_one_admin(locked)
    _teach_nothing(locked)
    email = locked.email
    _say_goodbye(locked)
    end_sessions(user=locked, by=by)
    revoke_all_keys(user=locked, by=by)
    remove_picture(user=locked, by=by)
    _delete_own_rows(locked)
    AuditOrigin.objects.filter(event__actor_id=locked.pk).delete()
    User.objects.filter(pk=locked.pk).update(**_nobody(locked.pk))
    record_event("account.erase", actor=by, row=locked)
    person_erased.send(sender=User, user=User.objects.get(pk=locked.pk), email=email, by=by)


def _nobody(key: int) -> dict[str, Any]:
    """The columns of a row that names nobody; its address can receive nothing."""
    return {
        "username": f"closed-{key}",
        "email": f"closed-{key}@{CLOSED_DOMAIN}",
        "password": make_password(None),
        "full_name": None,
        "avatar_url": None,
        "bio": None,
        "language": "",
        "time_zone": "",
        "api_key": None,
        "last_login": None,
        "is_active": False,
        "is_admin": False,
        "is_profile_public": False,
        "email_verified": False,
    }


def _teach_nothing(user: User) -> None:
    """Refuse while courses have nobody else to answer for them."""
    if count := user.taught_courses.count():
        text = ngettext(
            "You teach %(count)s course. Ask an administrator to give it to somebody else first.",
            "You teach %(count)s courses. Ask an administrator to give them to somebody else first.",
            count,
        )
        raise Conflict(text % {"count": count}, code="teaches_courses")


def _delete_own_rows(user: User) -> None:
    """Delete what would go with the person's row, whichever app it belongs to; what may not go with it stays."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete is models.CASCADE:
            model: Any = relation.related_model
            if model not in KEPT:
                model._base_manager.filter(**{relation.field.name: user.pk}).delete()


def _say_goodbye(user: User) -> None:
    """The last mail, to the address that is about to be forgotten."""
    with speaking_to(user):
        body = render_to_string("accounts/email/account_closed.txt", {"person": user})
        EmailMessage(_("Your account was closed"), body, to=[user.email]).send()

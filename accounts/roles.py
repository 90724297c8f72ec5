"""What administrators decide about people: who teaches, who administers, who may sign in. Each act is logged."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_event
from accounts.models import INSTRUCTORS, User
from accounts.permissions import can_manage_users
from projectgenius.errors import Conflict

CLOSED_DOMAIN = "closed.invalid"  # addresses of accounts that were closed for good; it can receive nothing


@transaction.atomic
def make_instructor(*, user: User, by: Any) -> bool:
    """Let `user` make courses; False when that was so already. Raises PermissionDenied unless `by` may decide it."""
    _require_right(by)
    locked = User.objects.select_for_update().get(pk=user.pk)
    group, _created = Group.objects.get_or_create(name=INSTRUCTORS)
    if locked.groups.filter(pk=group.pk).exists():
        return False
    locked.groups.add(group)
    _log("role.grant", user, by, {"instructor": False}, {"instructor": True})
    return True


@transaction.atomic
def end_instructor(*, user: User, by: Any) -> bool:
    """Take the right to make courses; False when there was none.

    Raises Conflict `teaches_courses` while courses are taught: their owner could still change them.
    """
    _require_right(by)
    locked = User.objects.select_for_update().get(pk=user.pk)
    if not locked.groups.filter(name=INSTRUCTORS).exists():
        return False
    if count := locked.taught_courses.count():
        raise Conflict(
            ngettext(
                "This person teaches %(count)s course. Give it to somebody else first.",
                "This person teaches %(count)s courses. Give them to somebody else first.",
                count,
            )
            % {"count": count},
            code="teaches_courses",
        )
    locked.groups.remove(*locked.groups.filter(name=INSTRUCTORS))
    _log("role.revoke", user, by, {"instructor": True}, {"instructor": False})
    return True


@transaction.atomic
def change_admin_flag(*, user: User, is_admin: bool, by: Any) -> bool:
    """Make `user` an administrator, or end that; False when nothing had to change.

    Raises Conflict `own_admin_flag` for one's own flag and `last_admin` for that of the last administrator
    who can sign in. All administrators' rows are locked, so that two cannot end each other at once.
    """
    _require_right(by)
    locked = lock_with_admins(user)
    if locked.is_admin == is_admin:
        return False
    if not is_admin:
        if locked.pk == by.pk:
            raise Conflict(
                _("You cannot end your own rights as administrator. Another administrator can."),
                code="own_admin_flag",
            )
        keep_one_admin(locked)
    User.objects.filter(pk=locked.pk).update(is_admin=is_admin)
    _log(
        "role.grant" if is_admin else "role.revoke",
        user,
        by,
        {"is_admin": not is_admin},
        {"is_admin": is_admin},
    )
    return True


@transaction.atomic
def set_active(*, user: User, is_active: bool, by: Any) -> bool:
    """Let `user` sign in, or end that at the next request; False when nothing had to change.

    Sessions and keys of a deactivated person stop working, what the person did stays. Raises Conflict
    `own_account` for oneself, `last_admin` for the last administrator who can sign in, and `closed` for an account
    that was closed for good.
    """
    _require_right(by)
    locked = lock_with_admins(user)
    if locked.is_active == is_active:
        return False
    if is_erased(locked):
        raise Conflict(_("This account is closed."), code="closed")
    if not is_active:
        if locked.pk == by.pk:
            raise Conflict(_("You cannot deactivate your own account here."), code="own_account")
        keep_one_admin(locked)
    User.objects.filter(pk=locked.pk).update(is_active=is_active)
    _log(
        "role.activate" if is_active else "role.deactivate",
        user,
        by,
        {"is_active": not is_active},
        {"is_active": is_active},
    )
    return True


def is_erased(user: User) -> bool:
    """Whether the account was closed: nobody can have an address of that domain."""
    return user.email.endswith(f"@{CLOSED_DOMAIN}")


def _require_right(by: Any) -> None:
    if not can_manage_users(by):
        raise PermissionDenied(_("Only administrators change roles."))


def lock_with_admins(user: User) -> User:
    """The person's row, locked together with those of all administrators, always in the same order."""
    rows = User.objects.select_for_update().filter(Q(is_admin=True) | Q(pk=user.pk)).order_by("pk")
    return {row.pk: row for row in rows}[user.pk]


def keep_one_admin(user: User) -> None:
    """Raise Conflict `last_admin` when nobody else who can sign in is an administrator."""
    others = User.objects.active().filter(is_admin=True).exclude(pk=user.pk)
    if user.is_admin and not others.exists():
        raise Conflict(
            _("This is the last administrator. Make somebody else an administrator first."), code="last_admin"
        )


def _log(action: str, user: User, by: Any, before: Mapping[str, bool], after: Mapping[str, bool]) -> None:
    record_event(action, actor=by, row=user, before=before, after=after)

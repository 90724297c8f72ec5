"""API keys: issued, shown once, revoked. Only their SHA-256 is stored.

Two kinds: the document's one key of a person (`users.api_key`), which has all scopes of its owner, and keys of
our own with a name, scopes and an end (`ApiKey`). Both are found by one query.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record_event
from accounts.models import ApiKey, User
from projectgenius.api.scopes import STUDENT_SCOPES, TEACHING_SCOPES, KeyRights, Scope
from projectgenius.errors import Conflict
from projectgenius.moments import moment_problems

PREFIX = "pg_"
SHOWN = 8  # characters of a key by which its owner knows it again
MOST_KEYS = 50  # of one person that work
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def hash_api_key(key: str) -> str:
    """SHA-256 in hex: keys are random, so a plain digest is enough and can be looked up by equality."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key() -> str:
    """A random key, such as `pg_…`; 256 bits."""
    return PREFIX + secrets.token_urlsafe(32)


@transaction.atomic
def issue_api_key(*, user: User, by: Any) -> str:
    """Make a new key for `user` and return it; it cannot be shown again. A key there was stops working.

    This is the document's one key. `by` is who asked for it: the person, or an administrator.
    """
    key = new_key()
    locked = User.objects.select_for_update().get(pk=user.pk)
    action = "api_key.rotate" if locked.api_key else "api_key.issue"
    User.objects.filter(pk=user.pk).update(api_key=hash_api_key(key))
    record_event(action, actor=by, row=user)
    return key


@transaction.atomic
def revoke_api_key(*, user: User, by: Any) -> bool:
    """End the document's key of `user` at once; False when there was none."""
    revoked = bool(User.objects.filter(pk=user.pk, api_key__isnull=False).update(api_key=None))
    if revoked:
        record_event("api_key.revoke", actor=by, row=user)
    return revoked


def scopes_for(user: Any) -> list[Scope]:
    """The scopes that the role of `user` may give to a key."""
    teaches = user.is_instructor or user.is_helper or user.is_admin
    given = [*STUDENT_SCOPES, *(TEACHING_SCOPES if teaches else ())]
    return [*given, Scope.ADMIN_READ] if user.is_admin else given


@transaction.atomic
def issue_named_key(
    *,
    user: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key of `user` with a name, scopes and an end (none: it never ends); the key cannot be shown again.

    The caller has asked for the password lately. Raises ValidationError for a scope that the person's role cannot
    give (`unknown_scope`), for none at all (`no_scope`) and for an end in the past (`past`) or too far (`far_date`),
    and Conflict `too_many_keys` at 50 keys that work.
    """
    now = now or timezone.now()
    chosen = _checked_scopes(scopes, scopes_for(user))
    if expires_at is not None and expires_at <= now:
        raise ValidationError(
            {"expires_at": ValidationError(_("The end must be in the future."), code="past")}
        )
    if problems := moment_problems(expires_at=expires_at):
        raise ValidationError(problems)
    User.objects.select_for_update().get(pk=user.pk)
    if ApiKey.objects.valid(now).filter(user=user).count() >= MOST_KEYS:
        raise Conflict(_("You have 50 keys. Revoke one that you no longer need."), code="too_many_keys")
    key = new_key()
    row = ApiKey(user=user, name=name, scopes=chosen, expires_at=expires_at)
    row.prefix, row.key_hash = key[:SHOWN], hash_api_key(key)
    row.full_clean(exclude=["user", "prefix", "key_hash"])
    row.save()
    record_event(
        "api_key.issue", actor=user, row=row, after={"scopes": chosen, "expires_at": _iso(expires_at)}
    )
    return row, key


@transaction.atomic
def change_named_key(
    *, key: ApiKey, by: Any, name: str | None = None, scopes: Iterable[str] | None = None
) -> ApiKey:
    """Give an own key another name, or fewer scopes.

    Raises PermissionDenied for somebody else's key, ValidationError `more_scopes` for a scope that the key does not
    have, and Conflict `revoked` for a revoked one.
    """
    locked = ApiKey.objects.select_for_update().get(pk=key.pk)
    if locked.user_id != by.pk:
        raise PermissionDenied(_("Only its owner changes a key."))
    if locked.revoked_at is not None:
        raise Conflict(_("This key was revoked."), code="revoked")
    before = {"name": locked.name, "scopes": locked.scopes}
    if name is not None:
        locked.name = name
    if scopes is not None:
        locked.scopes = _checked_scopes(scopes, locked.scopes, code="more_scopes")
    locked.full_clean(exclude=["user", "prefix", "key_hash"])
    after = {"name": locked.name, "scopes": locked.scopes}
    if before != after:
        locked.save(update_fields=["name", "scopes"])
        record_event("api_key.change", actor=by, row=locked, before=before, after=after)
    return locked


@transaction.atomic
def revoke_named_key(*, key: ApiKey, by: Any) -> bool:
    """End a key at once, one's own or as an administrator anybody's; False when it was revoked already."""
    if not (by.pk == key.user_id or by.is_admin):
        raise PermissionDenied(_("Only its owner and administrators revoke a key."))
    revoked = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    if revoked:
        record_event("api_key.revoke", actor=by, row=key)
    return bool(revoked)


@transaction.atomic
def revoke_all_keys(*, user: User, by: Any) -> int:
    """End every key of a person, of both kinds; returns how many."""
    named = ApiKey.objects.filter(user=user, revoked_at=None)
    return revoke_api_key(user=user, by=by) + sum(revoke_named_key(key=key, by=by) for key in named)


def user_for_api_key(key: str, now: datetime | None = None) -> User | None:
    """The active person whose key this is, of either kind; None for an unknown, revoked or expired one alike.

    One query, by two unique indexes; what the key may do comes along for `rights_of_key`.
    """
    now, digest = now or timezone.now(), hash_api_key(key)
    valid = ApiKey.objects.valid(now).filter(key_hash=digest)
    owners = (
        User.objects.filter(api_key=digest)
        .order_by()
        .values("pk")
        .union(valid.order_by().values("user"), all=True)
    )
    named = FilteredRelation("api_keys", condition=Q(api_keys__key_hash=digest))
    people = User.objects.active().with_roles().alias(named_key=named).filter(pk__in=owners)
    return people.annotate(
        _key_id=F("named_key__pk"),
        _key_scopes=F("named_key__scopes"),
        _key_used_at=F("named_key__last_used_at"),
    ).first()


def rights_of_key(user: Any) -> KeyRights:
    """What the key may do by which `user_for_api_key` found its owner."""
    scopes = None if user._key_id is None else frozenset(user._key_scopes)
    return KeyRights(scopes=scopes, of_admin=user.is_admin)


def note_key_use(user: Any, now: datetime | None = None) -> None:
    """Move the time of last use of the named key by which `user` was found; at most once a minute."""
    now = now or timezone.now()
    if user._key_id is None or (user._key_used_at and now - user._key_used_at < USE_IS_NOTED_EVERY):
        return
    ApiKey.objects.filter(pk=user._key_id).update(last_used_at=now)


def _checked_scopes(scopes: Iterable[str], allowed: Iterable[str], code: str = "unknown_scope") -> list[str]:
    """The scopes as plain words, each once and in their order; all of them must be among `allowed`."""
    chosen, known = set(scopes), {str(scope) for scope in allowed}
    if not chosen:
        raise ValidationError({"scopes": ValidationError(_("Choose at least one scope."), code="no_scope")})
    if wrong := sorted(map(str, chosen - known)):
        message = (
            _("A key can only lose scopes: %(names)s.")
            if code == "more_scopes"
            else _("You cannot give: %(names)s.")
        )
        raise ValidationError({"scopes": ValidationError(message % {"names": ", ".join(wrong)}, code=code)})
    return [str(scope) for scope in Scope if scope in chosen]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

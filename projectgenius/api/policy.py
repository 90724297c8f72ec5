"""Who may call a view. Policies translate the apps' `can_*` functions into answers; rules stand there, not here."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from projectgenius.api.scopes import KeyRights


class DeniedUnlessDeclared(BasePermission):
    """The default of every view: nobody. A view without a policy of its own answers 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class Policy(BasePermission):
    """What every policy begins with: who must sign in, and what no key may do.

    `public_actions` are open to everybody; all others need a session or a key. A key needs the scope that the
    view names for the action, and none serves where `session_only` is set. An administrator's key only reads.
    A policy adds `may_act` (before any row is looked up) and `may_act_on` (a row that the caller sees).
    """

    public_actions: ClassVar[frozenset[str]] = frozenset()
    session_only: ClassVar[bool] = False

    def has_permission(self, request: Request, view: Any) -> bool:
        if not is_offered(request, view):
            return True  # nobody may do it: the view answers 405
        if not request.user.is_authenticated:
            return view.action in self.public_actions
        if isinstance(request.auth, KeyRights):
            self._narrow_to_key(request, request.auth, scopes_needed(view))
        return self.may_act(request.user, view.action)

    def _narrow_to_key(self, request: Request, rights: KeyRights, needed: frozenset[str]) -> None:
        """Refuse what the key may not do, and let its owner act with no more rights than the key gives."""
        writes = request.method not in SAFE_METHODS
        if self.session_only:
            raise PermissionDenied(_("No API key may do this. Sign in."), code="session_required")
        if rights.of_admin and writes:
            raise PermissionDenied(
                _("An administrator’s API key can only read. Sign in to change something."),
                code="read_only_key",
            )
        if rights.scopes is None:
            return
        if not needed & rights.scopes:
            raise missing_scope(needed)
        if not rights.opens_teaching(writes=writes, needed=needed):
            request.user.act_as_student()  # type: ignore[union-attr]

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return self.may_act_on(request.user, view.action, obj)

    def may_act(self, user: Any, action: str) -> bool:
        """Whether `user` may do this at all; reading always, for rows are narrowed to the visible ones."""
        return True

    def may_act_on(self, user: Any, action: str, row: Any) -> bool:
        """Whether `user` may do this to a visible row."""
        return True


def is_offered(request: Request, view: Any) -> bool:
    """Whether the view answers this method at all."""
    return view.action is not None and str(request.method).lower() in view.http_method_names


def scopes_needed(view: Any) -> frozenset[str]:
    """The scopes of which a key needs one for the present action; none when the view names none: then no key serves.

    A view says so in `scopes`: by the name of the action, or by `read` and `write` for all others.
    """
    declared = view.scopes.get(view.action)
    if declared is None:
        declared = view.scopes.get("read" if view.request.method in SAFE_METHODS else "write", ())
    return frozenset([declared] if isinstance(declared, str) else declared)


def missing_scope(needed: Iterable[str]) -> PermissionDenied:
    """The refusal of a key that was not given what a call needs."""
    names = ", ".join(sorted(needed)) or "–"
    return PermissionDenied(
        _("This API key lacks the scope for this: %(names)s.") % {"names": names}, code="missing_scope"
    )


def require_scope(request: Request, scope: str) -> None:
    """Refuse a key without `scope`, where it depends on the row which one is needed. Sessions have all."""
    if isinstance(request.auth, KeyRights) and not request.auth.holds(scope):
        raise missing_scope([scope])


def came_by_key(request: Request) -> bool:
    """Whether the caller is known by an API key rather than a session."""
    return isinstance(request.auth, KeyRights)

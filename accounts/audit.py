"""The log of what was done by whom, and the identity of the request in the database."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.http import HttpRequest

from accounts.models import AuditEvent, AuditOrigin
from projectgenius.request_facts import current_request, refused_row
from projectgenius.row_security import asking_role

_asking: ContextVar[tuple[str, str] | None] = ContextVar("asking", default=None)


def set_identity(user: Any, *, role: str | None = None) -> None:
    """Tell PostgreSQL, until the present transaction ends, who is asking.

    `app.user_id` is the person's id or empty; `app.role` is `user`, `admin`, or `system` for background work.
    Row-level policies compare with both. Does nothing on SQLite.
    """
    if connection.vendor != "postgresql":
        return
    known = user is not None and user.is_authenticated
    chosen = role or ("admin" if known and user.is_admin else "user")
    _asking.set((str(user.pk) if known else "", chosen))
    _tell_who_asks()


def _tell_who_asks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.user_id', %s, true), set_config('app.role', %s, true)", _asking.get()
        )


def forget_identity() -> None:
    """The request is over: what this thread does next is nobody's."""
    _asking.set(None)


def after_commit(function: Callable[[], object], *, robust: bool = False) -> None:
    """Call `function` once the transaction is committed, still as whoever asked; `robust` as Django means it.

    A plain `transaction.on_commit` runs when PostgreSQL has forgotten that: rows with a policy would not be there.
    """
    if _asking.get() is None:
        transaction.on_commit(function, robust=robust)
        return

    def still_asking() -> None:
        with transaction.atomic():
            _tell_who_asks()
            function()

    transaction.on_commit(still_asking, robust=robust)


@contextmanager
def as_system() -> Iterator[None]:
    """Run background work under the role `system`; the connection forgets it afterwards, for it may be shared."""
    if connection.vendor != "postgresql":
        yield
        return
    before = asking_role()
    _set_session_role("system")
    try:
        yield
    finally:
        _set_session_role(before)


def _set_session_role(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.user_id', '', false), set_config('app.role', %s, false)", [role]
        )


def record_event(
    action: str,
    *,
    actor: Any = None,
    row: models.Model | None = None,
    table: str = "",
    row_id: object = "",
    course_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: Any = None,
) -> AuditEvent:
    """Write one act into the audit log, in the transaction of the change itself.

    `action` is `<noun>.<verb>` (`enrollment.create`, `sign_in.fail`). `row` names the table and the row, or
    `table` and `row_id` do. `before` and `after` hold only what changed, never a secret. Without an `actor`
    the act is the system's own.
    """
    facts = current_request()
    event = AuditEvent(
        action=action,
        actor_id=getattr(actor, "pk", None),
        on_behalf_of_id=getattr(on_behalf_of, "pk", None),
        table=row._meta.db_table if row is not None else table,
        row_id=str(row.pk if row is not None else row_id),
        course_id=course_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        reason=reason,
        request_id=facts.request_id if facts else "",
    )
    with transaction.atomic():
        event.save()
        if facts and facts.address:
            AuditOrigin.objects.create(event=event, address=facts.address, user_agent=facts.user_agent)
    return event


def record_personal_read(*, by: Any, person_id: object, course_id: int | None = None) -> None:
    """Write down that an administrator looked at somebody else's data; nothing for oneself and for other roles.

    Every door that shows a person in detail calls this: API, roster, admin.
    """
    if by.is_authenticated and by.is_admin and str(person_id) != str(by.pk):
        record_event("personal_data.read", actor=by, table="users", row_id=person_id, course_id=course_id)


def record_refusal(request: HttpRequest, status: int) -> None:
    """Write down that a person was refused a row (403 and 404 alike), after the request was rolled back.

    The table and the row are those that the address names, or the parent that a new row was to hang on. Addresses
    that name neither, and visitors without an account, are left out: there is nobody and nothing to name. Asks the
    database nothing; what of the address is no row's number stands in `after`.
    """
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated:
        return
    table, row_id, rest = _refused_row(request, match)
    if not (table or match.kwargs):
        return
    record_event(
        "access.refuse",
        actor=user,
        table=table,
        row_id=row_id,
        after={"status": status, "method": request.method, "view": match.view_name, **rest},
    )


def _refused_row(request: HttpRequest, match: Any) -> tuple[str, str, dict[str, Any]]:
    """Table, number of the row, and what else the address says."""
    if named := refused_row(request):
        return named[0], _short(named[1]), {}
    model = _model_of(match)
    kwargs = {name: _short(value) for name, value in match.kwargs.items()}
    row_id = kwargs.pop("pk", "") or kwargs.pop("object_id", "") if model else ""
    return model._meta.db_table if model else "", row_id, {"address": kwargs} if kwargs else {}


def _model_of(match: Any) -> type[models.Model] | None:
    """The model that an address is about: of the API its endpoint's, of pages the one in their name.

    Names are `<app>:<model>_<action>`, in the admin site `admin:<app>_<model>_<action>`.
    """
    queryset = getattr(getattr(match.func, "cls", None), "queryset", None)
    if queryset is not None:
        return queryset.model  # type: ignore[no-any-return]
    app, name = match.namespace, match.url_name or ""
    if app == "admin":
        app, _, name = name.partition("_")
        name = name.partition("_")[0]
    else:
        name = name.rpartition("_")[0].replace("_", "")
    try:
        return apps.get_model(app, name)
    except (LookupError, ValueError):
        return None


def _short(value: object) -> str:
    return str(value).replace("\0", "")[:64]

"""Where a person is signed in, and ending that. A session ends at its next request, for its row is gone."""

import time
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.audit import record_event
from accounts.models import User

SEEN = "seen_at"  # when the session's last use was written down, in seconds


def sessions_of(user: Any) -> QuerySet[UserSession]:
    """The person's open sessions, the one used last first."""
    if not user.is_authenticated:
        return UserSession.objects.none()
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    rows: QuerySet[UserSession] = UserSession.objects.filter(user_id=user.pk, session_key__in=alive)
    return rows.order_by("-last_seen_at", "-pk")


@transaction.atomic
def end_session(*, session: UserSession, by: Any) -> None:
    """Sign out where this session runs."""
    record_event("session.end", actor=by, table="users", row_id=session.user_id)
    session.end()


@transaction.atomic
def end_sessions(*, user: User, by: Any, keep: str | None = None) -> int:
    """Sign `user` out everywhere but in the session with the key `keep`; how many sessions ended."""
    ended = UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep or "")
    count = sum(session.end() is None for session in ended)
    if count:
        record_event("session.end", actor=by, row=user, after={"sessions": count})
    return count


def note_seen(request: HttpRequest) -> None:
    """Write down that a session is used, where from and with what; every few minutes, not for every page."""
    if not (request.user.is_authenticated and request.session.session_key):
        return
    now = int(time.time())
    if now - request.session.get(SEEN, 0) >= settings.SESSION_SEEN_EVERY:
        request.session[SEEN] = now
        UserSession.objects.create_from_request(request)

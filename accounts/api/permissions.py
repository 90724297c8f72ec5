"""Who may call the endpoints for people."""

from typing import Any

from accounts.models import ApiKey
from projectgenius.api.policy import Policy


class SignedIn(Policy):
    """Everybody with a session or a key, on the rows that one may see; on `me` that is the own one."""


class BySession(Policy):
    """Everybody with a session, on the own rows; no key does this."""

    session_only = True


class KeyPolicy(Policy):
    """One's own keys, with a session; administrators see and revoke everybody's. Nobody changes somebody else's."""

    session_only = True

    def may_act_on(self, user: Any, action: str, row: ApiKey) -> bool:
        return action in {"retrieve", "destroy"} or row.user_id == user.pk

"""How often a person may run programs, and which languages the site can run now."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assessments.models import CodeRun, JudgeState, RunKind
from projectgenius.errors import Conflict
from projectgenius.limits.counting import count_request

MOST_WAITING = 3
STATE_HOLDS = timedelta(minutes=20)  # longer than a worker that judges one program may be silent


def count_run(by: User, language: str, now: datetime | None = None) -> None:
    """Count one more run of this person, inside the transaction that makes it.

    Raises Conflict `judge_off`, `language_off`, `runs_waiting`, `too_many_runs`.
    """
    refuse_language_off(language, now)
    # Locked, so that of many at once no more than the limit see a place.
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk).order_by().values_list("pk"))
    waiting = CodeRun.objects.waiting().filter(user=by).exclude(kind=RunKind.ALL_TESTS)
    if waiting.count() >= MOST_WAITING:
        message = _("%(most)s of your runs wait already. Run again when one is done.")
        raise Conflict(message % {"most": MOST_WAITING}, code="runs_waiting")
    most = settings.CODE_RUNS_PER_MINUTE
    if count_request("code-run", by.pk, seconds=60, now=time.time()) > most:
        message = _("You have run programs %(most)s times in this minute. Run again in a minute.")
        raise Conflict(message % {"most": most}, code="too_many_runs")


def refuse_language_off(language: str, now: datetime | None = None) -> None:
    """Say at once what no worker could do. Nothing is refused where no worker has said yet what it can."""
    if sentence := off_sentence(language, now):
        raise Conflict(sentence[1], code=sentence[0])


def off_sentence(language: str, now: datetime | None = None) -> tuple[str, str] | None:
    """Code and sentence for a language that cannot run now; None when it can, or nobody knows."""
    states = list(fresh_states(now))
    if not states or any(language in state.languages for state in states):
        return None
    if any(state.languages for state in states):
        return "language_off", _("Programs in this language cannot run on this server now. Nothing was run.")
    return "judge_off", switched_off(next((state.reason for state in states if state.reason), ""))


def fresh_states(now: datetime | None = None) -> QuerySet[JudgeState]:
    """What the machines of the workers said of themselves lately."""
    return JudgeState.objects.filter(checked_at__gt=(now or timezone.now()) - STATE_HOLDS)


def is_offered(language: str) -> bool:
    """Whether any machine has said that it runs this language."""
    return any(language in state.languages for state in fresh_states())


def switched_off(reason: str) -> str:
    """The sentence for a site without a sandbox."""
    message = _(
        "Code execution is switched off on this server: no sandbox passed its self-test (%(reason)s). "
        "Nothing was run."
    )
    return message % {"reason": reason or "–"}

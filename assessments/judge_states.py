"""What the judge can do now, written down by the workers for the pages, and what waited for it to come back."""

import logging
import socket
import time
from datetime import datetime

from django.utils import timezone

from assessments import judge
from assessments.judging import judge_again
from assessments.models import GradingState, JudgeState, QuestionResponse
from assessments.run_limits import fresh_states

logger = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds
AT_ONCE = 200  # responses that are sent to the judge again in one go


def record_judge_state(*, now: datetime | None = None) -> JudgeState:
    """Write down which languages this worker's self-test offers, or why none."""
    found = judge.status()
    state, _is_new = JudgeState.objects.update_or_create(
        host_name=socket.gethostname()[:255],
        defaults={
            "languages": [language.code for language in found.languages],
            "reason": found.reason,
            "checked_at": now or timezone.now(),
        },
    )
    return state


class ProgramsHere:
    """Whether this worker takes programs. Not while its machine has no sandbox and another one has.

    Where none has, they are taken all the same: whoever waits for them is told so. Each minute it looks, and writes
    down what it found.
    """

    def __init__(self) -> None:
        self.takes = True
        self._look_at = 0.0

    def __call__(self) -> bool:
        if time.monotonic() >= self._look_at:
            self._look()
            self._look_at = time.monotonic() + LOOK_EVERY
        return self.takes

    def _look(self) -> None:
        state = record_judge_state()
        others = fresh_states().exclude(pk=state.pk)
        takes = bool(state.languages) or not any(other.languages for other in others)
        if self.takes and not takes:
            logger.warning("No sandbox here (%s): programs are left to other machines.", state.reason)
        elif takes and not self.takes:
            logger.warning("Programs are taken again.")
        self.takes = takes


def judge_what_waited() -> int:
    """Ask again about responses that came while no sandbox passed its self-test, unless a person was faster."""
    waiting = QuestionResponse.objects.filter(grading=GradingState.PERSON, judged__note="judge_off")
    rows = list(waiting.order_by("pk")[:AT_ONCE])
    return sum(len(judge_again(response=row)) for row in rows)

"""What the judge can do now, written down by the workers for the pages, and what waited for it to come back."""

import socket
from datetime import datetime

from django.utils import timezone

from assessments import judge
from assessments.judging import judge_again
from assessments.models import GradingState, JudgeState, QuestionResponse

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


def judge_what_waited() -> int:
    """Ask again about responses that came while no sandbox passed its self-test, unless a person was faster."""
    waiting = QuestionResponse.objects.filter(grading=GradingState.PERSON, judged__note="judge_off")
    rows = list(waiting.order_by("pk")[:AT_ONCE])
    return sum(len(judge_again(response=row)) for row in rows)

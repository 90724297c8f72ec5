"""What `manage.py check --deploy` says of the judge."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Info, register

from assessments import judge


@register("judge", deploy=True)
def check_judge(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Test the sandbox of this machine.

    Only with `--deploy`, so no server that checks itself at its start runs a program. And no more than information: the
    machine that serves pages needs no sandbox as long as a worker on another one has it.
    """
    with judge.allowed_here():
        found = judge.fresh_status()
    if not found.is_on:
        return [
            Info(
                str(judge.SandboxUnavailable(found.reason)),
                hint="Coding questions need a worker on a machine where `manage.py judge_self_test` passes.",
                id="assessments.I001",
            )
        ]
    missing = [f"{code}: {reason}" for code, reason in found.refused]
    return [Info(f"The judge does not offer {'; '.join(missing)}.", id="assessments.I002")] if missing else []

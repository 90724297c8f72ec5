"""manage.py judge_self_test"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import judge

RUNGS = {
    "A": "full: memory and processor time are counted by a control group",
    "B": "without a memory control group: memory is watched every 20 ms, some verdicts are coarser",
    "C": "without /proc: programs that need it fail",
}


class Command(BaseCommand):
    """Ends with status 1 where nothing can be run; so it serves as a worker's health check too."""

    help = "Test the sandbox for students' programs on this machine, by running some, and say what it offers."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with judge.allowed_here():
            found = judge.fresh_status()
        if not found.is_on:
            raise CommandError(str(judge.SandboxUnavailable(found.reason)))
        self.stdout.write(f"Sandbox: rung {found.rung}, {RUNGS[found.rung]}.")
        if found.note:
            self.stdout.write(f"No better because: {found.note}.")
        for language in found.languages:
            self.stdout.write(f"{language.code}: {language.version}")
        for code, reason in found.refused:
            self.stdout.write(self.style.WARNING(f"{code}: not offered, {reason}"))

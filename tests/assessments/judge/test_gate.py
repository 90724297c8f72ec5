"""Which processes may run programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from assessments import judge
from assessments.judge import Case, Limits, NotAllowedHere, Program, SandboxUnavailable
from projectgenius.background.worker import LeasedWorker

HELLO = Program("python", "print('hello')")
ASK_AS_A_WEB_PROCESS = """
import projectgenius.wsgi
from assessments import judge

for ask in (
    lambda: judge.judge(judge.Program("python", "open('{mark}', 'w')"), [judge.Case("")], judge.Limits(1, 128)),
    lambda: judge.run(judge.Program("python", "open('{mark}', 'w')"), [""], judge.Limits(1, 128)),
    judge.status,
    judge.available_languages,
):
    try:
        ask()
    except judge.NotAllowedHere as error:
        print("refused")
"""


@pytest.mark.slow
def test_web_process_cannot_run_programs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    asked = subprocess.run(
        [sys.executable, "-c", ASK_AS_A_WEB_PROCESS.format(mark=mark)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.split() == ["refused"] * 4
    assert not mark.exists()


def test_process_that_nobody_opened_cannot_run_programs() -> None:
    for ask in (
        lambda: judge.judge(HELLO, [Case("")], Limits(1, 128)),
        lambda: judge.run(HELLO, [""], Limits(1, 128)),
        judge.status,
        judge.available_languages,
    ):
        with pytest.raises(NotAllowedHere, match="Nothing was run"):
            ask()


def test_refusal_says_that_the_judge_is_off() -> None:
    assert issubclass(NotAllowedHere, SandboxUnavailable)
    assert str(SandboxUnavailable("no bwrap")) == (
        "Code execution is switched off on this server: no sandbox passed its self-test (no bwrap). "
        "Nothing was run."
    )


def test_worker_may_run_programs(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[bool] = []
    monkeypatch.setattr(LeasedWorker, "configure_signals", lambda self: None)
    monkeypatch.setattr(LeasedWorker, "run", lambda self: opened.append(judge.is_allowed_here()))
    try:
        call_command("worker", "--batch")
    finally:
        judge.forbid_here()
    assert opened == [True]

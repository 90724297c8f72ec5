"""The one command: what it refuses, with which environment it serves, and that it ends what it started."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

SCRIPT = Path(settings.BASE_DIR) / "run"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, with a folder of its own for what it keeps."""
    loader = SourceFileLoader("run_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("run_script", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "VAR", tmp_path / "var")
    for name in ("PORT", "DEMO", "DEBUG", "SECRET_KEY", "SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def taken_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        yield port


def test_unknown_word_is_refused_with_the_list_of_words(run: ModuleType, capsys: Any) -> None:
    assert run.main(["fly"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("'fly' is not a word of ./run.")
    for word in ("./run install", "./run dev", "./run test", "./run check"):
        assert word in said


def test_older_python_is_refused_in_a_sentence(run: ModuleType, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr(run.sys, "version_info", (3, 9, 2))
    assert run.main([]) == 1
    assert capsys.readouterr().err == "Python 3.11 or newer is needed; this is 3.9.\n"


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "80 80"])
def test_port_must_be_one(run: ModuleType, monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit, match="PORT must be a number from 1 to 65535"):
        run.address()


@pytest.mark.parametrize("word", ["serve", "develop"])
def test_port_in_use_is_told_before_anything_is_done(
    run: ModuleType, taken_port: int, capsys: Any, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        pytest.fail("nothing may be set up")

    for name in ("install", "set_up_demo", "manage", "keep_running"):
        monkeypatch.setattr(run, name, never)
    assert getattr(run, word)() == 1
    assert f"Port {taken_port} is in use. Choose another one: PORT=8001" in capsys.readouterr().err


def test_secret_of_the_demo_is_made_once_and_kept_from_others(run: ModuleType) -> None:
    first = run.demo_environment()
    path = run.VAR / "secret_key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first["SECRET_KEY"]) >= 40
    assert run.demo_environment()["SECRET_KEY"] == first["SECRET_KEY"]
    assert (first["DEMO"], first["DEBUG"], first["SITE_URL"]) == ("True", "False", "http://127.0.0.1:8000")


def test_what_the_caller_set_stays(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "http://10.0.0.7:9000")
    monkeypatch.setenv("DEBUG", "False")
    assert run.demo_environment()["SITE_URL"] == "http://10.0.0.7:9000"
    assert run.demo_environment(DEBUG="True")["DEBUG"] == "True", "but for what the word itself means"


def test_packages_are_installed_only_when_the_list_changed(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "install_with_uv", lambda lock: done.append(lock) or True)
    (tmp_path / ".venv").mkdir()
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1")
    for _time in range(2):
        run.install("requirements.lock")
    lock.write_text("a==2")
    run.install("requirements.lock")
    assert done == ["requirements.lock"] * 2


def test_packages_that_cannot_be_installed_are_told(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    for way in ("install_with_uv", "install_with_pip"):
        monkeypatch.setattr(run, way, lambda _lock: False)
    with pytest.raises(SystemExit, match="The packages could not be installed"):
        run.install("requirements.lock")
    assert not list(tmp_path.iterdir()), "it tries again the next time"


def test_failing_command_ends_the_setup_with_its_status(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "PYTHON", sys.executable)
    monkeypatch.setattr(run.subprocess, "call", lambda *_args, **_more: 3)
    with pytest.raises(SystemExit) as end:
        run.manage("migrate", environment={})
    assert end.value.code == 3


# --- The processes that it keeps: in a process of its own, which gets the signals ---

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)",
]
# Says which processes it keeps instead of waiting for a site.
KEEPER = """
import sys
from importlib.machinery import SourceFileLoader
run = SourceFileLoader("run_script", sys.argv[1]).load_module()
run.announce = lambda started: print(*(process.pid for process in started), flush=True)
sys.exit(run.keep_running(eval(sys.argv[2]), None))
"""


def keep(*commands: list[str]) -> tuple["subprocess.Popen[str]", list[int]]:
    """A script that keeps the commands running, and their process ids."""
    words = [sys.executable, "-c", KEEPER, str(SCRIPT), repr(list(commands))]
    script = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert script.stdout
    return script, [int(pid) for pid in script.stdout.readline().split()]


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
def test_when_one_process_ends_the_others_end_too() -> None:
    script, kept = keep(SLEEPER, [sys.executable, "-c", ""])
    _said, complaint = script.communicate(timeout=60)
    assert script.returncode == 1
    assert "A process of the site ended by itself; stopping the rest." in complaint
    assert len(kept) == 2
    assert all(map(is_gone, kept))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_all_processes(number: signal.Signals) -> None:
    script, kept = keep(SLEEPER, SLEEPER)
    script.send_signal(number)
    said, complaint = script.communicate(timeout=60)
    assert (script.returncode, said, complaint) == (0, "\nStopping …\n", "")
    assert len(kept) == 2
    assert all(map(is_gone, kept))


@pytest.mark.slow
def test_process_that_does_not_end_is_ended_by_force(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen(STUBBORN, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    process.stdout.readline()
    wait = process.wait
    monkeypatch.setattr(process, "wait", lambda timeout=None: wait(timeout=0.5 if timeout else None))
    run.stop([process])
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL

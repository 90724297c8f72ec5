"""Real worker processes for tests: started with a database and a lease, watched by their output."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LEASE = 2.0  # seconds
BUSY_MACHINE = 20.0  # seconds that everything may take longer where much else runs
PROCESS = "process of a test"  # by this name PostgreSQL knows their sessions


def environment(database_url: str, **more: str) -> dict[str, str]:
    """The environment of a process on that database, without this process's own site settings."""
    ours = ("DATABASE_OWNER_URL", "DEMO", "DEBUG", "EMAIL_URL", "CACHE_URL", "SITE_URL", "ALLOWED_HOSTS")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.background.worker_settings", "DATABASE_URL": database_url}
    return {**kept, **settings, "PYTHONUNBUFFERED": "1", "PGAPPNAME": PROCESS, **more}


def run_python(code: str, database_url: str) -> str:
    """Run code in a Django process of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        check=False, cwd=ROOT, env=environment(database_url), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Look until the condition holds and return its value."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, f"nothing happened within {seconds} s"
        time.sleep(0.02)
    return value


def lines(path: Path) -> list[str]:
    """The lines that tasks have noted so far."""
    return path.read_text().splitlines() if path.exists() else []


@dataclass(frozen=True)
class Beginning:
    """That a slow task began: when, and in which process."""

    at: float
    pid: int


def begun(path: Path) -> list[Beginning]:
    """The beginnings of slow tasks so far."""
    words = [line.split() for line in lines(path)]
    return [Beginning(float(at), int(pid)) for word, at, pid in (w for w in words if w[0] == "begin")]


class WorkerProcess:
    """One `manage.py worker`; `output` is what it printed and logged."""

    def __init__(self, database_url: str, log: Path, lease: float = LEASE, **more: str) -> None:
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--lease", str(lease), "--interval", "0.1"],
                cwd=ROOT, env=environment(database_url, **more), stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self.log.read_text()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def worker_id(self) -> str:
        return self.output.split("Worker ")[1].split(" ")[0]

    def ready(self) -> "WorkerProcess":
        """Wait until it says that it is ready."""
        self.wait_until_it_says("is ready")
        return self

    def wait_until_it_says(self, text: str) -> None:
        wait_for(lambda: text in self.output or self.process.poll() is not None)
        assert text in self.output, self.output

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        """Make sure that it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def in_order(workers: list[WorkerProcess], first: list[Beginning]) -> list[WorkerProcess]:
    """The two workers, the one that began the task first."""
    return sorted(workers, key=lambda worker: worker.pid != first[0].pid)

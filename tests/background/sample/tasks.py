"""Tasks that leave a line in a file for each time they ran: what was done is counted outside the database."""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django_tasks import TaskContext, task

from projectgenius.background.handling import GiveUp, handled
from projectgenius.background.schedule import periodic

FIRST_PAUSE = timedelta(seconds=0.5)


def note(path: str, line: object) -> None:
    """Append a line; short appends of several processes do not mix."""
    with Path(path).open("a") as file:
        file.write(f"{line}\n")


@task
def quick(path: str, number: int) -> int:
    """Note the number."""
    note(path, number)
    return number


@task
def slow(path: str, seconds: float) -> int:
    """Note the beginning with time and process, and the end; returns the process."""
    note(path, f"begin {time.time()} {os.getpid()}")
    time.sleep(seconds)
    note(path, "end")
    return os.getpid()


@task
@handled(tries=3, pause=FIRST_PAUSE)
def failing(path: str) -> None:
    """Note the time, then fail."""
    note(path, time.time())
    raise ValueError("fails each time")


@task
@handled(forget_arguments=True)
def confidential(secret: str) -> str:
    """Say how long the secret is; fail for an empty one."""
    if not secret:
        raise ValueError("empty")
    return str(len(secret))


@task
def hopeless() -> None:
    """Fail for good."""
    raise GiveUp("no use")


@task
def exiting() -> None:
    """End the process, or try to."""
    sys.exit(3)


@task
def returning(value: str) -> Any:
    """Return a value of that kind."""
    return {"object": object(), "text": "text", "list": [1, "two"]}[value]


@task
def unprintable() -> None:
    """Fail with a text that not every database stores."""
    raise ValueError("nul \x00")


@task(takes_context=True)
def attempts(context: TaskContext) -> int:
    """Return the number of the try."""
    return context.attempt


@task
def every_second() -> None:
    """Note the time in the file that the environment names."""
    note(os.environ["SAMPLE_TICKS"], time.time())


if "SAMPLE_TICKS" in os.environ:
    periodic(every=timedelta(seconds=1), name="sample.every_second")(every_second)

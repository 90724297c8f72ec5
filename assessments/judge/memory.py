"""Processes of a run, seen from outside: what they use, where no control group counts for us."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ANONYMOUS = re.compile(rb"^Pss_(?:Anon|Shmem): +(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of processor time, those of ended children included, and megabytes of memory."""

    cpu_seconds: float
    memory_mb: float


def descendants(pid: int) -> Iterator[int]:
    """A process and all below it. One that was orphaned hangs below the first process of its namespace."""
    waiting, seen = [pid], {pid}
    while waiting:
        one = waiting.pop()
        yield one
        for child in children(one):
            if child not in seen:
                seen.add(child)
                waiting.append(child)


def children(pid: int) -> list[int]:
    """The children of all threads of a process; none of a process that is gone."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_bytes().split())
    except OSError:
        pass
    return found


def use_of(pid: int) -> Use:
    """What a process and all below it use now."""
    seconds, kilobytes = 0.0, 0
    for one in descendants(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_bytes().rpartition(b")")[2].split()
            seconds += sum(map(int, fields[11:15])) / TICKS
            memory = Path(f"/proc/{one}/smaps_rollup").read_bytes()
        except OSError:  # it has just ended
            continue
        kilobytes += sum(map(int, ANONYMOUS.findall(memory)))
    return Use(seconds, kilobytes / 1024)

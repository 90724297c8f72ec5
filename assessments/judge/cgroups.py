"""Control groups: the kernel counts a run's memory and processor time, and keeps to its memory limit.

Groups are made below the worker's own, one for each run, and are gone after it. Both versions are known: the first
with a tree for each controller, the second with one tree.
"""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

MOST_PROCESSES = 64  # those of bwrap included
REMOVED_WITHIN = 2.0  # seconds
NAME = re.compile(r"judge-([0-9]+)-([0-9]+)-[0-9]+")
LEAF = "judge-worker"


class NoGroups(Exception):
    """No group can be made here; the text says why."""


# --- One run's group ------------------------------------------------------------------------------


@dataclass
class Group:
    """The group of one run: `paths` by controller; in the second version all are the same directory."""

    paths: dict[str, Path]
    is_unified: bool
    _open: dict[Path, int] = field(default_factory=dict)

    @property
    def folders(self) -> list[Path]:
        return list(dict.fromkeys(self.paths.values()))

    @property
    def joins(self) -> list[str]:
        """The files that a process writes itself into to become a member.

        In the first version a thread that moves itself waits for no lock, and a process that is one thread is moved
        by that as well; `cgroup.procs` would take ten milliseconds, more on a busy machine.
        """
        name = "cgroup.procs" if self.is_unified else "tasks"
        return [str(folder / name) for folder in self.folders]

    def limit(self, memory_mb: int) -> None:
        """Set the limits; done before the first process comes in."""
        size = str(memory_mb * 2**20)
        if self.is_unified:
            self._write("memory", "memory.max", size)
            self._try_write("memory", "memory.swap.max", "0")
            self._try_write("memory", "memory.oom.group", "1")
        else:
            self._write("memory", "memory.limit_in_bytes", size)
            self._try_write("memory", "memory.memsw.limit_in_bytes", size)
        if "pids" in self.paths:
            self._try_write("pids", "pids.max", str(MOST_PROCESSES))

    def cpu_seconds(self) -> float | None:
        """Processor time of all processes so far, or None where nobody counts it."""
        if self.is_unified:
            found = re.search(rb"usage_usec (\d+)", self._read("cpu", "cpu.stat"))
            return int(found[1]) / 1e6 if found else None
        if "cpuacct" in self.paths:
            return int(self._read("cpuacct", "cpuacct.usage")) / 1e9
        return None

    def is_out_of_memory(self) -> bool:
        """Whether the kernel ended a process because of the limit."""
        name = "memory.events" if self.is_unified else "memory.oom_control"
        found = re.search(rb"^oom_kill (\d+)", self._read("memory", name), re.MULTILINE)
        return bool(found and int(found[1]))

    def peak_mb(self) -> float | None:
        name = "memory.peak" if self.is_unified else "memory.max_usage_in_bytes"
        try:
            return int(self._read("memory", name)) / 2**20
        except OSError:  # memory.peak is younger than the second version
            return None

    def kill(self) -> None:
        """End every member; harmless when there is none."""
        for folder in self.folders:
            if (folder / "cgroup.kill").exists():
                (folder / "cgroup.kill").write_text("1")
            for pid in _members(folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        """End what is left and take the group away. Raises OSError if that does not work."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        until = time.monotonic() + REMOVED_WITHIN
        for folder in self.folders:
            while True:
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise
                    self.kill()
                    time.sleep(0.002)
                else:
                    break

    def _read(self, controller: str, name: str) -> bytes:
        path = self.paths[controller] / name
        if path not in self._open:
            self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return os.pread(self._open[path], 4096, 0)

    def _write(self, controller: str, name: str, text: str) -> None:
        (self.paths[controller] / name).write_text(text)

    def _try_write(self, controller: str, name: str, text: str) -> None:
        with contextlib.suppress(OSError):
            self._write(controller, name, text)


def _members(folder: Path) -> list[int]:
    try:
        return [int(pid) for pid in (folder / "cgroup.procs").read_text().split() if pid != "0"]
    except OSError:
        return []


# --- Where groups can be made ---------------------------------------------------------------------


@dataclass(frozen=True)
class Groups:
    """The folders below which this process makes its groups."""

    parents: tuple[tuple[str, Path], ...]
    is_unified: bool

    @cached_property
    def _numbers(self) -> Iterator[int]:
        return count(1)

    def make(self, memory_mb: int) -> Group:
        """A new, limited group without members. Raises OSError."""
        pid = os.getpid()
        name = f"judge-{pid}-{_started_at(pid)}-{next(self._numbers)}"
        group = Group({controller: parent / name for controller, parent in self.parents}, self.is_unified)
        try:
            for folder in group.folders:
                folder.mkdir()
            group.limit(memory_mb)
        except OSError:
            group.remove()
            raise
        return group

    def sweep(self) -> None:
        """Take away what workers that were killed left behind, processes and groups."""
        for parent in {parent for _, parent in self.parents}:
            for folder in parent.glob("judge-*-*-*"):
                owner = NAME.fullmatch(folder.name)
                if owner and _started_at(int(owner[1])) != int(owner[2]):
                    with contextlib.suppress(OSError):
                        Group({"memory": folder}, self.is_unified).remove()


def _started_at(pid: int) -> int:
    """When a process began, in ticks since the machine did; tells it from a later one of the same number."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return -1


def find_groups(proc: Path = Path("/proc/self")) -> Groups:
    """Where this process can make groups with a memory limit; tried out. Raises NoGroups."""
    try:
        groups = _groups_of(_own_folders(proc))
        group = groups.make(memory_mb=16)
        group.remove()
    except (OSError, ValueError) as error:
        raise NoGroups(f"{type(error).__name__}: {error}") from error
    groups.sweep()
    return groups


def _groups_of(own: dict[str, Path]) -> Groups:
    if "memory" in own:
        names = ("memory", "cpuacct", "pids")
        return Groups(tuple((name, own[name]) for name in names if name in own), is_unified=False)
    if "" not in own:
        raise NoGroups("no control group of this process is mounted")
    parent = _delegated(own[""])
    return Groups(tuple((name, parent) for name in ("memory", "cpu", "pids")), is_unified=True)


def _own_folders(proc: Path) -> dict[str, Path]:
    """The folder of this process's own group by controller, "" for the second version."""
    mounts: dict[str, tuple[str, str]] = {}
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, place = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2":
            mounts.setdefault("", (root, place))
        elif kind == "cgroup":
            for option in options.split(","):
                mounts.setdefault(option, (root, place))
    folders = {}
    for line in (proc / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            if controller in mounts:
                root, place = mounts[controller]
                inside = path.removeprefix(root.rstrip("/")) if path.startswith(root) else path
                folders[controller] = Path(place + "/" + inside.strip("/"))
    return folders


def _delegated(own: Path) -> Path:
    """The folder of the second version below which groups get a memory limit.

    A group with members hands no controller down, so this process moves into a leaf first. Raises NoGroups where
    other processes live in the same group: they are not this worker's to move.
    """
    if own.name == LEAF:
        own = own.parent
    handed_down = (own / "cgroup.subtree_control").read_text().split()
    if "memory" in handed_down:
        return own
    if "memory" not in (own / "cgroup.controllers").read_text().split():
        raise NoGroups("the memory controller is not delegated to this process's control group")
    leaf = own / LEAF
    leaf.mkdir(exist_ok=True)
    (leaf / "cgroup.procs").write_text(str(os.getpid()))
    try:
        for controller in ("+memory", "+pids", "+cpu"):
            with contextlib.suppress(OSError) if controller != "+memory" else contextlib.nullcontext():
                (own / "cgroup.subtree_control").write_text(controller)
    except OSError as error:
        (own / "cgroup.procs").write_text(str(os.getpid()))
        raise NoGroups(
            "other processes live in this process's control group; give the worker its own"
        ) from error
    return own

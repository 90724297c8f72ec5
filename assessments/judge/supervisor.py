"""Watching over one run: it is fed, listened to, measured and ended, and nothing of it is left afterwards.

A run is started and waited for in one thread: the kernel ends it when that thread does.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from assessments.judge.cgroups import Group, Groups
from assessments.judge.gate import SandboxUnavailable, require_allowed
from assessments.judge.memory import use_of
from assessments.judge.sandbox import Job, Launch, launch

LOOK_EVERY = 0.02  # seconds
OVER = 0.15  # seconds of processor time above the limit before a program is ended
STDERR_KEPT = 32 * 1024  # bytes, from its beginning and from its end
CHUNK = 64 * 1024
LONGEST_STATUS = 4096
GO = b"go\n"  # what the first process waits for, on the standard input
ENDED_WITHIN = 5.0  # seconds until a killed process is gone


class Stopped(StrEnum):
    """Why we ended a program before its time."""

    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine offers: the path of bwrap, whether it can show a /proc of its own, control groups."""

    bwrap: str
    with_proc: bool = True
    groups: Groups | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went. `exit_code`: None where the sandbox did not say, 128 + n after signal n.

    `cpu_seconds` holds the sandbox's own setting up, about a hundredth. `stderr` lacks its middle if it is long.
    """

    exit_code: int | None
    stopped: Stopped | None
    cpu_seconds: float
    wall_seconds: float
    peak_mb: float | None
    stdout: bytes
    stderr: bytes


def execute(job: Job, machine: Machine) -> Outcome:
    """Run a job to its end, within its limits. Raises NotAllowedHere, SandboxUnavailable, OSError."""
    require_allowed()
    _adopt_orphans()
    group = machine.groups.make(job.memory_mb) if machine.groups else None
    try:
        with contextlib.ExitStack() as held:
            pipes = held.enter_context(_Pipes())
            started = held.enter_context(
                launch(
                    job,
                    bwrap=machine.bwrap,
                    with_proc=machine.with_proc,
                    joins=group.joins if group else [],
                    status=pipes.theirs["status"],
                )
            )
            return _Run(job, group, pipes, started).outcome()
    finally:
        if group:
            group.remove()


@cache
def _adopt_orphans() -> None:
    """What outlives bwrap becomes a child of this process, which waits for it, and no zombie of somebody else's."""
    PR_SET_CHILD_SUBREAPER = 36  # noqa: N806
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise SandboxUnavailable("this process cannot wait for orphans")


class _Pipes:
    """The pipes of a run: stdin, stdout, stderr and bwrap's reports; our ends never block."""

    def __init__(self) -> None:
        self.ours: dict[str, int] = {}
        self.theirs: dict[str, int] = {}

    def __enter__(self) -> "_Pipes":
        for name in ("stdin", "stdout", "stderr", "status"):
            reads, writes = os.pipe2(os.O_CLOEXEC)
            self.ours[name], self.theirs[name] = (writes, reads) if name == "stdin" else (reads, writes)
            os.set_blocking(self.ours[name], False)
        return self

    def __exit__(self, *_: object) -> None:
        for ends in (self.ours, self.theirs):
            for name in list(ends):
                self.close(ends, name)

    def hand_over(self, slot: int | None) -> None:
        """Let the sandbox's user open its standard streams anew, through /dev/stdin and its like."""
        if slot is not None:
            for name in ("stdin", "stdout", "stderr"):
                os.fchown(self.theirs[name], slot, slot)

    def close(self, ends: dict[str, int], name: str) -> None:
        os.close(ends.pop(name))


class _Run:
    """One run, from its start to its end."""

    def __init__(self, job: Job, group: Group | None, pipes: _Pipes, started: Launch) -> None:
        self.job, self.group, self.pipes = job, group, pipes
        self.first: int | None = None  # the first process of the run's namespace; all others end with it
        self.stdin = memoryview(GO + job.stdin)
        self.stdout, self.status = bytearray(), bytearray()
        self.stderr_head, self.stderr_tail = bytearray(), bytearray()
        self.stopped: Stopped | None = None
        self.cpu_seconds = 0.0
        self.peak_mb: float | None = None
        pipes.hand_over(started.slot)
        self.began = time.monotonic()
        self.outer = subprocess.Popen(  # noqa: S603
            started.command,
            stdin=pipes.theirs["stdin"],
            stdout=pipes.theirs["stdout"],
            stderr=pipes.theirs["stderr"],
            pass_fds=started.descriptors,
            env=started.environment,
            cwd="/",
            start_new_session=True,
        )
        for name in list(pipes.theirs):
            pipes.close(pipes.theirs, name)

    def outcome(self) -> Outcome:
        try:
            self._watch()
        finally:
            self._end()
        self._drain("stdout")
        self._drain("stderr")
        if self.group:
            self.cpu_seconds = self.group.cpu_seconds() or self.cpu_seconds
            self.peak_mb = self.group.peak_mb()
            if self.group.is_out_of_memory():
                self.stopped = self.stopped or Stopped.MEMORY
        if len(self.stdout) > self.job.output_bytes:
            self.stopped = Stopped.OUTPUT
        return Outcome(
            exit_code=self._reported("exit-code"),
            stopped=self.stopped,
            cpu_seconds=self.cpu_seconds,
            wall_seconds=time.monotonic() - self.began,
            peak_mb=self.peak_mb,
            stdout=bytes(self.stdout[: self.job.output_bytes]),
            stderr=bytes(self.stderr_head + self.stderr_tail),
        )

    # --- While it runs

    def _watch(self) -> None:
        """Feed, listen and measure until the sandbox has ended or a limit is reached."""
        names = {descriptor: name for name, descriptor in self.pipes.ours.items()}
        poller = select.poll()
        for descriptor, name in names.items():
            if name != "stdin":
                poller.register(descriptor, select.POLLIN)
        ended = os.pidfd_open(self.outer.pid)
        poller.register(ended, select.POLLIN)
        look_at = self.began + LOOK_EVERY
        try:
            while self.stopped is None:
                for descriptor, _ in poller.poll(max(0.0, look_at - time.monotonic()) * 1000):
                    if descriptor == ended:
                        return
                    is_unknown = self.first is None
                    if not self._serve(names[descriptor]):
                        poller.unregister(descriptor)
                        self.pipes.close(self.pipes.ours, names[descriptor])
                    if is_unknown and self.first is not None:
                        poller.register(self.pipes.ours["stdin"], select.POLLOUT)
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + LOOK_EVERY
        finally:
            os.close(ended)

    def _serve(self, name: str) -> bool:
        """Do what one pipe is ready for; False when it is done with."""
        return self._feed() if name == "stdin" else self._listen(name)

    def _feed(self) -> bool:
        try:
            self.stdin = self.stdin[os.write(self.pipes.ours["stdin"], self.stdin[:CHUNK]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:  # nobody reads; no fault of the program
            return False
        return bool(self.stdin)

    def _listen(self, name: str) -> bool:
        try:
            chunk = os.read(self.pipes.ours[name], CHUNK)
        except BlockingIOError:
            return True
        if self.first is None and name == "stdout" and chunk:
            self.first = int(chunk)
        elif name == "stdout":
            self.stdout += chunk[: self.job.output_bytes + 1 - len(self.stdout)]
            if len(self.stdout) > self.job.output_bytes:
                self.stopped = self.stopped or Stopped.OUTPUT
        elif name == "stderr":
            room = STDERR_KEPT - len(self.stderr_head)
            self.stderr_head += chunk[:room]
            self.stderr_tail = (
                (self.stderr_tail + chunk[room:])[-STDERR_KEPT:] if len(chunk) > room else self.stderr_tail
            )
        elif len(self.status) < LONGEST_STATUS:
            self.status += chunk
        return bool(chunk)

    def _look(self) -> None:
        """Measure, and stop a program that is over a limit."""
        if self.group and self.group.is_out_of_memory():
            self.stopped = Stopped.MEMORY
            return
        measured = self.group.cpu_seconds() if self.group else None
        if measured is None:
            use = use_of(self.first or self.outer.pid)
            measured = use.cpu_seconds
            if not self.group:
                self.peak_mb = max(self.peak_mb or 0.0, use.memory_mb)
                if use.memory_mb > self.job.memory_mb:
                    self.stopped = Stopped.MEMORY
        self.cpu_seconds = max(self.cpu_seconds, measured)
        if self.stopped is None and (
            self.cpu_seconds > self.job.seconds + OVER
            or time.monotonic() - self.began > self.job.wall_seconds
        ):
            self.stopped = Stopped.TIME

    # --- Its end

    def _end(self) -> None:
        """End what still runs and wait until it is gone; with the first process its whole namespace ends."""
        os.kill(self.outer.pid, signal.SIGKILL)  # a zombie keeps its number until it is waited for
        _, status, used = os.wait4(self.outer.pid, 0)
        self.outer.returncode = os.waitstatus_to_exitcode(status)
        self._count(used.ru_utime + used.ru_stime)
        if self.group:
            self.group.kill()
        if self.first:
            self._bury(self.first)
        self._drain("status")

    def _bury(self, pid: int) -> None:
        """Wait for a process that has become ours with the end of its parent; if it did not, that has waited for it."""
        until = time.monotonic() + ENDED_WITHIN
        pause = 0.0
        while True:
            try:
                gone, _, used = os.wait4(pid, os.WNOHANG)
                if gone:
                    self._count(used.ru_utime + used.ru_stime)
                    return
                os.kill(pid, signal.SIGKILL)
            except (ChildProcessError, ProcessLookupError):
                return
            if time.monotonic() > until:
                raise SandboxUnavailable(f"process {pid} does not end")
            time.sleep(pause)
            pause = min(0.01, pause + 0.0002)

    def _count(self, seconds: float) -> None:
        self.cpu_seconds = max(self.cpu_seconds, seconds)

    def _drain(self, name: str) -> None:
        """Read what lies in a pipe that nobody writes to any more."""
        if name not in self.pipes.ours:
            return
        poller = select.poll()
        poller.register(self.pipes.ours[name], select.POLLIN)
        while poller.poll(0) and len(self.stdout) <= self.job.output_bytes and self._listen(name):
            pass

    def _reported(self, name: str) -> int | None:
        """A number out of bwrap's reports: one JSON object a line, or over several."""
        decoder, text, value = json.JSONDecoder(), self.status.decode("ascii", "replace"), None
        while text := text.lstrip():
            try:
                report, end = decoder.raw_decode(text)
            except ValueError:
                break
            value = report.get(name, value)
            text = text[end:]
        return value

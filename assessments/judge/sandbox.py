"""The command that runs one program in a sandbox of its own, made anew by bubblewrap for every run.

No directory of the host can be written to: sources come in as files in memory, and what a compiler makes comes out
through its standard output.
"""

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from assessments.judge.gate import SandboxUnavailable
from assessments.judge.seccomp import filter_program

TOOLS = ("sh", "setpriv", "unshare", "prlimit", "mount")
SEARCH: Final = "/usr/bin:/bin"
LIBRARIES = (
    f"/usr/lib/{platform.machine()}-linux-gnu",
    "/usr/lib64",
)
LOADER_OF_ARM = "/usr/lib/ld-linux-aarch64.so.1"
FIRST_SLOT, SLOTS = 61000, 64  # user ids that nothing else on the machine has
SLOT_LOCKS = Path("/run/projectgenius-judge")
SCRATCH, SHARED = "/tmp", "/dev/shm"  # noqa: S108  inside
INSIDE = 1000  # user and group id inside

PASSWD = b"student:x:1000:1000::/tmp:/bin/sh\n"
GROUP = b"student:x:1000:\n"
ENTER_GROUPS = (
    'n=$1; shift; while [ $n -gt 0 ]; do echo 0 > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'
)
# The first process of a namespace of its own; when it ends, all others do. It tells its number and goes on when it
# hears from the worker: whoever lives to answer was there when each process up to here was bound to the life of its
# parent. So no program survives a worker that is killed, at whatever moment.
FIRST_PROCESS = (
    'read -r me rest </proc/self/stat && echo "$me" && read -r go || exit 125; '
    "echo 1000 2>/dev/null >/proc/self/oom_score_adj; "
    'mount -t tmpfs -o "size=$1m,nr_inodes=2048,mode=0700,nosuid,nodev" tmpfs /mnt || exit 125; '
    'shift; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Job:
    """One command in one sandbox, with its limits.

    `files`: (path, permissions, content), read-only inside. `binds`: directories of the host to read. Limits are
    seconds of processor time and of the clock, megabytes of memory, bytes of standard output. `space_mb`: a limit on
    the address space of a process, for where no control group counts memory.
    """

    command: tuple[str, ...]
    seconds: float
    wall_seconds: float
    memory_mb: int
    output_bytes: int
    files: tuple[tuple[str, int, bytes], ...] = ()
    binds: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    stdin: bytes = b""
    space_mb: int | None = None
    file_mb: int = 16
    scratch_mb: int = 16


@dataclass(slots=True)
class Launch:
    """A command to start, the descriptors to hand to it, and the user it runs as (None: this one)."""

    command: list[str]
    descriptors: list[int]
    slot: int | None = None
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": SEARCH})


@contextmanager
def launch(job: Job, *, bwrap: str, with_proc: bool, joins: list[str], status: int) -> Iterator[Launch]:
    """What to start for a job; what it holds (files in memory, a user id) is given back afterwards.

    `joins`: files of control groups that the process writes itself into first. `status`: where bwrap reports to.
    """
    with ExitStack() as held:
        slot = held.enter_context(_slot()) if os.geteuid() == 0 else None
        files = [held.enter_context(_in_memory(content)) for _, _, content in job.files]
        passwd, group = held.enter_context(_in_memory(PASSWD)), held.enter_context(_in_memory(GROUP))
        calls = held.enter_context(_in_memory(_filter()))
        words = [
            *_namespaces(),
            *_system(job.binds, passwd, group),
            *(["--proc", "/proc", "--remount-ro", "/proc"] if with_proc else []),
            *("--dev", "/dev", "--size", "1048576", "--tmpfs", SHARED, "--remount-ro", "/dev"),
            *("--bind", "/mnt", SCRATCH, "--dir", "/box"),
        ]
        for (path, permissions, _), descriptor in zip(job.files, files, strict=True):
            words += ["--perms", f"{permissions:04o}", "--ro-bind-data", str(descriptor), path]
        words += ["--remount-ro", "/", "--chdir", SCRATCH]
        inside = {
            "PATH": SEARCH,
            "HOME": SCRATCH,
            "LANG": "C.UTF-8",
            "TMPDIR": SCRATCH,
            **dict(job.environment),
        }
        for name, value in inside.items():
            words += ["--setenv", name, value]
        words += ["--seccomp", str(calls), "--json-status-fd", str(status)]
        arguments = held.enter_context(_in_memory(b"".join(word.encode() + b"\0" for word in words)))
        command = [
            *_enter(joins),
            *_drop_rights(slot),
            *("/usr/bin/unshare", "-r", "-m", "-p", "--fork", "--kill-child=KILL"),
            *("/bin/sh", "-c", FIRST_PROCESS, "sh", str(job.scratch_mb)),
            *(bwrap, "--args", str(arguments), "--"),
            *_limits(job),
            *job.command,
        ]
        yield Launch(command, [*files, passwd, group, calls, arguments, status], slot)


# --- The parts of the command ---------------------------------------------------------------------


def _enter(joins: list[str]) -> list[str]:
    return ["/bin/sh", "-c", ENTER_GROUPS, "sh", str(len(joins)), *joins] if joins else []


def _drop_rights(slot: int | None) -> list[str]:
    """Real root becomes a user without any rights first: bwrap started by root leaves /proc/sys writable inside."""
    words = ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--no-new-privs"]
    if slot is not None:
        words += [
            f"--reuid={slot}",
            f"--regid={slot}",
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
        ]
    return words


def _namespaces() -> list[str]:
    return [
        *(f"--unshare-{name}" for name in ("user", "pid", "net", "ipc", "uts", "cgroup")),
        *("--die-with-parent", "--new-session", "--uid", str(INSIDE), "--gid", str(INSIDE)),
        *("--hostname", "sandbox", "--clearenv"),
    ]


def _system(binds: tuple[str, ...], passwd: int, group: int) -> list[str]:
    """Programs and libraries of the host, the language's own directories, and an /etc with next to nothing in it."""
    words = ["--ro-bind", "/usr/bin", "/usr/bin"]
    for path in LIBRARIES:
        words += ["--ro-bind-try", path, path]
    if os.path.exists(LOADER_OF_ARM):
        words += ["--ro-bind", LOADER_OF_ARM, LOADER_OF_ARM]
    for path in binds:
        words += ["--ro-bind", path, path]
    for name in ("bin", "lib", "lib64"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    words += ["--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    if os.path.islink("/etc/alternatives/awk"):
        words += ["--symlink", os.path.realpath("/etc/alternatives/awk"), "/etc/alternatives/awk"]
    for descriptor, path in ((passwd, "/etc/passwd"), (group, "/etc/group")):
        words += ["--perms", "0444", "--ro-bind-data", str(descriptor), path]
    return words


def _limits(job: Job) -> list[str]:
    """Limits on each process, set inside, where they count for this sandbox alone."""
    seconds = int(job.seconds) + 1
    size = job.file_mb * 2**20
    words = [
        "/usr/bin/prlimit",
        "--nproc=32:32",
        f"--cpu={seconds}:{seconds + 1}",
        f"--fsize={size}:{size}",
        "--core=0:0",
        "--nofile=128:128",
        "--memlock=65536:65536",
        "--msgqueue=0:0",
        f"--stack={32 * 2**20}:{32 * 2**20}",
    ]
    if job.space_mb is not None:
        words.append(f"--as={job.space_mb * 2**20}:{job.space_mb * 2**20}")
    return [*words, "--"]


@cache
def _filter() -> bytes:
    return filter_program()


# --- What a launch holds --------------------------------------------------------------------------


@contextmanager
def _in_memory(content: bytes) -> Iterator[int]:
    """A file in memory, at its beginning."""
    descriptor = os.memfd_create("judge", os.MFD_CLOEXEC)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _slot() -> Iterator[int]:
    """A user id that no other run on this machine has at the moment. The kernel frees it when a worker dies."""
    SLOT_LOCKS.mkdir(mode=0o700, exist_ok=True)
    for number in range(SLOTS):
        lock = os.open(SLOT_LOCKS / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        try:
            yield FIRST_SLOT + number
        finally:
            os.close(lock)
        return
    raise SandboxUnavailable(f"all {SLOTS} slots are in use")


def find_tools() -> None:
    """Raises SandboxUnavailable unless the tools of util-linux are there, in the system's own directory."""
    missing = [name for name in TOOLS if not os.access(f"/usr/bin/{name}", os.X_OK)]
    if missing:
        raise SandboxUnavailable(f"/usr/bin has no {', '.join(missing)}")

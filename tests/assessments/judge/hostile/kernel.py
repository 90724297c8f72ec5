"""System calls that must be refused, namespaces, the network, the first process of the sandbox."""

import platform

from assessments.judge import Verdict
from assessments.judge.seccomp import ARCHITECTURES, CLONE, CLONE3, FORBIDDEN, IOCTL
from tests.assessments.judge.hostile import gets, holds

V = Verdict
COLUMN = list(ARCHITECTURES).index(platform.machine()) if platform.machine() in ARCHITECTURES else 0
NUMBERS = {name: numbers[COLUMN] for name, numbers in FORBIDDEN.items() if numbers[COLUMN] is not None}

CALL = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.syscall.restype = ctypes.c_long\n"

KERNEL = [
    holds(
        "every forbidden call",
        "python",
        CALL
        + f"""
allowed = []
for name, number in {NUMBERS!r}.items():
    ctypes.set_errno(0)
    if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
        allowed.append((name, ctypes.get_errno()))
print("held" if not allowed else allowed)
""",
    ),
    holds(
        "namespaces by clone",
        "python",
        CALL
        + f"""
made = []
for flag in (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x7e020000):
    for high in (0, 1 << 32):
        pid = libc.syscall(ctypes.c_long({CLONE[COLUMN]}), ctypes.c_long(flag | high | 17), 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        if pid != -1 or ctypes.get_errno() != 1:
            made.append((hex(flag), pid))
if libc.syscall(ctypes.c_long({CLONE3[COLUMN]}), 0, 0) != -1 or ctypes.get_errno() != 38:
    made.append("clone3")
print("held" if not made else made)
""",
    ),
    holds(
        "traces the first process",
        "python",
        CALL
        + """
done = []
for request in (0, 16, 0x4206):
    if libc.ptrace(request, 1, 0, 0) != -1:
        done.append(request)
print("held" if not done else done)
""",
    ),
    holds(
        "takes descriptors of the first process",
        "python",
        CALL
        + f"""
taken, own = [], [(one.st_dev, one.st_ino) for one in map(os.fstat, (0, 1, 2))]
try:
    first = os.pidfd_open(1)
    for number in range(64):
        if libc.syscall(ctypes.c_long({NUMBERS["pidfd_getfd"]}), first, number, 0) != -1:
            taken.append(number)
except OSError:
    pass
for number in range(64):
    try:
        got = os.fstat(os.open(f"/proc/1/fd/{{number}}", os.O_WRONLY))
    except OSError:
        continue
    if (got.st_dev, got.st_ino) not in own:
        taken.append(number)
print("held" if not taken else taken)
""",
    ),
    holds(
        "writes into the first process",
        "python",
        """
import os
done = []
for flags in (os.O_WRONLY, os.O_RDWR):
    try:
        done.append(os.open("/proc/1/mem", flags))
    except OSError:
        pass
for name in ("clear_refs", "timerslack_ns", "oom_score_adj", "uid_map", "setgroups", "comm"):
    try:
        done.append(os.open(f"/proc/1/{name}", os.O_WRONLY))
    except OSError:
        pass
print("held" if not done else done)
""",
    ),
    holds(
        "stops the first process",
        "python",
        "import os, signal\nos.kill(1, signal.SIGSTOP)\nos.kill(1, signal.SIGTSTP)\nprint('held')\n",
    ),
    holds(
        "sockets of every family",
        "python",
        """
import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
made = []
for family in [*range(2, 50), -1, 0x100000002, 0x7fffffff]:
    for kind in (1, 2, 3, 5):
        for call in (lambda: libc.socket(ctypes.c_long(family), kind, 0),
                     lambda: libc.socketpair(ctypes.c_long(family), kind, 0, (ctypes.c_int * 2)())):
            ctypes.set_errno(0)
            if call() != -1:
                made.append((family, kind))
print("held" if not made else made)
""",
    ),
    holds(
        "the network",
        "bash",
        """
for place in 127.0.0.1/5432 127.0.0.1/8000 169.254.169.254/80 10.0.0.1/53; do
  if (: 3<>/dev/tcp/$place) 2>/dev/null || (: 3<>/dev/udp/$place) 2>/dev/null; then echo $place; fi
done
if getent hosts localhost.invalid >/dev/null 2>&1; then echo names; fi
[ "$(cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' \\n')" = lo ] || cat /proc/net/dev
[ "$(wc -l < /proc/net/route)" -le 1 ] || cat /proc/net/route
echo held
""",
    ),
    holds(
        "sockets of the host",
        "python",
        """
import socket
reached = []
for place in ("/run/docker.sock", "/var/run/docker.sock", "/run/postgresql/.s.PGSQL.5432", "/run/systemd/private",
              "/run/dbus/system_bus_socket", "\\0judge-test-listens", "\\0/tmp/.X11-unix/X0"):
    one = socket.socket(socket.AF_UNIX)
    try:
        one.connect(place)
        reached.append(place)
    except OSError:
        pass
print("held" if not reached else reached)
""",
    ),
    holds(
        "types into the terminal",
        "python",
        CALL
        + f"""
import pty
ours, theirs = pty.openpty()
typed = []
for fd in (0, 1, 2, ours, theirs):
    for request in (0x5412, 0x541C):
        for high in (0, 1 << 32, 0xffffffff << 32):
            ctypes.set_errno(0)
            words = fd, ctypes.c_ulong(request | high), ctypes.byref(ctypes.c_char(b"x"))
            done = libc.syscall(ctypes.c_long({IOCTL[COLUMN]}), *words)
            if done != -1 or ctypes.get_errno() != 1:
                typed.append((fd, hex(request), high, ctypes.get_errno()))
print("held" if not typed else typed)
""",
    ),
    holds(
        "handlers of the kernel",
        "bash",
        """
for file in core_pattern modprobe hotplug poweroff_cmd usermodehelper/bset yama/ptrace_scope; do
  if (echo "|/tmp/x" > /proc/sys/kernel/$file) 2>/dev/null; then echo $file; fi
  if (: >> /proc/sys/kernel/$file) 2>/dev/null; then echo $file; fi
done
if (echo x > /proc/sys/fs/binfmt_misc/register) 2>/dev/null; then echo binfmt; fi
if (echo c > /proc/sysrq-trigger) 2>/dev/null; then echo sysrq; fi
if (echo 1000000 > /proc/sys/user/max_user_namespaces) 2>/dev/null; then echo namespaces; fi
echo held
""",
    ),
    holds(
        "its own control group",
        "python",
        """
import glob, os
found = glob.glob("/sys/fs/cgroup/*")
for path in ("/proc/self/cgroup", "/proc/1/cgroup"):
    for line in open(path):
        if "judge" in line:
            found.append(line)
print("held" if not found else found)
""",
    ),
    holds(
        "a core dump",
        "bash",
        """
cd /tmp
(kill -SEGV $BASHPID) 2>/dev/null
(ulimit -c unlimited) 2>/dev/null && echo raised
[ "$(ls -A /tmp)" = "" ] || ls -A /tmp
echo held
""",
    ),
    gets(
        "dies by a signal of memory", "c", "int main(void) { return *(volatile int *)0; }\n", V.RUNTIME_ERROR
    ),
    holds(
        "many files and watches",
        "python",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
opened = []
try:
    while len(opened) < 5000:
        opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
for fd in opened:
    os.close(fd)
print("held" if len(opened) < 128 else len(opened))
""",
    ),
]
if platform.machine() == "x86_64":
    KERNEL += [
        gets(
            "calls of the x32 kind",
            "c",
            "#include <unistd.h>\nint main(void) { syscall(0x40000000 | 101, 0, 0, 0, 0); return 0; }\n",
            V.RUNTIME_ERROR,
        ),
        gets(
            "calls of the 32-bit kind",
            "c",
            'int main(void) { int r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(26), "b"(0)); return 0; }\n',
            V.RUNTIME_ERROR,
        ),
    ]

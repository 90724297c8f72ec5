"""Too many processes, processes that stay, processes that reach for others."""

from assessments.judge import Verdict
from tests.assessments.judge.hostile import gets, holds

V = Verdict
STAYS = "86399"  # seconds; whoever is found sleeping that long was left behind

PROCESSES = [
    gets(
        "fork bomb in bash",
        "bash",
        "bomb() { bomb | bomb & }; bomb; wait\n",
        V.RUNTIME_ERROR,
        V.TIME_LIMIT,
        V.WRONG_ANSWER,
    ),
    gets("fork bomb in C", "c", "#include <unistd.h>\nint main(void) { for (;;) fork(); }\n", V.TIME_LIMIT),
    holds(
        "as many processes as there can be",
        "python",
        """
import os, time
made = 0
try:
    while made < 1000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError:
    pass
print("held" if made < 64 else f"made {made}")
""",
    ),
    holds(
        "as many threads as there can be",
        "python",
        """
import os, threading
made, stop = 0, threading.Event()
try:
    while made < 1000:
        threading.Thread(target=stop.wait, daemon=True).start()
        made += 1
except RuntimeError:
    pass
print("held" if made < 64 else f"made {made}", flush=True)
os._exit(0)
""",
    ),
    holds(
        "daemon by double fork",
        "c",
        """
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(void) {
  if (fork() == 0) {
    setsid();
    if (fork() == 0) { for (int fd = 0; fd < 128; fd++) close(fd); execlp("sleep", "sleep", "86399", (char *)0); }
    _exit(0);
  }
  puts("held");
}
""",
    ),
    holds(
        "daemon that keeps the output open",
        "bash",
        f"(setsid sleep {STAYS} &)\nnohup sleep {STAYS} &\necho held\n",
    ),
    holds(
        "daemon that ignores all signals and forks on",
        "python",
        """
import os, signal, time
if os.fork() == 0:
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        time.sleep(0.01)
        if os.fork():
            os._exit(0)
print("held")
""",
    ),
    holds(
        "signals to everybody",
        "python",
        "import os\ntry:\n    os.kill(-1, 9)\nexcept ProcessLookupError:\n    print('held')\n",
    ),
    holds(
        "signals to the first process",
        "python",
        "import os, signal\nfor one in (9, 15, 11, 6, 19):\n    os.kill(1, one)\nprint('held')\n",
    ),
    holds(
        "signals to every number",
        "python",
        """
import os
hit = []
for pid in range(2, 70000):
    if pid != os.getpid():
        try:
            os.kill(pid, 9)
            hit.append(pid)
        except ProcessLookupError:
            pass
print("held" if not hit else hit)
""",
    ),
    gets("signal to its own group", "python", "import os\nos.killpg(0, 9)\n", V.RUNTIME_ERROR),
    gets("sleeper", "python", "import time\ntime.sleep(3600)\n", V.TIME_LIMIT),
    gets("sleeper in a shell", "bash", "sleep 3600\n", V.TIME_LIMIT),
    gets("stops itself", "c", "#include <signal.h>\nint main(void) { raise(SIGSTOP); }\n", V.TIME_LIMIT),
    gets(
        "waits for input that never comes",
        "bash",
        "exec 3<>/tmp/x; mkfifo /tmp/f; cat /tmp/f\n",
        V.TIME_LIMIT,
    ),
    gets(
        "spins and ignores the signals of limits",
        "c",
        "#include <signal.h>\nint main(void) { signal(SIGXCPU, SIG_IGN); signal(SIGTERM, SIG_IGN); for (;;); }\n",
        V.TIME_LIMIT,
    ),
    gets(
        "spends its time in children",
        "python",
        """
import os, time
while True:
    if os.fork() == 0:
        until = time.process_time() + 0.03
        while time.process_time() < until:
            pass
        os._exit(0)
    os.wait()
""",
        V.TIME_LIMIT,
    ),
    gets(
        "spends its time in children that nobody waits for",
        "python",
        """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0:
            until = time.process_time() + 0.05
            while time.process_time() < until:
                pass
            os._exit(0)
    except OSError:
        time.sleep(0.01)
""",
        V.TIME_LIMIT,
    ),
    gets(
        "spends its time in threads",
        "c",
        """
#include <pthread.h>
static void *spin(void *nothing) { for (;;); return nothing; }
int main(void) { pthread_t one; for (int n = 0; n < 8; n++) pthread_create(&one, 0, spin, 0); pthread_join(one, 0); }
""",
        V.TIME_LIMIT,
    ),
    holds(
        "raises its limits",
        "python",
        """
import resource
raised = []
for name in ("NPROC", "CPU", "FSIZE", "CORE", "NOFILE", "MEMLOCK", "MSGQUEUE", "STACK"):
    number = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(number)
    for limit in ((hard + 1, hard + 1), (-1, -1), (soft, hard + 2**32), (2**63 - 1, 2**63 - 1)):
        try:
            resource.prlimit(0, number, limit)
            raised.append((name, limit))
        except (OSError, ValueError, OverflowError):
            pass
print("held" if not raised else raised)
""",
    ),
    # On a busy machine the sandbox then tells of the end too late: nobody else's loss.
    gets(
        "takes all from the first process",
        "python",
        """
import os, resource
for number in range(16):
    try:
        resource.prlimit(1, number, (0, 0))
    except (OSError, ValueError):
        pass
os.setpriority(os.PRIO_PROCESS, 1, 19)
os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))
print("held")
""",
        V.ACCEPTED,
        V.TIME_LIMIT,
    ),
    holds(
        "becomes more urgent",
        "python",
        """
import os
done = []
for what in (
    lambda: os.nice(-5),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)),
    lambda: open("/proc/self/oom_score_adj", "w").write("-1000"),
    lambda: open("/proc/self/autogroup", "w").write("-20"),
):
    try:
        what()
        done.append(what)
    except OSError:
        pass
print("held" if not done else done)
""",
    ),
    holds(
        "takes rights",
        "python",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
taken = []
for what in (os.setuid, os.setgid, os.seteuid, os.setegid):
    for number in (0, 1, 61000, 65534):
        try:
            what(number)
            taken.append((what, number))
        except OSError:
            pass
for what in (lambda: os.setgroups([0]), lambda: os.setresuid(0, 0, 0)):
    try:
        what()
        taken.append(what)
    except OSError:
        pass
held = [line for line in open("/proc/self/status") if line.startswith(("CapPrm", "CapEff", "CapAmb", "CapInh"))]
if any(int(line.split()[1], 16) for line in held):
    taken.append(held)
if "NoNewPrivs:\\t1" not in open("/proc/self/status").read():
    taken.append("new privileges")
print("held" if not taken else taken)
""",
    ),
    holds(
        "tools of administrators",
        "bash",
        """
for words in "mount -t tmpfs x /tmp" "umount /tmp" "unshare -r true" "unshare -n true" "nsenter -t 1 -m true" \\
  "chroot / true" "bwrap --ro-bind / / true" "setpriv --reuid=0 true" "prlimit --nproc=unlimited true" \\
  "mknod /tmp/disk b 8 0" "su -c true" "sysctl -w kernel.core_pattern=x" "dmesg" "renice -n -5 1" "chown 0 /tmp" \\
  "pivot_root / /tmp" "losetup -f" "swapon /tmp/x" "setarch -R strace true" "newgrp root"; do
  if $words </dev/null >/dev/null 2>&1; then echo "$words"; fi
done
echo held
""",
    ),
]

"""What the host has: files, environment, devices."""

from django.conf import settings

from tests.assessments.judge.hostile import holds

FILES = [
    holds(
        "reads /etc/passwd",
        "python",
        "text = open('/etc/passwd').read()\n"
        "print('held' if text == 'student:x:1000:1000::/tmp:/bin/sh\\n' else text)\n",
    ),
    holds(
        "looks for the host's files",
        "python",
        f"""
import os
places = "/root /home /var /opt /srv /sys /run /mnt /media /boot /usr/local /usr/share /usr/src /etc/shadow /etc/ssl"
there = [place for place in [*places.split(), {str(settings.BASE_DIR)!r}] if os.path.exists(place)]
there += [name for name in os.listdir("/") if name not in "bin box dev etc lib lib64 proc tmp usr".split()]
there += [name for name in os.listdir("/etc") if name not in "alternatives group ld.so.cache passwd".split()]
print("held" if not there else there)
""",
    ),
    holds(
        "looks for the host's environment",
        "python",
        """
import glob, os
seen = set(os.environ) - {"PATH", "HOME", "LANG", "TMPDIR", "PWD", "LC_CTYPE"}
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
    try:
        with open(path, "rb") as file:
            seen |= {word.split(b"=")[0].decode() for word in file.read().split(b"\\0")}
    except OSError:
        pass
seen -= {"PATH", "HOME", "LANG", "TMPDIR", "PWD", "LC_CTYPE", ""}
print("held" if not seen else seen)
""",
    ),
    holds(
        "looks for the host's processes",
        "python",
        """
import os
there = [pid for pid in os.listdir("/proc") if pid.isdigit()]
words = b"".join(open(f"/proc/{pid}/cmdline", "rb").read() for pid in there)
print("held" if len(there) <= 3 and b"manage" not in words and b"pytest" not in words else (there, words))
""",
    ),
    holds(
        "writes where it must not",
        "python",
        """
import os
written = []
for path in ("/x", "/box/x", "/box/main.py", "/etc/passwd", "/etc/x", "/usr/bin/python3", "/usr/bin/x", "/usr/lib/x",
             "/dev/x", "/dev/pts/x", "/proc/x", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname",
             "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
             "/proc/self/coredump_filter", "/proc/self/uid_map", "/proc/self/attr/current", "/proc/1/mem"):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
        written.append(path)
    except OSError:
        pass
for path in ("/box/main.py", "/usr/bin/env", "/etc", "/box"):
    for change in (lambda: os.chmod(path, 0o777), lambda: os.rename(path, "/tmp/x"), lambda: os.utime(path)):
        try:
            change()
            written.append(path)
        except OSError:
            pass
print("held" if not written else written)
""",
    ),
    holds(
        "climbs out by links",
        "python",
        """
import os
out = []
for number, target in enumerate(("/etc/shadow", "/proc/1/root/etc/shadow", "/proc/1/cwd/../etc/shadow", "/../../root",
                                 "/proc/self/root/../home", "/proc/1/root/home", "/mnt")):
    os.symlink(target, f"/tmp/{number}")
    if os.path.exists(f"/tmp/{number}"):
        out.append(target)
for source in ("/usr/bin/env", "/etc/passwd", "/box/main.py"):
    try:
        os.link(source, "/tmp/hard")
        out.append(source)
    except OSError:
        pass
print("held" if not out else out)
""",
    ),
    holds(
        "climbs out by open directories",
        "python",
        """
import os
here = os.open("/", os.O_RDONLY)
for _ in range(30):
    here = os.open("..", os.O_RDONLY, dir_fd=here)
names = set(os.listdir(here))
print("held" if names == set(os.listdir("/")) and "home" not in names else names)
""",
    ),
    holds(
        "devices",
        "python",
        """
import os, stat
made = []
for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFCHR, 1, 1), (stat.S_IFCHR, 1, 11), (stat.S_IFBLK, 254, 0)):
    try:
        os.mknod("/tmp/device", kind | 0o666, os.makedev(major, minor))
        made.append((major, minor))
    except OSError:
        pass
known = "console core fd full null ptmx pts random shm stderr stdin stdout tty urandom zero".split()
made += [name for name in os.listdir("/dev") if name not in known]
print("held" if not made else made)
""",
    ),
    holds(
        "the terminal of whoever started the judge",
        "python",
        """
import fcntl, os
reached = []
try:
    reached.append(os.open("/dev/tty", os.O_RDWR))
except OSError:
    pass
for fd in (0, 1, 2):
    if os.isatty(fd):
        reached.append(fd)
try:
    reached.append(os.open("/dev/console", os.O_RDWR))
except OSError:
    pass
print("held" if not reached else reached)
""",
    ),
    holds(
        "programs that run as their owner",
        "python",
        """
import os, subprocess
found = []
for folder in ("/usr/bin", "/tmp"):
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.stat(path).st_mode & 0o6000:
            try:
                ran = subprocess.run([path], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, text=True)
            except (OSError, subprocess.TimeoutExpired):
                continue
            found += [name] * ("uid=0" in ran.stdout)
open("/tmp/own", "w").write("#!/bin/sh\\nid -u\\n")
os.chmod("/tmp/own", 0o6755)
if subprocess.run(["/tmp/own"], capture_output=True, text=True).stdout.strip() == "0":
    found.append("own")
print("held" if not found else found)
""",
    ),
    holds(
        "a system of its own in /proc",
        "python",
        """
import os
got = []
for path in ("/proc/kcore", "/proc/kmsg", "/proc/1/mem", "/proc/1/stack", "/proc/1/map_files", "/proc/kallsyms"):
    try:
        with open(path, "rb") as file:
            held = file.read(64)
        if path != "/proc/kallsyms" or held.split()[0].strip(b"0"):
            got.append(path)
    except OSError:
        pass
print("held" if not got else got)
""",
    ),
]

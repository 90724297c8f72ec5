"""More memory than there is, in all the places where memory can be had."""

from assessments.judge import Verdict
from tests.assessments.judge.hostile import gets, holds

V = Verdict

MEMORY = [
    gets(
        "balloon of malloc",
        "c",
        """
#include <stdlib.h>
#include <string.h>
int main(void) { for (;;) { char *part = malloc(1 << 20); if (!part) return 3; memset(part, 1, 1 << 20); } }
""",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon of shared memory",
        "c",
        """
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
int main(void) {
  for (;;) {
    char *part = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (part == MAP_FAILED) return 3;
    memset(part, 1, 1 << 20);
  }
}
""",
        V.MEMORY_LIMIT,
    ),
    gets(
        "many children with a little each",
        "python",
        """
import os, time
for _ in range(16):
    if os.fork() == 0:
        held = bytearray(b"x") * (24 * 2**20)
        time.sleep(60)
time.sleep(60)
""",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon in Python",
        "python",
        "held = []\nwhile True:\n    held.append(bytearray(10**6))\n",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon in Python that is not shown to debuggers",
        "python",
        "import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
        "held = []\nwhile True:\n    held.append(bytearray(10**6))\n",
        V.MEMORY_LIMIT,
    ),
    gets(
        "swallowed errors of memory",
        "python",
        """
held = []
while True:
    try:
        held.append(bytearray(10**6))
    except MemoryError:
        pass
""",
        V.MEMORY_LIMIT,
        V.TIME_LIMIT,
    ),
    gets(
        "balloon in JavaScript",
        "javascript",
        "const held = []; for (;;) held.push(new Array(1e5).fill(7.5));\n",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon of buffers in JavaScript",
        "javascript",
        "const held = []; for (;;) held.push(Buffer.alloc(1e6, 1));\n",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon in Java",
        "java",
        """
import java.util.*;
public class Main { public static void main(String[] words) {
  List<long[]> held = new ArrayList<>(); for (;;) held.add(new long[100000]);
} }
""",
        V.MEMORY_LIMIT,
    ),
    gets(
        "balloon in bash",
        "bash",
        "text=xxxxxxxxxxxxxxxx; while :; do text=$text$text; done\n",
        V.MEMORY_LIMIT,
        V.RUNTIME_ERROR,
    ),
    gets(
        "balloon of C++",
        "cpp",
        "#include <vector>\nint main() { std::vector<long> all; for (;;) all.push_back(1); }\n",
        V.MEMORY_LIMIT,
    ),
    gets(
        "too much at once in C++",
        "cpp",
        "int main() { volatile long n = 1L << 40; char *p = new char[n]; p[0] = 1; return p[n - 1]; }\n",
        V.MEMORY_LIMIT,
        V.RUNTIME_ERROR,
    ),
    gets(
        "endless recursion in C",
        "c",
        "int deeper(volatile int n) { volatile char held[1024]; held[0] = n; return deeper(n + 1) + held[0]; }\n"
        "int main(void) { return deeper(0); }\n",
        V.RUNTIME_ERROR,
    ),
    gets(
        "endless recursion in Python",
        "python",
        "def deeper():\n    deeper()\ndeeper()\n",
        V.RUNTIME_ERROR,
        says="RecursionError",
    ),
    gets(
        "recursion without Python's own bound",
        "python",
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "def deeper(n):\n    return deeper(n + 1) + len([n] * 10)\ndeeper(0)\n",
        V.RUNTIME_ERROR,
        V.MEMORY_LIMIT,
        V.TIME_LIMIT,
    ),
    gets(
        "endless recursion in Java",
        "java",
        "public class Main { static int f(int n) { return f(n + 1) + n; }\n"
        "public static void main(String[] w) { f(0); } }\n",
        V.RUNTIME_ERROR,
        says="StackOverflowError",
    ),
    gets(
        "endless recursion in JavaScript",
        "javascript",
        "const f = n => f(n + 1) + n; f(0);\n",
        V.RUNTIME_ERROR,
        says="RangeError",
    ),
    gets(
        "endless recursion in bash", "bash", "f() { f; }; f\n", V.RUNTIME_ERROR, V.MEMORY_LIMIT, V.TIME_LIMIT
    ),
    holds(
        "fills /tmp by bytes",
        "python",
        """
written = 0
try:
    for number in range(200):
        with open(f"/tmp/{number}", "wb") as file:
            written += file.write(bytes(2**20))
except OSError:
    pass
print("held" if written <= 16 * 2**20 else written)
""",
    ),
    holds(
        "fills /tmp by files",
        "python",
        """
made = 0
try:
    while made < 10000:
        open(f"/tmp/{made}", "w").close()
        made += 1
except OSError:
    pass
print("held" if made <= 2048 else made)
""",
    ),
    holds(
        "fills /dev/shm",
        "python",
        """
written = 0
try:
    with open("/dev/shm/x", "wb", buffering=0) as file:
        while written < 2**24:
            written += file.write(bytes(2**16))
except OSError:
    pass
print("held" if written <= 2**20 else written)
""",
    ),
    holds(
        "fills /dev",
        "python",
        "try:\n    open('/dev/x', 'w')\n    print('made')\nexcept OSError:\n    print('held')\n",
    ),
    holds(
        "memory that belongs to nobody",
        "python",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
got = []
try:
    got.append(os.memfd_create("x"))
except OSError:
    pass
for call in (lambda: libc.shmget(0, 2**20, 0o1600), lambda: libc.semget(0, 1, 0o1600), lambda: libc.msgget(0, 0o1600)):
    if call() != -1:
        got.append(call)
if libc.mlockall(3) == 0:
    got.append("locked")
print("held" if not got else got)
""",
    ),
    gets(
        "memory in pipes",
        "python",
        """
import fcntl, os
ends = []
try:
    while True:
        reads, writes = os.pipe2(os.O_NONBLOCK)
        ends += [reads, writes]
        try:
            fcntl.fcntl(writes, 1031, 2**20)
        except OSError:
            pass
        try:
            while True:
                os.write(writes, bytes(2**16))
        except BlockingIOError:
            pass
except OSError:
    print("held")
""",
        V.ACCEPTED,
        V.MEMORY_LIMIT,
    ),
    gets(
        "memory in sockets",
        "python",
        """
import socket
ends = []
try:
    while True:
        pair = socket.socketpair()
        ends += pair
        for end in pair:
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
            try:
                while True:
                    end.send(bytes(2**15))
            except OSError:
                pass
except OSError:
    print("held")
""",
        V.ACCEPTED,
        V.MEMORY_LIMIT,
        V.TIME_LIMIT,
    ),
    gets(
        "a terabyte of addresses",
        "c",
        """
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
int main(void) { mmap(0, 1L << 40, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); puts("held"); }
""",
        V.ACCEPTED,
    ),
]

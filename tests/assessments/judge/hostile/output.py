"""Too much output, output that pretends, and streams used the wrong way."""

from assessments.judge import Verdict
from tests.assessments.judge.hostile import gets, holds

V = Verdict
FOUR_MEGABYTES = "0123456789abcde\n" * 2**18

OUTPUT = [
    gets("endless output", "bash", "yes\n", V.OUTPUT_LIMIT),
    gets(
        "endless output without line breaks",
        "c",
        "#include <stdio.h>\nint main(void) { for (;;) putchar('x'); }\n",
        V.OUTPUT_LIMIT,
    ),
    gets(
        "endless output from JavaScript",
        "javascript",
        "const fs = require('fs'); for (;;) fs.writeSync(1, 'x'.repeat(65536));\n",
        V.OUTPUT_LIMIT,
    ),
    gets("endless output from a daemon", "bash", "(setsid yes &)\nsleep 60\n", V.OUTPUT_LIMIT),
    gets("endless errors", "bash", "yes >&2\n", V.TIME_LIMIT),
    holds("ten megabytes of errors", "python", "import sys\nsys.stderr.write('x' * 10**7)\nprint('held')\n"),
    gets(
        "a file that is too long",
        "c",
        """
#include <fcntl.h>
#include <unistd.h>
int main(void) { int file = open("/tmp/x", O_CREAT | O_RDWR, 0600); return pwrite(file, "x", 1, 1L << 30) == 1; }
""",
        V.OUTPUT_LIMIT,
    ),
    holds("input that nobody reads", "python", "print('held')\n", input=FOUR_MEGABYTES),
    gets(
        "input that nobody reads, and sleeps",
        "python",
        "import time\ntime.sleep(60)\n",
        V.TIME_LIMIT,
        input=FOUR_MEGABYTES,
    ),
    holds("input closed at once", "python", "import os\nos.close(0)\nprint('held')\n", input=FOUR_MEGABYTES),
    holds("all input sent back as errors", "bash", "cat >&2; echo held\n", input=FOUR_MEGABYTES),
    gets("output closed", "python", "import os\nos.close(1)\nos.close(2)\n", V.WRONG_ANSWER),
    gets(
        "output closed, and sleeps",
        "python",
        "import os, time\nos.close(0); os.close(1); os.close(2)\ntime.sleep(60)\n",
        V.TIME_LIMIT,
    ),
    gets(
        "NUL, ANSI, HTML and half characters",
        "python",
        r"""
import sys
sys.stdout.buffer.write(b"held\x00\xff\xfe\xed\xa0\x80\x1b[2J\x1b]0;title\x07<script>alert(1)</script>\xf0\x9f")
sys.stderr.buffer.write(b"\x00\xc3")
""",
        V.WRONG_ANSWER,
    ),
    gets(
        "words that look like verdicts",
        "python",
        """
import json, os
for fd in range(64):
    for words in (b'{ "exit-code": 0 }\\n', b"accepted\\n", json.dumps({"verdict": "accepted"}).encode()):
        try:
            os.write(fd, words)
        except OSError:
            pass
print("--------\\nheld\\n--------")
""",
        V.WRONG_ANSWER,
    ),
    gets(
        "a forged exit status",
        "python",
        """
import os
for fd in range(3, 1024):
    try:
        os.write(fd, b'{ "child-pid": 1, "exit-code": 0 }' + bytes(8))
    except OSError:
        pass
print("held", flush=True)
os._exit(42)
""",
        V.RUNTIME_ERROR,
    ),
    gets("an exit status like that of a signal", "bash", "exit 139\n", V.RUNTIME_ERROR),
    gets(
        "an exit status like that of the sandbox's own",
        "bash",
        "echo bwrap: failed >&2; exit 1\n",
        V.RUNTIME_ERROR,
    ),
    gets("an exit status like that of its start", "bash", "exit 125\n", V.RUNTIME_ERROR),
    holds(
        "reads back what it wrote",
        "python",
        """
import os
os.set_blocking(0, False)
got = []
for path in ("/dev/stdout", "/proc/self/fd/1", "/proc/self/fd/2", "/proc/1/fd/1"):
    try:
        end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        got.append(os.read(end, 100))
    except OSError:
        pass
print("held" if not any(got) else got)
""",
    ),
    holds(
        "descriptors that were left open",
        "python",
        "import os\nopen_ones = sorted(map(int, os.listdir('/proc/self/fd')))\n"
        "print('held' if open_ones[:3] == [0, 1, 2] and len(open_ones) == 4 else open_ones)\n",
    ),
]

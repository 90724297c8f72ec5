"""Sources that attack the compiler, or through it."""

from assessments.judge import Verdict
from tests.assessments.judge.hostile import gets, holds

V = Verdict

COMPILING = [
    gets("includes endless noise", "c", '#include "/dev/random"\nint main(void) {}\n', V.COMPILE_ERROR),
    gets("includes endless zeros", "cpp", '#include "/dev/zero"\nint main() {}\n', V.COMPILE_ERROR),
    gets(
        "includes its own input", "c", '#include "/dev/stdin"\n#include "/proc/self/fd/0"\n', V.COMPILE_ERROR
    ),
    gets(
        "includes secrets",
        "c",
        '#include "/etc/shadow"\nint main(void) {}\n',
        V.COMPILE_ERROR,
        never_says="root",
    ),
    gets(
        "includes the list of users",
        "c",
        '#include "/etc/passwd"\nint main(void) {}\n',
        V.COMPILE_ERROR,
        never_says="root:",
    ),
    gets(
        "includes the environment",
        "c",
        '#include "/proc/1/environ"\nint x = y;\n',
        V.COMPILE_ERROR,
        never_says="SECRET_KEY",
    ),
    gets(
        "includes itself", "c", "#include __FILE__\n#include __FILE__\nint main(void) {}\n", V.COMPILE_ERROR
    ),
    gets(
        "takes files in as data",
        "c",
        '__asm__(".incbin \\"/etc/shadow\\"");\nint main(void) {}\n',
        V.COMPILE_ERROR,
        never_says="root:",
    ),
    holds(
        "takes the list of users in as data",
        "c",
        """
#include <stdio.h>
#include <string.h>
__asm__(".data\\nusers: .incbin \\"/etc/passwd\\"\\n.byte 0\\n.text");
extern char users[];
int main(void) { puts(strncmp(users, "student:", 8) || strstr(users, "root") ? users : "held"); }
""",
    ),
    gets("a program of sixteen gigabytes", "c", "int main[-1u] = {1};\n", V.COMPILE_ERROR),
    gets("a program of a gigabyte", "c", "char all[1 << 30] = {1};\nint main(void) {}\n", V.COMPILE_ERROR),
    gets(
        "a program of more than may come out",
        "c",
        '__asm__(".data\\n.fill 40000000, 1, 7");\nint main(void) {}\n',
        V.COMPILE_ERROR,
    ),
    gets(
        "macros that double",
        "c",
        "".join(f"#define a{n + 1} a{n} a{n}\n" for n in range(40))
        + "#define a0 1;\nint main(void) { a40 }\n",
        V.COMPILE_ERROR,
    ),
    gets(
        "templates that never end",
        "cpp",
        "template <int N> struct Deep { enum { value = Deep<N + 1>::value }; };\n"
        "int main() { return Deep<0>::value; }\n",
        V.COMPILE_ERROR,
    ),
    gets(
        "endless arithmetic of constants",
        "cpp",
        "constexpr int f() { for (;;); }\nconstexpr int n = f();\nint main() {}\n",
        V.COMPILE_ERROR,
    ),
    gets("a flood of errors", "c", "x;" * 6_000 + "\n" + "int y = z;\n" * 1000, V.COMPILE_ERROR),
    gets("brackets in brackets in Python", "python", "(" * 50_000, V.COMPILE_ERROR),
    gets("signs before signs in Python", "python", "-" * 60_000 + "1\n", V.COMPILE_ERROR, V.RUNTIME_ERROR),
    gets(
        "constants that grow in Python",
        "python",
        "x = ((2 ** 10 ** 9) ** 2) << 9\n",
        V.TIME_LIMIT,
        V.MEMORY_LIMIT,
        V.RUNTIME_ERROR,
    ),
    gets("brackets in brackets in JavaScript", "javascript", "[" * 60_000, V.COMPILE_ERROR),
    gets(
        "an endless sum in Java",
        "java",
        "public class Main { int x = " + "1+" * 20_000 + "y; }\n",
        V.COMPILE_ERROR,
    ),
    gets(
        "another class than Main",
        "java",
        "public class Other { public static void main(String[] w) {} }\n",
        V.COMPILE_ERROR,
        says="Other",
    ),
    gets("no closing word", "bash", "if true; then\n", V.COMPILE_ERROR, says="syntax error"),
    gets("NUL in the source", "python", "print('held')\0\n", V.COMPILE_ERROR),
    gets("half characters in the source", "python", "print('\ud800')\n", V.WRONG_ANSWER, V.COMPILE_ERROR),
    gets("no source at all", "c", "", V.COMPILE_ERROR),
    holds("a source that holds nothing but what it prints", "bash", "echo held"),
    holds(
        "names of options",
        "c",
        '#pragma GCC optimize("O3")\n#include <stdio.h>\nint main(void) { puts("held"); }\n',
    ),
    gets(
        "code that runs while it is compiled",
        "python",
        "import os\nos.system('exit 3')\nraise SystemExit(3)\n",
        V.RUNTIME_ERROR,
    ),
]

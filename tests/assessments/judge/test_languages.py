"""Each verdict in each language, through the door."""

import pytest

from assessments import judge
from assessments.judge import Case, Limits, Program, Verdict
from assessments.judge.samples import SUM
from tests.assessments.judge.conftest import each_language

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("judging")]

LIMITS = Limits(0.6, 96)
CASES = [Case("1 2\n", "3\n"), Case("20 22", "42"), Case("-5 5\n", "0\n")]


def java(body: str) -> str:
    return (
        f"import java.util.*;\npublic class Main {{ public static void main(String[] words) {{ {body} }} }}\n"
    )


WRONG = {
    "python": "print(7)\n",
    "javascript": "console.log(7);\n",
    "c": '#include <stdio.h>\nint main(void) { puts("7"); }\n',
    "cpp": '#include <iostream>\nint main() { std::cout << "7\\n"; }\n',
    "java": java("System.out.println(7);"),
    "bash": "echo 7\n",
}
DOES_NOT_COMPILE = {
    "python": ("def f(:\n", "SyntaxError"),
    "javascript": ("let x = ;\n", "SyntaxError"),
    "c": ("int main(void) { return x; }\n", "'x' undeclared"),
    "cpp": ("int main() { return x; }\n", "'x' was not declared"),
    "java": (java("int x = y;"), "cannot find symbol"),
    "bash": ("if true; then\n", "syntax error"),
}
FAILS = {
    "python": ("print(1 // 0)\n", "exit status 1"),
    "javascript": ("null.x;\n", "exit status 1"),
    "c": ("int main(void) { return *(volatile int *)0; }\n", "segmentation fault"),
    "cpp": ('#include <stdexcept>\nint main() { throw std::runtime_error("x"); }\n', "aborted"),
    "java": (java('throw new RuntimeException("x");'), "exit status 1"),
    "bash": ("exit 3\n", "exit status 3"),
}
SPINS = {
    "python": "while True:\n    pass\n",
    "javascript": "for (;;);\n",
    "c": "int main(void) { for (;;); }\n",
    "cpp": "int main() { volatile int n = 0; for (;;) n = n + 1; }\n",
    "java": java("for (;;);"),
    "bash": "while :; do :; done\n",
}
SWELLS = {
    "python": "held = []\nwhile True:\n    held.append(bytearray(10**6))\n",
    "javascript": "const held = []; for (;;) held.push(new Array(1e5).fill(7.5));\n",
    "c": "#include <stdlib.h>\n#include <string.h>\nint main(void) { for (;;) memset(malloc(1 << 20), 1, 1 << 20); }\n",
    "cpp": "#include <vector>\nint main() { std::vector<long> all; for (;;) all.push_back(1); }\n",
    "java": java("List<long[]> held = new ArrayList<>(); for (;;) held.add(new long[100000]);"),
    "bash": "text=xxxxxxxxxxxxxxxx; while :; do text=$text$text; done\n",
}
FLOODS = {
    "python": "while True:\n    print('x' * 1000)\n",
    "javascript": "const fs = require('fs'); for (;;) fs.writeSync(1, 'x'.repeat(10000));\n",
    "c": '#include <stdio.h>\nint main(void) { for (;;) puts("xxxxxxxxxxxxxxxxxxxx"); }\n',
    "cpp": '#include <iostream>\nint main() { for (;;) std::cout << "xxxxxxxxxxxxxxxxxxxx\\n"; }\n',
    "java": java('String part = "x".repeat(10000); for (;;) System.out.print(part);'),
    "bash": "yes\n",
}


@each_language
def test_right_program_is_accepted(language: str) -> None:
    report = judge.judge(Program(language, SUM[language]), CASES, Limits(5, 128))
    assert report.verdict == Verdict.ACCEPTED, report
    assert [result.verdict for result in report.results] == [Verdict.ACCEPTED] * 3
    assert report.results[1].stdout == "42\n"
    assert report.compile is not None
    assert report.compile.ok
    assert all(0 <= result.seconds < 5 for result in report.results)


@each_language
def test_wrong_program_is_told_so_case_by_case(language: str) -> None:
    report = judge.judge(Program(language, WRONG[language]), [Case("", "7"), Case("", "8")], Limits(5, 128))
    assert [result.verdict for result in report.results] == [Verdict.ACCEPTED, Verdict.WRONG_ANSWER]
    assert report.verdict == Verdict.WRONG_ANSWER


@each_language
def test_program_that_does_not_compile_gets_the_message(language: str) -> None:
    source, message = DOES_NOT_COMPILE[language]
    report = judge.judge(Program(language, source), CASES, LIMITS)
    assert report.verdict == Verdict.COMPILE_ERROR
    assert report.results == ()
    assert report.compile is not None
    assert message in report.compile.message.replace("‘", "'").replace("’", "'")
    assert "/box/" not in report.compile.message


@each_language
def test_program_that_fails_says_how(language: str) -> None:
    source, detail = FAILS[language]
    report = judge.judge(Program(language, source), CASES, Limits(5, 128), stop_early=True)
    assert (report.verdict, report.results[0].detail) == (Verdict.RUNTIME_ERROR, detail), report
    assert len(report.results) == 1


@each_language
def test_program_that_spins_is_too_slow(language: str) -> None:
    report = judge.judge(Program(language, SPINS[language]), CASES[:1], LIMITS)
    assert report.verdict == Verdict.TIME_LIMIT, report
    assert report.results[0].seconds >= 0.6 or "waited" in report.results[0].detail


@each_language
def test_program_that_swells_takes_too_much_memory(language: str) -> None:
    report = judge.judge(Program(language, SWELLS[language]), CASES[:1], Limits(5, 96))
    fitting = {Verdict.MEMORY_LIMIT}
    if judge.status().rung != "A":
        fitting.add(Verdict.RUNTIME_ERROR)  # the program meets the limit on addresses and ends by itself
    assert report.verdict in fitting, report


@each_language
def test_program_that_floods_writes_too_much(language: str) -> None:
    report = judge.judge(Program(language, FLOODS[language]), CASES[:1], Limits(5, 128))
    assert report.verdict == Verdict.OUTPUT_LIMIT, report
    assert len(report.results[0].stdout) <= 8000


@each_language
def test_own_inputs_expect_nothing(language: str) -> None:
    report = judge.run(Program(language, SUM[language]), ["1 2", "3 4"], Limits(5, 128))
    assert report.verdict == Verdict.ACCEPTED, report
    assert [result.stdout.strip() for result in report.results] == ["3", "7"]


def test_checker_and_tolerance_decide() -> None:
    program = Program("python", "print(1/3)\nprint('b')\nprint('a')\n")
    cases = [Case("", "0.3334\nb\na")]
    assert judge.judge(program, cases, LIMITS, "floats", 0.001).verdict == Verdict.ACCEPTED
    assert judge.judge(program, cases, LIMITS, "floats", 0.00001).verdict == Verdict.WRONG_ANSWER
    exact = [Case("", f"a\n{1 / 3}\nb")]
    assert judge.judge(program, exact, LIMITS, "unordered").verdict == Verdict.ACCEPTED
    with pytest.raises(ValueError, match="nearly"):
        judge.judge(program, cases, LIMITS, "nearly")


def test_unknown_language_is_not_offered() -> None:
    with pytest.raises(judge.SandboxUnavailable, match="cobol"):
        judge.judge(Program("cobol", ""), CASES, LIMITS)


def test_more_output_than_usual_is_right_where_it_is_expected() -> None:
    long = "x" * 1_500_000
    report = judge.judge(Program("python", "print('x' * 1500000)\n"), [Case("", long)], Limits(5, 128))
    assert report.verdict == Verdict.ACCEPTED, report


def test_long_input_comes_in_whole() -> None:
    text = "é" * 2_000_000
    report = judge.judge(
        Program("python", "import sys\nprint(len(sys.stdin.buffer.read()))\n"),
        [Case(text, "4000000")],
        Limits(5, 128),
    )
    assert report.verdict == Verdict.ACCEPTED, report


def test_warnings_of_the_compiler_are_kept() -> None:
    source = "int main(void) { return x(); }\nint x(void) { return 0; }\n"
    report = judge.run(Program("c", source), [""], LIMITS)
    assert report.verdict == Verdict.ACCEPTED
    assert report.compile is not None
    assert "implicit declaration" in report.compile.message

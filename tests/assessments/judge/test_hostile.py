"""Hostile programs, several at a time, beside honest ones: as root, who has control groups, and as an ordinary user."""

import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assessments import judge
from assessments.judge import Case, Limits, Program, Report, Verdict, judging, self_test
from assessments.judge.memory import children
from assessments.judge.sandbox import FIRST_SLOT, SLOTS
from tests.assessments.judge.hostile import Hostile
from tests.assessments.judge.hostile.compiling import COMPILING
from tests.assessments.judge.hostile.files import FILES
from tests.assessments.judge.hostile.kernel import KERNEL
from tests.assessments.judge.hostile.memory import MEMORY
from tests.assessments.judge.hostile.output import OUTPUT
from tests.assessments.judge.hostile.processes import PROCESSES, STAYS
from tests.assessments.judge.users import ORDINARY, as_ordinary_user
from tests.requirements import require

pytestmark = pytest.mark.slow

HOSTILE = [*PROCESSES, *MEMORY, *OUTPUT, *FILES, *KERNEL, *COMPILING]
AT_ONCE = 4
SLOWEST = 12
LIMITS = Limits(0.5, 64)
HONEST = {
    "c": '#include <stdio.h>\nint main(void) { int a; scanf("%d", &a); printf("%d\\n", 2 * a); }\n',
    "python": "print(2 * int(input()))\n",
    "bash": "read -r a\necho $((2 * a))\n",
}


@dataclass
class Battle:
    """What came of all programs: reports of the hostile by name, verdicts on the honest, what was left behind."""

    rung: str
    refused: dict[str, str]
    reports: dict[str, Report] = field(default_factory=dict, repr=False)
    honest: list[Verdict] = field(default_factory=list, repr=False)
    took: dict[str, float] = field(default_factory=dict, repr=False)
    left: list[str] = field(default_factory=list)
    seconds: float = 0.0


def fight() -> Battle:
    """Run every hostile program, and honest ones all the while."""
    self_test._found = None  # another user finds another machine
    judge.allow_here()
    judging.COMPILE_LIMITS = Limits(3, 512)  # long enough, and bombs last no longer
    found = judge.status()
    battle = Battle(
        found.rung, dict.fromkeys(judge.LANGUAGES, found.reason) if found.reason else dict(found.refused)
    )
    if found.reason:
        return battle
    began, over = time.monotonic(), threading.Event()
    before = things()

    def attack(hostile: Hostile) -> None:
        limits = Limits(0.5, 160) if hostile.language in ("java", "javascript") else LIMITS
        program = Program(hostile.language, hostile.source)
        at = time.monotonic()
        battle.reports[hostile.name] = judge.judge(program, [Case(hostile.input, hostile.output)], limits)
        battle.took[hostile.name] = round(time.monotonic() - at, 1)

    def be_honest() -> None:
        while not over.is_set():
            for language, source in HONEST.items():
                if language in battle.refused:
                    continue
                cases = [Case(str(number), str(2 * number)) for number in range(3)]
                battle.honest.append(judge.judge(Program(language, source), cases, Limits(5, 64)).verdict)
                time.sleep(0.1)

    with ThreadPoolExecutor(AT_ONCE + 1) as pool:
        honest = pool.submit(be_honest)
        try:
            list(pool.map(attack, [one for one in HOSTILE if one.language not in battle.refused]))
        finally:
            over.set()
        honest.result()
    battle.seconds = time.monotonic() - began
    battle.left = sorted(things() - before)
    return battle


def things() -> set[str]:
    """What a run might leave behind: processes, control groups, files in shared places."""
    users = {*range(FIRST_SLOT, FIRST_SLOT + SLOTS), ORDINARY}
    found = {f"child {pid}" for pid in children(os.getpid())}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if STAYS.encode() in words:
            found.add(f"process {folder.name} {words!r}")
    machine = judge.status().machine
    if machine and machine.groups:
        for _, parent in machine.groups.parents:
            found |= {str(path) for path in parent.glob(f"judge-{os.getpid()}-*")}
    for place in {tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", "/mnt"}:
        for path in Path(place).glob("*"):
            try:
                if path.lstat().st_uid in users:
                    found.add(str(path))
            except OSError:
                continue
    return found


@pytest.fixture(scope="module")
def listener() -> Iterator[None]:
    """Something of the host that listens on a socket without a file."""
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("\0judge-test-listens")
        one.listen()
        yield


@pytest.fixture(scope="module", params=["as started", "ordinary user"])
def battle(request: pytest.FixtureRequest, listener: None) -> Iterator[Battle]:
    """The battle as the user that runs the tests, and if that is root, as an ordinary one too."""
    as_started = request.param == "as started"
    if not as_started and os.geteuid() != 0:
        pytest.skip("the tests run as an ordinary user")
    usual = judging.COMPILE_LIMITS
    call: Callable[[Callable[[], Battle]], Battle] = (lambda one: one()) if as_started else as_ordinary_user
    os.environ["SECRET_OF_THE_HOST"] = "never to be seen"
    fought = call(fight)
    slowest = sorted(fought.took.items(), key=lambda one: -one[1])[:SLOWEST]
    print(f"\n{request.param}: rung {fought.rung}, {len(HOSTILE)} hostile programs in {fought.seconds:.1f} s")  # noqa: T201
    print(slowest)  # noqa: T201
    yield fought
    self_test._found, judging.COMPILE_LIMITS = None, usual
    judge.forbid_here()


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_hostile_program_gets_what_it_deserves(battle: Battle, hostile: Hostile) -> None:
    require(hostile.language not in battle.refused, battle.refused.get(hostile.language, ""))
    report = battle.reports[hostile.name]
    assert report.verdict in hostile.verdicts, report
    said = "".join([report.compile.message if report.compile else ""])
    said += "".join(one.stdout + one.stderr + one.detail for one in report.results)
    assert hostile.says in said
    assert not hostile.never_says or hostile.never_says not in said
    assert "\0" not in said
    said.encode()


def test_honest_programs_are_accepted_all_the_while(battle: Battle) -> None:
    require("bash" not in battle.refused, battle.refused.get("bash", ""))
    assert len(battle.honest) >= 10
    assert set(battle.honest) == {Verdict.ACCEPTED}


def test_nothing_is_left_behind(battle: Battle) -> None:
    assert battle.left == []


def test_there_are_many_hostile_programs() -> None:
    assert len({hostile.name for hostile in HOSTILE}) == len(HOSTILE) >= 60

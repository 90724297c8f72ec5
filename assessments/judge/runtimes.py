"""What a language needs in its sandbox: directories of the host to read, how to compile, how to run.

Only the system's own packages count, below /usr: an interpreter in somebody's home or in the site's environment may be
unreadable for the sandbox's user, and brings other software along.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE_DIR = "/box"
ARTEFACT = "/box/program"
BESIDE_THE_HEAP = 64  # megabytes that a JVM needs beside its heap


@dataclass(frozen=True, slots=True)
class Runtime:
    """One language on this machine.

    `build`: the command that checks the source, or writes the compiled program to its stdout (`makes_artefact`).
    `run`: the command for a memory limit in megabytes. `limits_space`: whether a limit on the address space is
    bearable; runtimes that reserve gigabytes cannot live under one. `version`: the command that tells it, or the text;
    `told_as`: what stands before the number then.
    """

    build: tuple[str, ...]
    run: Callable[[int], tuple[str, ...]]
    version: tuple[str, ...] | str
    told_as: str = ""
    makes_artefact: bool = False
    limits_space: bool = True
    build_binds: tuple[str, ...] = ()
    run_binds: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


class RuntimeMissing(Exception):
    """The machine has no runtime for the language; the text says what is looked for."""


def system_binary(name: str) -> str:
    """The real path of a program in /usr/bin, which must lie in /usr itself. Raises RuntimeMissing."""
    path = os.path.realpath(f"/usr/bin/{name}")
    if not path.startswith(("/usr/bin/", "/usr/lib/")) or not os.access(path, os.X_OK):
        raise RuntimeMissing(f"/usr/bin/{name} is not there")
    return path


def existing(*paths: str) -> tuple[str, ...]:
    return tuple(path for path in paths if Path(path).exists())


# --- One function for each language ---------------------------------------------------------------

PYTHON_CHECK = """
import sys, traceback
try:
    compile(open("/box/main.py", "rb").read(), "main.py", "exec")
except BaseException as error:
    sys.stderr.write("".join(traceback.format_exception_only(error)))
    sys.exit(1)
"""


def _python() -> Runtime:
    python = system_binary("python3")
    version = Path(python).name
    libraries = existing(f"/usr/lib/{version}", f"/usr/lib64/{version}")
    if not libraries:
        raise RuntimeMissing(f"/usr/lib/{version} is not there")
    return Runtime(
        build=(python, "-I", "-B", "-c", PYTHON_CHECK),
        run=lambda memory_mb: (python, "-I", "-B", "/box/main.py"),
        version=(python, "-I", "-B", "--version"),
        told_as="Python",
        build_binds=libraries,
        run_binds=libraries,
    )


def _javascript() -> Runtime:
    node = system_binary("node")
    # Debian's node reads some of its own modules from there.
    modules = existing(
        *(f"/usr/share/nodejs/{name}" for name in ("acorn", "acorn-walk", "cjs-module-lexer", "undici"))
    )

    def command(memory_mb: int) -> tuple[str, ...]:
        heap = max(16, memory_mb - 60)
        return node, f"--max-old-space-size={heap}", "/box/main.js"

    return Runtime(
        build=(node, "--check", "/box/main.js"),
        run=command,
        version=(node, "--version"),
        told_as="Node.js",
        limits_space=False,
        build_binds=modules,
        run_binds=modules,
    )


def _native(told_as: str, compiler: str, *options: str) -> Runtime:
    binary = system_binary(compiler)
    words = f"{binary} {' '.join(options)} -o /tmp/program >&2 && exec cat /tmp/program"
    return Runtime(
        build=("/usr/bin/sh", "-c", words),
        run=lambda memory_mb: (ARTEFACT,),
        version=(binary, "-dumpfullversion"),
        told_as=told_as,
        makes_artefact=True,
        build_binds=existing("/usr/lib/gcc", "/usr/libexec/gcc", "/usr/include"),
    )


def _c() -> Runtime:
    return _native("C17, gcc", "gcc", "-std=c17", "-O2", "-pipe", "-fmax-errors=20", "/box/main.c", "-lm")


def _cpp() -> Runtime:
    return _native("C++20, g++", "g++", "-std=c++20", "-O2", "-pipe", "-fmax-errors=20", "/box/main.cpp")


def _java() -> Runtime:
    home = Path(system_binary("javac")).parent.parent
    if not (home / "bin" / "jar").exists():
        raise RuntimeMissing("the JDK has no jar")
    # Debian keeps a JDK's settings in /etc, behind links.
    settings = {
        os.path.realpath(path) for path in [home / "conf", *(home / "conf").glob("*"), home / "lib/jvm.cfg"]
    }
    tops = {"/".join(path.split("/")[:3]) for path in settings if path.startswith("/etc/")}
    binds = (str(home), *existing(*sorted(tops)))
    small = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:ActiveProcessorCount=1"
    for_tools = " ".join(f"-J{option}" for option in small.split())
    words = (
        f"{home}/bin/javac {for_tools} -J-Xmx256m -proc:none -encoding UTF-8 -d /tmp/classes /box/Main.java >&2"
        f" && exec {home}/bin/jar {for_tools} -J-Xmx128m -c -0 -M -C /tmp/classes ."
    )

    def command(memory_mb: int) -> tuple[str, ...]:
        heap = max(8, memory_mb - BESIDE_THE_HEAP)
        options = f"{small} -XX:CompressedClassSpaceSize=16m -Xmx{heap}m -Xss16m -Xshare:auto"
        return f"{home}/bin/java", *options.split(), "-cp", ARTEFACT, "Main"

    return Runtime(
        build=("/usr/bin/sh", "-c", words),
        run=command,
        version=_java_version(home),
        makes_artefact=True,
        limits_space=False,
        build_binds=binds,
        run_binds=binds,
        environment=(("LD_LIBRARY_PATH", f"{home}/lib"),),
    )


def _java_version(home: Path) -> str:
    found = re.search(r'^JAVA_VERSION="([^"]+)"', (home / "release").read_text(), re.MULTILINE)
    return f"Java {found[1]}" if found else "Java"


def _bash() -> Runtime:
    bash = system_binary("bash")
    return Runtime(
        build=(bash, "--norc", "--noprofile", "-n", "/box/main.sh"),
        run=lambda memory_mb: (bash, "--norc", "--noprofile", "/box/main.sh"),
        version=(bash, "-c", 'echo "${BASH_VERSION%%[^0-9.]*}"'),
        told_as="Bash",
    )


FINDERS: dict[str, Callable[[], Runtime]] = {
    "python": _python,
    "javascript": _javascript,
    "c": _c,
    "cpp": _cpp,
    "java": _java,
    "bash": _bash,
}


@cache
def runtime_of(language: str) -> Runtime:
    """What a language runs with here. Raises RuntimeMissing, ValueError for a language that nobody knows."""
    if language not in FINDERS:
        raise ValueError(f"The judge knows no language {language!r}.")
    return FINDERS[language]()

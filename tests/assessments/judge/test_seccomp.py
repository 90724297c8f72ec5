"""The filter of system calls, run by a small interpreter for every call of both processors."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.judge import SandboxUnavailable
from assessments.judge.seccomp import ARCHITECTURES, CLONE, CLONE3, FORBIDDEN, IOCTL, SOCKETS, filter_program

ALLOW, KILL = 0x7FFF0000, 0x80000000
CLONE_NEW = {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000}
machines = pytest.mark.parametrize("machine", ARCHITECTURES)


def answer(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would do about a call."""
    data = struct.pack(
        "<IIQ6Q",
        number,
        ARCHITECTURES[machine] if architecture is None else architecture,
        0,
        *[one % 2**64 for one in (*arguments, 0, 0, 0, 0, 0, 0)[:6]],
    )
    program = filter_program(machine)
    loaded = at = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("<HBBI", program, 8 * at)
        at += 1
        match code:
            case 0x20:
                (loaded,) = struct.unpack_from("<I", data, value)
            case 0x15:
                at += if_true if loaded == value else if_false
            case 0x35:
                at += if_true if loaded >= value else if_false
            case 0x45:
                at += if_true if loaded & value else if_false
            case 0x06:
                return value
            case _:
                raise AssertionError(hex(code))


def refused(error: int) -> int:
    return 0x50000 | error


@machines
def test_forbidden_calls_are_refused_and_all_others_allowed(machine: str) -> None:
    column = list(ARCHITECTURES).index(machine)
    forbidden = {numbers[column] for numbers in FORBIDDEN.values()}
    special = {CLONE3[column], *(call[column] for call in SOCKETS)}
    for number in range(600):
        if number in special:
            continue
        assert answer(machine, number) == (refused(errno.EPERM) if number in forbidden else ALLOW), number


@machines
def test_calls_of_other_kinds_end_the_program(machine: str) -> None:
    for architecture in (
        0x40000003,
        0x40000028,
        0,
        *(set(ARCHITECTURES.values()) - {ARCHITECTURES[machine]}),
    ):
        assert answer(machine, 0, architecture=architecture) == KILL
    for number in (0x40000000, 0x40000000 | 101, 0x7FFFFFFF, 0xFFFFFFFF):
        assert answer(machine, number) == KILL


@machines
def test_new_namespaces_are_refused(machine: str) -> None:
    column = list(ARCHITECTURES).index(machine)
    for flag in CLONE_NEW:
        for more in (0, 17, 1 << 32, 0xFFFF):
            assert answer(machine, CLONE[column], flag | more) == refused(errno.EPERM)
    assert answer(machine, CLONE[column], 0x003D0F00) == ALLOW  # a thread
    assert answer(machine, CLONE[column], 17) == ALLOW  # a process
    assert answer(machine, CLONE3[column]) == refused(errno.ENOSYS)


@machines
@given(family=st.integers(-(2**63), 2**63 - 1))
def test_sockets_are_local_ones(machine: str, family: int) -> None:
    column = list(ARCHITECTURES).index(machine)
    for call in SOCKETS:
        is_local = family % 2**32 == 1
        assert answer(machine, call[column], family) == (ALLOW if is_local else refused(errno.EAFNOSUPPORT))


@machines
@given(high=st.integers(0, 2**32 - 1), fd=st.integers(0, 2**32 - 1))
def test_nobody_types_into_a_terminal(machine: str, high: int, fd: int) -> None:
    column = list(ARCHITECTURES).index(machine)
    for request in (0x5412, 0x541C):
        assert answer(machine, IOCTL[column], fd, high << 32 | request) == refused(errno.EPERM)
    assert answer(machine, IOCTL[column], fd, high << 32 | 0x5401) == ALLOW


def test_unknown_processors_have_no_filter() -> None:
    for machine in ("riscv64", "i686", "armv7l"):
        with pytest.raises(SandboxUnavailable, match=machine):
            filter_program(machine)

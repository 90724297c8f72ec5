"""The judge as other users have it: in a child of this process that has become one of them."""

import ctypes
import os
import pickle
import resource  # noqa: F401  a child that is another user could not read it any more
import traceback
from collections.abc import Callable
from typing import TypeVar

ORDINARY = 54321

T = TypeVar("T")


def as_ordinary_user(function: Callable[[], T]) -> T:
    """Call a function as an ordinary user; its modules are loaded, so the user needs to read nothing of the site."""
    return in_a_child(function, become_ordinary) if os.geteuid() == 0 else function()


def become_ordinary() -> None:
    os.setgroups([])
    os.setgid(ORDINARY)
    os.setuid(ORDINARY)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as dumpable as a process that began as this user


def in_a_child(function: Callable[[], T], first: Callable[[], None] = lambda: None) -> T:
    """Call a function in a child of this process; what it does to itself stays there."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reads)
            first()
            answer = (True, function())
        except BaseException:
            answer = (False, traceback.format_exc())
        with os.fdopen(writes, "wb") as file:
            pickle.dump(answer, file)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        told = file.read()
    os.waitpid(pid, 0)
    worked, answer = pickle.loads(told)
    assert worked, answer
    return answer

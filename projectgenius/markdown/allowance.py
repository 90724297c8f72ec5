"""How much work a text is worth.

The time is the processor's for this thread: on a busy machine a text does not look more expensive than it is.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class TooMuchWorkError(Exception):
    """This takes more than any text does that is written to be read."""


class Allowance:
    """The seconds that are left for one kind of work on one text."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    @contextmanager
    def charge(self) -> Iterator[None]:
        """Take off the time of a `with` block, which does not begin when nothing is left."""
        if self.left <= 0:
            raise TooMuchWorkError
        start = time.thread_time()
        try:
            yield
        finally:
            self.left -= time.thread_time() - start

    def pace(self, items: Iterable[Item]) -> Iterator[Item]:
        """Hand the items on as they are made, for as long as the time lasts."""
        start = time.thread_time()
        try:
            for item in items:
                if time.thread_time() - start > self.left:
                    raise TooMuchWorkError
                yield item
        finally:
            self.left -= time.thread_time() - start

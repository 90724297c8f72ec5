"""How the worker handles a task: how often it is tried, how long it waits between, what stays of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

LONGEST_PAUSE = timedelta(hours=1)

Function = TypeVar("Function", bound=Callable[..., Any])


class GiveUp(Exception):
    """Raised by a task that would fail in every further try: it becomes FAILED at once."""


@dataclass(frozen=True)
class Handling:
    """Three tries, unless a task says otherwise with `handled`."""

    tries: int = 3
    pause: timedelta = timedelta(seconds=10)
    forget_arguments: bool = False

    def pause_after(self, attempt: int) -> timedelta:
        """Time to wait after the failed try number `attempt` (from 1): doubled each time, at most an hour.

        Up to half as much again is added by chance: tasks that failed together need not return together.
        """
        doubled: timedelta = self.pause * 2 ** min(attempt - 1, 20)
        return min(doubled, LONGEST_PAUSE) * random.uniform(1.0, 1.5)  # noqa: S311  (a pause is no secret)


def handled(
    *, tries: int = 3, pause: timedelta = Handling.pause, forget_arguments: bool = False
) -> Callable[[Function], Function]:
    """Set a task's handling; stands below `@task`.

    `tries` counts the first one. `pause` is the time before the second try. With `forget_arguments` the
    arguments are erased once the task has succeeded: for those that carry something confidential.
    """

    def mark(function: Function) -> Function:
        function.handling = Handling(tries, pause, forget_arguments)  # type: ignore[attr-defined]
        return function

    return mark


def handling_of(function: Callable[..., Any]) -> Handling:
    """The handling that was set for a task's function, or the usual one."""
    handling: Handling = getattr(function, "handling", Handling())
    return handling

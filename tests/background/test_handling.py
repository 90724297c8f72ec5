"""How often a task is tried, and how long it waits."""

from datetime import timedelta

import pytest

from projectgenius.background.handling import LONGEST_PAUSE, Handling, handling_of
from tests.background.sample import tasks


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 10), (2, 20), (3, 40), (6, 320)])
def test_pause_doubles_with_each_try_and_is_up_to_half_longer_by_chance(attempt: int, seconds: int) -> None:
    pauses = {Handling().pause_after(attempt).total_seconds() for _ in range(50)}
    assert min(pauses) >= seconds
    assert max(pauses) <= seconds * 1.5
    assert len(pauses) > 1


def test_pause_has_a_longest_one_however_many_tries() -> None:
    assert Handling(tries=10_000).pause_after(9_999) <= LONGEST_PAUSE * 1.5


def test_task_without_a_word_about_it_gets_three_tries() -> None:
    assert handling_of(tasks.quick.func) == Handling(tries=3, pause=timedelta(seconds=10))
    assert handling_of(tasks.failing.func) == Handling(tries=3, pause=tasks.FIRST_PAUSE)

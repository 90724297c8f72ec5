"""Slots of time, and that each is fired once."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from projectgenius.background.models import ScheduledRun
from projectgenius.background.schedule import EPOCH, SCHEDULES, Schedule, Scheduler, periodic
from tests.background.sample import tasks

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1971, 2200))


def schedule(**more: timedelta) -> Schedule:
    return Schedule("sample", tasks.every_second, **{"every": timedelta(minutes=5), **more})


@pytest.mark.parametrize(
    ("minutes", "every", "offset", "expected"),
    [
        (0, timedelta(minutes=5), timedelta(), NOON),
        (4, timedelta(minutes=5), timedelta(), NOON),
        (5, timedelta(minutes=5), timedelta(), NOON + timedelta(minutes=5)),
        (0, timedelta(days=1), timedelta(hours=3), NOON.replace(hour=3)),
        (0, timedelta(days=1), timedelta(hours=13), NOON.replace(day=28, month=2, hour=13)),
    ],
)
def test_slot_is_the_beginning_of_the_present_span(
    minutes: int, every: timedelta, offset: timedelta, expected: datetime
) -> None:
    assert schedule(every=every, offset=offset).slot(NOON + timedelta(minutes=minutes)) == expected


@given(
    now=st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
    every=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
)
def test_every_moment_is_in_one_slot(now: datetime, every: timedelta) -> None:
    slot = schedule(every=every).slot(now)
    assert slot <= now < slot + every
    assert not (slot - EPOCH) % every


@pytest.mark.django_db
def test_slot_is_fired_once_by_any_number_of_schedulers() -> None:
    one, two = (Scheduler({"sample": schedule()}) for _ in range(2))
    assert one.tick(NOON) == 1
    assert one.tick(NOON + timedelta(minutes=1)) == 0
    assert two.tick(NOON + timedelta(minutes=2)) == 0
    assert two.tick(NOON + timedelta(minutes=5)) == 1
    assert one.tick(NOON + timedelta(minutes=5)) == 0
    assert one.tick(NOON - timedelta(minutes=1)) == 1  # a clock that is behind fires what nobody fired
    assert DBTaskResult.objects.count() == ScheduledRun.objects.count() == 3


@pytest.mark.django_db
def test_quiet_ticks_ask_the_database_nothing(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    scheduler = Scheduler({"sample": schedule()})
    scheduler.tick(NOON)
    with django_assert_num_queries(0):
        scheduler.tick(NOON + timedelta(minutes=4))


@pytest.mark.django_db
def test_slot_stays_open_if_its_task_cannot_be_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("queue")

    scheduler = Scheduler({"sample": schedule()})
    with monkeypatch.context() as broken:
        broken.setattr(type(tasks.every_second.get_backend()), "enqueue", refuse)
        with pytest.raises(RuntimeError):
            scheduler.tick(NOON)
    assert scheduler.tick(NOON) == 1


def test_two_tasks_cannot_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(SCHEDULES):
        monkeypatch.delitem(SCHEDULES, name)
    every = timedelta(hours=1)
    assert periodic(every=every, name="shared")(tasks.every_second) is tasks.every_second
    periodic(every=every, name="shared")(tasks.every_second)
    with pytest.raises(ImproperlyConfigured, match="shared"):
        periodic(every=every, name="shared")(tasks.hopeless)
    del SCHEDULES["shared"]


def test_two_schedulers_at_the_same_moment_fire_each_slot_once(postgresql_url: str) -> None:
    slots, barrier, fired = 30, Barrier(2), []

    def run() -> None:
        scheduler = Scheduler({"sample": schedule()})
        try:
            for number in range(slots):
                barrier.wait(10)
                fired.append(scheduler.tick(NOON + number * timedelta(minutes=5)))
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fired) == 2 * slots
    assert sum(fired) == DBTaskResult.objects.count() == ScheduledRun.objects.count() == slots

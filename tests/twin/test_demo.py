"""Demos: one after another, and several at once."""

import asyncio
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from unslouch.analysis.history import History
from unslouch.analysis.metrics.minutes import COVERAGE, STATE_MINUTES
from unslouch.errors import BadInput, StoreError
from unslouch.sensor.events import RecordsStored
from unslouch.sensor.recorder import Recorder
from unslouch.store import Store
from unslouch.twin import demo as demos
from unslouch.twin.demo import Demo, running_demo
from unslouch_device.contract import states

STAND_IN = (sys.executable, "-c", "print('socket://127.0.0.1:1', flush=True); input()")
"""Says an address as `unslouch simulate` does, and ends with its stdin."""


def records_in(path: Path) -> int:
    with Store.open(path, simulated=True, readonly=True) as store:
        return store.records()


async def record_something(demo: Demo) -> None:
    """Record a demo's sensor until something is stored."""
    stored = asyncio.Event()
    recorder = Recorder(demo.address, demo.database)
    recorder.subscribe(lambda event: stored.set() if isinstance(event, RecordsStored) else None, "The test")
    recording = asyncio.create_task(recorder.run())
    async with asyncio.timeout(60):
        await stored.wait()
    recording.cancel()
    await asyncio.wait([recording])


async def test_a_demo_has_three_weeks_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    async with running_demo(path, STAND_IN) as demo:
        assert (demo.address, demo.database, demo.number, demo.notice) == ("socket://127.0.0.1:1", path, 0, "")
        assert records_in(path) > 50_000


async def test_demos_at_once_are_sensors_and_wearers_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    async with running_demo(path, STAND_IN) as first, running_demo(path, STAND_IN) as second:
        assert second.database == tmp_path / "simulated-2.db"
        assert str(second.database) in second.notice
        ids = []
        for demo in (first, second):
            with Store.open(demo.database, simulated=True, readonly=True) as store:
                ids.append({(sensor.device_id, sensor.journal) for sensor in store.sensors()})
        assert len(ids[0]) == len(ids[1]) == 1
        assert not ids[0] & ids[1]
    async with running_demo(path, STAND_IN) as third:
        assert third.database == path, "the first place is free again"


async def test_too_many_demos_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demos, "MOST_AT_ONCE", 1)
    async with running_demo(tmp_path / "a.db", STAND_IN):
        with pytest.raises(BadInput, match="end one"):
            async with running_demo(tmp_path / "a.db", STAND_IN):
                pass


async def test_a_demo_on_a_real_wearers_database_is_refused_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "posture.db"
    Store.open(path, simulated=False).close()
    with pytest.raises(StoreError):
        async with running_demo(path, STAND_IN):
            pass
    with Store.open(path, simulated=False) as store:
        assert store.records() == 0


async def test_a_second_demo_opens_on_a_day_without_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "simulated.db"
    for _ in range(2):
        async with running_demo(path) as demo:
            await record_something(demo)
    with Store.open(path, simulated=True, readonly=True) as store:
        history = History(store)
        now = datetime.now(UTC)
        today = history.today(round(now.timestamp() * 1000))
        assert today.summary[STATE_MINUTES[states.UNKNOWN]] < 5 / 60
        assert history.day(today.day - timedelta(days=1)).summary[COVERAGE] in (None, 1)
        assert len(store.journals()) == 3


async def test_a_folder_in_the_place_of_the_database_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (Path(), tmp_path):
        with pytest.raises(StoreError, match="is a folder, and the database is a file: name one with --db"):
            async with running_demo(folder, STAND_IN):
                pass
    assert list(tmp_path.iterdir()) == []


async def test_a_demo_that_is_left_while_its_past_is_filled_keeps_its_database_until_that_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, goes_on = threading.Event(), threading.Event()
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda failed: errors.append(failed.exc_value))

    def fill(_: Path, number: int) -> None:
        if not number and not began.is_set():
            began.set()
            goes_on.wait(60)

    monkeypatch.setattr(demos, "_fill", fill)

    async def open_demo() -> None:
        async with running_demo(tmp_path / "demo.db", STAND_IN):
            raise AssertionError("It can't be open while its past is filled.")

    opening = asyncio.create_task(open_demo())
    await asyncio.to_thread(began.wait, 60)
    opening.cancel()
    await asyncio.wait([opening])
    (thread,) = (each for each in threading.enumerate() if each.name == "demo's past")
    async with running_demo(tmp_path / "demo.db", STAND_IN) as next_one:
        goes_on.set()
        assert next_one.number == 1, "the first database isn't free yet"
    await asyncio.to_thread(thread.join, 60)
    assert not errors
    async with running_demo(tmp_path / "demo.db", STAND_IN) as last:
        assert last.number == 0

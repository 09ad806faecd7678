"""The dashboard's feed on a real recorder and a simulated sensor, and the command that opens it."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journals import JournalBuilder
from unslouch.errors import ExitCode, NoData, NoSensor
from unslouch.store import Store
from unslouch.tui.feed import RecorderFeed, open_simulated_sensor
from unslouch.tui.sensor_state import SensorState
from unslouch_device.contract import states

PATIENCE_S = 40


@pytest.fixture
def feed(tmp_path: Path) -> RecorderFeed:
    return RecorderFeed(open_simulated_sensor, tmp_path / "demo.db", is_simulated=True)


async def test_a_simulated_sensor_is_followed_commanded_and_released(feed: RecorderFeed) -> None:
    sensor = SensorState(asyncio.get_running_loop().time)
    following = asyncio.create_task(feed.run(sensor.handle))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while sensor.live is None:
                await asyncio.sleep(0.05)
            assert sensor.info is not None
            assert sensor.info.simulated
            assert feed.link_kind == "cable"
            _, settings = await feed.client.settings()
            assert settings["threshold"] == 12
            assert await feed.client.snooze(5) == 5
            assert await feed.client.snooze(0) == 0
            await feed.client.buzz()
    finally:
        following.cancel()
        await asyncio.wait([following])
    with pytest.raises(NoSensor):
        _ = feed.client


def test_where_nothing_is_recorded_there_is_no_today_and_nothing_to_export(feed: RecorderFeed) -> None:
    assert feed.load_today() is None
    with pytest.raises(NoData):
        feed.export_today()


def test_without_a_sensor_there_is_no_client_and_no_link(feed: RecorderFeed) -> None:
    with pytest.raises(NoSensor):
        _ = feed.client
    assert feed.link_kind == ""
    feed.retry()
    feed.watch(False)


def test_without_a_terminal_the_dashboard_names_the_command_that_needs_none() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "unslouch", "--demo"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30
    )
    assert ended.returncode == ExitCode.USAGE
    assert ended.stdout == b""
    assert b"unslouch watch" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_today_is_read_from_a_database_that_stays_open_and_sees_what_is_stored_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    feed = RecorderFeed(open_simulated_sensor, path, is_simulated=True)
    assert feed.load_today() is None, "there is no database yet"
    noon_ms = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
    journal = JournalBuilder(1).start_boot().clock(noon_ms).epochs(states.UPRIGHT, 100)
    with Store.open(path, simulated=True) as store:
        store.add_pages(journal.pages())
        first = feed.load_today()
        assert first is not None
        history = feed._history.open(path)
        journal.epochs(states.SLOUCHING, 100)
        store.add_pages(journal.pages())
        second = feed.load_today()
    assert second is not None
    assert len(second.epochs.state) == len(first.epochs.state) + 100
    assert feed._history.open(path) is history
    feed.close()


async def test_what_the_wearer_did_is_written_into_the_database_of_the_sensor(
    feed: RecorderFeed, tmp_path: Path
) -> None:
    session = feed.change_store(
        lambda store: store.words.add_session("cat-cow", 1_000, 61_000, repetitions=8, is_complete=True)
    )
    with Store.open(tmp_path / "demo.db", simulated=True, readonly=True) as store:
        assert store.words.sessions(0, 100_000) == [session]

"""The dashboard's feed on a real recorder and a simulated sensor, and the command that opens it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from unslouch.errors import ExitCode, NoData, NoSensor
from unslouch.tui.feed import RecorderFeed, simulated
from unslouch.tui.sensor_state import SensorState

PATIENCE_S = 40


@pytest.fixture
def feed(tmp_path: Path) -> RecorderFeed:
    return RecorderFeed(simulated, tmp_path / "demo.db", simulated=True)


async def test_a_simulated_sensor_is_followed_commanded_and_let_go_of(feed: RecorderFeed) -> None:
    sensor = SensorState(asyncio.get_running_loop().time)
    following = asyncio.create_task(feed.run(sensor.handle))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while sensor.live is None:
                await asyncio.sleep(0.05)
            assert sensor.info is not None
            assert sensor.info.simulated
            assert (await feed.settings())["threshold"] == 12
            assert await feed.snooze(5) == 5
            assert await feed.snooze(0) == 0
            await feed.buzz()
    finally:
        following.cancel()
        await asyncio.wait([following])
    with pytest.raises(NoSensor):
        await feed.buzz()


def test_where_nothing_is_recorded_there_is_no_today_and_nothing_to_export(feed: RecorderFeed) -> None:
    assert feed.load_today() is None
    with pytest.raises(NoData):
        feed.export_today()


async def test_without_a_sensor_every_command_says_so(feed: RecorderFeed) -> None:
    for command in (feed.calibrate, feed.rezero, feed.buzz, feed.settings):
        with pytest.raises(NoSensor):
            await command()
    feed.retry()


def test_without_a_terminal_the_dashboard_names_the_command_that_needs_none() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "unslouch", "--demo"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30
    )
    assert ended.returncode == ExitCode.USAGE
    assert ended.stdout == b""
    assert b"unslouch watch" in ended.stderr
    assert b"Traceback" not in ended.stderr

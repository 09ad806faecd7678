"""What the commands tell of the link while they follow a sensor."""

import pytest

from unslouch.cli.running import Follower, minutes_and_seconds
from unslouch.link.model import LinkState, SensorInfo
from unslouch.sensor.events import LinkChanged, SensorConnected, WindowExpected

INFO = SensorInfo("24ec4a0c9f51d3e8", "a board", "0.1.0", 3, 1, 1, 0, 0, 0, 1, 1, False, False, 180)


def visit(follower: Follower) -> None:
    """A sensor comes, is caught up with, and rests."""
    follower.handle(LinkChanged(LinkState.CONNECTING, "Opening it."))
    follower.handle(SensorConnected(INFO))
    follower.handle(LinkChanged(LinkState.SYNCING, "Fetching 36 records."))
    follower.handle(LinkChanged(LinkState.LIVE, "Linked to it."))
    follower.handle(LinkChanged(LinkState.RESTING, "The sensor rests."))
    follower.handle(WindowExpected(180.0))


async def test_visits_to_a_resting_sensor_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    follower = Follower(wait=False)
    visit(follower)
    first = capsys.readouterr().err
    assert first.splitlines()[-1] == "The sensor rests."
    assert "Found the sensor" in first
    visit(follower)
    assert capsys.readouterr().err == ""
    follower.handle(LinkChanged(LinkState.WAITING, "It is lost."))
    visit(follower)
    told = capsys.readouterr().err
    assert "It is lost." in told
    assert "The sensor rests." in told


async def test_the_next_window_of_a_lost_sensor_is_told_once_per_window(capsys: pytest.CaptureFixture[str]) -> None:
    follower = Follower(wait=True)
    for opens_in_s in (125.0, 110.0, 95.0):
        follower.handle(LinkChanged(LinkState.WAITING, "It isn't heard."))
        follower.handle(WindowExpected(opens_in_s))
    told = capsys.readouterr().err
    assert told.count("2 min 5 s") == 1
    assert "1 min" not in told


@pytest.mark.parametrize(("duration_s", "words"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (125, "2 min 5 s")])
def test_durations_are_told_in_minutes_and_seconds(duration_s: float, words: str) -> None:
    assert minutes_and_seconds(duration_s) == words

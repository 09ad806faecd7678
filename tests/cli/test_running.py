"""What the commands say about the link while they follow a sensor."""

import pytest

from unslouch.cli.running import Follower, minutes_and_seconds
from unslouch.link.model import LinkState, SensorInfo
from unslouch.sensor.events import (
    ClockImplausible,
    ClockRecovered,
    ClockStepped,
    LinkChanged,
    SensorConnected,
    WindowExpected,
)

INFO = SensorInfo("24ec4a0c9f51d3e8", "a board", "0.1.0", 3, 1, 1, 0, 0, 0, 1, 1, False, False, 180)


def visit(follower: Follower) -> None:
    """A sensor connects, its records are fetched, and it rests."""
    follower.handle(LinkChanged(LinkState.CONNECTING, "Opening it."))
    follower.handle(SensorConnected(INFO))
    follower.handle(LinkChanged(LinkState.SYNCING, "Fetching 36 records."))
    follower.handle(LinkChanged(LinkState.LIVE, "Linked to it."))
    follower.handle(LinkChanged(LinkState.RESTING, "The sensor rests."))
    follower.handle(WindowExpected(180.0))


async def test_visits_to_a_resting_sensor_are_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    follower = Follower(wait=False)
    visit(follower)
    first = capsys.readouterr().err
    assert first.splitlines()[-1] == "The sensor rests."
    assert "Found the sensor" in first
    visit(follower)
    assert capsys.readouterr().err == ""
    follower.handle(LinkChanged(LinkState.WAITING, "It is lost."))
    visit(follower)
    said = capsys.readouterr().err
    assert "It is lost." in said
    assert "The sensor rests." in said


async def test_the_next_window_of_a_lost_sensor_is_reported_once_per_window(capsys: pytest.CaptureFixture[str]) -> None:
    follower = Follower(wait=True)
    for opens_in_s in (125.0, 110.0, 95.0):
        follower.handle(LinkChanged(LinkState.WAITING, "It isn't heard."))
        follower.handle(WindowExpected(opens_in_s))
    said = capsys.readouterr().err
    assert said.count("2 min 5 s") == 1
    assert "1 min" not in said


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (125, "2 min 5 s"), (28_800, "8 h 0 min")],
)
def test_durations_are_given_in_minutes_and_seconds(duration_s: float, words: str) -> None:
    assert minutes_and_seconds(duration_s) == words


async def test_a_clock_that_was_set_or_can_not_be_right_is_reported(
    capsys: pytest.CaptureFixture[str],
) -> None:
    follower = Follower(wait=False)
    follower.handle(ClockStepped(-3600.0))
    follower.handle(ClockImplausible("The clock can't be right."))
    follower.handle(ClockRecovered())
    said = capsys.readouterr().err.splitlines()
    assert "set back by 1 h 0 min" in said[0]
    assert said[1] == "The clock can't be right."
    assert "can be right again" in said[2]

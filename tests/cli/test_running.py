"""What the commands say about the link while they follow a sensor."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from cli.processes import stored_pages, until
from link.fake_board import FakeBoard
from unslouch.cli.running import Follower, follow, minutes_and_seconds
from unslouch.cli.watch import Watcher
from unslouch.errors import ExitCode, NoSensor, UnslouchError
from unslouch.link.model import LinkState, SensorInfo
from unslouch.sensor.deep_sleep import DeepSleep, SensorAsleep
from unslouch.sensor.events import (
    ClockImplausible,
    ClockRecovered,
    ClockStepped,
    LinkChanged,
    LiveSample,
    SensorConnected,
    SensorEvent,
    WindowExpected,
)
from unslouch.sensor.recorder import Recorder
from unslouch_device.contract import records, states

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


SWITCHED_OFF = DeepSleep(records.ASLEEP_BY_HAND, button_wakes=True)


async def test_a_sensor_in_deep_sleep_is_reported_once_with_what_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    follower = Follower(wait=False)
    visit(follower)
    capsys.readouterr()
    for _ in range(3):
        follower.handle(LinkChanged(LinkState.SEARCHING))
        follower.handle(LinkChanged(LinkState.RESTING, SWITCHED_OFF.sentence, deep_sleep=SWITCHED_OFF))
        follower.handle(WindowExpected(None))
    said = capsys.readouterr().err
    assert said == "The sensor is switched off: hold its button until it vibrates, or plug it in.\n"
    follower.handle(SensorConnected(replace(INFO, boot=2)))
    follower.handle(LinkChanged(LinkState.LIVE, "Linked to it."))
    follower.handle(LinkChanged(LinkState.RESTING, SWITCHED_OFF.sentence, deep_sleep=SWITCHED_OFF))
    assert capsys.readouterr().err.endswith(SWITCHED_OFF.sentence + "\n"), "and again when it happens again"


async def test_watch_says_in_place_of_the_posture_that_the_sensor_is_switched_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watcher = Watcher(wait=False, rate_hz=1)
    watcher.handle(LiveSample(1000, 3.0, 1.0, states.UPRIGHT, 0, False, False, False, 0))
    for _ in range(2):
        watcher.handle(LinkChanged(LinkState.RESTING, SWITCHED_OFF.sentence, deep_sleep=SWITCHED_OFF))
    posture, *rest = capsys.readouterr().out.splitlines()
    assert posture.startswith("upright")
    assert rest[-1] == "switched off"
    assert rest.count("switched off") == 1


@pytest.mark.parametrize("wait", [True, False])
async def test_only_one_who_waits_waits_for_a_sensor_that_is_switched_off_at_the_start(wait: bool) -> None:
    follower, error = Follower(wait=wait), SensorAsleep(SWITCHED_OFF)
    follower.decide(LinkChanged(LinkState.RESTING, SWITCHED_OFF.sentence, error, SWITCHED_OFF))
    assert follower.ended.is_set() is not wait
    assert follower.failure is (None if wait else error)


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


class FailingWatcher(Watcher):
    """`watch`, whose output fails at the first live sample."""

    def handle(self, event: SensorEvent) -> None:
        if isinstance(event, LiveSample):
            raise ZeroDivisionError("a line of no width")
        super().handle(event)


class FailingFollower(Follower):
    """`record`, whose output fails at the first event."""

    def handle(self, event: SensorEvent) -> None:
        raise ZeroDivisionError("a line of no width")


async def test_watch_ends_with_code_1_and_everything_stored_if_its_output_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with board.on_tcp() as sensor, asyncio.timeout(60):
        board.builder.epochs(states.UPRIGHT, 100)
        with pytest.raises(UnslouchError, match="its output failed") as failure:
            await follow(Recorder(sensor, path), FailingWatcher(wait=False, rate_hz=25), for_s=None)
    assert failure.value.exit_code == ExitCode.FAILED
    assert "a line of no width" in caplog.text
    assert stored_pages(path) == board.pages


async def test_record_goes_on_and_says_so_once_if_its_output_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with board.on_tcp() as sensor:
        following = asyncio.create_task(follow(Recorder(sensor, path), FailingFollower(wait=False), for_s=None))
        await until(lambda: stored_pages(path) == board.pages)
        board.builder.epochs(states.UPRIGHT, 100)
        await until(lambda: stored_pages(path) == board.pages)
        following.cancel()
        await following
    assert capsys.readouterr().err.count("Recording goes on") == 1


async def test_record_without_a_sensor_ends_although_its_output_has_failed(tmp_path: Path) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(NoSensor):
            await follow(Recorder("socket://127.0.0.1:1", tmp_path / "x.db"), FailingFollower(wait=False), for_s=None)

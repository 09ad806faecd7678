"""Terminals that stop reading or go away: the sensor is served, and everything is stored, all the same."""

import itertools
import json
import signal
import struct
from pathlib import Path

import pytest

from cli.processes import in_terminal, run, stored_pages, until
from link.fake_board import FakeBoard
from unslouch.errors import ExitCode
from unslouch.signals import END_WITHIN_S
from unslouch_device.contract import messages, payloads, states

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="terminals")

SLACK_S = 30.0  # a busy machine; how the command ends shows by its exit code whether it was in time
ENDING_SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


class MovingBoard(FakeBoard):
    """A sensor whose tilt is another one in every sample."""

    def __init__(self) -> None:
        super().__init__()
        self._angles_cdeg = itertools.cycle(range(100, 4000, 100))

    def live(self) -> bytes:
        fields = (self.uptime_ms & 0xFFFFFFFF, next(self._angles_cdeg), 0, states.LEANING, states.ACTIVITY_STILL, 0, 3)
        return struct.pack(payloads.LIVE_FORMAT, *fields)


@pytest.mark.parametrize("number", ENDING_SIGNALS)
async def test_watch_in_a_terminal_that_stops_reading_serves_others_and_ends_in_time(
    number: signal.Signals, tmp_path: Path
) -> None:
    board, path = MovingBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_terminal("watch", "--rate", "25", "--sensor", sensor, "--db", str(path)) as terminal,
    ):
        await terminal.until("leaning")
        terminal.stop_reading()
        code, out, err = await run("", "status", "--json", "--sensor", sensor)
        assert code == ExitCode.OK, err
        assert json.loads(out)["live"]["state"] == "leaning"
        await until(lambda: stored_pages(path) == board.pages)
        terminal.process.send_signal(number)
        assert await terminal.ended(END_WITHIN_S + SLACK_S) == ExitCode.OK
    assert stored_pages(path) == board.pages


async def test_record_in_a_terminal_that_stops_reading_stores_and_ends_in_time(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_terminal("record", "--verbose", "--sensor", sensor, "--db", str(path)) as terminal,
    ):
        await terminal.until("Opening")
        terminal.stop_reading()
        await until(lambda: stored_pages(path) == board.pages)
        code, _, err = await run("", "status", "--sensor", sensor)
        assert code == ExitCode.OK, err
        terminal.process.send_signal(signal.SIGTERM)
        assert await terminal.ended(END_WITHIN_S + SLACK_S) == ExitCode.OK


async def test_a_simulated_sensor_whose_terminal_stops_reading_goes_on_and_ends_in_time() -> None:
    async with in_terminal("simulate", "--socket", "--verbose") as terminal:
        await terminal.until("socket://127.0.0.1:")
        await terminal.until("\n")
        sensor = next(line for line in terminal.shown.splitlines() if line.startswith("socket://"))
        terminal.stop_reading()
        code, _, err = await run("", "status", "--sensor", sensor)
        assert code == ExitCode.OK, err
        terminal.process.send_signal(signal.SIGTERM)
        assert await terminal.ended(END_WITHIN_S + SLACK_S) == ExitCode.OK


@pytest.mark.parametrize("command", ["record", "watch"])
async def test_a_terminal_that_is_closed_ends_the_command_with_everything_stored(command: str, tmp_path: Path) -> None:
    board, path = MovingBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_terminal(command, "--sensor", sensor, "--db", str(path)) as terminal,
    ):
        await terminal.until("Linked to")
        terminal.close()
        assert await terminal.ended(END_WITHIN_S + SLACK_S) in (ExitCode.OK, ExitCode.OUTPUT)
    assert stored_pages(path) == board.pages


async def test_a_recorder_that_ignores_hangups_goes_on_without_its_terminal(tmp_path: Path) -> None:
    board, path = FakeBoard(), tmp_path / "x.db"
    async with (
        board.on_tcp() as sensor,
        in_terminal("record", "--sensor", sensor, "--db", str(path), ignores_hangup=True) as terminal,
    ):
        await terminal.until("Linked to")
        terminal.close()
        for _ in range(2):  # what it has to say about this can't be shown any more
            links = board.requests.count(messages.HELLO)
            board.builder.epochs(states.UPRIGHT, 60)
            board.unplug()
            await until(lambda links=links: board.requests.count(messages.HELLO) > links)
            await until(lambda: stored_pages(path) == board.pages)
        assert terminal.process.returncode is None
        terminal.process.send_signal(signal.SIGTERM)
        assert await terminal.ended(END_WITHIN_S + SLACK_S) == ExitCode.OK


async def test_watch_that_ignores_hangups_ends_when_its_terminal_is_gone(tmp_path: Path) -> None:
    board = MovingBoard()
    async with (
        board.on_tcp() as sensor,
        in_terminal("watch", "--sensor", sensor, "--db", str(tmp_path / "x.db"), ignores_hangup=True) as terminal,
    ):
        await terminal.until("leaning")
        terminal.close()
        assert await terminal.ended() == ExitCode.OUTPUT

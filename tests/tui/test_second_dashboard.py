"""A second dashboard on the same computer: it follows the first without disturbing it, and goes on after it."""

import asyncio
import sys
from pathlib import Path

import pytest

pytest.importorskip("termios")

from tui.terminal import WAIT_S, in_terminal
from tui.test_terminal import dashboard, until
from unslouch.errors import ExitCode
from unslouch_device.contract import messages, states


async def test_a_second_dashboard_follows_the_first_without_disturbing_it(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as first:
        board = first.board
        handshakes = board.requests.count(messages.HELLO)
        command = (sys.executable, "-m", "unslouch", "--sensor", first.sensor, "--db", str(first.database))
        async with in_terminal(*command) as (terminal, second):
            await terminal.until(lambda text: "LEANING" in text and "live" in text)
            assert board.requests.count(messages.HELLO) == handshakes, "the sensor was not connected again"
            asked = board.requests.count(messages.SNOOZE)
            terminal.type("s")
            await until(lambda: board.requests.count(messages.SNOOZE) == asked + 1)
            await first.snooze()
            board.builder.epochs(states.SLOUCHING, 100)
            await until(lambda: first.stored_pages == board.pages)
            terminal.type("q")
            async with asyncio.timeout(WAIT_S):
                assert await second.wait() == ExitCode.OK
        await first.snooze()
        assert "● live" in first.terminal.text
        assert board.requests.count(messages.HELLO) == handshakes


async def test_the_second_dashboard_takes_the_sensor_when_the_first_ends(tmp_path: Path) -> None:
    async with dashboard(tmp_path) as first:
        command = (sys.executable, "-m", "unslouch", "--sensor", first.sensor, "--db", str(first.database))
        async with in_terminal(*command) as (terminal, _second):
            await terminal.until(lambda text: "LEANING" in text and "live" in text)
            first.terminal.type("q")
            assert await first.end() == ExitCode.OK
            first.board.builder.epochs(states.SLOUCHING, 100)
            await until(lambda: first.stored_pages == first.board.pages)
            await terminal.until("● live by cable")

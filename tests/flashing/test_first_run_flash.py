"""The dashboard's first steps put the firmware on an empty board: on a real interpreter, over a real port."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from unslouch.flashing.empty_board import find_empty_boards
from unslouch.flashing.install import install
from unslouch.tui.app import DashboardApp
from unslouch.tui.feed import RecorderFeed, open_sensor
from unslouch.tui.screens.first_run import FirstRunScreen
from unslouch.tui.sensor_tools import SensorTools

from .bench import NativeBoard
from .conftest import OURS, options

PATIENCE_S = 240
LOOK_S = 3.0


@pytest.mark.soak
async def test_an_empty_board_is_found_gets_the_firmware_and_is_linked(
    board: NativeBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.plug_in()
    monkeypatch.setattr("unslouch.sensor.locator.likely_ports", lambda: [board.port])
    feed = RecorderFeed(partial(open_sensor, None), tmp_path / "posture.db")
    app = DashboardApp(feed, ascii_only=False, first_run=True)
    app.shared.tools = SensorTools(
        empty_boards=lambda: find_empty_boards(lambda: [board.port], LOOK_S),
        flash=lambda port, reporter: install(options(board), reporter),
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        def text() -> str:
            strips = app.screen._compositor.render_strips()
            return " ".join(" ".join(strip.text for strip in strips).split())

        async def until(sentence: str) -> None:
            async with asyncio.timeout(PATIENCE_S):
                while sentence not in text():
                    await pilot.pause(0.1)

        assert isinstance(app.screen, FirstRunScreen)
        await until("has no firmware of ours yet")
        await pilot.press("i")
        await until(f"The board runs firmware {OURS} now.")
        await until("is linked by cable")

"""How a sensor says that it fares, from its counters to the words of `unslouch diagnostics`."""

import asyncio
import struct
from pathlib import Path

from twin.poses import Poses
from twin.world import TestWorld, in_world
from unslouch.cli.diagnostics import diagnostics_text
from unslouch.link.diagnostics import Diagnostics, crash_text, diagnostics
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r


class Reply:
    def __init__(self, status: int, data: bytes) -> None:
        self.status = status
        self.data = data


class Asking:
    """As much of a client as asks the test's world."""

    name = "memory"

    def __init__(self, world: TestWorld) -> None:
        self.connection = self
        self._world = world

    async def request(self, kind: int, *fields: int, timeout_s: float) -> Reply:
        return Reply(*await self._world.ask(kind, *fields))


def test_the_sensors_figures_reach_the_host(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(600)
        world.app.sampler.bus_errors = 3
        world.app.flash_errors = 2
        world.app.journal.refused = 1
        world.port.inject(b"\0nonsense\0")
        found = await diagnostics(Asking(world))
        assert found.boot_cause == "power on"
        assert (found.bus_errors, found.flash_errors, found.frame_errors, found.records_refused) == (3, 2, 1, 1)
        assert 500 < found.slept_s < 600
        assert found.late_ms < 100
        assert found.free_heap_bytes is None  # CPython
        assert 13 < found.days_left < 15
        assert await crash_text(Asking(world)) == ""

    in_world(Poses(), tmp_path, story)


def test_a_traceback_longer_than_a_frame_comes_whole(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.app.crashes.text = ("ValueError: °" * 60).encode()
        assert await crash_text(Asking(world)) == "ValueError: °" * 60

    in_world(Poses(), tmp_path, story)


def test_the_reply_fits_a_frame_and_names_the_watchdog(tmp_path: Path) -> None:
    assert struct.calcsize(m.DIAGNOSTICS_FORMAT) < 200
    found = Diagnostics("watchdog", 2, 80_000, 70_000, 12, 3, 0, 0, 0, 0, 100_000, 120_000)
    text = diagnostics_text(found)
    assert "started      watchdog" in text
    assert "2 in a row" in text
    assert "78 KiB free, 68 at its least" in text
    assert r.CRASH_NAMES[r.CRASH_WATCHDOG] == "watchdog"

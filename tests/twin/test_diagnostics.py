"""The sensor's health, from its counters to the lines of `unslouch diagnostics`."""

import asyncio
import struct
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.world import TestWorld, events, in_world
from unslouch.cli.diagnostics import diagnostics_text
from unslouch.errors import Refused
from unslouch.link.diagnostics import AXES, Diagnostics, crash_text, diagnostics, self_test
from unslouch.sensor.health import self_test_text
from unslouch_device.contract import payloads as p
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
        world.app.sampler._failed_transfers = 3
        world.app.event_log.flash_errors = 2
        world.app.journal.refused = 1
        world.port.inject(b"\0nonsense\0")
        found = await diagnostics(Asking(world))
        assert found.boot_cause == "power on"
        assert (found.bus_errors, found.flash_errors, found.frame_errors, found.records_refused) == (3, 2, 1, 1)
        assert 500 < found.slept_s < 600
        assert found.late_ms < 100
        assert found.free_heap_bytes is None  # CPython
        idf_heap = found.idf_free_bytes, found.idf_largest_block_bytes
        assert idf_heap == world.hardware.machine.IDF_HEAP
        assert 13 < found.days_left < 15
        assert await crash_text(Asking(world)) == ""

    in_world(Poses(), tmp_path, story)


def test_the_motion_sensor_tests_itself_and_goes_on_measuring(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(600)
        passed = await self_test(Asking(world))
        assert passed == dict.fromkeys(AXES, True)
        world.hardware.imu.self_test_share[4] = 0.1
        passed = await self_test(Asking(world))
        assert [axis for axis, good in passed.items() if not good] == ["rate y"]
        text = self_test_text(passed)
        assert "rate y          failed" in text
        assert "lie still" in text
        await asyncio.sleep(60)
        lost_ms = [fields[0] for code, fields in events(await world.pages()) if code == r.SAMPLES_LOST]
        assert len(lost_ms) == 2
        assert max(lost_ms) < 3000, "no longer than the test takes"
        assert not world.app.sampler.silent()

    in_world(Poses(), tmp_path, story)


def test_a_silent_motion_sensor_and_one_without_a_self_test_are_distinguished(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        with pytest.raises(Refused, match="can't test itself"):
            world.app.sampler._imu = Untested(world.app.sampler._imu)
            await self_test(Asking(world))
        world.hardware.chips.clear()
        with pytest.raises(Refused, match="doesn't answer; check the wires"):
            await self_test(Asking(world))

    in_world(Poses(), tmp_path, story)


class Untested:
    """A chip without a self-test."""

    def __init__(self, chip) -> None:
        self._chip = chip

    def __getattr__(self, name: str):
        if name == "self_test":
            raise AttributeError
        return getattr(self._chip, name)


def test_a_traceback_longer_than_a_frame_comes_whole(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.app.crashes.text = ("ValueError: °" * 60).encode()
        assert await crash_text(Asking(world)) == "ValueError: °" * 60

    in_world(Poses(), tmp_path, story)


def test_the_reply_fits_a_frame_and_names_the_watchdog(tmp_path: Path) -> None:
    assert struct.calcsize(p.DIAGNOSTICS_FORMAT) < 200
    found = Diagnostics("watchdog", 2, 80_000, 70_000, None, None, 12, 3, 0, 0, 0, 0, 100_000, 120_000, 30.0, 61.2)
    text = diagnostics_text(found)
    assert "started      watchdog" in text
    assert "2 in a row" in text
    assert "link         61.2 ms for a question and its answer, with 30 ms between connection events" in text
    assert "78 KiB free, 68 at its least" in text
    assert "IDF" not in text
    assert r.CRASH_NAMES[r.CRASH_WATCHDOG] == "watchdog"


def test_idf_memory_is_shown_below_the_heap() -> None:
    found = Diagnostics("reset", 0, 80_000, 70_000, 61_440, 31_744, 12, 3, 0, 0, 0, 0, 100_000, 120_000, None, 1.0)
    assert "at its least\nIDF memory   60 KiB free, 31 in one piece\n" in diagnostics_text(found)

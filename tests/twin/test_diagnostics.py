"""The sensor's health, from its counters to the lines of `unslouch diagnostics`."""

import asyncio
import struct
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.world import TestWorld, events, in_world
from unslouch.cli.diagnostics import diagnostics_text
from unslouch.errors import Refused
from unslouch.link.diagnostics import AXES, Diagnostics, board_test, crash_text, diagnostics, self_test
from unslouch.sensor.health import CELL_MV, board_test_rows, self_test_text
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.board_test import (
    TEST_FAILED,
    TEST_IMPOSSIBLE,
    TEST_PASSED,
    BoardTestReply,
    pack_board_test,
)
from unslouch_device.contract.diagnostics import DIAGNOSTICS_FORMAT
from unslouch_device.parts import gauge


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
        assert world.app.sampler.lost_samples == 0, "nothing was overrun: somebody asked for the test"
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
    assert struct.calcsize(DIAGNOSTICS_FORMAT) < 200
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


def test_the_parts_around_the_motion_sensor_are_tested_and_the_journal_goes_on(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(600)
        found = await board_test(Asking(world))
        assert (found.motor, found.external, found.radio) == (TEST_IMPOSSIBLE, 0, TEST_IMPOSSIBLE)  # no Bluetooth
        assert 3000 < found.battery_mV < 4300
        assert (found.flash, found.heap) == (TEST_PASSED, TEST_PASSED)
        assert not [path for path in world.world.flash.iterdir() if path.name.startswith("test.bin")]
        assert r.SAMPLES_LOST not in [code for code, _ in events(await world.pages())]

    in_world(Poses(), tmp_path, story)


def test_flash_that_forgets_is_found_out_and_no_test_begins_while_the_motor_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        monkeypatch.setattr("unslouch_device.files.load", lambda path: b"something else")
        assert (await board_test(Asking(world))).flash == TEST_FAILED
        assert (await world.ask(m.BUZZ))[0] == m.OK
        with pytest.raises(Refused, match="busy with another request"):
            await board_test(Asking(world))
        await asyncio.sleep(1)
        assert await board_test(Asking(world)) is not None

    in_world(Poses(), tmp_path, story)


@pytest.mark.parametrize(
    ("part", "changes", "text", "is_concerning"),
    [
        ("motor", {"motor": TEST_FAILED}, "finds none", True),
        ("motor", {"motor": TEST_IMPOSSIBLE}, "`unslouch buzz`", False),
        ("5 V sense", {"external": 0}, "check the divider", True),
        ("5 V sense", {"external": TEST_IMPOSSIBLE}, "no pin", False),
        ("cell", {"battery_mV": 40}, "there is no cell", True),
        ("cell", {"battery_mV": 4900}, "divider's resistors", True),
        ("cell", {"battery_mV": 3700}, "3700 mV", False),
        ("radio", {"radio": TEST_FAILED}, "can't be switched on", True),
        ("flash", {"flash": TEST_FAILED}, "full, or worn", True),
        ("heap", {"heap": 9}, "doesn't know", False),
    ],
)
def test_each_finding_says_what_to_do(part: str, changes: dict[str, int], text: str, is_concerning: bool) -> None:
    sound = {"motor": 1, "external": 1, "battery_mV": 3912, "radio": 1, "flash": 1, "heap": 1}
    rows = board_test_rows(BoardTestReply(pack_board_test(**sound | changes)), powers_board=True)
    row = next(row for row in rows if row.label == part)
    assert text in row.text
    assert row.is_concerning == is_concerning


def test_without_a_cable_that_feeds_the_board_no_external_power_is_no_fault() -> None:
    rows = board_test_rows(BoardTestReply(pack_board_test(1, 0, 3912, 1, 1, 1)), powers_board=False)
    assert not any(row.is_concerning for row in rows)


def test_host_and_firmware_agree_on_the_voltages_of_a_cell() -> None:
    assert (gauge.NO_CELL_BELOW_mV, gauge.NO_CELL_ABOVE_mV) == CELL_MV

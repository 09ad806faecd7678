"""Every board, with every motion sensor and motor that it may have, runs the same firmware and measures the same."""

import asyncio
import types
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch.twin.board import HAPTICS_ADDRESS, IMUS
from unslouch_device.boards import m5stickc_plus2, xiao_esp32c6, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.pages import Page
from unslouch_device.contract.states import SLOUCHING
from unslouch_device.parts.motor import BUZZ_PATTERN

BOARDS = (xiao_esp32s3, xiao_esp32c6, m5stickc_plus2)


def like(board, **changes):
    """Return a board file with some values changed."""
    return types.SimpleNamespace(**{**vars(board), **changes})


def epochs(pages: list[Page]) -> list[tuple[int, int]]:
    """(state, forward tilt [cdeg]) of every epoch."""
    size = r.RECORD_BYTES
    records = [page.records[at : at + size] for page in pages for at in range(0, len(page.records), size)]
    unpacked = [r.EpochRecord(record) for record in records if not r.is_event(record)]
    return [(epoch.state, epoch.forward_cdeg) for epoch in unpacked]


@pytest.mark.parametrize("chip", IMUS)
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_a_board_with_any_motion_sensor_measures_tilt_and_vibrates(board, chip: str, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(120)
        pages = await world.pages()
        tilts = [forward_cdeg for _, forward_cdeg in epochs(pages)]
        assert tilts[2:8] == pytest.approx([0] * 6, abs=40)
        assert tilts[-8:] == pytest.approx([2500] * 8, abs=40)
        assert epochs(pages)[-1][0] == SLOUCHING
        assert r.ALERT in codes(pages)
        assert r.SAMPLES_LOST not in codes(pages)
        assert world.hardware.motor.pulses()
        assert world.hardware.supplied
        assert world.hardware.has_antenna
        assert world.app.name == board.NAME

    in_world(Poses((60, 25, 0)), tmp_path, story, board=like(board, IMU=chip))


def test_a_board_whose_file_leaves_out_the_antenna_switch_has_no_antenna(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert not world.hardware.has_antenna

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32c6, FIRST_LEVELS=()))


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.NAME)
def test_the_light_blinks_at_the_start_and_for_pairing_and_is_dark_otherwise(board, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(60)
        led = world.hardware.led
        assert len(led.blinks_us) == 1
        world.app.pairing_window.open()
        await asyncio.sleep(60)
        assert len(led.blinks_us) == 1 + 5
        assert not led.shines

    in_world(Poses(), tmp_path, story, board=board)


def test_a_board_without_a_light_works_all_the_same(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        world.app.pairing_window.open()
        await asyncio.sleep(60)
        assert r.PAIRING in codes(await world.pages())

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32s3, LED_PIN=None))


@pytest.mark.parametrize("kind", ["drv2605-erm", "drv2605-lra"])
def test_the_first_buzz_lets_a_driver_get_to_know_its_motor_for_good(kind: str, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(1)
        assert not world.app.motor.calibrated
        assert (await world.ask(m.BUZZ))[0] == m.OK
        await asyncio.sleep(5)
        assert world.app.motor.calibrated
        found = world.app.config.motor_calibration
        assert found == (0x0B, 0x71, 2)
        await world.firmware.cut_power()
        world.power_on()
        assert world.app.motor.calibrated
        assert world.app.config.motor_calibration == found
        assert (await world.ask(m.BUZZ))[0] == m.OK
        await asyncio.sleep(5)
        assert [pulse.duration_us // 1000 for pulse in world.hardware.motor.pulses()] == [200]

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32s3, MOTOR=kind, MOTOR_HZ=205))


def test_a_driver_that_finds_no_motor_asks_again_the_next_time(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        driver = world.hardware.chips[HAPTICS_ADDRESS]
        driver.connected = False
        await world.ask(m.BUZZ)
        await asyncio.sleep(5)
        assert world.app.config.motor_calibration is None
        driver.connected = True
        await world.ask(m.BUZZ)
        await asyncio.sleep(5)
        assert world.app.motor.calibrated

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32s3, MOTOR="drv2605-erm"))


def test_a_motor_that_cannot_be_reached_is_journaled_once_and_works_again(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        driver = world.hardware.chips.pop(HAPTICS_ADDRESS)
        for _ in range(3):
            world.app.feedback.play(BUZZ_PATTERN)
            await asyncio.sleep(5)
        assert codes(await world.pages()).count(r.MOTOR_FAILED) == 1
        world.hardware.chips[HAPTICS_ADDRESS] = driver
        world.app.feedback.play(BUZZ_PATTERN)
        await asyncio.sleep(5)
        assert len(world.hardware.motor.pulses()) == 1
        happened = codes(await world.pages())
        assert happened.count(r.MOTOR_FAILED) == 1
        assert r.BUS_FAILED not in happened

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32s3, MOTOR="drv2605-erm"))


@pytest.mark.parametrize("chip", IMUS)
def test_samples_that_a_chips_fifo_dropped_count_as_lost(chip: str, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        read_batch = world.app.sampler.read_batch
        world.app.sampler.read_batch = lambda: None  # somebody else has the processor
        await asyncio.sleep(20)
        world.app.sampler.read_batch = read_batch
        await asyncio.sleep(60)
        lost_ms = [fields[0] for code, fields in events(await world.pages()) if code == r.SAMPLES_LOST]
        rate_hz = world.app.sampler._imu.rate_hz
        kept_ms = 0 if "mpu" in chip else world.app.sampler._imu.batch_samples * 1000 // rate_hz  # when it ran over
        assert sum(lost_ms) == pytest.approx(21_000 - kept_ms, abs=1500)
        assert world.app.sampler.lost_samples == pytest.approx(sum(lost_ms) * rate_hz / 1000, abs=2)

    in_world(Poses(), tmp_path, story, board=like(xiao_esp32s3, IMU=chip))

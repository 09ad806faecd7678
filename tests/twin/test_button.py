"""What a wearer does with the button alone, and what they feel: presses through the real app, with both motors."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.poses import Poses
from twin.world import TestWorld, events, in_world, pulses_ms, tilt_deg
from unslouch_device import on_demand
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract import settings
from unslouch_device.contract.states import CHARGING, UNCALIBRATED
from unslouch_device.on_demand import button_actions
from unslouch_device.parts import motor

SIT_MS = button_actions.SIT_PATTERN[0]
WITH_DRIVER = ModuleType("with_driver")
WITH_DRIVER.__dict__.update(vars(xiao_esp32s3), MOTOR="drv2605-erm")


async def until(world: TestWorld, at_s: float) -> None:
    """Let the world go on until it is at_s old."""
    await asyncio.sleep(at_s - world.world.clock.now_s)


async def press(world: TestWorld, times: int) -> None:
    for _ in range(times):
        world.hardware.button.press()
        await asyncio.sleep(0.3)
    await asyncio.sleep(3)


def on(pattern: tuple[int, ...]) -> list[int]:
    """The pulses of a pattern."""
    return list(pattern[::2])


@pytest.mark.parametrize("board", [xiao_esp32s3, WITH_DRIVER], ids=["pwm", "drv2605"])
def test_a_press_without_a_calibration_calibrates_once_the_wearer_sits(tmp_path: Path, board: ModuleType) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, 5)
        world.hardware.button.press()  # with an arm on the back, bent forward
        await until(world, 9)
        assert await pulses_ms(world) == [SIT_MS, SIT_MS]
        assert world.app.config.calibration_id == 0
        await until(world, 25)
        assert await pulses_ms(world) == [SIT_MS, SIT_MS, *on(motor.DONE_PATTERN)]
        assert world.app.config.calibration_id == 1
        assert tilt_deg(world) == pytest.approx((0, 0), abs=1)
        assert events(await world.pages())[-2:] == [(r.BUTTON, (1,)), (r.CALIBRATED, (1, r.CALIBRATED_UPRIGHT, 0))]
        assert [at_us / 1e6 for at_us, duty in world.hardware.motor.changes if duty][1] == pytest.approx(9.5, abs=0.5)

    in_world(Poses((4, 35, 10), (8, 0, 0)), tmp_path, story, board=board)


def test_one_press_rezeroes_to_how_the_wearer_sits_after_the_second_buzz(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await until(world, 12)
        felt = len(await pulses_ms(world))
        await press(world, 1)
        await until(world, 23)
        assert (await pulses_ms(world))[felt:] == [SIT_MS, SIT_MS, *on(motor.DONE_PATTERN)]
        assert abs(tilt_deg(world)[0]) < 1
        assert events(await world.pages())[-2:] == [(r.BUTTON, (1,)), (r.CALIBRATED, (2, r.CALIBRATED_REZERO, 0))]

    in_world(Poses((11, 30, 0), (17, 9, 0)), tmp_path, story)


def test_a_wearer_who_does_not_keep_still_feels_a_refusal_and_nothing_has_changed(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await until(world, 12)
        felt = len(await pulses_ms(world))
        await press(world, 1)
        await until(world, 30)
        assert (await pulses_ms(world))[felt:] == [SIT_MS, SIT_MS, *on(motor.REFUSED_PATTERN)]
        assert world.app.config.calibration_id == 1

    fidgeting = [(17 + 1.6 * i, 30 * (i % 2), 0) for i in range(15)]
    in_world(Poses(*fidgeting), tmp_path, story)


def test_while_the_button_waits_to_measure_nothing_else_is_measured(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, 3)
        world.hardware.button.press()
        await until(world, 5)
        assert (await world.ask(m.CALIBRATE)) == (m.BUSY, b"")
        assert (await world.ask(m.SELECT_PROFILE, 1)) == (m.BUSY, b"")
        world.hardware.button.press()
        await until(world, 7)
        assert await pulses_ms(world) == [SIT_MS, *on(motor.REFUSED_PATTERN), SIT_MS]
        await until(world, 14)
        assert world.app.config.calibration_id == 1

    in_world(Poses(), tmp_path, story)


class Charging(Poses):
    """A wearer's sensor on its cable, whose cell has the voltage that a test says."""

    mV = 3900

    def usb_present(self, t_s: float) -> bool:
        return t_s < 1000

    def battery_mV(self, t_s: float) -> int:
        return self.mV


class Lying(Charging):
    """The same, lying there."""

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[np.float64]:
        return np.tile([1.0, 0, 0, 0, 0, 0], (count, 1))


def test_on_the_charger_a_press_is_refused_at_once(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, 400)
        assert world.app.pipeline.posture.state == CHARGING
        await press(world, 1)
        assert await pulses_ms(world) == on(motor.REFUSED_PATTERN)

    in_world(Lying(), tmp_path, story)


def test_four_presses_change_between_training_and_tracking_only_and_each_feels_its_own(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, 3)
        await press(world, 4)
        assert await pulses_ms(world) == on(button_actions.TRACKING_PATTERN)
        assert world.app.pipeline.alerter.tracking_only
        changed = (r.SETTING_CHANGED, (settings.TRACKING_ONLY, 1, 1))
        assert events(await world.pages())[-2:] == [(r.BUTTON, (4,)), changed]
        await press(world, 4)
        assert (await pulses_ms(world))[2:] == on(button_actions.TRAINING_PATTERN)
        assert not world.app.pipeline.alerter.tracking_only
        await world.firmware.cut_power()
        world.power_on()
        assert world.app.config.settings[settings.TRACKING_ONLY] == 0
        assert world.app.config.revision == 2

    in_world(Poses(), tmp_path, story)


def test_a_flash_that_fails_keeps_the_mode_and_is_felt(tmp_path: Path) -> None:
    flash = tmp_path / "flash"

    async def story(world: TestWorld) -> None:
        await until(world, 3)
        flash.rename(tmp_path / "elsewhere")
        await press(world, 4)
        assert await pulses_ms(world) == on(motor.REFUSED_PATTERN)
        assert not world.app.pipeline.alerter.tracking_only
        (tmp_path / "elsewhere").rename(flash)

    in_world(Poses(), flash, story)


def up_and_undone(found: list[tuple[int, tuple[int, ...]]]) -> list[tuple[int, tuple[int, ...]]]:
    return [event for event in found if event[0] in (r.CALIBRATED, r.CALIBRATION_UNDONE)]


def test_five_presses_take_a_rezero_back_and_what_it_measured_counts_no_longer(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        assert (await world.ask(m.BOW))[0] == m.OK
        await until(world, 16)
        before = world.app.config.profiles.active.pack()
        assert (await world.ask(m.REZERO)) == (m.OK, p.pack_number(3))
        await until(world, 22)
        assert tilt_deg(world)[0] == pytest.approx(0, abs=1)
        felt = len(await pulses_ms(world))
        await press(world, 5)
        assert (await pulses_ms(world))[felt:] == on(motor.DONE_PATTERN)
        assert tilt_deg(world)[0] == pytest.approx(20, abs=1)
        assert world.app.config.profiles.active.pack() == before
        assert up_and_undone(events(await world.pages()))[-1] == (r.CALIBRATION_UNDONE, (2, 0))
        await press(world, 5)  # only the last one
        assert (await pulses_ms(world))[felt + 2 :] == on(motor.REFUSED_PATTERN)
        await world.firmware.cut_power()
        world.power_on()
        assert world.app.config.calibration_id == 2
        assert (await world.ask(m.CALIBRATE)) == (m.OK, p.pack_number(4))  # an id is never given twice
        assert (await world.pages())[-1].calibration_id == 4

    in_world(Poses((8, 40, 0), (10, 0, 0), (14, 20, 0)), tmp_path, story)


def test_a_calibration_is_taken_back_with_its_bow_and_its_standing_zero_for_a_minute(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.UNDO)) == (m.NOT_CALIBRATED, b"")
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        assert (await world.ask(m.BOW))[0] == m.OK
        await until(world, 16)
        assert (await world.ask(m.STANDING))[0] == m.OK
        await until(world, 75)  # less than a minute after standing
        assert (await world.ask(m.NAME_PROFILE, 0, b"sofa"))[0] == m.OK
        assert (await world.ask(m.UNDO)) == (m.OK, p.pack_number(0))
        profile = world.app.config.profiles.active
        assert (profile.calibration_id, profile.stood, profile.name) == (0, False, b"sofa")
        await asyncio.sleep(1)
        assert world.app.pipeline.posture.state == UNCALIBRATED
        assert (await world.ask(m.REZERO)) == (m.NOT_CALIBRATED, b"")
        assert (await world.ask(m.CALIBRATE)) == (m.OK, p.pack_number(3))
        await until(world, world.world.clock.now_s + 61)
        assert (await world.ask(m.UNDO)) == (m.NOT_CALIBRATED, b"")
        assert (await world.ask(m.CALIBRATE)) == (m.OK, p.pack_number(4))
        assert (await world.ask(m.SELECT_PROFILE, 1))[0] == m.OK
        assert (await world.ask(m.UNDO)) == (m.NOT_CALIBRATED, b"")  # of this profile

    in_world(Poses((8, 40, 0), (10, 0, 0)), tmp_path, story)


def test_an_undo_whose_flash_fails_changes_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    flash = tmp_path / "flash"

    async def story(world: TestWorld) -> None:
        for calibration_id in (1, 2):
            assert (await world.ask(m.CALIBRATE)) == (m.OK, p.pack_number(calibration_id))
        flash.rename(tmp_path / "elsewhere")
        assert (await world.ask(m.UNDO)) == (m.FLASH_FAILED, b"")
        assert world.app.config.calibration_id == 2
        (tmp_path / "elsewhere").rename(flash)
        assert (await world.ask(m.UNDO)) == (m.OK, p.pack_number(1))

    in_world(Poses(), flash, story)


@pytest.mark.parametrize(("presses", "held_s"), [(5, 0.0), (1, 6.5)])
def test_what_memory_is_too_short_for_is_refused_by_a_long_pulse_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, presses: int, held_s: float
) -> None:
    def no_room(name: str) -> None:
        raise on_demand.NotLoaded(name)

    async def story(world: TestWorld) -> None:
        await until(world, 3)
        monkeypatch.setattr(on_demand, "load", no_room)  # for the modules that an action loads by itself
        monkeypatch.delitem(sys.modules, "unslouch_device.on_demand.button_actions", raising=False)
        if held_s:
            world.hardware.button.press(held_s)
            await asyncio.sleep(held_s + 3)
        else:
            await press(world, presses)
        assert (await pulses_ms(world))[-1:] == on(motor.REFUSED_PATTERN)
        assert (await world.ask(m.PING))[0] == m.OK
        assert r.CRASHED not in [code for code, _ in events(await world.pages())]

    in_world(Poses(), tmp_path, story)


@pytest.mark.parametrize(("mV", "quarters"), [(4180, 4), (3900, 3), (3800, 2), (3720, 1), (0, 0)])
def test_a_press_of_two_seconds_shows_the_battery_by_pulses_and_blinks(tmp_path: Path, mV: int, quarters: int) -> None:
    class Cell(Poses):
        def battery_mV(self, t_s: float) -> int:
            return mV

    async def story(world: TestWorld) -> None:
        await until(world, 3)
        blinks = len(world.hardware.led.blinks_us)
        world.hardware.button.press(2)
        await asyncio.sleep(4)
        shown = [button_actions.QUARTER_MS[0]] * quarters or on(motor.REFUSED_PATTERN)
        assert await pulses_ms(world) == [80, *shown]
        assert len(world.hardware.led.blinks_us) - blinks == quarters
        assert (r.BUTTON, (r.HELD_FOR_BATTERY,)) in events(await world.pages())

    in_world(Cell(), tmp_path, story)


def test_the_light_blinks_while_the_cell_charges_shines_once_it_is_full_and_is_off_without_the_cable(
    tmp_path: Path,
) -> None:
    cell = Charging()

    async def story(world: TestWorld) -> None:
        led = world.hardware.led
        await until(world, 100)
        before = len(led.blinks_us)
        await until(world, 120)
        assert 9 <= len(led.blinks_us) - before <= 11
        cell.mV = 4190
        await until(world, 700)
        before = len(led.blinks_us)
        await until(world, 900)
        assert led.shines
        assert len(led.blinks_us) == before
        await until(world, 1010)
        assert not led.shines
        before = len(led.blinks_us)
        await until(world, 1200)
        assert len(led.blinks_us) == before

    in_world(cell, tmp_path, story)


def test_a_cell_that_is_not_there_is_not_shown_as_charging(tmp_path: Path) -> None:
    cell = Charging()
    cell.mV = 0

    async def story(world: TestWorld) -> None:
        await until(world, 20)
        assert world.app.power.external()
        assert len(world.hardware.led.blinks_us) == 1  # it has started

    in_world(cell, tmp_path, story)


def test_two_presses_snooze_as_set(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(5)
        await press(world, 2)
        assert await pulses_ms(world) == [80, 80]
        assert 14 * 60 < world.app.pipeline.snooze_left_s() <= 15 * 60
        assert events(await world.pages())[-2:] == [(r.BUTTON, (2,)), (r.SNOOZED, (15,))]

    in_world(Poses(), tmp_path, story)


def test_three_presses_choose_the_next_profile_that_has_a_calibration(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert await world.ask(m.CALIBRATE) == (m.OK, p.pack_number(1))
        assert await world.ask(m.SELECT_PROFILE, 2) == (m.OK, p.pack_number(0))
        assert await world.ask(m.CALIBRATE) == (m.OK, p.pack_number(2))
        for profile, feel in ((0, [100]), (2, [100, 100, 100]), (0, [100])):
            felt = len(await pulses_ms(world))
            await press(world, 3)
            assert (await pulses_ms(world))[felt:] == feel
            assert world.app.config.profiles.index == profile
        assert events(await world.pages())[-2:] == [(r.BUTTON, (3,)), (r.PROFILE_SELECTED, (0, 1))]

    in_world(Poses(), tmp_path, story)


def test_three_presses_with_one_calibration_tell_which_profile_it_is(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.SELECT_PROFILE, 1))[0] == m.OK
        assert await world.ask(m.CALIBRATE) == (m.OK, p.pack_number(1))
        felt = len(await pulses_ms(world))
        await press(world, 3)
        assert (await pulses_ms(world))[felt:] == [100, 100]
        assert events(await world.pages())[-1] == (r.BUTTON, (3,))

    in_world(Poses(), tmp_path, story)

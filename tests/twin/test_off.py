"""Switched off by the button: only the button, held, and the cable end it, and the journal says how long it was."""

import asyncio
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from twin.poses import Poses
from twin.test_button import WITH_DRIVER, on, pulses_ms, until
from twin.world import TestWorld, events, in_world
from unslouch_device.boards import m5stickc_plus2, xiao_esp32c6, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.on_demand import off
from unslouch_device.parts import motor

HOLDS = [80, 80, 80, 80, 350, 80]
"""What is felt until 6 s: the battery, the pairing window, off."""


class Traveller(Poses):
    """Somebody who moves all the time, whose cable may be plugged in."""

    plugged_s = float("inf")

    def usb_present(self, t_s: float) -> bool:
        return t_s >= self.plugged_s


async def switch_off(world: TestWorld) -> None:
    world.hardware.button.press(6.5)
    async with asyncio.timeout(12):
        while not world.firmware.asleep:
            await asyncio.sleep(0.1)


async def slept(world: TestWorld) -> list[tuple[int, tuple[int, ...]]]:
    return [each for each in events(await world.pages()) if each[0] in (r.DEEP_SLEEP_BEGAN, r.DEEP_SLEEP_ENDED)]


@pytest.mark.parametrize("board", [xiao_esp32s3, WITH_DRIVER, m5stickc_plus2], ids=["pwm", "drv2605", "m5"])
def test_six_seconds_switch_it_off_and_holding_the_button_switches_it_on(tmp_path: Path, board: ModuleType) -> None:
    moves = [(20 + 3 * i, 30 * (i % 2), 0) for i in range(300)]

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await until(world, 20)
        felt = len(await pulses_ms(world))
        await switch_off(world)
        pulses = [round(pulse.duration_us / 1e3) for pulse in world.hardware.motor.pulses()[felt:]]
        assert pulses == [*HOLDS, *on(off.OFF_PATTERN)]
        await asyncio.sleep(600)
        assert world.firmware.asleep, "motion doesn't switch it on"
        world.hardware.button.press(1.05)
        await asyncio.sleep(10)
        assert world.firmware.asleep, "nor does a knock against the button"
        world.hardware.button.press(4)
        await asyncio.sleep(5)
        assert not world.firmware.asleep
        assert await pulses_ms(world) == on(off.ON_PATTERN)
        happened = await slept(world)
        began, ended = (r.DEEP_SLEEP_BEGAN, (r.ASLEEP_BY_HAND,)), r.DEEP_SLEEP_ENDED
        assert [each if each == began else each[0] for each in happened] == [began, ended, began, ended]
        assert happened[1][1][1:] == happened[3][1][1:] == (r.WOKEN_BY_BUTTON, r.ASLEEP_BY_HAND)
        assert happened[1][1][0] == pytest.approx(600, abs=35)
        assert world.app.config.calibration_id == 1
        pages = await world.pages()
        assert all(before.next_sequence == after.first_sequence for before, after in pairwise(pages))
        await asyncio.sleep(60)
        assert (r.BUTTON, (r.HELD_FOR_BATTERY,)) not in events(await world.pages())[-5:], "the press is spent"

    in_world(Traveller(*moves), tmp_path, story, board=board)


@pytest.mark.parametrize("board", [xiao_esp32s3, xiao_esp32c6], ids=lambda board: board.NAME)
def test_the_cable_switches_it_on_and_keeps_it_on(tmp_path: Path, board: ModuleType) -> None:
    traveller = Traveller()

    async def story(world: TestWorld) -> None:
        await until(world, 3)
        await switch_off(world)
        await asyncio.sleep(100)
        if board is xiao_esp32c6:  # whose button's pin can't end deep sleep
            world.hardware.button.press(5)
            await asyncio.sleep(10)
            assert world.firmware.asleep
        traveller.plugged_s = world.world.clock.now_s
        await asyncio.sleep(10)
        assert not world.firmware.asleep
        assert (await slept(world))[-1][1][1:] == (r.WOKEN_BY_CABLE, r.ASLEEP_BY_HAND)
        world.hardware.button.press(6.5)
        await asyncio.sleep(12)
        assert not world.firmware.asleep, "on the cable it stays on"
        assert (await pulses_ms(world))[-1:] == on(motor.REFUSED_PATTERN)

    in_world(traveller, tmp_path, story, board=board)


def test_off_takes_no_current_that_the_motion_sensor_would(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await until(world, 3)
        imu = world.hardware.chips[0x6A]
        await switch_off(world)
        assert imu._registers[0x10] >> 4 == imu._registers[0x11] >> 4 == 0  # neither sensor measures

    in_world(Traveller(), tmp_path, story)

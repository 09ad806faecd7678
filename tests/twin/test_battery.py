"""A battery that runs down and is charged again: warnings, a motor that is spared, a board that sleeps."""

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch_device.boards import xiao_esp32c6, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.patterns import PULSES
from unslouch_device.parts.gauge import percent_at_rest

SAGS_mV = 7  # under the sensor's own current
SETTLED_S = 400  # after which the gauge believes a voltage


class Cell(Poses):
    """A wearer whose cell has the voltage that a test says; None is as good as full."""

    def __init__(self, *moves: tuple[float, float, float]) -> None:
        super().__init__(*moves)
        self.mV = 4000
        self.usb = False

    def battery_mV(self, t_s: float) -> int:
        return self.mV

    def usb_present(self, t_s: float) -> bool:
        return self.usb


def voltage_of(percent: int) -> int:
    return next(mV for mV in range(3200, 4400) if percent_at_rest(mV + SAGS_mV) >= percent)


def levels(happened: list[tuple[int, tuple[int, ...]]]) -> list[int]:
    return [fields[0] for code, fields in happened if code == r.BATTERY_LOW]


async def now_at(world: TestWorld, cell: Cell, percent: int) -> list[int]:
    cell.mV = voltage_of(percent)
    await asyncio.sleep(SETTLED_S)
    return levels(events(await world.pages()))


def test_a_low_battery_warns_once_by_event_and_pulse(tmp_path: Path) -> None:
    cell = Cell()

    async def story(world: TestWorld) -> None:
        assert await now_at(world, cell, 17) == []
        assert await now_at(world, cell, 14) == [r.BATTERY_WARNING]
        assert len(world.hardware.motor.pulses()) == 3
        assert len(world.hardware.led.blinks_us) == 1 + 3
        assert await now_at(world, cell, 25) == [r.BATTERY_WARNING]  # a cell that recovers has not been charged
        assert world.app.power.battery_percent == 14
        cell.usb = True
        assert await now_at(world, cell, 35) == [r.BATTERY_WARNING, r.BATTERY_GOOD]
        assert len(world.hardware.motor.pulses()) == 3

    in_world(cell, tmp_path, story)


def test_below_five_percent_the_motor_rests_until_the_cell_is_charged(tmp_path: Path) -> None:
    cell = Cell((500, 25, 0), (700, 0, 0), (1400, 25, 0))

    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        assert (await now_at(world, cell, 3))[-1] == r.BATTERY_MOTOR_OFF
        pulses = len(world.hardware.motor.pulses())
        await asyncio.sleep(300)
        happened = codes(await world.pages())
        assert r.SLOUCH_STARTED in happened
        assert r.ALERT not in happened
        assert (await world.ask(m.BUZZ))[0] == m.BATTERY_LOW
        assert (await world.ask(m.PLAY_PATTERN, PULSES))[0] == m.BATTERY_LOW
        await asyncio.sleep(5)
        assert len(world.hardware.motor.pulses()) == pulses
        cell.usb = True
        await now_at(world, cell, 30)
        cell.usb = False
        await asyncio.sleep(400)
        assert r.ALERT in codes(await world.pages())

    in_world(cell, tmp_path, story)


def test_an_empty_board_flushes_sleeps_and_starts_again_when_it_is_charged(tmp_path: Path) -> None:
    cell = Cell()

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(100)
        assert (await now_at(world, cell, 4))[-1] == r.BATTERY_MOTOR_OFF
        cell.mV = 3390
        await asyncio.sleep(3600)
        flushed = world.app.journal.flushed_sequence
        assert flushed == world.app.journal.next_sequence
        await asyncio.sleep(3600)
        assert world.app.journal.flushed_sequence == flushed  # waking to look leaves no trace
        cell.usb = True
        await asyncio.sleep(900)
        happened = events(await world.pages())
        assert levels(happened) == [r.BATTERY_WARNING, r.BATTERY_MOTOR_OFF, r.BATTERY_EMPTY]
        assert [fields[0] for code, fields in happened if code == r.BOOT] == [r.BOOT_POWER_ON, r.BOOT_DEEP_SLEEP]
        assert world.app.uptime.now_ms() > 300_000

    in_world(cell, tmp_path, story)


@pytest.mark.parametrize("board", [xiao_esp32s3, xiao_esp32c6], ids=lambda board: board.NAME)
def test_the_cable_wakes_an_empty_board_at_once(board: ModuleType, tmp_path: Path) -> None:
    cell = Cell()

    async def story(world: TestWorld) -> None:
        cell.mV = 3390
        await asyncio.sleep(400)
        asleep = world.app
        assert asleep.battery.level == r.BATTERY_EMPTY
        cell.usb = True
        await asyncio.sleep(5)
        assert world.app is not asleep
        assert world.hardware.machine.reset_cause() == r.BOOT_DEEP_SLEEP
        assert world.app.uptime.now_ms() > 1000
        assert (await world.ask(m.PING))[0] == m.OK

    in_world(cell, tmp_path, story, board=board)


def test_a_dip_under_the_limit_and_a_cell_on_the_charger_are_not_empty(tmp_path: Path) -> None:
    cell = Cell()

    async def story(world: TestWorld) -> None:
        cell.mV = 3390
        await asyncio.sleep(25)
        cell.mV = 3700
        await asyncio.sleep(60)
        cell.usb = True
        cell.mV = 3350
        await asyncio.sleep(600)
        happened = events(await world.pages())
        assert r.BATTERY_EMPTY not in levels(happened)
        assert codes(await world.pages()).count(r.BOOT) == 1

    in_world(cell, tmp_path, story)

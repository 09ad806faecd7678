"""Off the body the chip watches over itself: the board sleeps, and is there within seconds once somebody moves it."""

import asyncio
import types
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch.twin.board import IMUS
from unslouch_device.boards import m5stickc_plus2, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.states import CHARGING, OFF_BODY

LAID_S = 300.0
HANDLED_S = 8.0


class Laid(Poses):
    """Worn, laid down as still as a thing, at last put on again; knocks at some times move the table."""

    def __init__(self, hours: float, *knocks_s: float) -> None:
        super().__init__()
        self.put_on_s = LAID_S + hours * 3600
        self.plugged_s = float("inf")
        self._knocks_s = knocks_s

    def sample(self, first: int, count: int, rate_hz: float) -> NDArray[np.float64]:
        samples = super().sample(first, count, rate_hz)
        t_s = np.arange(first, first + count) / rate_hz
        samples[(t_s >= LAID_S) & (t_s < self.put_on_s)] = (0.0, 0.0, 1.0, 0.1, -0.1, 0.05)
        handled = (t_s >= self.put_on_s) & (t_s < self.put_on_s + HANDLED_S)
        wave = np.sin(9 * t_s)
        samples[handled, 2] += 0.1 * wave[handled]
        samples[handled, 3] += 40 * wave[handled]
        for knock_s in self._knocks_s:
            samples[(t_s >= knock_s) & (t_s < knock_s + 0.1), 2] += 0.3
        return samples

    def usb_present(self, t_s: float) -> bool:
        return t_s >= self.plugged_s


async def until(world: TestWorld, t_s: float) -> None:
    await asyncio.sleep(t_s - world.world.clock.now_s)


def rate_hz(world: TestWorld) -> float:
    """What the gyroscope measures at; 0 while it is off."""
    hardware: float = world.hardware.imu._sampler.gyro.rate_hz
    return hardware


async def times_s(world: TestWorld, wanted: int) -> list[float]:
    """Seconds since boot of every event of a kind."""
    size = r.RECORD_BYTES
    records = [page.records[at : at + size] for page in await world.pages() for at in range(0, len(page.records), size)]
    happened = [r.unpack_event(record) for record in records if r.is_event(record)]
    return [uptime_ms / 1000 for code, uptime_ms, _ in happened if code == wanted]


@pytest.mark.parametrize(
    ("board", "chip"),
    [*((xiao_esp32s3, chip) for chip in IMUS), (m5stickc_plus2, "mpu6886")],
    ids=lambda value: value if isinstance(value, str) else value.NAME,
)
def test_laid_down_it_sleeps_with_the_gyroscope_off_until_it_is_put_on(board, chip: str, tmp_path: Path) -> None:
    motion = Laid(0.4)

    async def story(world: TestWorld) -> None:
        await until(world, LAID_S + 400)
        off = []
        while world.world.clock.now_s < motion.put_on_s - 60:
            await asyncio.sleep(60)
            off.append(not rate_hz(world))
        assert sum(off) > 0.9 * len(off)
        assert world.app.pipeline.posture.state == OFF_BODY
        await until(world, motion.put_on_s + 60)
        (put_on_s,) = await times_s(world, r.PUT_ON)
        assert 0 < put_on_s - motion.put_on_s < 12
        assert world.app.uptime.now_ms() / 1000 == pytest.approx(world.world.clock.now_s, abs=1)
        happened = codes(await world.pages())
        assert r.SAMPLES_LOST not in happened
        assert happened.count(r.BOOT) == happened.count(r.TAKEN_OFF) == 1
        assert world.app.pipeline.posture.state != OFF_BODY
        epochs = sum(len(page.records) // r.RECORD_BYTES for page in await world.pages()) - len(happened)
        worn_s = LAID_S + 60
        assert epochs * 5 == pytest.approx(worn_s + 120, abs=60), "and none while it lay"

    in_world(motion, tmp_path, story, board=types.SimpleNamespace(**{**vars(board), "IMU": chip}))


def test_a_knocked_table_wakes_it_for_a_look(tmp_path: Path) -> None:
    knock_s = LAID_S + 1000.0

    async def story(world: TestWorld) -> None:
        await until(world, knock_s - 1)
        assert not rate_hz(world)
        await until(world, knock_s + 5)
        assert rate_hz(world)
        await until(world, knock_s + 60)
        assert not rate_hz(world)
        assert await times_s(world, r.PUT_ON) == []

    in_world(Laid(1, knock_s), tmp_path, story)


def test_what_was_to_end_while_it_lay_has_ended(tmp_path: Path) -> None:
    motion = Laid(1)

    async def story(world: TestWorld) -> None:
        await asyncio.sleep(200)
        await world.ask(m.SNOOZE, 30)
        await until(world, motion.put_on_s + 60)
        assert world.app.pipeline.snooze_left_s() == 0

    in_world(motion, tmp_path, story)


def test_a_host_or_the_cable_end_it_and_it_measures_at_once(tmp_path: Path) -> None:
    motion = Laid(2)

    async def story(world: TestWorld) -> None:
        await until(world, LAID_S + 1000)
        assert not rate_hz(world)
        await world.ask(m.SUBSCRIBE, 5)
        await asyncio.sleep(15)
        assert rate_hz(world)
        assert not world.app.sampler.silent()
        await world.ask(m.SUBSCRIBE, 0)
        await asyncio.sleep(300)
        assert not rate_hz(world)
        motion.plugged_s = world.world.clock.now_s
        await asyncio.sleep(60)
        assert rate_hz(world)
        assert world.app.pipeline.posture.state == CHARGING
        assert r.SAMPLES_LOST not in codes(await world.pages())

    in_world(motion, tmp_path, story)


def test_a_bus_that_fails_meanwhile_is_journaled_and_measuring_goes_on(tmp_path: Path) -> None:
    motion = Laid(1)

    async def story(world: TestWorld) -> None:
        await until(world, LAID_S + 1000)
        chips = dict(world.hardware.chips)
        world.hardware.chips.clear()
        await asyncio.sleep(60)
        world.hardware.chips.update(chips)
        await until(world, motion.put_on_s + 30)
        happened = codes(await world.pages())
        assert r.BUS_FAILED in happened
        assert r.BUS_RECOVERED in happened
        assert r.PUT_ON in happened
        lost_ms = [fields[0] for code, fields in events(await world.pages()) if code == r.SAMPLES_LOST]
        assert sum(lost_ms) < 120_000, "of what it slept through nothing"

    in_world(motion, tmp_path, story)

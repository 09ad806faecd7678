"""A bus that fails for a moment, for a while and for ever: retried, journaled, and no hindrance to anything else."""

import asyncio
import errno
from pathlib import Path

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch.twin.machine.i2c import I2CChip
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r


class Flaky:
    """A chip whose next transfers fail."""

    def __init__(self, chip: I2CChip, failures: int) -> None:
        self._chip = chip
        self.failures = failures

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EIO, "EIO")

    def read(self, register: int, buffer: memoryview) -> None:
        self._fail()
        self._chip.read(register, buffer)

    def write(self, register: int, data: bytes) -> None:
        self._fail()
        self._chip.write(register, data)


ADDRESS = 0x6A


def make_flaky(world: TestWorld, failures: int) -> None:
    world.hardware.chips[ADDRESS] = Flaky(world.hardware.imu, failures)


def test_transfers_that_fail_now_and_then_are_counted_and_lose_nothing(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        for _ in range(20):
            make_flaky(world, 2)
            await asyncio.sleep(30)
        assert world.app.sampler.bus_errors == 40
        happened = codes(await world.pages())
        assert r.SAMPLES_LOST not in happened
        assert r.BUS_FAILED not in happened

    in_world(Poses(), tmp_path, story)


def test_a_bus_that_fails_for_a_while_is_journaled_once_and_so_is_its_recovery(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        make_flaky(world, 10_000)
        await asyncio.sleep(60)
        make_flaky(world, 0)
        await asyncio.sleep(30)
        happened = [
            (code, fields) for code, fields in events(await world.pages()) if code in (r.BUS_FAILED, r.BUS_RECOVERED)
        ]
        assert [code for code, _ in happened] == [r.BUS_FAILED, r.BUS_RECOVERED]
        assert happened[0][1][0] == errno.EIO
        assert 59_000 < happened[1][1][0] < 65_000  # a batch of 3.9 s later at the latest

    in_world(Poses(), tmp_path, story)


def test_a_bus_that_is_dead_for_good_keeps_the_board_answering_and_never_resets_it(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(10)
        make_flaky(world, 1 << 60)
        await asyncio.sleep(7200)
        assert (await world.ask(m.PING))[0] == m.OK
        happened = codes(await world.pages())
        assert happened.count(r.BOOT) == 1
        assert happened.count(r.BUS_FAILED) == 1

    in_world(Poses(), tmp_path, story)

"""Flash as slow as its datasheet allows costs no sample, and a host sees no boot whose number is not durable."""

import asyncio
import types
from pathlib import Path

from twin.poses import Poses
from twin.world import TestWorld, codes, in_world
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r

SLOW_MS = 1300  # more than any step that tests/benchmarks/flash_wear.py counts; an MPU6886 holds samples of 1420 ms
SHORT_FIFO = types.SimpleNamespace(**{**vars(xiao_esp32s3), "IMU": "mpu6886"})


def slow_down(world: TestWorld) -> list[int]:
    """Let each step of a flush take SLOW_MS; returns a list that gets the uptime of each."""
    journal = world.app.journal
    have_their_turn = journal.interlude
    steps_ms: list[int] = []

    def interlude() -> None:
        have_their_turn()
        steps_ms.append(world.app.uptime.now_ms())
        world.hardware.machine.lightsleep(SLOW_MS)

    journal.interlude = interlude
    return steps_ms


def test_a_sleeping_board_loses_no_sample_to_slow_flash(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(60)
        steps_ms = slow_down(world)
        await asyncio.sleep(1800)
        assert len(steps_ms) > 5
        assert world.app.sampler.lost_samples == 0
        assert r.SAMPLES_LOST not in codes(await world.pages())

    in_world(Poses(), tmp_path, story, board=SHORT_FIFO)


def test_nor_does_one_that_hosts_connect_to_and_watch(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        steps_ms = slow_down(world)
        for live_hz in (1, 10, 1, 1, 1, 1):
            assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION))[0] == m.OK
            assert (await world.ask(m.SUBSCRIBE, live_hz))[0] == m.OK
            await asyncio.sleep(97.3)
        assert len(steps_ms) > 10
        assert world.app.sampler.lost_samples == 0
        assert r.SAMPLES_LOST not in codes(await world.pages())

    in_world(Poses(), tmp_path, story, board=SHORT_FIFO)


def test_hello_is_refused_until_the_boots_number_is_durable(tmp_path: Path) -> None:
    flash = tmp_path / "flash"

    async def story(world: TestWorld) -> None:
        journal = world.app.journal
        journal.wipe(7)
        world.app.event_log.note(r.BOOT, 0, 0, 0, 0, 0)  # of a boot that flash does not know of
        flash.rename(tmp_path / "away")
        assert await world.ask(m.HELLO, m.PROTOCOL_VERSION) == (m.FLASH_FAILED, b"")
        (tmp_path / "away").rename(flash)
        assert (await world.ask(m.HELLO, m.PROTOCOL_VERSION))[0] == m.OK
        assert journal.durable

    in_world(Poses(), flash, story)

"""The button held down: three seconds open the pairing window, ten erase the journal, and each is felt beforehand."""

import asyncio
from pathlib import Path
from types import ModuleType

import pytest

from twin.poses import Poses
from twin.world import TestWorld, codes, events, in_world
from unslouch_device.boards import m5stickc_plus2, xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r


class Plugged(Poses):
    """A wearer with the cable in."""

    def usb_present(self, t_s: float) -> bool:
        return True


def test_three_seconds_open_the_pairing_window(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        world.hardware.button.press(4)
        await asyncio.sleep(3.9)
        assert len(world.hardware.motor.pulses()) == 1 + 3  # now is the time to let go
        await asyncio.sleep(3)
        assert events(await world.pages())[-2:] == [(r.BUTTON, (r.HELD_TO_PAIR,)), (r.PAIRING, (120,))]
        assert 110_000 < world.app.pairing_window.left_ms() < 120_000
        assert len(world.hardware.motor.pulses()) == 1 + 5

    in_world(Poses(), tmp_path, story)


def test_ten_seconds_erase_the_journal_and_begin_another(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await asyncio.sleep(600)
        before = world.app.journal.id
        assert await world.pages()
        world.hardware.button.press(11)
        await asyncio.sleep(10.9)
        assert round(world.hardware.motor.pulses()[-1].duration_us / 1e3) == 350  # now is the time to let go
        assert world.app.journal.id == before  # until the button is released
        await asyncio.sleep(60)
        assert world.app.journal.id != before
        assert await world.ask(m.FETCH, before, 0, 10) == (m.WRONG_JOURNAL, b"")
        pages = await world.pages()
        assert codes(pages)[:2] == [r.BOOT, r.ERASED]
        assert pages[0].first_sequence == 0
        assert pages[-1].calibration_id == 1  # what the wearer has set up stays
        assert [round(pulse.duration_us / 1e3) for pulse in world.hardware.motor.pulses()[-2:]] == [80, 80]

    in_world(Poses(), tmp_path, story)


def test_what_was_erased_stays_erased_over_a_power_cut(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(600)
        world.hardware.button.press(11)
        await asyncio.sleep(15)
        erased = world.app.journal.id
        await world.firmware.cut_power()
        world.power_on()
        _, data = await world.ask(m.HELLO, m.PROTOCOL_VERSION)
        hello = p.HelloReply(data)
        assert (hello.journal, hello.boot) == (erased, 2)

    in_world(Poses(), tmp_path, story)


def test_a_second_and_half_a_minute_do_nothing(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        before = world.app.journal.id
        world.hardware.button.press(1.2)
        await asyncio.sleep(5)
        world.hardware.button.press(120)
        await asyncio.sleep(300)
        assert world.app.journal.id == before
        assert events(await world.pages())[-1] == (r.BUTTON, (r.HELD_DOWN,))
        assert r.PAIRING not in codes(await world.pages())
        assert codes(await world.pages()).count(r.BOOT) == 1  # nor is the watchdog disturbed

    in_world(Poses(), tmp_path, story)


@pytest.mark.parametrize("board", [xiao_esp32s3, m5stickc_plus2], ids=lambda board: board.NAME)
def test_twenty_seconds_on_the_cable_end_the_firmware_at_the_prompt(board: ModuleType, tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        world.hardware.button.press(21)
        await asyncio.sleep(20.9)
        assert [round(pulse.duration_us / 1e3) for pulse in world.hardware.motor.pulses()[-2:]] == [350, 350]
        async with asyncio.timeout(10):
            await world.firmware.wait()
        flushed = world.app.journal
        assert flushed.flushed_sequence == flushed.next_sequence

    in_world(Plugged(), tmp_path, story, board=board)


def test_twenty_seconds_off_the_cable_are_refused_since_nothing_would_be_recorded(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        await asyncio.sleep(3)
        world.hardware.button.press(21)
        await asyncio.sleep(60)
        assert round(world.hardware.motor.pulses()[-1].duration_us / 1e3) == 600
        assert (await world.ask(m.PING))[0] == m.OK

    in_world(Poses(), tmp_path, story)

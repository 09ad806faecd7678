"""A host that has the USB port open and doesn't read: the board writes in vain once, and goes on working."""

import asyncio
from pathlib import Path

import pytest

from twin.poses import Poses
from twin.world import TestWorld, events, in_world
from unslouch.twin.firmware import Firmware
from unslouch.twin.port import USB_TIMEOUT_S, UsbConsole
from unslouch_device.contract import messages as m
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import to_wire
from unslouch_device.link.stdio import StdioChannel
from unslouch_device.parts.motor import ALERT_PATTERNS


async def on_usb(world: TestWorld) -> UsbConsole:
    """Start the board again with its own channel on a simulated USB driver."""
    await world.firmware.switch_off()
    console = UsbConsole(world.port, world.world.clock.let_pass)
    ticks_ms = world.world.ticks_from_now(0)
    world.firmware = Firmware(world.world, StdioChannel(console, console, console, ticks_ms))
    world.power_on()
    return console


def test_a_reader_that_is_stuck_makes_the_board_wait_once_and_costs_no_sample(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        console = await on_usb(world)
        assert await world.ask(m.SUBSCRIBE, 25) == (m.OK, b"")
        await asyncio.sleep(5)
        console.host_reads = False
        await asyncio.sleep(60)
        assert console.blocked == 1
        assert world.app.sampler.lost_samples == 0
        assert world.app.supervisor.late_ms < 2000 * USB_TIMEOUT_S

    in_world(Poses(), tmp_path, story)


def test_a_fetch_whose_reader_is_stuck_ends_without_holding_up_the_board(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        console = await on_usb(world)
        for number in range(2000):
            world.app.event_log.note_now(16)
            if number % 100 == 0:
                world.app.event_log.flush()
        world.app.event_log.flush()
        console.host_reads = False
        fetch = m.pack_request(m.FETCH, 1, world.app.journal.id, 0, 0xFFFF)
        world.port.inject(to_wire(m.FETCH, fetch))
        await asyncio.sleep(10)
        assert console.blocked == 1
        assert world.app.sampler.lost_samples == 0

    in_world(Poses(), tmp_path, story)


def test_a_host_that_reads_again_gets_live_samples_once_it_asks_for_something(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        console = await on_usb(world)
        await world.ask(m.SUBSCRIBE, 25)
        console.host_reads = False
        await asyncio.sleep(10)
        console.host_reads = True
        assert (await world.ask(m.PING))[0] == m.OK
        world.seen.clear()
        await asyncio.sleep(2)
        await world.ask(m.PING)
        assert [kind for kind, _ in world.seen].count(m.LIVE) > 40

    in_world(Poses(), tmp_path, story)


def test_patterns_and_presses_are_complete_while_a_reader_is_stuck(tmp_path: Path) -> None:
    async def story(world: TestWorld) -> None:
        console = await on_usb(world)
        assert await world.ask(m.SUBSCRIBE, 25) == (m.OK, b"")
        console.host_reads = False
        await asyncio.sleep(10)
        for pattern in ALERT_PATTERNS:
            felt = len(world.hardware.motor.pulses())
            world.app.feedback.play(pattern)
            await asyncio.sleep(5)
            pulses = world.hardware.motor.pulses()[felt:]
            assert [round(pulse.duration_us / 1e4) * 10 for pulse in pulses] == list(pattern[::2])
        for presses in (1, 2, 3, 4):
            for _ in range(presses):
                world.hardware.button.press()
                await asyncio.sleep(0.3)
            await asyncio.sleep(5)
        world.app.event_log.flush()
        console.host_reads = True
        pages = await world.pages()
        assert [fields[0] for code, fields in events(pages) if code == r.BUTTON] == [1, 2, 3, 4]
        assert console.blocked == 1

    in_world(Poses(), tmp_path, story)


@pytest.mark.parametrize("before_s", [0.05 * step for step in range(10)])
def test_a_reader_that_gets_stuck_hides_no_press_and_lengthens_a_pulse_by_one_write_at_most(
    before_s: float, tmp_path: Path
) -> None:
    async def story(world: TestWorld) -> None:
        console = await on_usb(world)
        assert await world.ask(m.SUBSCRIBE, 25) == (m.OK, b"")
        await asyncio.sleep(2)
        felt = len(world.hardware.motor.pulses())
        console.host_reads = False
        await asyncio.sleep(before_s)
        world.hardware.button.press()
        world.app.feedback.play(ALERT_PATTERNS[0])
        await asyncio.sleep(5)
        world.app.event_log.flush()
        console.host_reads = True
        pages = await world.pages()
        assert console.blocked == 1
        assert [fields[0] for code, fields in events(pages) if code == r.BUTTON] == [1]
        first, *_ = world.hardware.motor.pulses()[felt:]
        assert first.duration_us < 1e6 * (0.3 + USB_TIMEOUT_S)

    in_world(Poses(), tmp_path, story)

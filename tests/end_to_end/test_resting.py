"""The firmware on its battery and a recorder, over Bluetooth alone: visits in windows, telemetry while watched."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from link.ble_board import backends_of
from link.fake_board import MemorySink, ReceivedEvents
from twin.poses import Poses
from twin.radio.firmware import OnAirWorld, on_air
from twin.world import TestWorld
from unslouch.link.model import LinkState
from unslouch.sensor import locator as locator
from unslouch.sensor import paired
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.pairing import Pairing
from unslouch.sensor.session import Session
from unslouch.twin.clock import WorldLoop
from unslouch.twin.firmware import Firmware
from unslouch.twin.radio.adapters import OnAir
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.central import Central
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.contract.gatt import FIRST_GAP_S

VISITS = 4
ADDRESS = "74:4D:BD:00:00:01"
SLOUCH_S = 530.0


async def visited(world: TestWorld, laptop: Central) -> None:
    """Pair by the button, record unwatched for some windows, then look."""
    loop = asyncio.get_running_loop()
    world.hardware.button.press(3.5)
    await Pairing(lambda step: None, backends_of(laptop), list).pair(None, "back", 120)
    received, writer = ReceivedEvents(), MemorySink()
    session = Session(SharedLocator(None, backends_of(laptop)), received, writer, watched=False)
    running = asyncio.create_task(session.run())
    rested_at_s = []
    for _ in range(VISITS):
        await received.until_state(LinkState.RESTING, 2 * FIRST_GAP_S)
        rested_at_s.append(loop.time())
        await received.until_state(LinkState.LIVE, 900 + 2 * FIRST_GAP_S)
    gaps_s = [later - earlier for earlier, later in pairwise(rested_at_s)]
    assert gaps_s == pytest.approx([FIRST_GAP_S, 2 * FIRST_GAP_S, 4 * FIRST_GAP_S], abs=20)
    assert world.app.uptime.slept_ms > 0.9 * 1000 * sum(gaps_s)
    session.watch(True)
    await received.until(lambda: len(received.live) > 200, 900 + 2 * FIRST_GAP_S)
    slept_ms = world.app.uptime.slept_ms
    await asyncio.sleep(FIRST_GAP_S)
    assert session.state is LinkState.LIVE
    assert world.app.uptime.slept_ms == slept_ms
    await session.drain()
    running.cancel()
    await asyncio.wait([running])
    assert writer.gaps == []
    assert writer.at[world.app.journal.id] == world.app.journal.flushed_sequence


def test_an_unwatched_sensor_sleeps_between_visits_and_stays_awake_while_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locator, "likely_ports", list)
    world, air = TestWorld(ScriptedWearer(1, 1), tmp_path, False, 0.0, xiao_esp32s3), Air()
    world.firmware = Firmware(world.world, world.port, adapter=OnAir(air))

    async def run() -> None:
        world.power_on()
        laptop = Central(air)
        await laptop.power_on()
        try:
            await visited(world, laptop)
        finally:
            laptop.power_off()
            await world.firmware.switch_off()
            paired.sensors_file().unlink(missing_ok=True)

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.world.clock)) as runner:
        runner.run(run())


def test_a_press_of_the_button_and_a_slouch_bring_the_recorder_between_two_windows(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        clock = world.world.clock
        assert (await world.ask(m.CALIBRATE))[0] == m.OK
        await world.pair()
        received, writer = ReceivedEvents(), MemorySink()
        session = Session(SharedLocator(ADDRESS, backends_of(world.laptop)), received, writer, watched=False)
        recording = asyncio.create_task(session.run())
        linked_s = []
        for next_s in (300.0, SLOUCH_S):
            await received.until(lambda: session.state is LinkState.RESTING, 60)
            world.calm()
            await asyncio.sleep(next_s - clock.now_s)
            assert session.state is LinkState.RESTING
            if next_s < SLOUCH_S:
                world.hardware.button.press(0.2)
            await received.until(lambda: session.state is LinkState.LIVE, 10)
            linked_s.append(clock.now_s - next_s)
        assert max(linked_s) < 10
        recording.cancel()
        await asyncio.wait([recording])

    on_air(tmp_path, story, Poses((SLOUCH_S - 30, 25, 0)))

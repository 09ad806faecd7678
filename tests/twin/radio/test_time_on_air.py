"""How long the radio is on, which the current model counts with."""

import asyncio
from pathlib import Path

import pytest

from link.fake_board import MemorySink, ReceivedEvents
from twin.radio.firmware import OnAirWorld, backends_of, on_air
from unslouch import power
from unslouch.link.model import LinkState
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.session import Session
from unslouch_device.contract import records as r
from unslouch_device.contract.gatt import FIRST_GAP_S
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.settings import WINDOW_MIN

PERIODS = 10
ADDRESS = "74:4D:BD:00:00:01"


async def on_per_period_s(world: OnAirWorld) -> float:
    """Count for how long the radio is on."""
    clock, on_s = world.world.clock, 0.0
    began_s = clock.now_s
    while clock.now_s - began_s < PERIODS * FIRST_GAP_S:
        was_on, before_s = world.app.radio.on, clock.now_s
        await asyncio.sleep(0.02)
        if was_on and world.app.radio.on:  # else it may have slept since
            on_s += clock.now_s - before_s
    return on_s / PERIODS


def test_it_is_on_for_as_long_as_the_current_model_says(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        world.app.config.settings[WINDOW_MIN] = FIRST_GAP_S // 60
        await world.pair()
        await world.to_rest()
        await world.wait(1.5 * FIRST_GAP_S)  # to between two windows
        assert await on_per_period_s(world) == pytest.approx(power.WINDOW.value, rel=0.1)

    on_air(tmp_path, story)


def test_a_recorder_costs_as_much_as_the_current_model_says(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        world.app.config.settings[WINDOW_MIN] = FIRST_GAP_S // 60
        await world.pair()
        received = ReceivedEvents()
        writer = MemorySink()  # a database would take time of another clock's
        session = Session(SharedLocator(ADDRESS, backends_of(world.laptop)), received, writer, watched=False)
        recording = asyncio.create_task(session.run())
        await world.wait(FIRST_GAP_S + 30)
        assert await on_per_period_s(world) == pytest.approx(power.VISIT.value, rel=0.1)
        assert sum(len(unpack_page(page).records) for page in writer.pages) > PERIODS * FIRST_GAP_S / 5 * r.RECORD_BYTES
        assert LinkState.RESTING in [state for state, _ in received.states]
        recording.cancel()
        await asyncio.wait([recording])

    on_air(tmp_path, story)

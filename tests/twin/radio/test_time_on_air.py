"""How long the radio is on, which the current model counts with."""

import asyncio
from pathlib import Path

import pytest

from link.fake_board import Notes
from twin.radio.firmware import OnAirWorld, backends_of, on_air
from unslouch import power
from unslouch.link.model import LinkState
from unslouch.recorder.recorder import Recorder
from unslouch_device.link.radio import PERIOD_S

PERIODS = 10
ADDRESS = "74:4D:BD:00:00:01"


async def on_per_period_s(world: OnAirWorld) -> float:
    """Count for how long the radio is on."""
    clock, on_s = world.world.clock, 0.0
    began_s = clock.now_s
    while clock.now_s - began_s < PERIODS * PERIOD_S:
        was_on, before_s = world.app.radio.on, clock.now_s
        await asyncio.sleep(0.1)
        on_s += (clock.now_s - before_s) * was_on
    return on_s / PERIODS


def test_it_is_on_for_as_long_as_the_current_model_says(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        await world.to_rest()
        assert await on_per_period_s(world) == pytest.approx(power.WINDOW.value, rel=0.1)

    on_air(tmp_path, story)


def test_a_recorder_costs_as_much_as_the_current_model_says(tmp_path: Path) -> None:
    async def story(world: OnAirWorld) -> None:
        await world.pair()
        notes = Notes()
        recorder = Recorder(ADDRESS, tmp_path / "a.db", notes, backends=backends_of(world.laptop), watched=False)
        recording = asyncio.create_task(recorder.run())
        await world.wait(PERIOD_S + 30)
        assert await on_per_period_s(world) == pytest.approx(power.VISIT.value, rel=0.15)
        assert recorder.records_added > PERIODS * PERIOD_S / 5
        assert LinkState.RESTING in [state for state, _ in notes.states]
        recording.cancel()
        await asyncio.wait([recording])

    on_air(tmp_path, story)

"""A sensor that is switched off, or whose cell is empty: what a recorder and one that starts later know of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from link.ble_board import backends_of
from link.fake_board import MemorySink, ReceivedEvents
from twin.radio.firmware import OnAirWorld, on_air
from twin.test_battery import Cell
from unslouch.link.model import LinkState
from unslouch.sensor.deep_sleep import DeepSleep
from unslouch.sensor.last_sleep import sleep_file
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.session import Session
from unslouch_device.boards import xiao_esp32c6
from unslouch_device.contract import records as r

ADDRESS = "74:4D:BD:00:00:01"


@asynccontextmanager
async def following(world: OnAirWorld, *, watched: bool = True) -> AsyncIterator[tuple[Session, ReceivedEvents]]:
    received = ReceivedEvents()
    locator = SharedLocator(ADDRESS, backends_of(world.laptop))
    session = Session(locator, received, MemorySink(), watched=watched)
    task = asyncio.create_task(session.run())
    try:
        yield session, received
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until_known(received: ReceivedEvents, deep_sleep: DeepSleep, timeout_s: float = 60) -> None:
    await received.until(lambda: (LinkState.RESTING, deep_sleep.sentence) in received.states, timeout_s)
    assert received.windows[-1] is None


async def hold_until_off(world: OnAirWorld) -> None:
    world.hardware.button.press(6.5)
    async with asyncio.timeout(12):
        while not world.firmware.asleep:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("watched", [True, False])
def test_a_sensor_that_its_button_switches_off_is_known_to_be_off_until_it_is_on(tmp_path: Path, watched: bool) -> None:
    switched_off = DeepSleep(r.ASLEEP_BY_HAND, button_wakes=True)

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with following(world, watched=watched) as (session, received):
            await received.until(lambda: session.state is LinkState.LIVE)
            if not watched:
                await received.until(lambda: session.state is LinkState.RESTING)
                world.calm()
                await asyncio.sleep(60)
            await hold_until_off(world)
            await until_known(received, switched_off)
        async with following(world) as (session, received):
            await until_known(received, switched_off)
            await asyncio.sleep(3600)
            assert LinkState.WAITING not in [state for state, _ in received.states]
            world.hardware.button.press(4)
            await received.until(lambda: session.state is LinkState.LIVE, 60)
            assert not sleep_file().exists() or ADDRESS not in sleep_file().read_text()
            await world.wait(5)

    on_air(tmp_path, story)


def test_a_sensor_whose_button_can_not_switch_it_on_is_to_be_plugged_in(tmp_path: Path) -> None:
    cell, switched_off = Cell(), DeepSleep(r.ASLEEP_BY_HAND, button_wakes=False)
    assert switched_off.sentence == "The sensor is switched off: plug it in."

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with following(world) as (session, received):
            await received.until(lambda: session.state is LinkState.LIVE)
            await hold_until_off(world)
            await until_known(received, switched_off)
            cell.usb = True
            await received.until(lambda: session.state is LinkState.LIVE, 60)
            await world.wait(5)

    on_air(tmp_path, story, cell, board=xiao_esp32c6)


def test_a_sensor_whose_cell_is_empty_is_known_to_be_empty_until_it_is_charged(tmp_path: Path) -> None:
    cell, empty = Cell(), DeepSleep(r.ASLEEP_EMPTY, button_wakes=True)

    async def story(world: OnAirWorld) -> None:
        await world.pair()
        async with following(world) as (session, received):
            await received.until(lambda: session.state is LinkState.LIVE)
            cell.mV = 3390
            await until_known(received, empty, 400)
            await asyncio.sleep(1000)
            cell.usb = True
            await received.until(lambda: session.state is LinkState.LIVE, 60)
            await world.wait(5)

    on_air(tmp_path, story, cell)

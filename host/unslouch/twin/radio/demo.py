"""The demo over the air: a simulated sensor and a computer's Bluetooth on one simulated radio, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from unslouch.link.ble.devices import Backends, listen
from unslouch.link.ble.transport import BleTransport
from unslouch.twin.calibrate import calibrate_when_upright
from unslouch.twin.demo import Demo, demo_past
from unslouch.twin.firmware import Firmware, unique_id
from unslouch.twin.port import TcpPort
from unslouch.twin.tasks import end_tasks
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch.twin.world import World
from unslouch_device.resting import ATTENTION_MS

from .adapters import OnAir
from .air import Air
from .bleak_client import client_on
from .bleak_scanner import scanner_on
from .central import Central, name_of


@asynccontextmanager
async def demo_on_air(world: World, database: Path | None = None) -> AsyncIterator[tuple[Demo, Backends]]:
    """Start a sensor that has been paired with, and give its database the weeks before it, as running_demo() does.

    Yields the backends for bleak that reach it, too. Raises as running_demo() does. Belongs into an event loop that
    lives in the world's time.
    """
    async with demo_past(database) as past, sensor_on_air(world, past.number) as (address, backends):
        await past.fill()
        yield Demo(address, past.database, past.number), backends


@asynccontextmanager
async def sensor_on_air(world: World, number: int = 0) -> AsyncIterator[tuple[str, Backends]]:
    """Give the address of a sensor that has been paired with, and the backends for bleak that reach it.

    number: which of several simulated sensors it is. Belongs into an event loop that lives in the world's time.
    """
    air, port = Air(), TcpPort()
    laptop = Central(air)
    await laptop.power_on()
    adapter = OnAir(air)
    firmware = Firmware(world, port, adapter=adapter, unique_id=unique_id(number))
    firmware.power_on()
    jobs: list[asyncio.Task[object]] = [
        asyncio.create_task(calibrate_when_upright(world, port, world.motion.upright_at_s)),
        asyncio.create_task(_keep_awake(firmware)),
    ]
    backends = Backends(client=client_on(laptop), scanner=scanner_on(laptop))
    try:
        await _pair(firmware, backends)
        yield name_of(adapter.address), backends
    finally:
        await end_tasks(jobs)
        laptop.power_off()
        await firmware.switch_off()


async def _pair(firmware: Firmware, backends: Backends) -> None:
    assert firmware.app is not None
    firmware.app.pairing_window.open()
    while not (heard := await listen(0.5, backends)):
        pass
    transport = BleTransport(heard[0].address, backends, pair=True)
    try:
        await transport.open()
    finally:
        await transport.close()


async def _keep_awake(firmware: Firmware) -> None:
    """Keep the board from light sleep, which would stop this whole process, the dashboard with it, for a while."""
    while True:
        if firmware.app is not None:
            firmware.app.resting.stay_awake(firmware)
        await asyncio.sleep(ATTENTION_MS / 2000)


def demo_world(flash: Path) -> World:
    """Return a world at the pace of real time."""
    return World.begin(ScriptedWearer(1, 8.0), flash, 1, None)

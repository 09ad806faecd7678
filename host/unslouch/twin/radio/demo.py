"""A simulated sensor and a computer's Bluetooth on one simulated radio, within this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from unslouch.link.ble.devices import Backends, listen
from unslouch.link.ble.transport import BleTransport
from unslouch.twin.calibrate import calibrate_when_upright
from unslouch.twin.firmware import Firmware
from unslouch.twin.port import TcpPort
from unslouch.twin.tasks import end_tasks
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch.twin.world import World

from .adapters import OnAir
from .air import Air
from .bleak_client import client_on
from .bleak_scanner import scanner_on
from .central import Central, name_of


class Plugged(ScriptedWearer):
    """A wearer with a cable in: the board never sleeps, which would stop this whole process for a while."""

    def usb_present(self, t_s: float) -> bool:
        return True


@asynccontextmanager
async def sensor_on_air(world: World) -> AsyncIterator[tuple[str, Backends]]:
    """Give the address of a sensor that has been paired with, and the backends for bleak that reach it.

    Belongs into an event loop that lives in the world's time.
    """
    air, port = Air(), TcpPort()
    laptop = Central(air)
    await laptop.power_on()
    adapter = OnAir(air)
    firmware = Firmware(world, port, adapter=adapter)
    firmware.power_on()
    calibrating: asyncio.Task[object] = asyncio.create_task(
        calibrate_when_upright(world, port, world.motion.upright_at_s)
    )
    backends = Backends(client=client_on(laptop), scanner=scanner_on(laptop))
    try:
        await _pair(firmware, backends)
        yield name_of(adapter.address), backends
    finally:
        await end_tasks([calibrating])
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


def plugged_world(flash: Path) -> World:
    """A world at the pace of real time."""
    return World.begin(Plugged(1, 8.0), flash, 1, None)

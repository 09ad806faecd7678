"""Plays flows in the virtual machine, one after the other, each with an adapter of its own, and reports the results."""

import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable
from pathlib import Path

from bluez import firmware_flows, flows
from bluez.inside.adapter import adapter
from bluez.inside.bluez import BlueZ
from bluez.inside.report import logs, tell
from bluez.inside.scenes import FirmwareOnBlueZ, PeripheralOnBlueZ
from twin.radio.peripheral import Peripheral
from unslouch.twin.clock import WorldLoop
from unslouch.twin.radio.air import Air

WANTED = Path("/flows")
FLOW_TIMEOUT_S = 90.0


async def with_a_peripheral(name: str) -> None:
    """Play a flow of flows.py."""
    air = Air()
    async with BlueZ() as bluez, adapter(air, bluez):
        peripheral = Peripheral(air)
        try:
            await flows.FLOWS[name](PeripheralOnBlueZ(air, peripheral, bluez))
        finally:
            peripheral.bluetooth.lose_power()


async def with_the_firmware(name: str, world: FirmwareOnBlueZ) -> None:
    """Play a flow of firmware_flows.py."""
    async with BlueZ() as bluez, adapter(world.air, bluez):
        await world.begin_with(bluez)
        try:
            await firmware_flows.FLOWS[name](world)
        finally:
            await world.end()


async def in_time(story: Awaitable[None]) -> None:
    async with asyncio.timeout(FLOW_TIMEOUT_S):
        await story


def play(name: str) -> None:
    """Play one flow in a loop of its own."""
    if name in flows.FLOWS:
        asyncio.run(in_time(with_a_peripheral(name)))
        return
    with tempfile.TemporaryDirectory() as folder:
        world = FirmwareOnBlueZ(Path(folder))
        with asyncio.Runner(loop_factory=lambda: WorldLoop(world.world.clock)) as runner:
            runner.run(in_time(with_the_firmware(name, world)))


def main() -> int:
    tell(phase="Python's packages")
    well = True
    for name in WANTED.read_text().split():
        began_s, failure = time.monotonic(), None
        try:
            play(name)
        except BaseException:  # noqa: BLE001 - pytest's failures are no Exceptions; the test outside reports it
            failure = traceback.format_exc() + logs()
            well = False
        tell(flow=name, lasted_s=time.monotonic() - began_s, failure=failure)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())

"""Plays flows in the virtual machine: the board on the air, and for a laptop bleak on this machine's BlueZ.

The kernel's adapter is a controller on the same air, behind /dev/vhci.
"""

import asyncio
import sys
import time
import traceback
from pathlib import Path

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from bluez.flows import FLOWS, Flow
from bluez.inside.adapter import attach
from bluez.inside.bluez import BlueZ
from bluez.inside.report import logs, tell
from twin.radio.peripheral import PATIENCE_S, SERVICE, Peripheral, Scene
from unslouch.twin.radio.air import NEAR_DBM, Air
from unslouch.twin.radio.central import Central

WANTED = Path("/flows")
FLOW_TIMEOUT_S = 90.0


class OnBlueZ(Scene):
    """A scene whose laptop is this machine."""

    def __init__(self, air: Air, peripheral: Peripheral, bluez: BlueZ) -> None:
        self.air = air
        self.peripheral = peripheral
        self._bluez = bluez

    async def find(self, central: Central | None = None) -> BLEDevice:
        found = await BleakScanner.find_device_by_filter(
            lambda _, advertised: SERVICE in advertised.service_uuids, timeout=PATIENCE_S
        )
        assert found is not None
        return found

    async def client(self, central: Central | None = None, **options: object) -> BleakClient:
        return BleakClient(await self.find(), **options)

    async def have_agent(self, wanted: bool) -> None:
        await self._bluez.have_agent(wanted)


async def play(air: Air, bluez: BlueZ, name: str, flow: Flow) -> bool:
    """Play one flow from a clean beginning and tell how it went; returns whether well."""
    await bluez.power(False)
    await bluez.power(True)
    await bluez.have_agent(True)
    air.place("sensor", "laptop", NEAR_DBM)
    peripheral = Peripheral(air)
    began_s = time.monotonic()
    failure = None
    try:
        async with asyncio.timeout(FLOW_TIMEOUT_S):
            await flow(OnBlueZ(air, peripheral, bluez))
    except BaseException:  # noqa: BLE001 - pytest's failures are no Exceptions; the outer test reports it
        failure = traceback.format_exc() + logs()
    lasted_s = time.monotonic() - began_s
    peripheral.bluetooth.lose_power()
    await bluez.forget_all()
    tell(flow=name, lasted_s=lasted_s, failure=failure)
    return failure is None


async def main() -> int:
    tell(phase="Python's packages")
    air = Air()
    bluez = await BlueZ.connect()
    transport = await attach(air, "laptop", "C0:C1:C2:C3:C4:C5")
    await bluez.power(True)
    tell(phase="BlueZ and its adapter")
    well = [await play(air, bluez, name, FLOWS[name]) for name in WANTED.read_text().split()]
    await transport.close()
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

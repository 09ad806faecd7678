"""The scenes of the flows with this machine for a laptop: bleak's own backend, on BlueZ."""

from pathlib import Path

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from bluez.inside.bluez import BlueZ
from twin.poses import Poses
from twin.radio.firmware import SENSOR, OnAirWorld
from twin.radio.peripheral import PATIENCE_S, SERVICE, Peripheral, Scene
from twin.updates import slots_in
from unslouch.link.ble.devices import Backends
from unslouch.link.ble.transport import BleTransport
from unslouch.twin.firmware import Firmware
from unslouch.twin.radio.adapters import OnAir
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.central import Central

SCANS = 3
"""On a busy machine BlueZ now and then hears nothing in a whole scan; people scan again, too."""


class PeripheralOnBlueZ(Scene):
    """A small peripheral on the air."""

    def __init__(self, air: Air, peripheral: Peripheral, bluez: BlueZ) -> None:
        self.air = air
        self.peripheral = peripheral
        self._bluez = bluez

    async def find(self, central: Central | None = None) -> BLEDevice:
        for _ in range(SCANS):
            found = await BleakScanner.find_device_by_filter(
                lambda _, advertised: SERVICE in advertised.service_uuids, timeout=PATIENCE_S / SCANS
            )
            if found is not None:
                return found
        raise AssertionError(f"{SCANS} scans of {PATIENCE_S / SCANS:.0f} s heard no peripheral")

    async def client(self, central: Central | None = None, **options: object) -> BleakClient:
        return BleakClient(await self.find(), **options)

    async def have_agent(self, wanted: bool) -> None:
        await self._bluez.have_agent(wanted)


class FirmwareOnBlueZ(OnAirWorld):
    """The whole firmware, in a world that goes at the pace of the real one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Poses(), folder / "flash", slots_in(folder / "slots"))
        self.world.clock.set_speed(1)
        self.air = Air()
        self.air.listeners.append(self.overheard.append)

    async def begin_with(self, bluez: BlueZ) -> None:
        """Switch the board on."""
        self._bluez = bluez
        self.firmware = Firmware(self.world, self.port, adapter=OnAir(self.air, SENSOR), slots=self._slots)
        self.power_on()

    def backends(self, central: Central | None = None) -> Backends:
        return Backends()

    async def have_agent(self, wanted: bool) -> None:
        await self._bluez.have_agent(wanted)

    async def abandon(self, transport: BleTransport) -> None:
        """Leave the bus without a word: BlueZ keeps the link."""
        transport._client._backend._bus.disconnect()

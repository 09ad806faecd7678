"""A small peripheral as firmware would write it, and the air it is heard on, in a world that waits for nothing."""

import asyncio
import math
from collections.abc import Awaitable, Callable

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from unslouch.twin.clock import WorldClock, WorldLoop
from unslouch.twin.radio import irq
from unslouch.twin.radio.adapters import Adapter, OnAir
from unslouch.twin.radio.air import Air
from unslouch.twin.radio.attributes import READ_ENCRYPTED, WRITE_ENCRYPTED
from unslouch.twin.radio.bleak_client import client_on
from unslouch.twin.radio.bleak_scanner import scanner_on
from unslouch.twin.radio.bluetooth import SimulatedBluetooth
from unslouch.twin.radio.central import Central

UUID = SimulatedBluetooth.UUID
SERVICE = "5a5a0001-7e57-4b1e-8d3c-0123456789ab"
OPEN = "5a5a0002-7e57-4b1e-8d3c-0123456789ab"
"""Read, write and notify, on any link."""
GUARDED = "5a5a0003-7e57-4b1e-8d3c-0123456789ab"
"""Read, write and indicate, on encrypted links."""
READ_WRITE = SimulatedBluetooth.FLAG_READ | SimulatedBluetooth.FLAG_WRITE | SimulatedBluetooth.FLAG_WRITE_NO_RESPONSE
ADVERTISED = b"\x02\x01\x06\x11\x07" + bytes(UUID(SERVICE))
PATIENCE_S = 30.0


class Peripheral:
    """Serves two characteristics; keeps bonds in `secrets` and what its handler was called with in `events`."""

    def __init__(
        self,
        air: Air,
        secrets: dict[tuple[int, bytes], bytes] | None = None,
        *,
        bond: bool = True,
        mitm: bool = False,
        io: int = 3,
        addr_mode: int = 0,
        mtu: int = 247,
        adapter: Adapter | None = None,
        let_pass: Callable[[float], None] = lambda duration_s: None,
    ) -> None:
        self.secrets = {} if secrets is None else secrets
        self.events: list[tuple[int, tuple[object, ...]]] = []
        self.answers: dict[int, Callable[[tuple[object, ...]], object]] = {}
        """What a test has the handler do instead, by event."""
        self.bluetooth = SimulatedBluetooth(adapter or OnAir(air), let_pass)
        self.ble = self.bluetooth.BLE()
        self.ble.irq(self.handle)
        self.ble.active(True)
        self.ble.config(addr_mode=addr_mode)
        self.ble.config(gap_name="sensor", mtu=mtu, bond=bond, le_secure=True, mitm=mitm, io=io)
        characteristics = (
            (UUID(OPEN), READ_WRITE | SimulatedBluetooth.FLAG_NOTIFY),
            (UUID(GUARDED), READ_WRITE | SimulatedBluetooth.FLAG_INDICATE | READ_ENCRYPTED | WRITE_ENCRYPTED),
        )
        ((self.open, self.guarded),) = self.ble.gatts_register_services(((UUID(SERVICE), characteristics),))
        self.ble.gatts_set_buffer(self.open, 244)
        self.ble.gatts_write(self.guarded, b"posture")
        self.advertise()

    def advertise(self) -> None:
        self.ble.gap_advertise(100_000, ADVERTISED, resp_data=b"\x07\x09sensor")

    def handle(self, event: int, data: tuple[object, ...]) -> object:
        copied = tuple(bytes(item) if isinstance(item, memoryview) else item for item in data)
        self.events.append((event, copied))
        if event in self.answers:
            return self.answers[event](copied)
        if event == irq.CENTRAL_DISCONNECT:
            self.advertise()
        if event == irq.GET_SECRET:
            return self.get_secret(*copied)
        if event == irq.SET_SECRET:
            return self.set_secret(*copied)
        return None

    def get_secret(self, kind: object, index: object, key: object) -> bytes | None:
        if key is not None:
            return self.secrets.get((kind, key))
        found = [value for (other, _), value in self.secrets.items() if other == kind]
        return found[index] if index < len(found) else None

    def set_secret(self, kind: object, key: object, value: object) -> bool:
        if value is None:
            return self.secrets.pop((kind, key), None) is not None
        self.secrets[kind, key] = value
        return True

    def events_of(self, event: int) -> list[tuple[object, ...]]:
        """The data of every call of the handler with one event."""
        return [data for code, data in self.events if code == event]

    @property
    def bonds(self) -> int:
        return sum(kind == 1 for kind, _ in self.secrets)


class Scene:
    """The air, one peripheral on it, and a laptop."""

    def __init__(self, air: Air, peripheral: Peripheral, laptop: Central) -> None:
        self.air = air
        self.peripheral = peripheral
        self.laptop = laptop
        self.centrals = [laptop]

    async def find(self, central: Central | None = None) -> BLEDevice:
        """Scan until the peripheral is heard."""
        backend = scanner_on(central or self.laptop)
        found = await BleakScanner.find_device_by_filter(
            lambda _, advertised: SERVICE in advertised.service_uuids, timeout=PATIENCE_S, backend=backend
        )
        assert found is not None
        return found

    async def client(self, central: Central | None = None, **options: object) -> BleakClient:
        """Find the peripheral and make a client for it, not connected yet."""
        device = await self.find(central)
        return BleakClient(device, backend=client_on(central or self.laptop), **options)

    async def have_agent(self, wanted: bool) -> None:
        """Let somebody at the laptop answer when a device wants to pair, or nobody."""
        self.laptop.agent = wanted

    async def another(self, name: str, address: str, **options: object) -> Central:
        """Let another adapter come."""
        central = Central(self.air, name, address, **options)
        await central.power_on()
        self.centrals.append(central)
        return central


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, for no more than PATIENCE_S of the world's time."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


def on_air(story: Callable[[Scene], Awaitable[None]], *, interval_ms: float = 30.0, **options: object) -> None:
    """Let a story happen between a peripheral (with options of its own) and a laptop."""

    async def run() -> None:
        air = Air()
        peripheral = Peripheral(air, **options)
        laptop = Central(air, interval_ms=interval_ms)
        await laptop.power_on()
        scene = Scene(air, peripheral, laptop)
        try:
            await story(scene)
        finally:
            for central in scene.centrals:
                central.power_off()
            scene.peripheral.bluetooth.lose_power()

    with asyncio.Runner(loop_factory=lambda: WorldLoop(WorldClock(math.inf))) as runner:
        runner.run(run())

"""The firmware on the simulated radio, and computers that come near: what its Bluetooth tests share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

from link.fake_board import MemorySink
from twin.poses import Poses
from twin.world import TestWorld
from unslouch.link.ble.devices import Backends, listen
from unslouch.link.ble.transport import BleTransport
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.sensor.sync import JournalSync, StuckFetch
from unslouch.twin.clock import WorldLoop
from unslouch.twin.firmware import Firmware
from unslouch.twin.radio.adapters import OnAir
from unslouch.twin.radio.air import Air, SentPacket
from unslouch.twin.radio.bleak_client import client_on
from unslouch.twin.radio.bleak_scanner import scanner_on
from unslouch.twin.radio.central import Central
from unslouch.twin.wearer.motion import MotionSource
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import states
from unslouch_device.contract.pages import RECORDS_PER_PAGE
from unslouch_device.contract.records import pack_epoch_into
from unslouch_device.resting import ATTENTION_MS

SENSOR = "sensor"
PATIENCE_S = 60.0
FULL_PAGES = 3 * RECORDS_PER_PAGE


class OnAirWorld(TestWorld):
    """A world whose board has a radio, and a laptop in reach of it."""

    def __init__(
        self, motion: MotionSource, flash: Path, slots: Path | None = None, board: ModuleType = xiao_esp32s3
    ) -> None:
        super().__init__(motion, flash, False, 0.0, board)
        self._slots = slots
        self._board = board
        self.centrals: list[Central] = []
        self.overheard: list[SentPacket] = []

    async def begin(self, interval_ms: float) -> None:
        self.air = Air()
        self.air.listeners.append(self.overheard.append)
        self.firmware = Firmware(
            self.world, self.port, board=self._board, adapter=OnAir(self.air, SENSOR), slots=self._slots
        )
        self.laptop = await self.computer("laptop", "C0:C1:C2:C3:C4:C5", interval_ms=interval_ms)
        self.power_on()

    async def end(self) -> None:
        for central in self.centrals:
            central.power_off()
        await self.firmware.switch_off()

    async def computer(self, name: str, address: str, **options: object) -> Central:
        """Let another computer come."""
        central = Central(self.air, name, address, **options)
        await central.power_on()
        self.centrals.append(central)
        return central

    def backends(self, central: Central | None = None) -> Backends:
        """What a computer, or the laptop, has behind bleak."""
        return backends_of(central or self.laptop)

    async def have_agent(self, wanted: bool) -> None:
        """Let somebody at the laptop answer when a device wants to pair, or nobody."""
        self.laptop.agent = wanted

    async def wait(self, duration_s: float) -> None:
        """Let time pass."""
        await asyncio.sleep(duration_s)

    async def to_rest(self) -> None:
        """Wait until the board would sleep, and its radio is off."""
        self.calm()
        await until(lambda: not self.app.radio.on)

    def calm(self) -> None:
        """Let it be a while ago that anybody but a linked host wanted something of the board."""
        self.app.resting._awake_until_ms[None] = 0

    async def address(self, central: Central | None = None) -> str:
        """Listen until the board is heard."""
        backends = self.backends(central)
        async with asyncio.timeout(PATIENCE_S):
            while not (heard := await listen(1, backends)):
                pass
        return heard[0].address

    @asynccontextmanager
    async def transport(self, central: Central | None = None, *, pair: bool = False) -> AsyncIterator[BleTransport]:
        """An open link, as the host has it."""
        transport = BleTransport(await self.address(central), self.backends(central), pair=pair)
        try:
            await transport.open()
            yield transport
        finally:
            await transport.close()

    @asynccontextmanager
    async def linked(self, central: Central | None = None, *, pair: bool = False) -> AsyncIterator[Client]:
        """A open_sensor link."""
        async with self.transport(central, pair=pair) as transport, Connection(transport) as connection:
            client = Client(connection)
            await client.hello()
            yield client

    async def pair(self, central: Central | None = None) -> None:
        """Let a computer in, and let it leave."""
        self.app.pairing_window.open()
        async with self.linked(central, pair=True):
            pass
        self.app.pairing_window.close()
        await until(lambda: not self.app.radio.hosts.admission.window_open)

    async def abandon(self, transport: BleTransport) -> None:
        """Let the program die that has a link; here the link dies with it."""
        await transport.close()

    def write_epochs(self, count: int) -> None:
        """Put epochs into the journal as if they had been worn, and flush them."""
        record = bytearray(12)
        at_ms = self.app.uptime.now_ms()
        for number in range(count):
            cdeg = number * 37 % 2000
            pack_epoch_into(record, states.UPRIGHT, 0, 0, cdeg, -cdeg, [cdeg] * 5, number % 6000)
            self.app.journal.append_epoch(bytes(record), at_ms + number * 5000)
            if number % FULL_PAGES == FULL_PAGES - 1:
                self.app.journal.flush()
        self.app.journal.flush()

    def journal_pages(self) -> list[bytes]:
        """What is flushed, page by page."""
        pages, sequence = [], self.app.journal.oldest_sequence
        while (page := self.app.journal.read_page(sequence)) is not None:
            pages.append(page)
            sequence = self.app.journal.read_sequence
        return pages

    def posture_was_heard(self) -> bool:
        """Whether anything was notified on the air from the overheard list's beginning on."""
        return any(packet.sender == SENSOR and _is_notification(packet.data) for packet in self.overheard)


def _is_notification(data: bytes) -> bool:
    """Whether a packet begins an L2CAP frame of ATT with a notification or an indication."""
    return len(data) > 4 and data[2:4] == b"\x04\x00" and data[4] in (0x1B, 0x1D)


def backends_of(central: Central) -> Backends:
    return Backends(client=client_on(central), scanner=scanner_on(central))


async def synced(client: Client, writer: MemorySink, stuck: StuckFetch | None = None) -> None:
    """Fetch everything until the journal's end."""
    sync = JournalSync(client, await client.hello(), writer, stuck or StuckFetch())
    await sync.begin()
    while sync.behind:
        await sync.step()


async def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so, for some time of the world's at most."""
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(0.005)


def on_air(
    folder: Path,
    story: Callable[[OnAirWorld], Awaitable[None]],
    motion: MotionSource | None = None,
    *,
    interval_ms: float = 30.0,
    slots: Path | None = None,
    board: ModuleType = xiao_esp32s3,
) -> None:
    """Power a board on within reach of a laptop, and let a story happen to them. The board must survive it.

    slots: see Firmware.
    """
    world = OnAirWorld(motion or Poses(), folder / "flash", slots, board)

    async def run() -> None:
        await world.begin(interval_ms)
        try:
            await story(world)
            assert world.firmware.app is not None
            assert world.firmware.bluetooth is not None
            assert world.firmware.bluetooth.ble.hung is None
            assert world.firmware.bluetooth.ble.events.error is None
            assert world.app.radio.hosts._error is None
            assert world.app.tasks._failure is None
        finally:
            await world.end()

    with asyncio.Runner(loop_factory=lambda: WorldLoop(world.world.clock)) as runner:
        runner.run(run())


ATTENTION_S = ATTENTION_MS / 1000

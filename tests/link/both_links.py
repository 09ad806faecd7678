"""A cable and the air to one fake board, in one world: what a session over either of them is tried with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from link.ble_board import ADDRESS, BleScene
from link.fake_board import FakeBoard, MemorySink, ReceivedEvents
from unslouch.link.ble.devices import Backends
from unslouch.link.discovery import transport_for
from unslouch.link.model import LinkState
from unslouch.link.transport import ByteTransport, LinkLost, LinkUnavailable, Transport
from unslouch.sensor import paired
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.paired import PairedSensor
from unslouch.sensor.reconnect import Backoff
from unslouch.sensor.session import Session

DEVICE = "0102030405060708"
PORT = "/dev/ttyTEST"


class Cable(ByteTransport):
    """A cable to a fake board, in memory."""

    def __init__(self, board: FakeBoard, port: str = PORT) -> None:
        super().__init__(port)
        self._board = board
        self._to_board: asyncio.Queue[bytes] = asyncio.Queue()
        self._to_host: asyncio.Queue[bytes] = asyncio.Queue()
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        async def send(data: bytes) -> None:
            self._to_host.put_nowait(data)

        self._serving = asyncio.create_task(self._board._serve(self._to_board.get, send))
        self._serving.add_done_callback(lambda _: self._to_host.put_nowait(b""))

    async def read(self) -> bytes:
        data = await self._to_host.get()
        if not data:
            raise LinkLost(f"{self.name} went away.")
        return data

    async def write(self, data: bytes) -> None:
        self._to_board.put_nowait(data)

    async def close(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait([self._serving])


class Usb:
    """What is plugged into the laptop: boards by their ports."""

    def __init__(self) -> None:
        self.plugged: dict[str, FakeBoard] = {}
        self.opened: list[str] = []

    def ports(self) -> list[str]:
        return list(self.plugged)

    def transport_for(self, sensor: str, backends: object) -> Transport:
        if sensor not in ("/dev/ttyOTHER", PORT):
            return transport_for(sensor, backends)  # type: ignore[arg-type]
        self.opened.append(sensor)
        if sensor not in self.plugged:
            raise LinkUnavailable(f"There is no port {sensor}.")
        return Cable(self.plugged[sensor], sensor)


@asynccontextmanager
async def running(
    scene: BleScene, sensor: str | None, *, watched: bool = True, backends: Backends | None = None
) -> AsyncIterator[tuple[Session, ReceivedEvents, MemorySink]]:
    received, writer = ReceivedEvents(), MemorySink()
    locator, backoff = SharedLocator(sensor, backends or scene.backends), Backoff(uniform=lambda: 1.0)
    session = Session(locator, received, writer, backoff=backoff, watched=watched)
    task = asyncio.create_task(session.run())
    try:
        yield session, received, writer
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


async def introduced(scene: BleScene, name: str = "back") -> None:
    """Pair the board and remember it."""
    await scene.pair()
    paired.add_paired(PairedSensor(name, DEVICE, ADDRESS))


def linked_over(session: Session) -> str | None:
    return session.client.name if session.client is not None and session.state is LinkState.LIVE else None

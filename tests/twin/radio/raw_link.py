"""A computer that speaks ATT and SMP byte by byte, as an attacker does, and hears what the sensor answers."""

import asyncio

from bumble.device import Connection

from twin.radio.peripheral import Scene
from unslouch.twin.radio.air import Air, SentPacket
from unslouch.twin.radio.central import Central

ATT, SMP = 4, 6
PATIENCE_S = 60.0
SENSOR = "sensor"


class RawLink:
    """One connection; `heard` has (channel, bytes) of every packet that the sensor has sent on it."""

    def __init__(self, air: Air, central: Central, connection: Connection) -> None:
        self.connection = connection
        self.heard: list[tuple[int, bytes]] = []
        self._name = central.name
        self._arrived = asyncio.Event()
        self._air = air
        air.listeners.append(self._hear)

    def stop(self) -> None:
        """Hear nothing any more."""
        self._air.listeners.remove(self._hear)

    def _hear(self, packet: SentPacket) -> None:
        if packet.sender == SENSOR and packet.receiver == self._name:
            self.heard.append((int.from_bytes(packet.data[2:4], "little"), packet.data[4:]))
            self._arrived.set()

    @property
    def open(self) -> bool:
        connection = self.connection
        return connection.device.connections.get(connection.handle) is connection

    def send(self, channel: int, data: bytes) -> None:
        """Send a packet, and wait for nothing."""
        self.connection.send_l2cap_pdu(channel, data)

    async def ask(self, data: bytes, channel: int = ATT) -> bytes:
        """Send a packet and return the next one that is sent back on its channel; raises TimeoutError."""
        already = len(self.heard)
        self.send(channel, data)
        async with asyncio.timeout(PATIENCE_S):
            while not (answers := [heard for at, heard in self.heard[already:] if at == channel]):
                self._arrived.clear()
                await self._arrived.wait()
        return answers[0]

    async def answered(self, data: bytes, channel: int, within_s: float = 2.0) -> list[bytes]:
        """Send a packet and return everything that is sent back on its channel for a while."""
        already = len(self.heard)
        self.send(channel, data)
        await asyncio.sleep(within_s)
        return [heard for at, heard in self.heard[already:] if at == channel]

    async def hang_up(self) -> None:
        """End the link, if it is there still."""
        if self.open:
            await self.connection.disconnect()


async def connect(scene: Scene, central: Central | None = None) -> RawLink:
    """Connect without discovery, encryption or MTU exchange."""
    central = central or scene.laptop
    await scene.find(central)
    address = next(iter(central.known.values()))
    return RawLink(scene.air, central, await central.connect(address, PATIENCE_S))


def write_request(handle: int, value: bytes) -> bytes:
    return b"\x12" + handle.to_bytes(2, "little") + value


def prepare(handle: int, offset: int = 0, value: bytes = b"\1\0") -> bytes:
    return b"\x16" + handle.to_bytes(2, "little") + offset.to_bytes(2, "little") + value


def error(request: int, handle: int, code: int) -> bytes:
    return bytes((1, request)) + handle.to_bytes(2, "little") + bytes((code,))


EXECUTE = b"\x18\x01"
CANCEL = b"\x18\x00"
EXECUTED = b"\x19"

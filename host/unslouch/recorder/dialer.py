"""Dialing with manners: the sensor itself if nobody owns it, else by way of its owner."""

from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.greeting import opened
from unslouch.link.transport import Transport

from .attached import SharedTransport
from .ownership import Ownership, canonical, owned_sensors


class OwnedTransport(Transport):
    """A transport that is ours alone: ownership lasts as long as it is open."""

    def __init__(self, inner: Transport, ownership: Ownership) -> None:
        super().__init__(inner.name)
        self.ownership = ownership
        self._inner = inner

    async def open(self) -> None:
        await self._inner.open()

    @property
    def frame_errors(self) -> int:
        return self._inner.frame_errors

    async def receive(self) -> list[tuple[int, bytes]]:
        frames = await self._inner.receive()
        self.bytes_heard = self._inner.bytes_heard
        return frames

    async def send(self, kind: int, payload: bytes) -> None:
        await self._inner.send(kind, payload)

    async def close(self) -> None:
        try:
            await self._inner.close()
        finally:
            self.ownership.release()


class OwningDialer:
    """Finds a sensor (None: by USB ids and among those already owned) and becomes its owner, or the owner's guest."""

    def __init__(self, sensor: str | None) -> None:
        self.probing = sensor is None
        self._sensor = sensor

    async def sensors(self) -> list[str]:
        if self._sensor is not None:
            return [self._sensor]
        ports = likely_ports()
        known = {canonical(port) for port in ports}
        return ports + [sensor for sensor in owned_sensors() if sensor not in known]

    async def open(self, sensor: str) -> Transport:
        transport = transport_for(sensor)
        ownership = Ownership(sensor)
        owned = ownership.take()
        return await opened(OwnedTransport(transport, ownership) if owned else SharedTransport(sensor))

"""Dialing with manners: the sensor itself if nobody owns it, else by way of its owner."""

import asyncio
from typing import TYPE_CHECKING

from unslouch.link.ble_troubles import NotPaired, is_address
from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.greeting import opened
from unslouch.link.model import SensorInfo
from unslouch.link.transport import Transport

from .attached import SharedTransport
from .ownership import Ownership, canonical, owned_sensors
from .remembered import called, remembered, version

if TYPE_CHECKING:
    from unslouch.link.ble import Backends

UNPAIRED_REST_S = 1800.0
"""How long a sensor is left alone that doesn't know us: it may, and was only hard to reach."""
MOST_LOOKS = 3
"""How often a port that has come is looked at: a board may still be starting."""


class OwnedTransport(Transport):
    """A transport that is ours alone: ownership lasts as long as it is open."""

    def __init__(self, inner: Transport, ownership: Ownership) -> None:
        super().__init__(inner.name)
        self.wired = inner.wired
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
    """Finds a sensor and becomes its owner, or the owner's guest.

    sensor is a port, URL or Bluetooth address; or the name of a remembered sensor, over whichever link is there; or
    None: by USB ids, among those already owned, and among those remembered.
    """

    def __init__(self, sensor: str | None, backends: "Backends | None" = None) -> None:
        self.over_air = False
        self._sensor = sensor
        self._backends = backends
        self._named = None if sensor is None or "://" in sensor or is_address(sensor) else called(sensor)
        self.probing = sensor is None or self._named is not None
        self._looks: dict[str, int] = {}
        self._unpaired: dict[str, tuple[int, float, NotPaired]] = {}

    async def sensors(self) -> list[str]:
        found = self._candidates()
        self.over_air = any(is_address(sensor) for sensor in found)
        return found

    def _candidates(self) -> list[str]:
        if self._sensor is not None and self._named is None:
            return [self._sensor]
        ports = likely_ports()
        self._looks = dict.fromkeys(ports, 1)
        found = {canonical(port): port for port in ports}
        for sensor in [*owned_sensors(), *self._addresses()]:
            found.setdefault(canonical(sensor), sensor)
        return list(found.values())

    def _addresses(self) -> list[str]:
        return [self._named.address] if self._named is not None else [sensor.address for sensor in remembered()]

    def wants(self, info: SensorInfo) -> bool:
        return self._named is None or self._named.device_id == info.device_id

    def ports_that_came(self) -> list[str]:
        if not self.probing:
            return []
        self._looks = {port: self._looks.get(port, 0) + 1 for port in likely_ports()}
        return [port for port, looks in self._looks.items() if looks <= MOST_LOOKS]

    def try_again(self) -> None:
        self._unpaired.clear()

    async def open(self, sensor: str) -> Transport:
        # One that doesn't know us is left alone for long, or until something has been paired or the wearer wants it
        # tried again: the sensor journals each attempt, and BlueZ would go on with them.
        now_s = asyncio.get_running_loop().time()
        if sensor in self._unpaired:
            before, until_s, refusal = self._unpaired[sensor]
            if version() == before and now_s < until_s:
                raise refusal
        transport = transport_for(sensor, self._backends)
        ownership = Ownership(sensor)
        owned = ownership.take()
        try:
            return await opened(OwnedTransport(transport, ownership) if owned else SharedTransport(sensor))
        except NotPaired as error:
            self._unpaired[sensor] = version(), now_s + UNPAIRED_REST_S, error
            raise

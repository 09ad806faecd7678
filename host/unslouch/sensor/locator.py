"""Dialing with manners: the sensor itself if nobody owns it, else by way of its owner."""

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING

from unslouch.link.ble.failures import Failure, NotPaired, is_address
from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.transport import Transport
from unslouch.sensor.sharing.transport import SharedTransport

from .handshake import opened
from .lock import SensorLock, canonical, is_locked, locked_sensors
from .paired import called, paired_sensors, version

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends

UNPAIRED_REST_S = 1800.0
"""How long a sensor is left alone that doesn't know us: it may, and was only hard to reach."""
MOST_LOOKS = 3
"""How often a port that has come is looked at beside a link: a board may still be starting."""


class LockedTransport(Transport):
    """A transport that is ours alone: lock lasts as long as it is open."""

    def __init__(self, inner: Transport, lock: SensorLock) -> None:
        super().__init__(inner.name)
        self.wired = inner.wired
        self.lock = lock
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
            self.lock.release()


class LockingLocator:
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
        self._last: str | None = None
        self._looks: dict[str, int] = {}
        self._unpaired: dict[str, tuple[int, float, NotPaired]] = {}

    async def sensors(self) -> list[str]:
        if not self.probing and self._sensor is not None:
            self.over_air = is_address(self._sensor)
            return [self._sensor]
        self.over_air = bool(self._addresses())
        found = {canonical(port): port for port in self._ports()}
        for sensor in [*locked_sensors(), *filter(is_locked, self._addresses())]:
            found.setdefault(canonical(sensor), sensor)
        return list(found.values())

    async def heard(self, tried: Collection[str]) -> str | None:
        if not self.probing:
            return None
        left = [address for address in self._addresses() if address not in tried and not is_locked(address)]
        hopeless = [address for address in left if self._refusal(address) is not None]
        if not left or hopeless or len(left) == 1:
            return next(iter([*hopeless, *left]), None)  # there is nothing to choose from, so open() listens
        from unslouch.link.ble.devices import first_heard

        address = await first_heard(left, self._backends)
        if address is None:
            raise Failure.ABSENT.as_error(" or ".join(left))
        return address

    def _addresses(self) -> list[str]:
        """Return those of the sensor that is named, or of all that are paired, the last linked first."""
        if self._named is not None:
            return [self._named.address]
        return [each.address for each in sorted(paired_sensors(), key=lambda each: each.device_id != self._last)]

    def takes(self, info: SensorInfo) -> bool:
        if self._named is not None and self._named.device_id != info.device_id:
            return False
        self._last = info.device_id
        return True

    def _ports(self) -> list[str]:
        """Return the ports that may lead to a sensor, and count how often each that is there was looked at."""
        self._looks = {port: self._looks.get(port, 0) + 1 for port in likely_ports()}
        return list(self._looks)

    def ports_that_came(self) -> list[str]:
        if not self.probing:
            return []
        return [port for port in self._ports() if self._looks[port] <= MOST_LOOKS]

    def try_again(self) -> None:
        self._unpaired.clear()

    async def open(self, sensor: str) -> Transport:
        if (refusal := self._refusal(sensor)) is not None:
            raise refusal
        transport = transport_for(sensor, self._backends)
        lock = SensorLock(sensor)
        owned = lock.take()
        try:
            return await opened(LockedTransport(transport, lock) if owned else SharedTransport(sensor))
        except NotPaired as error:
            until_s = asyncio.get_running_loop().time() + UNPAIRED_REST_S
            self._unpaired[sensor] = version(), until_s, error
            raise

    def _refusal(self, sensor: str) -> NotPaired | None:
        """Return what a sensor said that is left alone, since it doesn't know us.

        That is for long, or until something has been paired or the wearer wants it tried again: the sensor journals
        each attempt, and BlueZ would go on with them.
        """
        before, until_s, refusal = self._unpaired.get(sensor, (0, 0.0, None))
        return refusal if version() == before and asyncio.get_running_loop().time() < until_s else None

"""Finding the wearer's sensor, and opening it: directly if no other process owns it, else by way of its owner."""

import asyncio
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import SensorBusy
from unslouch.link.ble.failures import Failure, NotPaired, is_address
from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.transport import Transport
from unslouch.sensor.sharing.transport import SharedTransport

from .handshake import opened
from .lock import SensorLock
from .owner import Owner, canonical, owner_of, sharing_owners
from .paired import paired_sensor_named, paired_sensors, pairings_version

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends

UNPAIRED_REST_S = 1800.0
"""How long a sensor is left alone that doesn't know us: it may, and was only hard to reach."""
MOST_LOOKS = 3
"""How often a port that has come is looked at beside a link: a board may still be starting."""
OWNER_TIMEOUT_S = 3.0
RETRY_S = 0.05


class OtherDatabase(SensorBusy):
    """The sensor's owner stores its journal in another database than the one that was asked for."""


class LockedTransport(Transport):
    """A transport of a sensor that this process owns: the lock is held as long as the transport is open."""

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


class SharedLocator:
    """Finds a sensor, and opens it as its owner or by way of its owner.

    sensor is a port, URL or Bluetooth address; or the name of a paired sensor, over whichever link there is; or None to
    look among likely ports, sensors that other processes share, and paired sensors. database is the one that the user
    has chosen for the sensor's journal, None for whichever it is: an owner that stores it elsewhere is refused. For
    owner_timeout_s an owner is waited for that is still connecting or ends.
    """

    def __init__(
        self,
        sensor: str | None,
        backends: "Backends | None" = None,
        database: Path | None = None,
        owner_timeout_s: float = OWNER_TIMEOUT_S,
    ) -> None:
        self.over_air = False
        self._sensor = sensor
        self._backends = backends
        self._database = database
        self._owner_timeout_s = owner_timeout_s
        self._named = None if sensor is None or "://" in sensor or is_address(sensor) else paired_sensor_named(sensor)
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
        shared = [owner.sensor for owner in sharing_owners()]
        for sensor in [*shared, *(address for address in self._addresses() if owner_of(address) is not None)]:
            found.setdefault(canonical(sensor), sensor)
        return list(found.values())

    async def heard(self, tried: Collection[str]) -> str | None:
        if not self.probing:
            return None
        left = [address for address in self._addresses() if address not in tried and owner_of(address) is None]
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
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._owner_timeout_s
        while not lock.take():
            owner = owner_of(sensor)
            if owner is not None and owner.shares:
                with suppress(ConnectionError):  # it is just ending
                    return await self._shared(sensor, owner)
            if loop.time() >= deadline_s:
                raise SensorBusy(_not_shared(sensor, owner))
            await asyncio.sleep(RETRY_S)
        try:
            return await opened(LockedTransport(transport, lock))
        except NotPaired as error:
            until_s = loop.time() + UNPAIRED_REST_S
            self._unpaired[sensor] = pairings_version(), until_s, error
            raise

    async def _shared(self, sensor: str, owner: Owner) -> Transport:
        transport = await opened(SharedTransport(sensor, owner, self._owner_timeout_s))
        if self._database and owner.database and not _is_same_file(self._database, owner.database):
            await transport.close()
            raise OtherDatabase(
                f"The sensor at {sensor} is owned by another unslouch program ({owner.description}), which stores its "
                f"journal in {owner.database}, so nothing can be stored in {self._database}; leave --db out, or end "
                "that program first."
            )
        return transport

    def _refusal(self, sensor: str) -> NotPaired | None:
        """Return what a sensor said that is left alone, since it doesn't know us.

        That is for long, or until something has been paired or the wearer wants it tried again: the sensor journals
        each attempt, and BlueZ would go on with them.
        """
        before, until_s, refusal = self._unpaired.get(sensor, (0, 0.0, None))
        return refusal if pairings_version() == before and asyncio.get_running_loop().time() < until_s else None


def _not_shared(sensor: str, owner: Owner | None) -> str:
    program = f"another unslouch program ({owner.description})" if owner is not None else "another unslouch program"
    return f"{sensor} is in use by {program}, which doesn't share it at the moment; wait until it is done, or end it."


def _is_same_file(path: Path, other: str) -> bool:
    """Whether two paths lead to the same file, there or not."""
    return os.path.realpath(path) == os.path.realpath(other)

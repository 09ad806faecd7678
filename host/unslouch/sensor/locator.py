"""Finding the wearer's sensor, and opening it: directly if no other process owns it, else by way of its owner."""

import asyncio
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import NoSensor, SensorBusy
from unslouch.link.ble.failures import Failure, NotHeard, NotPaired, is_address
from unslouch.link.discovery import likely_ports, transport_for
from unslouch.link.model import SensorInfo
from unslouch.link.transport import NoSuchPort, Transport
from unslouch.sensor.sharing.transport import SharedTransport

from .deep_sleep import SensorAsleep
from .handshake import open_transport
from .last_sleep import last_known_sleep
from .lock import SensorLock
from .owner import Owner, canonical, owner_of, sharing_owners
from .paired import PairedSensor, paired_sensor_named, paired_sensors, pairings_version, similar_names

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends

REFUSAL_COUNTS_S = 1800.0
"""How long a sensor is left alone that refused this computer. It may only have been hard to reach, so not for ever."""
MAX_LOOKS_AT_PORT = 3
"""How often a new port is tried while a sensor is linked over the air: the board behind it may still be starting."""
OWNER_TIMEOUT_S = 3.0
OWNER_POLL_S = 0.05


NOBODY_RECORDS = (
    "No program of yours has the sensor, and this one only follows; start `unslouch record`, or "
    "`unslouch service install`."
)


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
    chose for the sensor's journal, None if any will do: an owner that stores it elsewhere is refused. owner_timeout_s
    is how long to wait for an owner that is still connecting, or that is ending.
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
        self._paired = None if sensor is None or "://" in sensor or is_address(sensor) else paired_sensor_named(sensor)
        self.is_probing = sensor is None or self._paired is not None
        self._last_device_id: str | None = None
        self._looks_at_port: dict[str, int] = {}
        self._refusals: dict[str, tuple[int, float, NotPaired]] = {}

    async def candidates(self) -> list[str]:
        if not self.is_probing and self._sensor is not None:
            self.over_air = is_address(self._sensor)
            return [self._sensor]
        addresses = self._paired_addresses()
        self.over_air = bool(addresses)
        owned = self._owned()
        owned += [address for address in addresses if owner_of(address) is not None]
        by_canonical_name = {canonical(port): port for port in self._likely_ports()}
        for sensor in owned:
            by_canonical_name.setdefault(canonical(sensor), sensor)
        return list(by_canonical_name.values())

    async def listen(self, tried: Collection[str]) -> str | None:
        if not self.is_probing:
            return None
        left = [address for address in self._paired_addresses() if address not in tried and owner_of(address) is None]
        refusing = [address for address in left if self._refusal(address) is not None]
        if not left or refusing or len(left) == 1:
            return next(iter([*refusing, *left]), None)  # no choice, so open() may listen
        from unslouch.link.ble.devices import first_heard

        address = await first_heard(left, self._backends)
        if address is None:
            raise Failure.ABSENT.as_error(" or ".join(left))
        return address

    async def is_heard(self, sensor: str, listen_s: float) -> bool:
        if not is_address(sensor):
            return False
        from unslouch.link.ble.devices import first_heard

        return await first_heard([sensor], self._backends, listen_s) is not None

    def accepts(self, info: SensorInfo) -> bool:
        if self._paired is not None and self._paired.device_id != info.device_id:
            return False
        self._last_device_id = info.device_id
        return True

    def new_ports(self) -> list[str]:
        if not self.is_probing:
            return []
        return [port for port in self._likely_ports() if self._looks_at_port[port] <= MAX_LOOKS_AT_PORT]

    def clear_refusals(self) -> None:
        self._refusals.clear()

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
                with suppress(ConnectionError):  # the owner is ending
                    return await self._open_shared(sensor, owner)
            if loop.time() >= deadline_s:
                raise SensorBusy(_not_shared(sensor, owner))
            await asyncio.sleep(OWNER_POLL_S)
        try:
            return await open_transport(LockedTransport(transport, lock))
        except NotHeard as error:
            if (deep_sleep := last_known_sleep(sensor)) is not None:
                raise SensorAsleep(deep_sleep) from error
            raise
        except NotPaired as error:
            until_s = loop.time() + REFUSAL_COUNTS_S
            self._refusals[sensor] = pairings_version(), until_s, error
            raise
        except NoSuchPort as error:
            if _may_be_name(sensor):
                raise NoSuchPort(_no_such_name(sensor)) from error
            raise

    async def _open_shared(self, sensor: str, owner: Owner) -> Transport:
        transport = await open_transport(SharedTransport(sensor, owner, self._owner_timeout_s))
        if self._database and owner.database and not _is_same_file(self._database, owner.database):
            await transport.close()
            raise OtherDatabase(
                f"The sensor at {sensor} is owned by another unslouch program ({owner.description}), which stores its "
                f"journal in {owner.database}, so nothing can be stored in {self._database}; leave --db out, or end "
                "that program first."
            )
        return transport

    def _owned(self) -> list[str]:
        """Return the sensors that other processes share and that may be meant by a command that names none of them.

        A simulated one is meant only in the home in which it runs, and by a wearer who has paired no other sensor.
        """
        may_be_simulated = all(sensor.simulated for sensor in self._paired_sensors())
        paired = set(map(canonical, self._paired_addresses()))
        return [
            owner.sensor
            for owner in sharing_owners()
            if not owner.simulated or canonical(owner.sensor) in paired or (may_be_simulated and owner.is_of_this_home)
        ]

    def _paired_addresses(self) -> list[str]:
        """Return the address of the sensor that was named, or of all paired ones, the one linked last first."""
        by_use = sorted(self._paired_sensors(), key=lambda sensor: sensor.device_id != self._last_device_id)
        return [sensor.address for sensor in by_use]

    def _paired_sensors(self) -> list[PairedSensor]:
        return paired_sensors() if self._paired is None else [self._paired]

    def _likely_ports(self) -> list[str]:
        """Return the ports that may lead to a sensor, and count how often each of them was returned."""
        self._looks_at_port = {port: self._looks_at_port.get(port, 0) + 1 for port in likely_ports()}
        return list(self._looks_at_port)

    def _refusal(self, sensor: str) -> NotPaired | None:
        """Return with what a sensor refused this computer, if it is to be left alone for that; else None.

        It is left alone until the refusal is old, something has been paired, or the wearer wants it tried again. The
        sensor writes each attempt to its journal, and BlueZ would repeat it without end.
        """
        version, until_s, refusal = self._refusals.get(sensor, (0, 0.0, None))
        return refusal if pairings_version() == version and asyncio.get_running_loop().time() < until_s else None


class FollowingLocator(SharedLocator):
    """Finds a sensor that another process owns, and opens it by way of that one: it never takes a sensor itself."""

    async def candidates(self) -> list[str]:
        if not self.is_probing and self._sensor is not None:
            wanted = canonical(self._sensor)
            owned = [owner.sensor for owner in sharing_owners() if canonical(owner.sensor) == wanted]
        else:
            owned = self._owned()
        if not owned:
            raise NoSensor(NOBODY_RECORDS)
        return owned

    async def listen(self, tried: Collection[str]) -> str | None:
        return None

    def new_ports(self) -> list[str]:
        return []

    async def open(self, sensor: str) -> Transport:
        owner = owner_of(sensor)
        if owner is None or not owner.shares:
            raise NoSensor(NOBODY_RECORDS)
        try:
            return await self._open_shared(sensor, owner)
        except ConnectionError as error:
            raise NoSensor(NOBODY_RECORDS) from error


def _not_shared(sensor: str, owner: Owner | None) -> str:
    program = f"another unslouch program ({owner.description})" if owner is not None else "another unslouch program"
    return f"{sensor} is in use by {program}, which doesn't share it at the moment; wait until it is done, or end it."


def _may_be_name(sensor: str) -> bool:
    """Whether what was given for a sensor can have been meant as a name: it is no URL, no address and no port."""
    return not set("/\\:") & set(sensor) and not is_address(sensor) and not Path(sensor).exists()


def _no_such_name(sensor: str) -> str:
    names = similar_names(sensor)
    remedy = f"did you mean {' or '.join(map(repr, names))}?" if names else "`unslouch scan` lists your sensors."
    return f"Neither a sensor that you have paired nor a port is named {sensor!r}; {remedy}"


def _is_same_file(path: Path, other: str) -> bool:
    """Whether two paths lead to the same file, there or not."""
    return os.path.realpath(path) == os.path.realpath(other)

"""Pairing this computer with a sensor over Bluetooth, and removing a pairing.

`Pairing` does the work; both it and `remove_pairing` report their steps (pairing_steps.py). A sensor accepts a new
computer only while its pairing window is open: for 2 min after its button was held, or after a request over its cable,
which is tried first.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from unslouch.errors import BadInput, NoSensor, NotOurs, Refused, SensorBusy
from unslouch.link.ble.devices import Backends, Heard, listen, unpair
from unslouch.link.ble.failures import BluetoothUnavailable, NotPaired, OutOfReach, is_address
from unslouch.link.ble.transport import BleTransport
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import likely_ports
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost

from .handshake import open_sensor, open_transport
from .last_sleep import keep_expected_sleep
from .locator import SharedLocator
from .lock import SensorLock
from .owner import owner_of
from .paired import (
    PairedSensor,
    add_paired,
    checked_sensor_name,
    name_for,
    paired_sensor_named,
    paired_sensors,
    remove_paired,
)
from .pairing_steps import (
    AddressUnconfirmed,
    AttemptBegan,
    AttemptFailed,
    BondNotRemoved,
    ButtonNeeded,
    OnStep,
    WindowOpened,
)

LISTEN_S = 4.0
BETWEEN_ATTEMPTS_S = 10.0
"""The sensor writes each attempt that fails into its journal."""
ADDRESS_CHECKS = 3
OWNER_PATIENCE_S = 20.0
"""Another program that only looks for a sensor owns it for less than that."""
OWNER_POLL_S = 0.1


@dataclass(frozen=True)
class PairingResult:
    """The sensor that was paired, as it stands in the list."""

    sensor: PairedSensor
    is_calibrated: bool


class Pairing:
    """Pairs this computer with one sensor.

    backends play Bluetooth in a simulation; ports returns the serial ports that may lead to a sensor.
    """

    def __init__(
        self,
        on_step: OnStep,
        backends: Backends | None = None,
        ports: Callable[[], Sequence[str]] = likely_ports,
        between_attempts_s: float = BETWEEN_ATTEMPTS_S,
    ) -> None:
        self._on_step = on_step
        self._backends = backends
        self._ports = ports
        self._between_attempts_s = between_attempts_s

    async def pair(self, choice: str | None, name: str | None, for_s: float) -> PairingResult:
        """Pair with a sensor, and add it to the list.

        choice: the name, address, device id or port of the sensor, None for the only one within reach, or the only new
        one. name: what to call it, None for the name it has or a new one. for_s: how long to try.

        Raises what the last attempt failed with once the time is over; BadInput for a choice that can't be made, or if
        the sensor turns out to be another one; SensorBusy if another program of the user is linked to it.
        """
        wanted_name = None if name is None else checked_sensor_name(name)
        expected = None if choice is None else paired_sensor_named(choice)
        port = choice if choice is not None and self._is_port(choice) else None
        address = None if port is not None else address_of(choice)
        deadline_s = asyncio.get_running_loop().time() + for_s
        await listen(0, self._backends)  # raises without Bluetooth, before anybody holds a button in vain
        await self._open_window(choice, port, expected)
        while True:
            try:
                target = address or await self._only_sensor_in_reach(deadline_s)
                self._on_step(AttemptBegan(target))
                async with owned(target):
                    return await self._pair_and_add(target, wanted_name, expected)
            except (NotPaired, OutOfReach, LinkLost) as error:
                if asyncio.get_running_loop().time() + self._between_attempts_s >= deadline_s:
                    raise
                if expected is not None:
                    address = None  # a sensor that changes its address has lost the one that its bond gave it
                self._on_step(AttemptFailed(error, self._between_attempts_s))
                await asyncio.sleep(self._between_attempts_s)

    def _is_port(self, choice: str) -> bool:
        return "://" in choice or choice in self._ports() or Path(choice).exists()

    async def _open_window(self, choice: str | None, port: str | None, expected: PairedSensor | None) -> None:
        """Have the pairing window opened: by the sensor at a port, by the one that is plugged in, or by the wearer."""
        if port is not None:
            await self._open_window_at(port)
        elif not await self._open_window_of_plugged_in(choice, expected):
            self._on_step(ButtonNeeded())

    async def _open_window_of_plugged_in(self, choice: str | None, expected: PairedSensor | None) -> bool:
        if choice is not None and expected is None:
            return False  # an address that isn't in the list: nothing tells which port leads to it
        for port in self._ports():
            with suppress(NoSensor, NotOurs, SensorBusy, Refused):
                if await self._open_window_at(port, expected):
                    return True
        return False

    async def _open_window_at(self, port: str, expected: PairedSensor | None = None) -> bool:
        """Have the sensor at a port open its window; return False, and do nothing, if it isn't the expected one."""
        async with open_sensor(SharedLocator(port)) as (client, info):
            if expected is not None and info.device_id != expected.device_id:
                return False
            for_s = await client.open_pairing()
        self._on_step(WindowOpened(info.device_id, port, for_s))
        return True

    async def _only_sensor_in_reach(self, deadline_s: float) -> str:
        while True:
            sensors = await listen(LISTEN_S, self._backends)
            if sensors:
                return choose_only(sensors)
            if asyncio.get_running_loop().time() >= deadline_s:
                raise OutOfReach(
                    "No sensor was found over Bluetooth; hold its button for 3 s, keep it near, and run `unslouch "
                    "pair` again."
                )

    async def _pair_and_add(
        self, address: str, wanted_name: str | None, expected: PairedSensor | None
    ) -> PairingResult:
        info, address = await self._bond(address)
        if expected is not None and info.device_id != expected.device_id:
            with suppress(NoSensor):
                await unpair(address, self._backends)
            raise BadInput(
                f"The sensor within reach is not {expected.name!r} but {info.device_id}; bring yours nearer, hold its "
                "button for 3 s and repeat, or leave --sensor out to pair with this one."
            )
        sensor = PairedSensor(wanted_name or name_for(info.device_id), info.device_id, address, info.simulated)
        add_paired(sensor)  # before anything else: both sides have the bond now, whatever ends us
        lasting = replace(sensor, address=await self._lasting_address(address, info))
        if lasting != sensor:
            add_paired(lasting)
        return PairingResult(lasting, bool(info.calibration_id))

    async def _bond(self, address: str) -> tuple[SensorInfo, str]:
        """Exchange keys with the sensor at an address; return what it is, and the address that it has now."""
        transport = BleTransport(address, self._backends, pair=True)
        async with Connection(await open_transport(transport)) as connection:
            return await Client(connection).hello(), transport.address

    async def _lasting_address(self, address: str, info: SensorInfo) -> str:
        """Return the address at which the sensor is found from now on: some systems don't give it when pairing."""
        for _ in range(ADDRESS_CHECKS):
            try:
                addresses = [sensor.address for sensor in await listen(LISTEN_S, self._backends)]
            except BluetoothUnavailable:
                break
            if address in addresses:
                return address
            for other in addresses:
                if await self._is_at(other, info):
                    return other
        self._on_step(AddressUnconfirmed(address))
        return address

    async def _is_at(self, address: str, info: SensorInfo) -> bool:
        try:
            async with open_sensor(SharedLocator(address, self._backends)) as (_, other):
                return other.device_id == info.device_id
        except (NoSensor, NotOurs, Refused, SensorBusy):
            return False


def address_of(choice: str | None) -> str | None:
    """Return the address that a choice means, None for any; raises BadInput for a name that isn't in the list."""
    if choice is None or is_address(choice):
        return choice
    sensor = paired_sensor_named(choice)
    if sensor is None:
        raise BadInput(f"You have paired no sensor named {choice!r}; give the address that `unslouch scan` shows.")
    return sensor.address


def choose_only(sensors: Sequence[Heard]) -> str:
    """Return the address of the only sensor, or the only new one; raises BadInput if there are several."""
    new = [sensor for sensor in sensors if paired_sensor_named(sensor.address) is None]
    candidates = new if len(new) == 1 else sensors
    if len(candidates) > 1:
        listed = ", ".join(f"{sensor.address} at {sensor.strength_dBm} dBm" for sensor in candidates)
        raise BadInput(f"Several sensors are within reach ({listed}); choose yours with --sensor ADDRESS.")
    return candidates[0].address


@asynccontextmanager
async def owned(address: str) -> AsyncIterator[None]:
    """Own a sensor for as long as the context lasts; raises SensorBusy if another program is linked to it.

    A program that only looks for the sensor is waited for.
    """
    lock = SensorLock(address)
    deadline_s = asyncio.get_running_loop().time() + OWNER_PATIENCE_S
    while not lock.take():
        owner = owner_of(address)
        if (owner is not None and owner.shares) or asyncio.get_running_loop().time() >= deadline_s:
            program = "Another unslouch program" if owner is None else f"Another program ({owner.description})"
            raise SensorBusy(
                f"{program} on this computer is linked to {address}, which is paired already; end that program first, "
                "and repeat."
            )
        await asyncio.sleep(OWNER_POLL_S)
    try:
        yield
    finally:
        lock.release()


# Removing a pairing


async def remove_pairing(name_or_address: str, on_step: OnStep, backends: Backends | None = None) -> str:
    """Take a sensor off the list, and have the operating system delete its bond; return its name, or its address.

    Raises BadInput for a name that isn't in the list, SensorBusy, StoreError; for an address that isn't in the list
    BluetoothUnavailable, or OutOfReach if the bond couldn't be deleted.
    """
    sensor = paired_sensor_named(name_or_address)
    if sensor is None and not is_address(name_or_address):
        names = ", ".join(repr(sensor.name) for sensor in paired_sensors())
        remedy = f"name one of {names}" if names else "there is none to forget"
        raise BadInput(f"You have paired no sensor named {name_or_address!r}: {remedy}.")
    address = name_or_address if sensor is None else sensor.address
    async with owned(address):
        if sensor is not None:
            remove_paired(sensor)
            keep_expected_sleep(sensor.address, None)
        try:
            await _delete_bond(address, on_step, backends)
        except (BluetoothUnavailable, OutOfReach) as error:
            if sensor is None:
                raise
            is_known = isinstance(error, OutOfReach)
            on_step(BondNotRemoved(str(error) if is_known else f"The pairing itself couldn't be removed: {error}"))
    return name_or_address if sensor is None else sensor.name


async def _delete_bond(address: str, on_step: OnStep, backends: Backends | None) -> None:
    if not await unpair(address, backends):
        on_step(
            BondNotRemoved(
                "Remove the pairing in this computer's Bluetooth settings, too: on this system no program may do that."
            )
        )

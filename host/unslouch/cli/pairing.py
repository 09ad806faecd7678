"""Pairing: from a sensor that is heard to one that is known, and back."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, NoSensor, NotOurs, Refused, SensorBusy
from unslouch.errors import ExitCode as Exit
from unslouch.link.ble.failures import BluetoothUnavailable, NotPaired, OutOfReach, is_address
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import likely_ports
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.sensor.handshake import open_sensor, opened
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.lock import SensorLock
from unslouch.sensor.owner import owner_of
from unslouch.sensor.paired import PairedSensor, add_paired, called, checked_name, free_name, paired_sensors
from unslouch.sensor.paired import forget as forget_remembered

from .running import log_line, run_cleanly

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends, Heard

LISTEN_S = 4.0
BETWEEN_TRIES_S = 10.0  # each that fails is journaled by the sensor
CHECK_TRIES = 3
OWNER_PATIENCE_S = 20.0  # another program that only looks for a sensor has it for less than that at a time
OWNER_POLL_S = 0.1


def pair(args: argparse.Namespace) -> Exit:
    """Run `unslouch pair`."""
    return run_cleanly(_pair(args))


def forget(args: argparse.Namespace) -> Exit:
    """Run `unslouch forget`."""
    return run_cleanly(forget_sensor(args.which))


async def _pair(args: argparse.Namespace) -> Exit:
    if args.demo:
        raise BadInput("A demo's sensor needs no pairing; leave --demo out.")
    await pair_sensor(args.sensor, args.name, args.for_s)
    return Exit.OK


async def pair_sensor(
    which: str | None, name: str | None, for_s: float, backends: "Backends | None" = None
) -> PairedSensor:
    """Pair with the sensor of a name, an address or a port, None for the only one that is heard, and remember it.

    Raises what kept the last try from succeeding once the time is over; BadInput for a choice that can't be made, or if
    it turns out to be another sensor; SensorBusy if another of the wearer's programs is linked to it.
    """
    from unslouch.link.ble.devices import listen

    wanted_name = None if name is None else checked_name(name)
    expected = None if which is None else called(which)
    port = which if which is not None and _is_port(which) else None
    address = None if port is not None else _address_of(which)
    deadline_s = asyncio.get_running_loop().time() + for_s
    await listen(0, backends)  # before anybody holds a button for a computer without Bluetooth
    if port is not None:
        await _open_window(port)
    elif not await _opened_over_cable(which, expected):
        log_line("Hold the sensor's button for 3 s: for 2 min from then on it lets this computer in.")
    while True:
        try:
            found = address or await _only_one_heard(deadline_s, backends)
            log_line(f"Pairing with {found}.")
            async with _to_ourselves(found):
                sensor, calibrated = await _introduced(found, wanted_name, expected, backends)
            break
        except (NotPaired, OutOfReach, LinkLost) as error:
            if asyncio.get_running_loop().time() + BETWEEN_TRIES_S >= deadline_s:
                raise
            if expected is not None:
                address = None  # a sensor that changes its address has lost the one that its bond gave it
            log_line(f"{error} Trying again.")
            await asyncio.sleep(BETWEEN_TRIES_S)
    log_line(f"Paired; {sensor.name!r} is found from now on, over the cable and over Bluetooth.")
    if not calibrated:
        log_line("It isn't calibrated yet: run `unslouch calibrate` next.")
    return sensor


@asynccontextmanager
async def _to_ourselves(address: str) -> AsyncIterator[None]:
    """Keep a sensor from the wearer's other programs; raises SensorBusy if one is linked to it."""
    lock = SensorLock(address)
    deadline_s = asyncio.get_running_loop().time() + OWNER_PATIENCE_S
    while not lock.take():
        owner = owner_of(address)
        if (owner is not None and owner.shares) or asyncio.get_running_loop().time() >= deadline_s:
            raise SensorBusy(
                f"Another unslouch program on this computer is linked to {address}, which is paired already; end that "
                "program first, and repeat."
            )
        await asyncio.sleep(OWNER_POLL_S)
    try:
        yield
    finally:
        lock.release()


def _is_port(which: str) -> bool:
    return "://" in which or which in likely_ports() or Path(which).exists()


def _address_of(which: str | None) -> str | None:
    if which is None or is_address(which):
        return which
    sensor = called(which)
    if sensor is None:
        raise BadInput(f"No sensor of yours is called {which!r}; give the address that `unslouch scan` shows.")
    return sensor.address


async def _opened_over_cable(which: str | None, expected: PairedSensor | None) -> bool:
    """Have the one sensor that is plugged in, if there is one, let a computer pair, unless another is asked for."""
    if which is not None and expected is None:
        return False  # nothing tells whose address it is
    for port in likely_ports():
        with suppress(NoSensor, NotOurs, SensorBusy, Refused):
            if await _open_window(port, expected):
                return True
    return False


async def _open_window(port: str, expected: PairedSensor | None = None) -> bool:
    """Have the sensor at a port let a computer pair; return False, and do nothing, if another was expected there."""
    async with open_sensor(SharedLocator(port)) as (client, info):
        if expected is not None and info.device_id != expected.device_id:
            return False
        for_s = await client.open_pairing()
    log_line(f"The sensor {info.device_id} at {port} lets this computer in for {for_s} s.")
    return True


async def _only_one_heard(deadline_s: float, backends: "Backends | None") -> str:
    from unslouch.link.ble.devices import listen

    while True:
        heard = await listen(LISTEN_S, backends)
        if heard:
            return _chosen(heard)
        if asyncio.get_running_loop().time() >= deadline_s:
            raise OutOfReach(
                "No sensor is heard; hold its button for 3 s, keep it near, and run `unslouch pair` again."
            )


def _chosen(heard: "list[Heard]") -> str:
    new = [each for each in heard if called(each.address) is None]
    candidates = new if len(new) == 1 else heard
    if len(candidates) > 1:
        listed = ", ".join(f"{each.address} at {each.strength_dBm} dBm" for each in candidates)
        raise BadInput(f"Several sensors are heard ({listed}); name yours with --sensor ADDRESS.")
    return candidates[0].address


async def _introduced(
    address: str, wanted_name: str | None, expected: PairedSensor | None, backends: "Backends | None"
) -> tuple[PairedSensor, bool]:
    """Pair, and remember the sensor; return it, and whether it is calibrated."""
    from unslouch.link.ble.devices import unpair

    info, address = await _paired(address, backends)
    if expected is not None and info.device_id != expected.device_id:
        with suppress(NoSensor):
            await unpair(address, backends)
        raise BadInput(
            f"The sensor that is heard is not {expected.name!r} but {info.device_id}; bring yours nearer, hold its "
            "button for 3 s and repeat, or leave --sensor out to pair with this one."
        )
    sensor = PairedSensor(wanted_name or free_name(info.device_id), info.device_id, address, info.simulated)
    add_paired(sensor)  # before anything else: whatever ends us from here on, both ends have bonded
    lasting = replace(sensor, address=await _address_from_now_on(address, info, backends))
    if lasting != sensor:
        add_paired(lasting)
    return lasting, bool(info.calibration_id)


async def _paired(address: str, backends: "Backends | None") -> tuple[SensorInfo, str]:
    """Pair; return who the sensor is, and the address that it has now as far as this computer knows."""
    from unslouch.link.ble.transport import BleTransport

    transport = BleTransport(address, backends, pair=True)
    async with Connection(await opened(transport)) as connection:
        return await Client(connection).hello(), transport.address


async def _address_from_now_on(address: str, info: SensorInfo, backends: "Backends | None") -> str:
    """Return where the sensor is heard from now on; not each system tells the address that lasts when it has paired."""
    from unslouch.link.ble.devices import listen

    for _ in range(CHECK_TRIES):
        try:
            heard = [each.address for each in await listen(LISTEN_S, backends)]
        except BluetoothUnavailable:
            break
        if address in heard:
            return address
        for other in heard:
            try:
                async with open_sensor(SharedLocator(other, backends)) as (_, found):
                    if found.device_id == info.device_id:
                        return other
            except (NoSensor, NotOurs, Refused, SensorBusy):
                continue
    log_line(
        f"It wasn't heard again, so that it is taken to stay {address}; if `unslouch` doesn't find it, pair once more."
    )
    return address


async def forget_sensor(which: str, backends: "Backends | None" = None) -> Exit:
    """Forget the sensor of a name or address; raises BadInput if there is none, SensorBusy, StoreError."""
    from unslouch.link.ble.devices import unpair

    sensor = called(which)
    if sensor is None and not is_address(which):
        names = ", ".join(repr(sensor.name) for sensor in paired_sensors()) or "none"
        raise BadInput(f"No sensor of yours is called {which!r}; those paired: {names}.")
    address = which if sensor is None else sensor.address
    async with _to_ourselves(address):
        if sensor is not None:
            forget_remembered(sensor)
        try:
            if not await unpair(address, backends):
                log_line("Remove the pairing in this computer's Bluetooth settings, too: no program may do that here.")
        except BluetoothUnavailable as error:
            if sensor is None:
                raise
            log_line(f"The pairing itself couldn't be removed: {error}")
        except OutOfReach as error:
            log_line(str(error))
            if sensor is None:
                return Exit.NO_SENSOR
    log_line(f"Forgot {which if sensor is None else sensor.name!r}. What was recorded stays.")
    return Exit.OK

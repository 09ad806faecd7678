"""Pairing: from a sensor that is heard to one that is known, and back."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, NoSensor, NotOurs, Refused, SensorBusy
from unslouch.errors import ExitCode as Exit
from unslouch.link.ble_troubles import BluetoothUnavailable, NotPaired, OutOfReach, is_address
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.discovery import likely_ports
from unslouch.link.greeting import greeted, opened
from unslouch.link.model import SensorInfo
from unslouch.link.transport import LinkLost
from unslouch.recorder.dialer import OwningDialer
from unslouch.recorder.remembered import Remembered, called, checked_name, free_name, remember, remembered
from unslouch.recorder.remembered import forget as forget_remembered

from .running import narrate, run_cleanly

if TYPE_CHECKING:
    from unslouch.link.ble import Backends, Heard

LISTEN_S = 4.0
BETWEEN_TRIES_S = 10.0  # each that fails is journaled by the sensor
CHECK_TRIES = 3


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
) -> Remembered:
    """Pair with the sensor of a name or address, None for the only one that is heard, and remember it.

    Raises what kept the last try from succeeding once the time is over; BadInput for a choice that can't be made, or if
    it turns out to be another sensor.
    """
    from unslouch.link.ble import unpair

    wanted_name = None if name is None else checked_name(name)
    expected = None if which is None else called(which)
    address = _address_of(which)
    deadline_s = asyncio.get_running_loop().time() + for_s
    if not await _opened_over_cable():
        narrate("Hold the sensor's button for 3 s: for 2 min from then on it lets this computer in.")
    while True:
        try:
            found = address or await _only_one_heard(deadline_s, backends)
            narrate(f"Pairing with {found}.")
            info, found = await _paired(found, backends)
            break
        except (NotPaired, OutOfReach, LinkLost) as error:
            if asyncio.get_running_loop().time() + BETWEEN_TRIES_S >= deadline_s:
                raise
            if expected is not None:
                address = None  # a sensor that changes its address has lost the one that its bond gave it
            narrate(f"{error} Trying again.")
            await asyncio.sleep(BETWEEN_TRIES_S)
    if expected is not None and info.device_id != expected.device_id:
        await unpair(found, backends)
        raise BadInput(
            f"The sensor that is heard is not {expected.name!r} but {info.device_id}; bring yours nearer, hold its "
            "button for 3 s and repeat, or leave --sensor out to pair with this one."
        )
    sensor = Remembered(
        wanted_name or free_name(info.device_id),
        info.device_id,
        await _address_from_now_on(found, info, backends),
        info.simulated,
    )
    remember(sensor)
    narrate(f"Paired; {sensor.name!r} is found from now on, over the cable and over Bluetooth.")
    if not info.calibration_id:
        narrate("It isn't calibrated yet: run `unslouch calibrate` next.")
    return sensor


def _address_of(which: str | None) -> str | None:
    if which is None or is_address(which):
        return which
    sensor = called(which)
    if sensor is None:
        raise BadInput(f"No sensor of yours is called {which!r}; give the address that `unslouch scan` shows.")
    return sensor.address


async def _opened_over_cable() -> bool:
    """Have the one sensor that is plugged in, if there is one, let a computer pair."""
    for port in likely_ports():
        try:
            async with greeted(OwningDialer(port)) as (client, info):
                for_s = await client.open_pairing()
        except (NoSensor, NotOurs, SensorBusy, Refused):
            continue
        narrate(f"The sensor {info.device_id}, which is plugged in, lets this computer in for {for_s} s.")
        return True
    return False


async def _only_one_heard(deadline_s: float, backends: "Backends | None") -> str:
    from unslouch.link.ble import listen

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


async def _paired(address: str, backends: "Backends | None") -> tuple[SensorInfo, str]:
    """Pair; return who the sensor is, and the address that it has now as far as this computer knows."""
    from unslouch.link.ble import BleTransport

    transport = BleTransport(address, backends, pair=True)
    async with Connection(await opened(transport)) as connection:
        return await Client(connection).hello(), transport.address


async def _address_from_now_on(address: str, info: SensorInfo, backends: "Backends | None") -> str:
    """Return where the sensor is heard from now on; not each system tells the address that lasts when it has paired."""
    from unslouch.link.ble import BleTransport, listen

    for _ in range(CHECK_TRIES):
        heard = [each.address for each in await listen(LISTEN_S, backends)]
        if address in heard:
            return address
        for other in heard:
            try:
                async with Connection(await opened(BleTransport(other, backends))) as connection:
                    if (await Client(connection).hello()).device_id == info.device_id:
                        return other
            except (NoSensor, NotOurs, Refused):
                continue
    narrate(
        f"It wasn't heard again, so that it is taken to stay {address}; if `unslouch` doesn't find it, pair once more."
    )
    return address


async def forget_sensor(which: str, backends: "Backends | None" = None) -> Exit:
    """Forget the sensor of a name or address; raises BadInput if there is none, StoreError."""
    from unslouch.link.ble import unpair

    sensor = called(which)
    if sensor is None and not is_address(which):
        names = ", ".join(repr(sensor.name) for sensor in remembered()) or "none"
        raise BadInput(f"No sensor of yours is called {which!r}; those remembered: {names}.")
    if sensor is not None:
        forget_remembered(sensor)
    try:
        if not await unpair(which if sensor is None else sensor.address, backends):
            narrate("Remove the pairing in this computer's Bluetooth settings, too: no program may do that here.")
    except BluetoothUnavailable as error:
        narrate(f"The pairing itself couldn't be removed: {error}")
    narrate(f"Forgot {which if sensor is None else sensor.name!r}. What was recorded stays.")
    return Exit.OK

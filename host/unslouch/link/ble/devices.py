"""Bluetooth devices as the operating system reports them through bleak: advertising, connected or bonded."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import bleak
from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import BleakDeviceNotFoundError

from unslouch.link.permission import check_permission
from unslouch_device.contract import gatt

from .errors import as_failures
from .failures import Failure

LISTEN_S = 6.0
PREFERRED_S = 2.0  # after the first of several sensors is heard, for one that is preferred to it
LONGEST_NAME = 32


@dataclass(frozen=True)
class Backends:
    """Backends that bleak uses instead of the operating system's; None: the system's own."""

    client: type[BaseBleakClient] | None = None
    scanner: type[BaseBleakScanner] | None = None


@dataclass(frozen=True)
class Heard:
    """A sensor that was heard advertising."""

    address: str
    name: str
    strength_dBm: int


async def listen(duration_s: float, backends: Backends | None = None) -> list[Heard]:
    """Return the sensors heard within a time, strongest first; raises BluetoothUnavailable."""
    await check_permission()
    with as_failures("", Failure.UNUSABLE):
        async with _scanner(backends or Backends()) as scanner:
            await asyncio.sleep(duration_s)
            advertisements = scanner.discovered_devices_and_advertisement_data.values()
    heard = [
        Heard(device.address, _shown(said.local_name or device.name or ""), said.rssi)
        for device, said in advertisements
        if gatt.SERVICE in said.service_uuids  # some systems also report what other programs scan for
    ]
    return sorted(heard, key=lambda each: -each.strength_dBm)


def _shown(name: str) -> str:
    """Return the part of a name that is safe to print: anybody nearby can send one."""
    return "".join(c for c in name if c.isprintable())[:LONGEST_NAME]


def _scanner(backends: Backends) -> BleakScanner:
    return BleakScanner(service_uuids=[gatt.SERVICE], backend=backends.scanner)


async def first_heard(
    addresses: Sequence[str], backends: Backends | None = None, listen_s: float = LISTEN_S
) -> str | None:
    """Return the address of the first sensor, by order of preference, that can be linked; None if none is heard."""
    await check_permission()
    with as_failures("", Failure.UNUSABLE):
        device = await find(addresses, backends or Backends(), listen_s)
    return next((address for address in addresses if device is not None and _is_at(device, address)), None)


async def unpair(address: str, backends: Backends | None = None, listen_s: float = LISTEN_S) -> bool:
    """Remove the operating system's bond with a device; return False where the user has to do that by hand.

    Raises OutOfReach if the device isn't heard and the system may still have a bond with it.
    """
    await check_permission()
    backends = backends or Backends()
    with as_failures(address, Failure.UNUSABLE):
        # BlueZ keeps a device under the address that it was first seen with, which pairing can change.
        device = await find([address], backends, listen_s)
        client = BleakClient(device or address, timeout=listen_s, backend=backends.client)
        try:
            await client.unpair()
        except NotImplementedError:  # macOS
            return False
        except BleakDeviceNotFoundError as error:
            if device is None:
                raise Failure.STILL_KNOWN.as_error(address) from error
    return True


async def find(addresses: Sequence[str], backends: Backends, listen_s: float = LISTEN_S) -> BLEDevice | None:
    """Return the device at one of several addresses: connected already, or heard within listen_s; else None."""
    return await left_behind(addresses, backends) or await _heard(addresses, backends, listen_s)


async def _heard(addresses: Sequence[str], backends: Backends, listen_s: float) -> BLEDevice | None:
    """Return the first device heard of several addresses, or one of an earlier address that is heard soon after."""
    loop = asyncio.get_running_loop()
    heard: dict[str, BLEDevice] = {}
    wanted = [address.lower() for address in addresses]
    with suppress(TimeoutError):
        async with asyncio.timeout(listen_s) as patience, _scanner(backends) as scanner:
            async for device, _ in scanner.advertisement_data():
                address = device.address.lower()
                if address == wanted[0]:
                    return device
                if address in wanted:
                    if not heard:
                        patience.reschedule(min(patience.when() or 0.0, loop.time() + PREFERRED_S))
                    heard[address] = device
    return next((heard[address] for address in wanted if address in heard), None)


async def left_behind(addresses: Sequence[str], backends: Backends) -> BLEDevice | None:
    """Return the device among several that the system is still connected to: such a device doesn't advertise."""
    adapter = getattr(bleak, "BleakAdapter", None)  # from bleak 3.1 on
    if adapter is None or backends.client is not None:
        return None
    try:
        linked = await (await adapter.get()).get_connected_devices([gatt.SERVICE])
    except NotImplementedError:
        return None
    return next((device for address in addresses for device in linked if _is_at(device, address)), None)


def _is_at(device: BLEDevice, address: str) -> bool:
    return device.address.lower() == address.lower()


def is_bonded(device: BLEDevice) -> bool | None:
    """Return whether the system has a bond with a device; None where it doesn't say (all but BlueZ)."""
    known = device.details.get("props", {}) if isinstance(device.details, dict) else {}
    return known.get("Paired")

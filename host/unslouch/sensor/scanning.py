"""Scanning: the sensors behind serial ports and within reach over Bluetooth, and which of them are paired.

Only sensors that are paired, or on a cable, are asked for their battery: one that doesn't know this computer would
write the attempt into its journal.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from unslouch.errors import NoSensor, UnslouchError
from unslouch.link.ble.failures import BluetoothUnavailable
from unslouch.link.discovery import likely_ports
from unslouch.link.model import SensorInfo
from unslouch.link.telemetry import TelemetryError

from .handshake import open_sensor
from .last_sleep import last_known_sleep
from .locator import SharedLocator
from .paired import PairedSensor, paired_sensor_named, paired_sensors
from .snapshot import FirstTelemetry

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends, Heard

STATUS_TIMEOUT_S = 3.0
USB, BLUETOOTH = "USB", "Bluetooth"


@dataclass(frozen=True)
class ScannedSensor:
    """A sensor, or a port that may lead to one."""

    link: str
    """USB or BLUETOOTH."""
    name: str
    address: str
    """The port, or the Bluetooth address."""
    strength_dBm: int | None
    battery_percent: int | None
    known: bool
    """Whether it is paired with this computer."""
    remark: str
    """Whether it is known or new, or why it can't be used."""


@dataclass(frozen=True)
class Scan:
    """What a scan found."""

    sensors: list[ScannedSensor]
    bluetooth_failure: BluetoothUnavailable | None = None
    """Why Bluetooth was left out."""


async def scan(
    for_s: float, backends: "Backends | None" = None, ports: Callable[[], Sequence[str]] = likely_ports
) -> Scan:
    """Return the sensors within reach, and the paired ones that are not.

    for_s: how long to listen on Bluetooth. backends play Bluetooth in a simulation; ports returns the serial ports that
    may lead to a sensor. Raises BluetoothUnavailable or NoSensor if there is no sensor at all to return.
    """
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(_listen(for_s, backends))
        looking = [group.create_task(_at_port(port)) for port in ports()]
    advertisements, failure = listening.result()
    sensors = [each.result() for each in looking]
    # One after the other: adapters connect to one device at a time.
    sensors += [await _over_bluetooth(each, backends) for each in advertisements]
    sensors += _not_found(sensors)
    if not sensors:
        raise failure or NoSensor(
            "No sensor is within reach; plug one in, or press its button, after which it can be found, and scan again."
        )
    return Scan(sensors, failure)


async def _listen(for_s: float, backends: "Backends | None") -> "tuple[list[Heard], BluetoothUnavailable | None]":
    from unslouch.link.ble.devices import listen

    try:
        return await listen(for_s, backends), None
    except BluetoothUnavailable as error:
        return [], error


async def _at_port(port: str) -> ScannedSensor:
    try:
        info, battery_percent = await _ask_battery(SharedLocator(port))
    except UnslouchError as error:
        return ScannedSensor(USB, "?", port, None, None, False, str(error))
    sensor = paired_sensor_named(info.device_id)
    name = info.board if sensor is None else sensor.name
    return ScannedSensor(USB, name, port, None, battery_percent, sensor is not None, _remark(sensor))


async def _over_bluetooth(advertisement: "Heard", backends: "Backends | None") -> ScannedSensor:
    sensor = paired_sensor_named(advertisement.address)
    if sensor is None:
        return ScannedSensor(
            BLUETOOTH, advertisement.name, advertisement.address, advertisement.strength_dBm, None, False, _remark(None)
        )
    battery_percent, remark = None, _remark(sensor)
    try:
        _, battery_percent = await _ask_battery(SharedLocator(sensor.address, backends))
    except UnslouchError as error:
        remark = str(error)
    return ScannedSensor(
        BLUETOOTH, sensor.name, sensor.address, advertisement.strength_dBm, battery_percent, True, remark
    )


def _not_found(sensors: Sequence[ScannedSensor]) -> list[ScannedSensor]:
    found = {sensor.address.casefold() for sensor in sensors}
    return [
        ScannedSensor(BLUETOOTH, sensor.name, sensor.address, None, None, True, _why_not_found(sensor))
        for sensor in paired_sensors()
        if sensor.address.casefold() not in found
    ]


def _why_not_found(sensor: PairedSensor) -> str:
    deep_sleep = last_known_sleep(sensor.address)
    return "known, not found" if deep_sleep is None else f"known, {deep_sleep.name}: {deep_sleep.remedy}"


def _remark(sensor: PairedSensor | None) -> str:
    return "new" if sensor is None else "known"


async def _ask_battery(locator: SharedLocator) -> tuple[SensorInfo, int | None]:
    """Return what a sensor is, and the charge of its battery in percent, None if it doesn't say."""
    telemetry = FirstTelemetry()
    async with open_sensor(locator, telemetry.on_frame) as (client, info):
        await client.subscribe(1)
        with suppress(TimeoutError, TelemetryError):
            async with asyncio.timeout(STATUS_TIMEOUT_S):
                return info, (await telemetry.status()).battery_percent
    return info, None

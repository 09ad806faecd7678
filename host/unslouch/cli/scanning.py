"""Scanning: who is behind the ports, who is heard over the air, and which of them are the wearer's."""

import argparse
import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode, NoSensor, UnslouchError
from unslouch.link.ble.failures import BluetoothUnavailable
from unslouch.link.discovery import likely_ports
from unslouch.link.model import SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_status
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import SharedLocator
from unslouch.sensor.paired import PairedSensor, called, paired_sensors
from unslouch_device.contract import messages

from .output import put
from .running import log_line, run_cleanly

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends, Heard

STATUS_TIMEOUT_S = 3.0
USB, BLUETOOTH = "USB", "Bluetooth"
HEADINGS = ("link", "name", "port or address", "signal", "battery", "")


@dataclass(frozen=True)
class Row:
    """A sensor, or what may be one."""

    link: str
    name: str
    address: str
    """The port, or the Bluetooth address."""
    strength_dBm: int | None
    battery_percent: int | None
    known: bool
    remark: str
    """Whether it is known, or what the matter is with it."""


def scan(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    return run_cleanly(_scan(args))


async def _scan(args: argparse.Namespace) -> ExitCode:
    log_line(f"Listening for {args.for_s:g} s.")
    rows = await within_reach(args.for_s)
    put(json.dumps([asdict(row) for row in rows]) if args.json else table(rows))
    return ExitCode.OK


async def within_reach(for_s: float, backends: "Backends | None" = None) -> list[Row]:
    """Return the sensors within reach and those remembered; raises NoSensor if there is nothing at all to tell."""
    failures: list[BluetoothUnavailable] = []
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(_listen(for_s, backends, failures))
        looking = [group.create_task(_behind(port)) for port in likely_ports()]
    rows = [each.result() for each in looking]
    # One after the other: adapters connect to one device at a time.
    rows += [await _over_air(each, backends) for each in listening.result()]
    found = {row.address.casefold() for row in rows}
    rows += [
        Row(BLUETOOTH, sensor.name, sensor.address, None, None, True, "known, not heard")
        for sensor in paired_sensors()
        if sensor.address.casefold() not in found
    ]
    if not rows and failures:
        raise failures[0]
    for error in failures:
        log_line(str(error))
    if not rows:
        raise NoSensor(
            "No sensor is within reach; plug one in, or press its button, after which it can be heard, and scan again."
        )
    return rows


async def _listen(for_s: float, backends: "Backends | None", failures: list[BluetoothUnavailable]) -> "list[Heard]":
    """Return who is heard; where nobody can be, why is added to `failures`."""
    from unslouch.link.ble.devices import listen

    try:
        return await listen(for_s, backends)
    except BluetoothUnavailable as error:
        failures.append(error)
        return []


async def _behind(port: str) -> Row:
    try:
        info, battery_percent = await _ask(SharedLocator(port))
    except UnslouchError as error:
        return Row(USB, "?", port, None, None, False, str(error))
    sensor = called(info.device_id)
    name = sensor.name if sensor is not None else info.board
    return Row(USB, name, port, None, battery_percent, sensor is not None, _remark(sensor))


async def _over_air(heard: "Heard", backends: "Backends | None") -> Row:
    sensor = called(heard.address)
    if sensor is None:  # one that doesn't know us would journal that we asked
        return Row(BLUETOOTH, heard.name, heard.address, heard.strength_dBm, None, False, _remark(None))
    battery_percent, remark = None, _remark(sensor)
    try:
        _, battery_percent = await _ask(SharedLocator(sensor.address, backends))
    except UnslouchError as error:
        remark = str(error)
    return Row(BLUETOOTH, sensor.name, sensor.address, heard.strength_dBm, battery_percent, True, remark)


def _remark(sensor: PairedSensor | None) -> str:
    return "new" if sensor is None else "known"


async def _ask(locator: SharedLocator) -> tuple[SensorInfo, int | None]:
    """Return who a sensor is and its battery, None where it can't tell."""
    told: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def on_frame(kind: int, payload: bytes) -> None:
        if kind == messages.STATUS and not told.done():
            told.set_result(payload)

    async with open_sensor(locator, on_frame) as (client, info):
        await client.subscribe(1)
        with suppress(TimeoutError, TelemetryError):
            async with asyncio.timeout(STATUS_TIMEOUT_S):
                return info, decode_status(await told).battery_percent
    return info, None


def table(rows: list[Row]) -> str:
    """Return the rows under their headings, in columns as wide as they need."""
    cells = [HEADINGS]
    for row in rows:
        signal = "-" if row.strength_dBm is None else f"{row.strength_dBm} dBm"
        battery = "-" if row.battery_percent is None else f"{row.battery_percent} %"
        cells.append((row.link, row.name or "-", row.address, signal, battery, row.remark))
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS) - 1)]
    return "\n".join(
        "  ".join([cell.ljust(width) for cell, width in zip(line, widths, strict=False)] + [line[-1]]).rstrip()
        for line in cells
    )

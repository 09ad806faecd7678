"""`unslouch scan`: lists the sensors within reach, on cables and over Bluetooth."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import seconds

if TYPE_CHECKING:
    from unslouch.sensor.scanning import ScannedSensor

EPILOG = """\
A sensor that rests can be found over Bluetooth for some seconds every few minutes, and at once after a press of its
button.
"""
HEADINGS = ("link", "name", "port or address", "signal", "battery", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "--for", dest="for_s", type=seconds, default=8.0, metavar="SECONDS", help="listen for this time (default: 8)"
    )
    parser.add_argument("--json", action="store_true", help="as a list of JSON objects")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_scan(args))


async def _scan(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from unslouch.sensor.scanning import scan

    from .console import emit, emit_table, log_line

    log_line(f"Listening for {args.for_s:g} s.")
    result = await scan(args.for_s)
    if result.bluetooth_failure is not None:
        log_line(str(result.bluetooth_failure))
    if args.json:
        emit(json.dumps([asdict(sensor) for sensor in result.sensors]))
    else:
        emit_table(HEADINGS, [row(sensor) for sensor in result.sensors])
    return ExitCode.OK


def row(sensor: "ScannedSensor") -> tuple[str, ...]:
    """Return a sensor's cells under HEADINGS."""
    signal = "-" if sensor.strength_dBm is None else f"{sensor.strength_dBm} dBm"
    battery = "-" if sensor.battery_percent is None else f"{sensor.battery_percent} %"
    return sensor.link, sensor.name or "-", sensor.address, signal, battery, sensor.remark

"""`unslouch scan`: lists the sensors within reach, on cables and over Bluetooth."""

import argparse
from collections.abc import Sequence
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

    from .output import put
    from .running import log_line

    log_line(f"Listening for {args.for_s:g} s.")
    result = await scan(args.for_s)
    if result.bluetooth_failure is not None:
        log_line(str(result.bluetooth_failure))
    put(json.dumps([asdict(sensor) for sensor in result.sensors]) if args.json else table(result.sensors))
    return ExitCode.OK


def table(sensors: Sequence["ScannedSensor"]) -> str:
    """Return the sensors under headings, in columns as wide as they need."""
    cells = [HEADINGS]
    for row in sensors:
        signal = "-" if row.strength_dBm is None else f"{row.strength_dBm} dBm"
        battery = "-" if row.battery_percent is None else f"{row.battery_percent} %"
        cells.append((row.link, row.name or "-", row.address, signal, battery, row.remark))
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS) - 1)]
    return "\n".join(
        "  ".join([cell.ljust(width) for cell, width in zip(line, widths, strict=False)] + [line[-1]]).rstrip()
        for line in cells
    )

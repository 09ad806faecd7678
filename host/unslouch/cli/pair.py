"""`unslouch pair`: pairs this computer with a sensor over Bluetooth."""

import argparse

from unslouch.errors import ExitCode

from .arguments import seconds, sensor

EXAMPLES = """\
A sensor accepts a new computer only while its pairing window is open: for 2 min after its button was held for 3 s. One
that is plugged in is asked over its cable to open it.

examples:
  unslouch pair
  unslouch pair --name "my back"
  unslouch pair --sensor 74:4D:BD:12:34:56       where several are within reach
  unslouch pair --sensor /dev/pts/3              opened by the one at a port, such as `unslouch simulate --ble` names
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Pair this computer with a sensor over Bluetooth, and keep its name and address."
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--sensor",
        type=sensor,
        metavar="NAME|ADDRESS|PORT",
        default=argparse.SUPPRESS,
        help="pair with this one, if several are within reach",
    )
    parser.add_argument("--name", help="what to call it (default: sensor, or the name it has)")
    parser.add_argument(
        "--for", dest="for_s", type=seconds, default=120.0, metavar="SECONDS", help="give up after this (default: 120)"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_pair(args))


async def _pair(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.pairing import Pairing

    from .console import log_line

    result = await Pairing(lambda step: log_line(str(step))).pair(args.sensor, args.name, args.for_s)
    log_line(f"Paired. From now on unslouch finds {result.sensor.name!r} over the cable and over Bluetooth.")
    if not result.is_calibrated:
        log_line("It isn't calibrated yet: run `unslouch calibrate` next.")
    return ExitCode.OK

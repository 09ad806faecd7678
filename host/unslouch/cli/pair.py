"""`unslouch pair`: pairs this computer with a sensor over Bluetooth."""

import argparse

from unslouch.errors import ExitCode

from .arguments import seconds

EXAMPLES = """\
Only a sensor whose window for pairing is open lets a new computer in: for 2 min after its button was held for 3 s. One
that is plugged in is asked over its cable instead.

examples:
  unslouch pair
  unslouch pair --name "my back"
  unslouch pair --sensor 74:4D:BD:12:34:56       where several are heard
  unslouch pair --sensor /dev/pts/3              let in by the one at a port, such as `unslouch simulate --ble` names
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Pair this computer with a sensor over Bluetooth, and remember the sensor."
    parser.epilog = EXAMPLES
    parser.add_argument(
        "--sensor",
        metavar="NAME|ADDRESS|PORT",
        default=argparse.SUPPRESS,
        help="pair with this one, if several are heard",
    )
    parser.add_argument("--name", help="what to call it (default: sensor, or the name it has)")
    parser.add_argument(
        "--for", dest="for_s", type=seconds, default=120.0, metavar="SECONDS", help="give up after this (default: 120)"
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .pairing import pair

    return pair(args)

"""`unslouch pair` and `unslouch forget`: which sensors this computer knows over Bluetooth."""

import argparse

from unslouch.errors import ExitCode

from .arguments import seconds

PAIRING = """\
Only a sensor whose window for pairing is open lets a new computer in: for 2 min after its button was held for 3 s. One
that is plugged in is asked over its cable instead.

examples:
  unslouch pair
  unslouch pair --name "my back"
  unslouch pair --sensor 74:4D:BD:12:34:56       where several are heard
  unslouch pair --sensor /dev/pts/3              let in by the one at a port, such as `unslouch simulate --ble` tells
"""
FORGETTING = """\
The sensor goes on knowing this computer until its button is held for 10 s, which erases its journal as well. What was
recorded stays in the database.
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands to the top parser."""
    pair = subparsers.add_parser(
        "pair",
        help="pair this computer with a sensor over Bluetooth",
        description="Pair this computer with a sensor over Bluetooth, and remember the sensor.",
        epilog=PAIRING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    pair.add_argument(
        "--sensor",
        metavar="NAME|ADDRESS|PORT",
        default=argparse.SUPPRESS,
        help="pair with this one, if several are heard",
    )
    pair.add_argument("--name", help="what to call it (default: sensor, or the name it has)")
    pair.add_argument(
        "--for", dest="for_s", type=seconds, default=120.0, metavar="SECONDS", help="give up after this (default: 120)"
    )
    pair.set_defaults(run=_pair)
    forget = subparsers.add_parser(
        "forget",
        help="have this computer forget a sensor",
        description="Have this computer forget a sensor: its name, its address and the pairing.",
        epilog=FORGETTING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    forget.add_argument("which", metavar="NAME|ADDRESS", help="as `unslouch scan` has it")
    forget.set_defaults(run=_forget)


def _pair(args: argparse.Namespace) -> ExitCode:
    from .pairing import pair

    return pair(args)


def _forget(args: argparse.Namespace) -> ExitCode:
    from .pairing import forget

    return forget(args)

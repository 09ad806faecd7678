"""`unslouch scan`: the sensors within reach, on cables and over the air, in one table."""

import argparse

from unslouch.errors import ExitCode

from .arguments import seconds

EPILOG = """\
A sensor that rests is heard over Bluetooth for some seconds every few minutes, and at once after a press of its button.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument(
        "--for", dest="for_s", type=seconds, default=8.0, metavar="SECONDS", help="listen for this time (default: 8)"
    )
    parser.add_argument("--json", action="store_true", help="as a list of JSON objects")


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    from .scanning import scan

    return scan(args)

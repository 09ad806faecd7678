"""`unslouch forget`: removes the pairing with a sensor from this computer."""

import argparse

from unslouch.errors import ExitCode

EPILOG = """\
The sensor itself keeps its half of the pairing until `unslouch hosts forget` removes it, from any other paired computer
or over its cable, or until its button is held for 10 s, which erases its journal as well.
What was recorded stays in the database.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Remove a sensor's name, address and pairing from this computer."
    parser.epilog = EPILOG
    parser.add_argument("name", metavar="NAME|ADDRESS", help="as `unslouch scan` lists it")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_forget(args))


async def _forget(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.pairing import remove_pairing

    from .console import log_line

    name = await remove_pairing(args.name, lambda step: log_line(str(step)))
    log_line(f"{name!r} is no longer paired with this computer. What it recorded stays in the database.")
    return ExitCode.OK

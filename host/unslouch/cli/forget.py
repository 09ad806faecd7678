"""`unslouch forget`: has this computer forget a sensor."""

import argparse

from unslouch.errors import ExitCode

EPILOG = """\
The sensor goes on knowing this computer until its button is held for 10 s, which erases its journal as well. What was
recorded stays in the database.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Have this computer forget a sensor: its name, its address and the pairing."
    parser.epilog = EPILOG
    parser.add_argument("which", metavar="NAME|ADDRESS", help="as `unslouch scan` has it")


def run(args: argparse.Namespace) -> ExitCode:
    from .pairing import forget

    return forget(args)

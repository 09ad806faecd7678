"""`unslouch status`: says how the sensor is."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("status", args)

"""`unslouch rezero`: takes the tilt now as zero, without calibrating anew."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("rezero", args)

"""`unslouch buzz`: lets the motor vibrate once."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("buzz", args)

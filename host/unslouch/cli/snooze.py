"""`unslouch snooze`: keeps the motor quiet for a while."""

import argparse

from unslouch.errors import ExitCode
from unslouch_device.contract.messages import MAX_SNOOZE_MIN

from .arguments import add_sensor_arguments, whole_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.add_argument(
        "minutes",
        nargs="?",
        type=whole_number(0, MAX_SNOOZE_MIN),
        metavar="MIN",
        help=f"how long, up to {MAX_SNOOZE_MIN}; 0 ends it (default: as the setting says)",
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .asking import ask

    return ask("snooze", args)

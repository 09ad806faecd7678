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
        help=f"minutes, up to {MAX_SNOOZE_MIN}; 0 ends the snooze (default: the sensor's setting)",
    )


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_snooze(args))


async def _snooze(args: argparse.Namespace) -> ExitCode:
    from .console import log_line
    from .numbers import counted
    from .running import connected

    async with connected(args) as (client, _):
        minutes = await client.snooze(args.minutes)
    log_line(f"No vibration for {counted(minutes, 'minute')}." if minutes else "The snooze has ended.")
    return ExitCode.OK

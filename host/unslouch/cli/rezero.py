"""`unslouch rezero`: takes the tilt now as zero, without a new calibration."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_rezero(args))


async def _rezero(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.calibration import REZERO, Calibration

    from .calibrate import take_steps
    from .running import connected

    async with connected(args) as (client, _):
        await take_steps(Calibration(REZERO), client)
    return ExitCode.OK

"""`unslouch undo`: takes back the last calibration or re-zero."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_sensor_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take back the last calibration or re-zero, whether you, the dashboard or the button made it: the one before "
        "it counts again. The sensor allows that for a minute."
    )
    add_sensor_arguments(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_undo(args))


async def _undo(args: argparse.Namespace) -> ExitCode:
    from .console import log_line
    from .running import connected

    async with connected(args) as (client, _):
        calibration_id = await client.undo()
    if calibration_id:
        log_line(f"Taken back: calibration {calibration_id} counts again.")
    else:
        log_line("Taken back: there is no calibration now; run `unslouch calibrate`, or press the sensor's button.")
    return ExitCode.OK

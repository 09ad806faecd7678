"""`unslouch record`: stores the sensor's journal in the database, without a dashboard."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode, UnslouchError

from .arguments import add_config_argument, add_database_argument, add_duration_arguments, add_sensor_arguments
from .numbers import counted

if TYPE_CHECKING:
    from unslouch.sensor.recorder import Recorder

EXAMPLES = """\
examples:
  unslouch record                        until Ctrl+C
  unslouch record --for 600 --demo       ten minutes of a simulated wearer, into the database of simulated ones
  unslouch record --sensor /dev/ttyACM0 --wait

Ctrl+C and SIGTERM end it with exit code 0, once everything that has arrived is stored.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Keep the sensor's journal in the database, without a dashboard."
    parser.epilog = EXAMPLES
    add_sensor_arguments(parser)
    add_duration_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_record(args))


async def _record(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.recorder import Recorder

    from .configured import load_reported, quiet_keeper
    from .console import log_line
    from .running import Follower, follow, recorded_sensor

    quiet = quiet_keeper(load_reported(args))
    async with recorded_sensor(args) as (sensor, database):
        follower = Follower(wait=args.wait)
        recorder = Recorder(sensor, database, watched=False)
        try:
            async with quiet.following(recorder):
                await follow(recorder, follower, args.for_s)
        except UnslouchError:
            if recorder.records_added:
                log_line(summary(recorder))
            raise
        log_line(summary(recorder))
    return ExitCode.OK


def summary(recorder: "Recorder") -> str:
    """Return what a recorder has stored, as a sentence."""
    if recorder.store_path is None:
        where = f" in {recorder.database}" if recorder.database is not None else ""
        return f"Stored nothing: another unslouch program owns the sensor and stores its journal{where}."
    gaps = f", {counted(recorder.gaps_added, 'gap')} that the sensor could not fill" if recorder.gaps_added else ""
    return f"Stored {counted(recorder.records_added, 'record')}{gaps} in {recorder.store_path}."

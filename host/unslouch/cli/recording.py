"""Recording: a recorder followed until it is told to end."""

import argparse

from unslouch.errors import ExitCode, UnslouchError
from unslouch.sensor.recorder import Recorder

from .running import Follower, chosen_sensor, follow, log_line, run_cleanly


def record(args: argparse.Namespace) -> ExitCode:
    """Run the command."""
    return run_cleanly(_record(args))


async def _record(args: argparse.Namespace) -> ExitCode:
    async with chosen_sensor(args) as sensor:
        follower = Follower(wait=args.wait)
        recorder = Recorder(sensor, args.db, follower, watched=False)
        try:
            await follow(recorder, follower, args.for_s)
        except UnslouchError:
            if recorder.records_added:
                log_line(summary(recorder))
            raise
        log_line(summary(recorder))
    return ExitCode.OK


def summary(recorder: Recorder) -> str:
    """Return what a recorder has stored, as a sentence."""
    if recorder.store_path is None:
        return "Stored nothing: another unslouch program owns the sensor and stores its journal."
    gaps = f", {counted(recorder.gaps_added, 'gap')} that the sensor could not fill" if recorder.gaps_added else ""
    return f"Stored {counted(recorder.records_added, 'record')}{gaps} in {recorder.store_path}."


def counted(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"

"""What commands that keep a sensor linked take from the settings file."""

import argparse
from typing import TYPE_CHECKING

from unslouch.config import Config, load_config

if TYPE_CHECKING:
    from unslouch.sensor.quiet import QuietKeeper


__all__ = ["load_config", "load_reported", "quiet_keeper"]


def load_reported(args: argparse.Namespace) -> Config:
    """Load the settings, and report on stderr what is wrong in their file."""
    from .console import log_line

    loaded = load_config(args.config)
    for problem in loaded.problems:
        log_line(str(problem))
    return loaded.config


def quiet_keeper(config: Config) -> "QuietKeeper":
    """Return what keeps the sensor quiet in quiet hours and meetings; say so if this system can't show meetings."""
    from unslouch.sensor.device_use import can_look, devices_looked_at
    from unslouch.sensor.quiet import QuietKeeper

    from .console import log_line

    meeting = config.meeting
    if (meeting.camera or meeting.microphone) and not can_look():
        log_line("Whether a camera or microphone is in use can be seen on Linux only; begin meetings by key.")
    return QuietKeeper(config.quiet_hours.times, devices_looked_at(meeting.camera, meeting.microphone))

"""`unslouch watch`: the wearer's posture as plain lines."""

import argparse
import asyncio
from contextlib import suppress

from unslouch.errors import ExitCode, OutputError, UnslouchError
from unslouch.link.descriptions import describe_event, describe_live
from unslouch.link.model import LinkState
from unslouch.sensor.events import JournalEvent, LiveSample, SensorEvent
from unslouch.sensor.recorder import Recorder
from unslouch_device.contract import records
from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

from .arguments import add_database_argument, add_duration_arguments, add_sensor_arguments, number
from .console import emit
from .running import Follower, chosen_sensor, follow, run_cleanly

EPILOG = """\
A line tells the state, the tilt of the upper back in degrees (forward and right are positive) and for how
many seconds it has been above the threshold. What the sensor records meanwhile is stored.
Ctrl+C and SIGTERM end it with exit code 0.
"""
LOST = STATE_NAMES[UNKNOWN]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_sensor_arguments(parser)
    add_duration_arguments(parser)
    add_database_argument(parser)
    parser.add_argument(
        "--rate", type=_rate, default=1.0, metavar="HZ", help="lines per second at most, 25 at the highest (default: 1)"
    )


def _rate(text: str) -> float:
    value = number(text)
    if not 0 < value <= 25:
        raise argparse.ArgumentTypeError(f"{text} is out of range: give 25 or less, above zero")
    return value


class Watcher(Follower):
    """Prints a line at once when the state changes, and else when the tilt has, `rate_hz` times a second at most."""

    def __init__(self, wait: bool, rate_hz: float) -> None:
        super().__init__(wait)
        self._interval_s = 1 / rate_hz
        self._state: int | None = None
        self._line = ""
        self._printed_at = float("-inf")

    def handle(self, event: SensorEvent) -> None:
        """Take an event of the sensor."""
        match event:
            case LiveSample():
                self.on_live(event)
            case JournalEvent():
                self.on_journal_event(event)
            case _:
                super().handle(event)

    def on_state(self, state: LinkState, reason: str, error: UnslouchError | None = None) -> None:
        super().on_state(state, reason, error)
        if state is LinkState.WAITING and self._line not in ("", LOST):
            self._state, self._line = None, LOST
            self._print(LOST)

    def on_live(self, sample: LiveSample) -> None:
        """Print the posture, unless nothing has changed or it is too soon."""
        now = asyncio.get_running_loop().time()
        if sample.state == self._state and now - self._printed_at < self._interval_s:
            return
        line = describe_live(sample)
        if line == self._line and sample.state == self._state:
            return
        self._state, self._line, self._printed_at = sample.state, line, now
        self._print(line, is_telemetry=True)

    def on_journal_event(self, event: JournalEvent) -> None:
        """Print what happens on the sensor."""
        if event.code not in (records.HOST_CLOCK, records.BATTERY):
            self._print(f"event: {describe_event(event)}")

    def _print(self, line: str, is_telemetry: bool = False) -> None:
        with suppress(OutputError, BrokenPipeError):  # run_cleanly() ends the command then
            emit(line, is_telemetry)


def run(args: argparse.Namespace) -> ExitCode:
    return run_cleanly(_watch(args))


async def _watch(args: argparse.Namespace) -> ExitCode:
    async with chosen_sensor(args) as sensor:
        watcher = Watcher(args.wait, args.rate)
        await follow(Recorder(sensor, args.db), watcher, args.for_s)
    return ExitCode.OK

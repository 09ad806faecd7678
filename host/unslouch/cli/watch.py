"""`unslouch watch`: the wearer's posture as plain lines."""

import argparse
import asyncio
from contextlib import suppress

from unslouch.errors import ExitCode, OutputError
from unslouch.link.descriptions import describe_event, describe_live
from unslouch.link.model import LinkState
from unslouch.sensor.events import JournalEvent, LinkChanged, LiveSample, SensorEvent
from unslouch.sensor.recorder import Recorder
from unslouch_device.contract import records
from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

from .arguments import add_database_argument, add_duration_arguments, add_sensor_arguments, number
from .console import emit
from .running import Follower, follow, recorded_sensor, run_cleanly

EPILOG = """\
Each line has the state, the tilt of the upper back in degrees (forward and right are positive) and for how many
seconds it has been above the threshold. What the sensor records meanwhile is stored. Ctrl+C and SIGTERM end it with
exit code 0.
"""
LOST = STATE_NAMES[UNKNOWN]
HIDDEN_EVENTS = (records.HOST_CLOCK, records.BATTERY)
"""Events that come every hour or so and say nothing about posture."""


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
    """Prints posture: at once when the state changes, else when the tilt does, at most `rate_hz` times a second."""

    lives_for_output = True

    def __init__(self, wait: bool, rate_hz: float) -> None:
        super().__init__(wait)
        self._interval_s = 1 / rate_hz
        self._state: int | None = None
        self._line = ""
        self._printed_at_s = float("-inf")

    def handle(self, event: SensorEvent) -> None:
        """Consume an event."""
        match event:
            case LiveSample():
                self._print_posture(event)
            case JournalEvent() if event.code not in HIDDEN_EVENTS:
                self._print(f"event: {describe_event(event)}")
            case _:
                super().handle(event)
        if isinstance(event, LinkChanged) and event.state is LinkState.WAITING and self._line not in ("", LOST):
            self._state, self._line = None, LOST
            self._print(LOST)

    def _print_posture(self, sample: LiveSample) -> None:
        now_s = asyncio.get_running_loop().time()
        if sample.state == self._state and now_s - self._printed_at_s < self._interval_s:
            return
        line = describe_live(sample)
        if line == self._line and sample.state == self._state:
            return
        self._state, self._line, self._printed_at_s = sample.state, line, now_s
        self._print(line, is_telemetry=True)

    def _print(self, line: str, is_telemetry: bool = False) -> None:
        with suppress(OutputError, BrokenPipeError):  # run_cleanly() ends the command then
            emit(line, is_telemetry)


def run(args: argparse.Namespace) -> ExitCode:
    return run_cleanly(_watch(args))


async def _watch(args: argparse.Namespace) -> ExitCode:
    async with recorded_sensor(args) as (sensor, database):
        watcher = Watcher(args.wait, args.rate)
        await follow(Recorder(sensor, database), watcher, args.for_s)
    return ExitCode.OK

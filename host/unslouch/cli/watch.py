"""`unslouch watch`: what the dashboard's Live screen shows, as plain lines."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode, OutputError, StoreError
from unslouch.link.descriptions import describe_event, describe_live
from unslouch.link.model import LinkState
from unslouch.sensor.events import BoardStatus, JournalEvent, LinkChanged, LiveSample, RecordsStored, SensorEvent
from unslouch.sensor.recorder import Recorder
from unslouch.sensor.silence import BY_STATE, SilenceWatch
from unslouch_device.contract import records
from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

from .arguments import add_config_argument, add_database_argument, add_duration_arguments, add_sensor_arguments, number
from .console import emit, log_line
from .running import Follower, follow, recorded_sensor, run_cleanly

if TYPE_CHECKING:
    from unslouch.sensor.quiet import Quiet, QuietKeeper

    from .suggestion_lines import SuggestionLines

EPILOG = """\
A line comes when something changes:

  leaning, forward 14 lateral 2 degrees, above threshold for 18 s of 30
  sensor: battery 70 %, by cable
  motor: silent, snoozed, for 12 min        or why else an alert would stay out
  event: alert at 24 degrees
  suggestion: Chin tuck, hold 5 s, 10 times: no break since 10:05 (about 2 min, no equipment)
  today: upright 2 h 5 min, slouching 12 min; 3 slouches, 2 alerts, 4 breaks; longest without a break 48 min

For a screen reader, `--rate 0.1` makes it calmer: state changes still come at once.

Tilt is that of the upper back; forward and right are positive. What the sensor records meanwhile is stored. Ctrl+C and
SIGTERM end it with exit code 0.
"""
LOST = STATE_NAMES[UNKNOWN]
HIDDEN_EVENTS = (records.HOST_CLOCK, records.BATTERY)
"""Events that come every hour or so and say nothing about posture."""
BATTERY_STEP_PERCENT = 5
TODAY_EVERY_MIN = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    add_sensor_arguments(parser)
    add_duration_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)
    parser.add_argument(
        "--rate", type=_rate, default=1.0, metavar="HZ", help="lines per second at most, 25 at the highest (default: 1)"
    )
    parser.add_argument(
        "--today",
        type=_minutes,
        default=TODAY_EVERY_MIN,
        metavar="MIN",
        help="minutes between two lines about today, 0 for none (default: 10)",
    )


def _rate(text: str) -> float:
    value = number(text)
    if not 0 < value <= 25:
        raise argparse.ArgumentTypeError(f"{text} is out of range: give 25 or less, above zero")
    return value


def _minutes(text: str) -> float:
    value = number(text)
    if not 0 <= value <= 1440:
        raise argparse.ArgumentTypeError(f"{text} is out of range: give minutes from 0 to 1440")
    return value


class Watcher(Follower):
    """Prints posture: at once when the state changes, else when the tilt does, at most `rate_hz` times a second.

    Everything else is printed when it changes, after the first posture.
    """

    lives_for_output = True

    def __init__(
        self,
        wait: bool,
        rate_hz: float,
        recorder: Recorder | None = None,
        quiet: "QuietKeeper | None" = None,
        suggestions: "SuggestionLines | None" = None,
    ) -> None:
        """The recorder is asked for the link and the settings; quiet for the reason of a snooze."""
        super().__init__(wait)
        self.is_stored = asyncio.Event()
        """Set once everything that the sensor had recorded is in the database."""
        self._interval_s = 1 / rate_hz
        self._recorder = recorder
        self._quiet = quiet
        self._suggestions = suggestions
        self._silence = SilenceWatch()
        self._silent_because: str | None = None
        self._sensor_line = ""
        self._delay_s: int | None = None
        self._state: int | None = None
        self._line = ""
        self._printed_at_s = float("-inf")

    def handle(self, event: SensorEvent) -> None:
        """Consume an event."""
        self._silence.handle(event)
        match event:
            case LiveSample():
                self._print_posture(event)
                self._print_silence()
                self._print_suggestion(event)
            case BoardStatus():
                self._take_status(event)
            case JournalEvent() if event.code not in HIDDEN_EVENTS:
                self._print(f"event: {describe_event(event)}")
            case RecordsStored(behind=behind):
                if self._suggestions is not None:
                    self._suggestions.records_stored += 1
                if behind == 0:
                    self.is_stored.set()
            case _:
                super().handle(event)
        if isinstance(event, LinkChanged) and self._line not in ("", LOST):
            if event.deep_sleep is not None:
                self._end_posture(event.deep_sleep.name)
            elif event.state is LinkState.WAITING:
                self._end_posture(LOST)

    def _end_posture(self, why: str) -> None:
        """Print a line in place of the posture, which is unknown from now on."""
        self._state, self._line, self._sensor_line = None, LOST, ""
        self._print(why)

    def _print_posture(self, sample: LiveSample) -> None:
        now_s = asyncio.get_running_loop().time()
        if sample.state == self._state and now_s - self._printed_at_s < self._interval_s:
            return
        line = describe_live(sample, self._delay_s)
        if line == self._line and sample.state == self._state:
            return
        self._state, self._line, self._printed_at_s = sample.state, line, now_s
        self._print(line, is_telemetry=True)

    def _print_silence(self) -> None:
        """Say once why an alert would stay out, unless the line about the posture has named that state."""
        silence = self._silence.why(self._settings, self._quiet_now)
        reason = None if silence is None or silence.reason in BY_STATE.values() else silence.reason
        if reason != self._silent_because:
            self._silent_because = reason
            self._print("motor: ready" if reason is None else f"motor: silent, {silence}")

    def _print_suggestion(self, sample: LiveSample) -> None:
        line = "" if self._suggestions is None else self._suggestions.line(sample, self._quiet_now)
        if line:
            self._print(f"suggestion: {line}")

    @property
    def _quiet_now(self) -> "Quiet | None":
        return None if self._quiet is None else self._quiet.current

    @property
    def _settings(self) -> Mapping[str, int]:
        settings = None if self._recorder is None else self._recorder.settings
        return {} if settings is None else settings[1]

    def _take_status(self, status: BoardStatus) -> None:
        self._delay_s = status.delay_s
        if self._line in ("", LOST):
            return
        battery = "battery unknown"
        if status.battery_percent is not None:
            percent = status.battery_percent
            percent = (
                percent if percent <= BATTERY_STEP_PERCENT else percent // BATTERY_STEP_PERCENT * BATTERY_STEP_PERCENT
            )
            battery = f"battery {percent} %"
        kind = "" if self._recorder is None else self._recorder.link_kind
        link = {"cable": "by cable", "Bluetooth": "over Bluetooth", "shared": "through another program"}.get(kind, "")
        moved = "it may have moved: sit upright and re-zero" if status.sensor_moved else ""
        power = "on external power" if status.external_power else ""
        line = ", ".join(filter(None, (battery, power, link, moved)))
        if line != self._sensor_line:
            self._sensor_line = line
            self._print(f"sensor: {line}")

    def print_today(self, line: str) -> None:
        """Print a line about today."""
        self._print(f"today: {line}")

    def _print(self, line: str, is_telemetry: bool = False) -> None:
        with suppress(OutputError, BrokenPipeError):  # run_cleanly() ends the command then
            emit(line, is_telemetry)


def run(args: argparse.Namespace) -> ExitCode:
    return run_cleanly(_watch(args))


async def _watch(args: argparse.Namespace) -> ExitCode:
    from .configured import load_reported, quiet_keeper
    from .suggestion_lines import SuggestionLines

    config = load_reported(args)
    quiet = quiet_keeper(config)
    async with recorded_sensor(args) as (sensor, database):
        recorder = Recorder(sensor, database)
        suggestions = SuggestionLines(recorder, config.coach.preferences)
        watcher = Watcher(args.wait, args.rate, recorder, quiet, suggestions)
        async with (
            _in_background(_print_today(watcher, recorder, args.today * 60)),
            _in_background(suggestions.keep_reading()),
            quiet.following(recorder),
        ):
            await follow(recorder, watcher, args.for_s)
    return ExitCode.OK


@asynccontextmanager
async def _in_background(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run work beside the context, and end it with the context; raises what it has raised."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _print_today(watcher: Watcher, recorder: Recorder, every_s: float) -> None:
    """Print today's totals once everything is stored, and again after each period in which they have changed."""
    from .today_facts import describe_today, read_today

    last = ""
    while every_s:
        await watcher.is_stored.wait()
        database = recorder.database
        if database is not None:
            try:
                line = describe_today(await asyncio.to_thread(read_today, database))
            except StoreError as error:
                log_line(str(error))
                line = last
            if line != last:
                watcher.print_today(line)
                last = line
        await asyncio.sleep(every_s)

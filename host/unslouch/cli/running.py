"""What the commands that talk to a sensor have in common.

run_cleanly()      runs a command's coroutine, and ends it on a signal or when its output has no reader
connected()        for commands that ask the sensor something and end
follow()           for commands that keep the sensor linked: `record` and `watch`
"""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unslouch import signals
from unslouch.errors import ExitCode, NoSensor, UnslouchError

from . import console
from .console import log_line

__all__ = ["Follower", "chosen_sensor", "connected", "follow", "minutes_and_seconds", "recorded_sensor", "run_cleanly"]

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.link.model import LinkState, SensorInfo
    from unslouch.sensor.events import SensorEvent
    from unslouch.sensor.publisher import Subscription
    from unslouch.sensor.recorder import Recorder

REPORTED_LOGGERS = ("unslouch.sensor.session", "unslouch.sensor.journal_writer")
"""Their warnings reach a Follower as events, so they are not logged as well."""
WAITING_HINT = "Waiting for it; Ctrl+C ends."


def run_cleanly(work: Coroutine[Any, Any, ExitCode]) -> ExitCode:
    """Run a command's work, and return its exit code.

    A signal, or a stdout that can't be written any more, cancels the work, which may clean up. In the latter case this
    raises OutputError or BrokenPipeError.
    """

    async def guarded() -> ExitCode:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()

        def cancel_from_thread() -> None:
            with suppress(RuntimeError):  # the work has ended meanwhile
                loop.call_soon_threadsafe(task.cancel)

        with signals.calling(task.cancel), console.on_stdout_failure(cancel_from_thread):
            return await work

    try:
        code = asyncio.run(guarded())
    except asyncio.CancelledError:
        code = ExitCode.INTERRUPTED
    console.raise_output_failure()
    return code


@asynccontextmanager
async def recorded_sensor(args: argparse.Namespace) -> AsyncIterator[tuple[str | None, Path | None]]:
    """Give the sensor as chosen_sensor() does, and its database; with --demo its wearer has three weeks behind them.

    Raises StoreError if the arguments name a file that can't be a database.
    """
    from .databases import check_database

    check_database(args.db)
    if not args.demo:
        yield args.sensor, args.db
        return
    from unslouch.twin.demo import running_demo

    log_line("Starting a simulated sensor.")
    async with running_demo(args.db) as demo:
        if demo.notice:
            log_line(demo.notice)
        yield demo.address, demo.database


@asynccontextmanager
async def chosen_sensor(args: argparse.Namespace) -> AsyncIterator[str | None]:
    """Give the sensor that the arguments name, None to look for one; with --demo one that is simulated meanwhile."""
    if not args.demo:
        yield args.sensor
        return
    from unslouch.twin.child import simulated_sensor

    log_line("Starting a simulated sensor.")
    async with simulated_sensor() as sensor:
        yield sensor


@asynccontextmanager
async def connected(
    args: argparse.Namespace, on_frame: Callable[[int, bytes], None] | None = None
) -> AsyncIterator[tuple["Client", "SensorInfo"]]:
    """Connect to the sensor that the arguments name, and give (client, info); say which one it is if none was named.

    on_frame is called with the type and payload of frames that no request has asked for. Raises what connect_sensor()
    raises.
    """
    from unslouch.sensor.snapshot import connect_sensor

    async with chosen_sensor(args) as sensor, connect_sensor(sensor, on_frame) as (client, info):
        if sensor is None:
            log_line(f"Using the sensor {info.device_id}{' (simulated)' if info.simulated else ''} at {client.name}.")
        yield client, info


class Follower:
    """Two consumers of events: handle() says on stderr how the link is, and decide() when the command ends.

    They are two so that an error in what is printed doesn't keep the command from ending when it should.
    """

    lives_for_output = False
    """Whether the command has no other purpose than what handle() prints, and so ends if that fails."""

    def __init__(self, wait: bool) -> None:
        """wait: whether to wait for a sensor that isn't there yet, instead of ending."""
        self.ended = asyncio.Event()
        """Set once following on is pointless."""
        self.failure: UnslouchError | None = None
        """Why."""
        self.was_linked = False
        self._wait = wait
        self._last_sentence = ""
        self._named_boot: tuple[str, int] | None = None
        self._is_resting = False
        self._next_window_s = 0.0

    def decide(self, event: "SensorEvent") -> None:
        """Consume an event: end the command where the sensor can't be linked, or isn't there and nobody waits."""
        from unslouch.link.model import LinkState
        from unslouch.sensor import events

        match event:
            case events.SensorConnected():
                self.was_linked = True
            case events.LinkChanged(state, _, error, deep_sleep):
                may_wait = self.was_linked or self._wait
                is_absent = state is LinkState.WAITING or deep_sleep is not None
                if state is LinkState.REFUSED or (is_absent and not may_wait):
                    self.failure = error
                    self.ended.set()

    def handle(self, event: "SensorEvent") -> None:
        """Consume an event: say what it means for the link and the database."""
        from unslouch.sensor import events

        match event:
            case events.LinkChanged(state, reason, _, deep_sleep):
                self._report_link(state, reason, is_in_deep_sleep=deep_sleep is not None)
            case events.WindowExpected(opens_in_s):
                self._report_window(opens_in_s)
            case events.SensorConnected(info):
                self._report_sensor(info)
            case events.StoreFailed(error):
                self._report(str(error))
            case events.StoreRecovered():
                self._report("The database can be written again.")
            case events.ClockStepped(by_s):
                direction = "ahead" if by_s > 0 else "back"
                self._report(
                    f"This computer's clock was set {direction} by {minutes_and_seconds(abs(by_s))}; the sensor's "
                    "journal has a mark of that."
                )
            case events.ClockImplausible(reason):
                self._report(reason)
            case events.ClockRecovered():
                self._report("This computer's clock can be right again; the sensor has been given the time.")

    def _report(self, sentence: str) -> None:
        if sentence not in ("", self._last_sentence):
            self._last_sentence = sentence
            log_line(sentence)

    def _report_link(self, state: "LinkState", reason: str, *, is_in_deep_sleep: bool) -> None:
        from unslouch.link.model import LinkState

        is_good = state in (LinkState.LIVE, LinkState.SYNCING, LinkState.RESTING)
        if self._is_resting and is_good and not is_in_deep_sleep:
            return  # a visit every few minutes is not worth a line
        if is_good or state is LinkState.WAITING:
            self._is_resting = state is LinkState.RESTING
        may_wait = self._named_boot is not None or self._wait
        if state is LinkState.WAITING:
            if may_wait and reason not in ("", self._last_sentence):
                log_line(f"{reason} {WAITING_HINT}")
                self._last_sentence = reason
        elif is_good:
            self._report(reason)

    def _report_window(self, opens_in_s: float | None) -> None:
        now_s = asyncio.get_running_loop().time()
        if opens_in_s is None or self.ended.is_set() or now_s < self._next_window_s or self._is_resting:
            return
        self._next_window_s = now_s + opens_in_s
        log_line(f"The sensor rests between its windows; the next opens in {minutes_and_seconds(opens_in_s)}.")

    def _report_sensor(self, info: "SensorInfo") -> None:
        if self._named_boot == (info.device_id, info.boot):
            return
        self._named_boot = info.device_id, info.boot
        self._last_sentence = ""
        simulated = "simulated " if info.simulated else ""
        log_line(f"Found the {simulated}sensor {info.device_id} ({info.board}, firmware {info.firmware_version}).")


def minutes_and_seconds(duration_s: float) -> str:
    """Return a duration such as "2 min 5 s", or "8 h 0 min" from an hour on."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, rest = divmod(minutes, 60)
    if hours:
        return f"{hours} h {rest} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


async def follow(recorder: "Recorder", follower: Follower, for_s: float | None) -> None:
    """Run a recorder until for_s is over, the follower ends it, or this is cancelled, which is no failure.

    Raises why no sensor was ever linked, what has ended the recorder, or why its last records couldn't be stored. What
    follower.handle() raises is logged; it ends a command that lives for its output, and no other.
    """
    recorder.subscribe(follower.decide, "The command")
    output = recorder.subscribe(follower.handle, "The command's output")
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        for name in REPORTED_LOGGERS:
            logging.getLogger(name).setLevel(logging.ERROR)
    recording = asyncio.create_task(recorder.run())
    ended = asyncio.create_task(follower.ended.wait())
    output_failed = asyncio.create_task(_output_failed(output, follower))
    try:
        await asyncio.wait([recording, ended], timeout=for_s, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        pass  # a signal is the usual way to end it
    finally:
        ended.cancel()
        output_failed.cancel()
        link_failure = recorder.failure
        recording.cancel()
        await asyncio.wait([recording, ended, output_failed])
    if not recording.cancelled() and (error := recording.exception()) is not None:
        raise error
    if follower.failure is not None:
        raise follower.failure
    if recorder.store_fault is not None:
        raise recorder.store_fault
    if output.error is not None and follower.lives_for_output:
        raise UnslouchError("The command ends because its output failed; what the sensor has recorded is stored.")
    if not follower.was_linked:
        raise link_failure or NoSensor("No sensor was linked in that time; give it longer with --for.")


async def _output_failed(output: "Subscription", follower: Follower) -> None:
    """Wait until the output ends; if it failed, end a command that lives for it, and say that any other goes on."""
    await output.wait_ended()
    if output.error is None:
        return
    if follower.lives_for_output:
        follower.ended.set()
    else:
        log_line("Recording goes on, without further reports.")

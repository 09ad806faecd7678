"""Running: what the commands that talk to a sensor have in common."""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from unslouch import signals
from unslouch.errors import ExitCode, NoSensor, UnslouchError

from . import console
from .console import log_line

__all__ = ["Follower", "chosen_sensor", "connected", "follow", "log_line", "minutes_and_seconds", "run_cleanly"]

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.link.model import LinkState, SensorInfo
    from unslouch.sensor.events import SensorEvent
    from unslouch.sensor.recorder import Recorder

# Their warnings come to the follower's ears too, which narrates them.
NARRATED_LOGGERS = ("unslouch.sensor.session", "unslouch.sensor.journal_writer")
WAITING_HINT = "Waiting for it; Ctrl+C ends."


def run_cleanly(work: Coroutine[Any, Any, ExitCode]) -> ExitCode:
    """Run a command's work, which is cancelled, and may clean up, on a signal or when stdout can't be written any more.

    Raises OutputError or BrokenPipeError in the latter case.
    """

    async def guarded() -> ExitCode:
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        with signals.calling(task.cancel), console.on_stdout_failure(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await work

    try:
        code = asyncio.run(guarded())
    except asyncio.CancelledError:
        code = ExitCode.INTERRUPTED
    console.raise_output_failure()
    return code


@asynccontextmanager
async def chosen_sensor(args: argparse.Namespace) -> AsyncIterator[str | None]:
    """Give the port or URL the arguments ask for, None to look for one; a simulated sensor lives inside."""
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
    """Give the sensor that the arguments ask for, connected, as (client, info); one that was looked for is named.

    on_frame gets the frames that no request has asked for. Raises NoSensor and such if none answers.
    """
    from unslouch.sensor.snapshot import connect_sensor

    async with chosen_sensor(args) as sensor, connect_sensor(sensor, on_frame) as (client, info):
        if sensor is None:
            log_line(f"Using the sensor {info.device_id}{' (simulated)' if info.simulated else ''} at {client.name}.")
        yield client, info


class Follower:
    """A consumer of events that reports the link's state to the user, and knows when following is over."""

    def __init__(self, wait: bool) -> None:
        self.over = asyncio.Event()
        self.ever_linked = False
        self.failure: UnslouchError | None = None
        self._wait = wait
        self._told = ""
        self._found: tuple[str, int] | None = None
        self._rests = False
        self._window_at_s = 0.0

    def handle(self, event: "SensorEvent") -> None:
        """Take an event of the sensor."""
        from unslouch.sensor import events

        match event:
            case events.LinkChanged(state, reason, error):
                self.on_state(state, reason, error)
            case events.WindowExpected(opens_in_s):
                self.on_window(opens_in_s)
            case events.SensorConnected(info):
                self.on_info(info)
            case events.StoreFailed(error):
                self._say_once(str(error))
            case events.StoreRecovered():
                self._say_once("The database can be written again.")

    def _say_once(self, sentence: str) -> None:
        if sentence not in ("", self._told):
            self._told = sentence
            log_line(sentence)

    def on_state(self, state: "LinkState", reason: str, error: UnslouchError | None = None) -> None:
        """Report what the user has to know of a state, and end where waiting is pointless."""
        from unslouch.link.model import LinkState

        usual = state in (LinkState.LIVE, LinkState.SYNCING, LinkState.RESTING)
        if self._rests and usual:
            return  # visits every few minutes: only what goes wrong is news
        if usual or state is LinkState.WAITING:
            self._rests = state is LinkState.RESTING
        patient = self.ever_linked or self._wait
        if state is LinkState.REFUSED or (state is LinkState.WAITING and not patient):
            self.failure = error
            self.over.set()
        elif reason not in ("", self._told) and (usual or state is LinkState.WAITING):
            self._told = reason
            log_line(f"{reason} {WAITING_HINT}" if state is LinkState.WAITING else reason)

    def on_window(self, opens_in_s: float | None) -> None:
        now_s = asyncio.get_running_loop().time()
        if opens_in_s is None or self.over.is_set() or now_s < self._window_at_s or self._rests:
            return
        self._window_at_s = now_s + opens_in_s
        log_line(f"The sensor rests between its windows; the next opens in {minutes_and_seconds(opens_in_s)}.")

    def on_info(self, info: "SensorInfo") -> None:
        self.ever_linked = True
        if self._found == (info.device_id, info.boot):
            return
        self._found = info.device_id, info.boot
        simulated = "simulated " if info.simulated else ""
        log_line(f"Found the {simulated}sensor {info.device_id} ({info.board}, firmware {info.firmware_version}).")


def minutes_and_seconds(duration_s: float) -> str:
    """Return a duration in words."""
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


async def follow(recorder: "Recorder", follower: Follower, for_s: float | None) -> None:
    """Run a recorder until the time is over, the follower ends it, Ctrl+C or SIGTERM.

    Raises what kept it from ever linking a sensor, what ended it, and what kept its last records from being stored.
    """
    recorder.subscribe(follower.handle, "The command's output")
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        for name in NARRATED_LOGGERS:
            logging.getLogger(name).setLevel(logging.ERROR)
    running = asyncio.create_task(recorder.run())
    over = asyncio.create_task(follower.over.wait())
    try:
        await asyncio.wait([running, over], timeout=for_s, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        pass  # the usual way to end it, so not a failure
    finally:
        over.cancel()
        failure = recorder.failure
        running.cancel()
        await asyncio.wait([running, over])
    if not running.cancelled() and (error := running.exception()) is not None:
        raise error
    if follower.failure is not None:
        raise follower.failure
    if recorder.store_fault is not None:
        raise recorder.store_fault
    if not follower.ever_linked:
        raise failure or NoSensor("No sensor was linked in that time; give it longer with --for.")

"""The session: keeps one sensor linked, through unplugging, restarts and rests, until it is cancelled.

SEARCHING → CONNECTING → HANDSHAKE → SYNCING → LIVE; from each of them to WAITING, then again; or to REFUSED until
retry(). A sensor that can be heard in windows only and that nobody watches goes from LIVE to RESTING until its next
window. `connected.py` is what happens between HANDSHAKE and the end of the link.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

from unslouch.errors import NoSensor, NotOurs, Refused, SensorBusy, UnslouchError
from unslouch.link.ble.failures import NotHeard
from unslouch.link.client import Client, Unanswered, Unrecognised, WrongJournal
from unslouch.link.model import LinkState, SensorInfo
from unslouch.link.transport import LinkLost, LinkUnavailable

from .cable_watch import MovedToCable
from .connected import ConnectedSensor, MayRest, Restarted, SessionParts
from .deep_sleep import DeepSleep, SensorAsleep
from .events import LinkChanged, SensorEvent, WindowExpected
from .handshake import SensorLocator, open_sensor
from .host_clock import HostClock
from .last_sleep import keep_expected_sleep
from .reconnect import GAP_S, Backoff, Reconnect
from .sync import PageWriter
from .timing import Timing

log = logging.getLogger(__name__)

MAX_RESTARTS_PER_LINK = 3
RESTART_COUNTS_S = 60.0  # an older restart is no sign of a fault
RESTING = "The sensor rests; what it records is fetched in its next window."
LISTEN_S = 1.5
"""Each time that a resting sensor is listened for. With GAP_S between, a link still begins within a window of 5 s."""

Attach = Callable[[ConnectedSensor], AbstractAsyncContextManager[object]]
"""Gives the context in which a connected sensor is followed, such as one that shares it with other processes."""


class Session:
    """A link to one sensor, kept up until run() is cancelled.

    Every event is handed to publish, which must neither wait nor raise. Without a writer no journal is fetched.
    """

    def __init__(
        self,
        locator: SensorLocator,
        publish: Callable[[SensorEvent], None],
        writer: PageWriter | None = None,
        attach: Attach = nullcontext,
        backoff: Backoff | None = None,
        *,
        clock: HostClock | None = None,
        timing: Timing | None = None,
        watched: bool = True,
    ) -> None:
        self.state = LinkState.CLOSED
        self.info: SensorInfo | None = None
        """What the sensor that was connected last said of itself."""
        self.failure: UnslouchError | None = None
        """Why the last try failed, in WAITING and REFUSED, and in RESTING while the sensor sleeps deeply; else None."""
        self._parts = SessionParts(locator, publish, writer, clock or HostClock(), timing or Timing(), watched)
        self._attach = attach
        self._reconnect = Reconnect(backoff or Backoff())
        self._retry = asyncio.Event()
        self._sensor: ConnectedSensor | None = None
        self._linked_at = ""
        """The address or port of the last link."""
        self._is_early = False
        """Whether the present try answers a window that the sensor opened before the one that was waited for."""
        self._settings: tuple[int, dict[str, int]] | None = None

    @property
    def client(self) -> Client | None:
        """For requests, while a sensor is connected."""
        return self._sensor.client if self._sensor is not None else None

    @property
    def settings(self) -> tuple[int, dict[str, int]] | None:
        """Revision and values as last read from a sensor."""
        return self._sensor.settings if self._sensor is not None else self._settings

    async def run(self) -> None:
        """Link, follow, link again, until cancelled; what the writer raises ends it."""
        try:
            while True:
                self._retry.clear()
                self.failure = None
                try:
                    await self._link()
                except MovedToCable as why:
                    log.info("%s", why)
                except MayRest:
                    await self._rest()
                except NotOurs as error:
                    # What was a sensor before is one that starts slowly, and is worth waiting for.
                    if isinstance(error, Unanswered) or (isinstance(error, Unrecognised) and self.info is not None):
                        await self._wait_after(error)
                    else:
                        await self._refuse(error)
                except (NoSensor, SensorBusy, Refused) as error:
                    await self._wait_after(error)
        finally:
            self._enter(LinkState.CLOSED, "")

    def retry(self) -> None:
        """Try again now, from WAITING, RESTING or REFUSED."""
        self._reconnect.hurry()
        self._parts.locator.clear_refusals()
        self._retry.set()

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the live data in this process."""
        self._parts.watched = watched
        self._wake()
        if watched and self.state is LinkState.RESTING:
            self.retry()

    async def flush(self) -> None:
        """Let the sensor write its journal to flash, and return once all of it is stored.

        Does nothing where no journal is being fetched. Raises LinkLost or Refused if the sensor doesn't do it,
        TimeoutError if it takes longer than the timing allows.
        """
        if self._sensor is not None:
            async with asyncio.timeout(self._parts.timing.flush_s):
                await self._sensor.flush()

    async def drain(self) -> None:
        """Before leaving: store what the sensor has recorded until now, if that takes no longer than timing.drain_s."""
        if self._sensor is None:
            return
        try:
            async with asyncio.timeout(self._parts.timing.drain_s):
                await self._sensor.flush(then_follow=False)
        except (TimeoutError, UnslouchError) as error:
            log.debug("left without the last records: %s", error)

    # One link

    async def _link(self) -> None:
        timing = self._parts.timing
        opening = open_sensor(
            self._parts.locator, self._on_frame, self._enter, hello_s=timing.hello_s, hello_try_s=timing.hello_try_s
        )
        async with opening as (client, info):
            client.connection.on_lost = self._wake
            restarts: list[float] = []
            try:
                while True:
                    try:
                        await self._follow(client, info)
                    except (Restarted, WrongJournal) as why:
                        log.info("%s: %s", client.name, why)
                        restarts = _with_this_one(restarts, client.name)
                        self._enter(LinkState.HANDSHAKE, f"The sensor at {client.name} restarted.")
                        info = await _hello_after_restart(client, timing)
            finally:
                self._reconnect.lost(asyncio.get_running_loop().time())

    async def _follow(self, client: Client, info: SensorInfo) -> None:
        self.info = info
        self._linked_at = client.name
        self._is_early = False
        is_own = not client.connection.transport.shared
        if is_own:
            keep_expected_sleep(client.name, None)
        sensor = ConnectedSensor(self._parts, client, info, self._enter)
        await sensor.begin()
        self._sensor = sensor
        try:
            async with self._attach(sensor):
                await sensor.follow()
        finally:
            self._settings = sensor.settings
            self.info = sensor.info
            expected = sensor.sleep_signs.expected()
            self._reconnect.left(
                was_watched=sensor.was_watched,
                most_gap_min=None if sensor.settings is None else sensor.settings[1].get("window-gap"),
                expected=expected,
            )
            if is_own:
                keep_expected_sleep(client.name, expected, self._reconnect.missed_after_s)
            self._sensor = None

    def _on_frame(self, kind: int, payload: bytes) -> None:
        if self._sensor is not None:  # else it belongs to an earlier subscription
            self._sensor.on_frame(kind, payload)

    def _wake(self) -> None:
        if self._sensor is not None:
            self._sensor.wake()

    # Between two links

    async def _wait_after(self, error: UnslouchError) -> None:
        if self._is_early:
            self._is_early = False
            log.debug("%s", error)
            await self._rest()
            return
        log.log(logging.DEBUG if self._reconnect.failures else logging.WARNING, "%s", error)
        pause = self._reconnect.next(asyncio.get_running_loop().time(), self._parts.locator.over_air)
        log.debug("%s: next try in %.1f s", pause.pace.name, pause.delay_s)
        self.failure = error
        deep_sleep = pause.deep_sleep if isinstance(error, NotHeard | LinkLost) else None
        if deep_sleep is None and self.info is None and isinstance(error, SensorAsleep):
            deep_sleep = error.deep_sleep
        if deep_sleep is not None:
            self._enter(LinkState.RESTING, deep_sleep.sentence, deep_sleep)
        else:
            self._enter(LinkState.WAITING, str(error))
        self._parts.publish(WindowExpected(pause.to_window_s))
        await self._pause(pause.delay_s)

    async def _rest(self) -> None:
        """Wait for the next window, or an earlier one: a press of the button, a slouch or motion after rest opens it.

        A sensor that is heard from the beginning has another reason to advertise, such as external power. It is visited
        in its next window, or when it is heard again after a silence.
        """
        loop = asyncio.get_running_loop()
        self._enter(LinkState.RESTING, RESTING)
        self._parts.publish(WindowExpected(self._reconnect.to_window_s(loop.time())))
        window_at_s = loop.time() + self._reconnect.until_window_s(loop.time())
        was_silent = False
        while (left_s := window_at_s - loop.time()) > 0 and not self._retry.is_set():
            is_heard = await self._is_heard(min(left_s, LISTEN_S))
            if is_heard and was_silent:
                self._is_early = True
                return
            was_silent = was_silent or not is_heard
            await self._pause(min(GAP_S, max(0.0, window_at_s - loop.time())))

    async def _is_heard(self, listen_s: float) -> bool:
        try:
            return await self._parts.locator.is_heard(self._linked_at, listen_s)
        except LinkUnavailable as error:  # the try in the next window reports it, if it lasts
            log.debug("%s", error)
            return False

    async def _refuse(self, error: NotOurs) -> None:
        log.warning("%s", error)
        self.failure = error
        self._enter(LinkState.REFUSED, str(error))
        await self._retry.wait()

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._retry.wait()
        except TimeoutError:
            pass

    def _enter(self, state: LinkState, reason: str, deep_sleep: DeepSleep | None = None) -> None:
        if state is self.state and not reason:
            return
        self.state = state
        log.debug("%s %s", state, reason)
        if state is LinkState.LIVE and self.info is not None:
            self._reconnect.linked(self.info.window_period_s)
        self._parts.publish(LinkChanged(state, reason, self.failure, deep_sleep))


def _with_this_one(restarts: list[float], name: str) -> list[float]:
    """Return the times of the restarts that count, with now; raises LinkLost if they are too many."""
    now_s = asyncio.get_running_loop().time()
    recent = [*(restarted_s for restarted_s in restarts if now_s - restarted_s < RESTART_COUNTS_S), now_s]
    if len(recent) > MAX_RESTARTS_PER_LINK:
        raise LinkLost(f"The sensor at {name} keeps restarting; check its battery and cable.")
    return recent


async def _hello_after_restart(client: Client, timing: Timing) -> SensorInfo:
    try:
        return await client.hello(timing.hello_s, timing.hello_try_s)
    except NotOurs as error:  # it answered a moment ago: its boot takes long, say
        raise LinkLost(f"The sensor at {client.name} restarted and doesn't answer yet.") from error

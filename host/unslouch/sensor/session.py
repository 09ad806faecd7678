"""The session: keeps a sensor linked, through unplugging and restarts, and its journal and pictures flowing.

SEARCHING → CONNECTING → HANDSHAKE → SYNCING → LIVE; from anywhere to WAITING, then again; or to REFUSED until retry().
Where nobody watches a sensor that is heard in windows only, LIVE → RESTING until the next of them.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from unslouch.errors import NoSensor, NotOurs, Refused, SensorBusy, UnslouchError
from unslouch.link.client import Client, Unanswered, Unrecognised, WrongJournal
from unslouch.link.connection import Connection
from unslouch.link.model import LinkState, SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_event, decode_live, decode_status
from unslouch.link.transport import LinkLost
from unslouch.sensor.sharing.frames import STORED, decode_stored
from unslouch_device.contract import messages

from .events import LinkChanged, RecordsStored, SensorConnected, SensorEvent, WindowExpected
from .handshake import SensorLocator, open_sensor
from .reconnect import Backoff, Reconnect
from .sync import JournalSync, PageWriter, StuckFetch

log = logging.getLogger(__name__)

SILENCE_S = 5.0  # a subscribed sensor sends a status each second
PING_TIMEOUT_S = 2.0
CLOCK_EVERY_S = 3600.0
FLUSH_S = 2.0
FLUSH_POLL_S = 0.02
GREETINGS_PER_LINK = 4
GREETING_COUNTS_S = 60.0  # an older one is no sign of trouble
PORTS_EVERY_S = 2.0
KEEP_ALIVE_EVERY_S = 20.0  # over the air a sensor that hears nothing for 60 s takes it that nobody looks
LINGER_S = 3.0  # with a sensor that may rest, for what it flushes as somebody comes
RESTING = "The sensor rests; what it records is fetched in its next window."
PORT_HELLO_S = 2.5


class Sharing(Protocol):
    """Whoever shares the link while it is up."""

    @property
    def is_watched(self) -> bool:
        """Whether another process follows the live samples."""

    def serve(self, client: Client, info: SensorInfo) -> AbstractAsyncContextManager[object]:
        """Return what to enter while a open_sensor sensor is linked."""

    def on_frame(self, kind: int, payload: bytes) -> None:
        """A frame came unasked."""

    def on_stored(self, next_sequence: int, behind: int) -> None:
        """As RecordsStored."""


class _GreetAgain(Exception):
    """The sensor is not the one we open_sensor any more: it restarted, or began another journal."""


class _MoveToCable(Exception):
    """The sensor that we hear over the air has been plugged in."""


class _LetRest(Exception):
    """There is nothing to do until the sensor's next window."""


@dataclass
class _Due:
    """When what recurs is to be done next, in the event loop's time."""

    clock_s: float = math.inf
    ports_s: float = math.inf
    keep_alive_s: float = math.inf
    rest_s: float = math.inf


class Session:
    """A link to one sensor, kept up until run() is cancelled."""

    def __init__(
        self,
        locator: SensorLocator,
        publish: Callable[[SensorEvent], None],
        writer: PageWriter | None = None,
        sharing: Sharing | None = None,
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        silence_s: float = SILENCE_S,
        watched: bool = True,
    ) -> None:
        self.state = LinkState.CLOSED
        self.client: Client | None = None
        """Set while a sensor is linked and open_sensor."""
        self.info: SensorInfo | None = None
        """What the sensor last open_sensor said."""
        self.settings: tuple[int, dict[str, int]] | None = None
        """Revision and values as last read; read again when the sensor tells of another revision."""
        self.watched = watched
        """Whether somebody looks at the live picture; else the sensor may rest."""
        self.failure: UnslouchError | None = None
        """Why the state is WAITING or REFUSED; None in any other."""
        self._locator = locator
        self._publish = publish
        self._writer = writer
        self._sharing = sharing
        self._reconnect = Reconnect(backoff or Backoff())
        self._now = now
        self._silence_s = silence_s
        self._stuck = StuckFetch()
        self._sync: JournalSync | None = None
        self._retry = asyncio.Event()
        self._news = asyncio.Event()
        self._uptime_ms = 0
        self._settings_revision = 0
        self._break_off: Exception | None = None

    async def run(self) -> None:
        """Link, follow, link again, until cancelled. What the sink raises ends it."""
        try:
            while True:
                self._retry.clear()
                self.failure = None
                try:
                    await self._link()
                except _MoveToCable as why:
                    log.info("%s", why)
                except _LetRest:
                    await self._rest()
                except NotOurs as error:
                    # What has been a sensor before is one that starts slowly, and is worth waiting for.
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
        self._locator.try_again()
        self._retry.set()

    def watch(self, watched: bool) -> None:
        """Somebody begins or ceases to look at the live picture."""
        self.watched = watched
        self._news.set()
        if watched and self.state is LinkState.RESTING:
            self.retry()

    async def drain(self) -> None:
        """Before leaving: let the sensor flush its journal, and store what that brings.

        Does nothing where no journal is being fetched; gives up after FLUSH_S.
        """
        try:
            await self._flush_and_store(then_follow=False)
        except (TimeoutError, UnslouchError) as error:
            log.debug("left without the last records: %s", error)

    async def flush(self) -> None:
        """Let the sensor flush its journal, and return once all of it is stored.

        Raises LinkLost or Refused if the sensor doesn't do it, TimeoutError after FLUSH_S.
        """
        await self._flush_and_store(then_follow=True)

    async def _flush_and_store(self, then_follow: bool) -> None:
        """End the subscription, which has the sensor flush its journal, and wait until that is stored."""
        client, sync, info = self.client, self._sync, self.info
        if client is None or sync is None or info is None:
            return
        async with asyncio.timeout(FLUSH_S):
            await client.subscribe(0)
            if then_follow:
                await client.subscribe(self._live_hz(info))
            await sync.ask()
            self._news.set()
            while sync.behind and self._sync is sync:
                await asyncio.sleep(FLUSH_POLL_S)

    async def _wait_after(self, error: UnslouchError) -> None:
        log.log(logging.DEBUG if self._reconnect.failures else logging.WARNING, "%s", error)
        pause = self._reconnect.next(asyncio.get_running_loop().time(), self._locator.over_air)
        log.debug("%s: next try in %.1f s", pause.pace.name, pause.delay_s)
        self.failure = error
        self._enter(LinkState.WAITING, str(error))
        self._publish(WindowExpected(pause.to_window_s))
        await self._pause(pause.delay_s)

    async def _rest(self) -> None:
        now_s = asyncio.get_running_loop().time()
        self._enter(LinkState.RESTING, RESTING)
        self._publish(WindowExpected(self._reconnect.to_window_s(now_s)))
        await self._pause(self._reconnect.until_window_s(now_s))

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._retry.wait()
        except TimeoutError:
            pass

    async def _refuse(self, error: NotOurs) -> None:
        log.warning("%s", error)
        self.failure = error
        self._enter(LinkState.REFUSED, str(error))
        await self._retry.wait()

    def _enter(self, state: LinkState, reason: str) -> None:
        if state is self.state and not reason:
            return
        self.state = state
        log.debug("%s %s", state, reason)
        self._publish(LinkChanged(state, reason, self.failure))

    async def _link(self) -> None:
        async with open_sensor(self._locator, self._on_frame, self._enter) as (client, info):
            client.connection.on_lost = self._news.set
            greetings: list[float] = []
            try:
                while True:
                    try:
                        await self._follow(client, info)
                    except (_GreetAgain, WrongJournal) as why:
                        log.info("%s: %s", client.name, why)
                        greetings = self._bounded(greetings, client.name)
                        self._enter(LinkState.HANDSHAKE, f"The sensor at {client.name} restarted.")
                        info = await self._greet_again(client)
            finally:
                self.client = None
                self._sync = None
                self._reconnect.lost(asyncio.get_running_loop().time())

    @staticmethod
    def _bounded(greetings: list[float], name: str) -> list[float]:
        now = asyncio.get_running_loop().time()
        recent = [*(t for t in greetings if now - t < GREETING_COUNTS_S), now]
        if len(recent) >= GREETINGS_PER_LINK:
            raise LinkLost(f"The sensor at {name} keeps restarting; check its battery and cable.")
        return recent

    @staticmethod
    async def _greet_again(client: Client) -> SensorInfo:
        try:
            return await client.hello()
        except NotOurs as error:  # it was ours a moment ago: a boot that takes long, say
            raise LinkLost(f"The sensor at {client.name} restarted and doesn't answer yet.") from error

    async def _follow(self, client: Client, info: SensorInfo) -> None:
        """Bring a open_sensor sensor up to date and follow it; ends by raising."""
        storing = self._writer is not None and not client.connection.transport.shared
        self.info, self._uptime_ms, self._break_off, self._sync = info, info.uptime_ms, None, None
        self._publish(SensorConnected(info))
        if storing and not info.own_clock:
            await self._tell_time(client)
        await self._read_settings(client)
        sync = None
        if self._writer is not None and storing:
            sync = JournalSync(client, info, self._writer, self._stuck)
            await sync.begin()
            self._sync = sync
        self.client = client
        try:
            async with self._sharing.serve(client, info) if self._sharing else nullcontext():
                await self._keep_up(client, info, sync)
        finally:
            self.client = None

    async def _keep_up(self, client: Client, info: SensorInfo, sync: JournalSync | None) -> None:
        loop = asyncio.get_running_loop()
        due, live_hz = _Due(), 0
        if sync and not info.own_clock:
            due.clock_s = loop.time() + CLOCK_EVERY_S
        if not client.connection.transport.wired:
            due.ports_s = loop.time() + PORTS_EVERY_S
        if sync:
            self._tell_stored(sync)
            if sync.behind:
                self._enter(LinkState.SYNCING, f"Fetching {sync.behind} record{'' if sync.behind == 1 else 's'}.")
        while True:
            client.connection.check()
            if self._break_off is not None:
                raise self._break_off
            self._news.clear()
            if loop.time() - client.connection.heard_at >= self._silence_s:
                await self._ask_for_life(client)
            await self._do_what_is_due(client, info, due)
            if live_hz != self._live_hz(info):
                live_hz = self._live_hz(info)
                await client.subscribe(live_hz)
                over_air = not client.connection.transport.wired
                due.keep_alive_s = loop.time() + KEEP_ALIVE_EVERY_S if live_hz > 1 and over_air else math.inf
            if sync and sync.behind:
                await sync.step()
                self._tell_stored(sync)
                continue
            if self.state is not LinkState.LIVE:
                self._reconnect.linked(info.window_period_s)
                self._enter(LinkState.LIVE, f"Linked to {client.name}.")
            if not self._may_rest(client, info, live_hz):
                due.rest_s = math.inf
            elif due.rest_s == math.inf:
                due.rest_s = loop.time() + LINGER_S
            await self._wait_for_news(min(client.connection.heard_at + self._silence_s, *astuple(due)))

    async def _do_what_is_due(self, client: Client, info: SensorInfo, due: _Due) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s >= due.rest_s:
            raise _LetRest
        if now_s >= due.clock_s:
            await self._tell_time(client)
            due.clock_s = now_s + CLOCK_EVERY_S
        if now_s >= due.keep_alive_s:
            await client.ping(PING_TIMEOUT_S)
            due.keep_alive_s = now_s + KEEP_ALIVE_EVERY_S
        if now_s >= due.ports_s:
            await self._look_for_cable(info)
            due.ports_s = now_s + PORTS_EVERY_S
        if self.settings is None or self.settings[0] != self._settings_revision:
            await self._read_settings(client)

    def _live_hz(self, info: SensorInfo) -> int:
        watched = self.watched or (self._sharing is not None and self._sharing.is_watched)
        return messages.MAX_LIVE_HZ if watched and not info.own_clock else 1

    def _may_rest(self, client: Client, info: SensorInfo, live_hz: int) -> bool:
        transport = client.connection.transport
        return live_hz == 1 and info.window_period_s > 0 and not (transport.wired or transport.shared or info.own_clock)

    async def _look_for_cable(self, info: SensorInfo) -> None:
        """Look behind the ports that have come; raises _MoveToCable if the sensor is there."""
        for port in self._locator.ports_that_came():
            try:
                async with Connection(await self._locator.open(port)) as connection:
                    found = await Client(connection).hello(PORT_HELLO_S)
            except (NoSensor, NotOurs, Refused, SensorBusy) as error:
                log.debug("%s", error)
                continue
            if found.device_id == info.device_id:
                raise _MoveToCable(f"the sensor has been plugged in at {port}")

    async def _wait_for_news(self, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _ask_for_life(self, client: Client) -> None:
        try:
            await client.ping(PING_TIMEOUT_S)
        except Refused as error:
            raise _GreetAgain(str(error)) from error
        except LinkLost as error:
            silent = LinkLost(f"The sensor at {client.name} has fallen silent; it may hang or be out of power.")
            raise (await client.connection.transport.explain_silence() or silent) from error
        raise _GreetAgain("alive, but it has forgotten that we subscribed")

    async def _tell_time(self, client: Client) -> None:
        now = self._now()
        zone = (now.utcoffset() or timedelta()) // timedelta(minutes=15)
        try:
            await client.set_clock(int(now.timestamp() * 1000), zone)
        except Refused as error:
            log.warning("%s", error)

    async def _read_settings(self, client: Client) -> None:
        self.settings = await client.settings()
        self._settings_revision = self.settings[0]

    def _tell_stored(self, sync: JournalSync) -> None:
        self._publish(RecordsStored(sync.cursor, sync.behind))
        if self._sharing is not None:
            self._sharing.on_stored(sync.cursor, sync.behind)

    def _on_frame(self, kind: int, payload: bytes) -> None:
        if self.client is None:
            return  # of an earlier subscription, or before we know whom we talk to
        try:
            self._show(kind, payload)
        except TelemetryError as error:
            log.debug("%s: %s", self.client.name, error)
            return
        if self._sharing is not None:
            self._sharing.on_frame(kind, payload)

    def _show(self, kind: int, payload: bytes) -> None:
        if kind == messages.LIVE:
            self._publish(decode_live(payload, self._uptime_ms))
        elif kind == messages.STATUS:
            self._take_status(payload)
        elif kind == messages.EVENT:
            self._publish(decode_event(payload, self._uptime_ms))
        elif kind == STORED and self.client is not None and self.client.connection.transport.shared:
            self._publish(RecordsStored(*decode_stored(payload)))

    def _take_status(self, payload: bytes) -> None:
        status = decode_status(payload)
        if status.uptime_ms < self._uptime_ms:
            self._break_off = _GreetAgain("its uptime went back: it restarted")
        self._uptime_ms = status.uptime_ms
        self._settings_revision = status.settings_revision
        if self._sync is not None and self._break_off is None:
            try:
                self._sync.learn(status.oldest_sequence, status.next_sequence)
            except NotOurs as error:
                self._break_off = error
        self._publish(status)
        self._news.set()

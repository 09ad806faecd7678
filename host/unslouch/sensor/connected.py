"""A connected sensor: brings the database up to date with its journal, and follows it until the link ends.

Session makes one after each handshake; a new one too when the sensor restarts or begins another journal on the same
link.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from unslouch.errors import NotOurs, Refused
from unslouch.link.client import Client
from unslouch.link.model import LinkState, SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_event, decode_live, decode_status
from unslouch.link.transport import LinkLost
from unslouch.sensor.sharing.frames import STORED, decode_stored
from unslouch_device.contract import messages

from .cable_watch import CableWatch
from .clock_marks import ClockMarks
from .deep_sleep import SleepSigns
from .events import RecordsStored, SensorConnected, SensorEvent
from .handshake import SensorLocator
from .host_clock import HostClock
from .sync import JournalSync, PageWriter, StuckFetch
from .timing import Timing

log = logging.getLogger(__name__)

FLUSH_POLL_S = 0.02

FrameTap = Callable[[int, bytes], None]


class Restarted(Exception):
    """The sensor is not as it was at the handshake: it restarted, or began another journal."""


class MayRest(Exception):
    """There is nothing to do until the sensor's next window."""


@dataclass
class SessionParts:
    """What a session is made of, and every sensor that it connects needs."""

    locator: SensorLocator
    publish: Callable[[SensorEvent], None]
    writer: PageWriter | None
    clock: HostClock
    timing: Timing
    watched: bool
    """Whether somebody looks at the live data in this process; else the sensor may rest."""
    stuck: StuckFetch = field(default_factory=StuckFetch)


class ConnectedSensor:
    """A sensor after its handshake, until its link ends."""

    def __init__(
        self, parts: SessionParts, client: Client, info: SensorInfo, enter: Callable[[LinkState, str], None]
    ) -> None:
        self.client = client
        self.info = info
        self.settings: tuple[int, dict[str, int]] | None = None
        """Revision and values, read again when the sensor reports another revision."""
        self.watchers: list[Callable[[], bool]] = []
        """Each says whether somebody looks at the live data by way of it; asked about once a second."""
        self.frame_taps: list[FrameTap] = []
        """Get the kind and payload of each telemetry frame as it came; one that raises is logged and removed."""
        self._parts = parts
        self._enter = enter
        self._state = LinkState.HANDSHAKE
        self._sync: JournalSync | None = None
        self._clock_marks: ClockMarks | None = None
        wired = client.connection.transport.wired
        self._cable = None if wired else CableWatch(parts.locator, info.device_id, parts.timing)
        self._changed = asyncio.Event()
        self._uptime_ms = info.uptime_ms
        self._settings_revision = info.settings_revision
        self._ending: Exception | None = None
        self._live_hz = 0
        self.sleep_signs = SleepSigns(info)
        self.was_watched = False
        """Whether somebody has watched over this link."""
        self._keep_alive_at_s = math.inf
        self._rest_at_s = math.inf

    # What others ask of it

    @property
    def stored(self) -> tuple[int, int]:
        """The sequence after the last stored record, and how many flushed ones are not stored yet."""
        return (0, 0) if self._sync is None else (self._sync.cursor, self._sync.behind)

    def wake(self) -> None:
        """Look at once at what has changed."""
        self._changed.set()

    async def flush(self, *, then_follow: bool = True) -> None:
        """Let the sensor write its journal to flash, and return once all of it is stored.

        It does so at the end of a subscription, which is begun again if then_follow. Does nothing where no journal is
        being fetched. Raises LinkLost or Refused if the sensor doesn't do it.
        """
        sync = self._sync
        if sync is None:
            return
        await self.client.subscribe(0)
        if then_follow:
            await self.client.subscribe(self._wanted_live_hz())
        await sync.ask()
        self.wake()
        while sync.behind:
            if self._sync is not sync:
                raise LinkLost(f"The link to {self.client.name} ended before everything was stored.")
            await asyncio.sleep(FLUSH_POLL_S)

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Take a telemetry frame."""
        try:
            self._take_frame(kind, payload)
        except TelemetryError as error:
            log.debug("%s: %s", self.client.name, error)
            return
        for tap in list(self.frame_taps):
            try:
                tap(kind, payload)
            except Exception:
                log.exception("what gets the frames of %s failed, and gets no more of them", self.client.name)
                self.frame_taps.remove(tap)

    # From the handshake to LIVE

    async def begin(self) -> None:
        """Set the sensor's clock, read its settings and where its journal stands.

        Raises LinkLost, Refused, NotOurs, and what the writer raises.
        """
        self._parts.publish(SensorConnected(self.info))
        writer = None if self.client.connection.transport.shared else self._parts.writer
        if writer is not None and not self.info.own_clock:
            timing = self._parts.timing
            self._clock_marks = ClockMarks(self.client, self._parts.clock, self._parts.publish, timing.clock_mark_s)
            await self._clock_marks.update()
        await self._read_settings()
        if writer is not None:
            sync = JournalSync(self.client, self.info, writer, self._parts.stuck, fetch_s=self._parts.timing.fetch_s)
            await sync.begin()
            self._sync = sync

    async def follow(self) -> None:
        """Store the journal as it grows, and answer for everything that recurs; ends by raising.

        Raises LinkLost, Restarted, MovedToCable, MayRest, WrongJournal, NotOurs, and what the writer raises.
        """
        try:
            if self._sync is not None:
                self._publish_stored(self._sync)
                if self._sync.behind:
                    plural = "" if self._sync.behind == 1 else "s"
                    self._enter_state(LinkState.SYNCING, f"Fetching {self._sync.behind} record{plural}.")
            while True:
                await self._take_step()
        finally:
            self._sync = None

    async def _take_step(self) -> None:
        """Do everything that is due, then wait until something changes."""
        connection, loop = self.client.connection, asyncio.get_running_loop()
        connection.check()
        if self._ending is not None:
            raise self._ending
        self._changed.clear()
        if loop.time() - connection.heard_at >= self._parts.timing.silence_s:
            await self._check_alive()
        await self._do_what_is_due()
        if self._sync is not None and self._sync.behind:
            await self._sync.step()
            self._publish_stored(self._sync)
            return
        if self._state is not LinkState.LIVE:
            self._enter_state(LinkState.LIVE, f"Linked to {self.client.name}.")
        if not self._may_rest():
            self._rest_at_s = math.inf
        elif self._rest_at_s == math.inf:
            self._rest_at_s = loop.time() + self._parts.timing.linger_s
        silent_at_s = connection.heard_at + self._parts.timing.silence_s
        look_at_s = math.inf if self._cable is None else self._cable.due_s
        await self._wait_for_change(min(silent_at_s, self._rest_at_s, self._keep_alive_at_s, look_at_s))

    async def _do_what_is_due(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._rest_at_s:
            raise MayRest
        if self._clock_marks is not None:
            await self._clock_marks.update()
        if now_s >= self._keep_alive_at_s:
            await self.client.ping(self._parts.timing.ping_s)
            self._keep_alive_at_s = now_s + self._parts.timing.keep_alive_s
        if self._cable is not None:
            await self._cable.look()
        if self.settings is None or self.settings[0] != self._settings_revision:
            await self._read_settings()
        if self._live_hz != (wanted_hz := self._wanted_live_hz()):
            self._live_hz = wanted_hz
            self.was_watched = self.was_watched or wanted_hz > 1
            await self.client.subscribe(wanted_hz)
            over_air = not self.client.connection.transport.wired
            self._keep_alive_at_s = now_s + self._parts.timing.keep_alive_s if wanted_hz > 1 and over_air else math.inf

    async def _wait_for_change(self, until_s: float) -> None:
        try:
            async with asyncio.timeout_at(until_s):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _check_alive(self) -> None:
        """Ask a sensor that has fallen silent whether it still runs; always raises."""
        try:
            await self.client.ping(self._parts.timing.ping_s)
        except Refused as error:
            raise Restarted(str(error)) from error
        except LinkLost as error:
            silent = LinkLost(f"The sensor at {self.client.name} has fallen silent; it may hang or be out of power.")
            raise (await self.client.connection.transport.explain_silence() or silent) from error
        raise Restarted("it answers, but no longer sends telemetry")

    async def _read_settings(self) -> None:
        self.settings = await self.client.settings()
        self._settings_revision = self.settings[0]

    def _wanted_live_hz(self) -> int:
        watched = self._parts.watched or any(is_watched() for is_watched in self.watchers)
        return messages.MAX_LIVE_HZ if watched and not self.info.own_clock else 1

    def _may_rest(self) -> bool:
        if self.sleep_signs.has_begun:  # the sensor ends the link itself, and what it says until then counts
            return False
        transport = self.client.connection.transport
        has_windows = self.info.window_period_s > 0 and not (transport.wired or transport.shared)
        return has_windows and self._live_hz == 1 and not self.info.own_clock

    def _enter_state(self, state: LinkState, reason: str) -> None:
        self._state = state
        self._enter(state, reason)

    def _publish_stored(self, sync: JournalSync) -> None:
        self._parts.publish(RecordsStored(sync.cursor, sync.behind))

    # Telemetry

    def _take_frame(self, kind: int, payload: bytes) -> None:
        publish = self._parts.publish
        if kind == messages.LIVE:
            publish(decode_live(payload, self._uptime_ms))
        elif kind == messages.STATUS:
            self._take_status(payload)
        elif kind == messages.EVENT:
            event = decode_event(payload, self._uptime_ms)
            self.sleep_signs.take_event(event)
            publish(event)
            self.wake()
        elif kind == STORED and self.client.connection.transport.shared:
            publish(RecordsStored(*decode_stored(payload)))

    def _take_status(self, payload: bytes) -> None:
        status = decode_status(payload)
        if status.uptime_ms < self._uptime_ms:
            self._ending = Restarted("its uptime went back")
        self._uptime_ms = status.uptime_ms
        self._settings_revision = status.settings_revision
        self.sleep_signs.take_status(status)
        if self._sync is not None and self._ending is None:
            try:
                self._sync.learn(status.oldest_sequence, status.next_sequence)
            except NotOurs as error:
                self._ending = error
        self._parts.publish(status)
        self.wake()

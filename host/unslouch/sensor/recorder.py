"""The recorder: keeps a sensor linked, its journal stored and everything that happens published.

It is what a face needs of a sensor at work: subscribe() for events, client for requests, properties for the present
state. It joins a session, a journal writer, a publisher and, while this process owns the sensor, a sharing server.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from unslouch.errors import NoSensor, StoreError, UnslouchError
from unslouch.link.client import Client
from unslouch.link.model import LinkKind, LinkState, SensorInfo
from unslouch.link.refusals import refusal
from unslouch_device.contract import messages

from .connected import ConnectedSensor
from .events import RecordsStored, SensorEvent, StoreFailed, StoreRecovered
from .host_clock import HostClock
from .journal_writer import JournalWriter
from .locator import FollowingLocator, LockedTransport, SharedLocator
from .publisher import Consumer, EventPublisher, Subscription
from .reconnect import Backoff
from .session import Session
from .sharing.flush import FLUSH_TIMEOUT_S
from .sharing.frames import FLUSH
from .sharing.server import SharingServer
from .sharing.transport import SharedTransport
from .timing import Timing

if TYPE_CHECKING:
    from unslouch.link.ble.devices import Backends

log = logging.getLogger(__name__)


class Recorder:
    """Keeps a sensor linked and its journal stored, until run() is cancelled.

    sensor is a port, URL, Bluetooth address or name, None to look for one. store_path is the database, None for the
    default one of the kind of sensor (simulated ones have their own). While another process of the wearer owns the
    sensor, that one stores, and this one shows the same live data and passes the same requests; when it leaves, this
    one takes over. Every event is delivered to everything that has subscribed. backends replace the Bluetooth stack in
    a simulation. While nobody watches, the sensor may rest between visits. One that only follows never takes a sensor:
    it waits until another process owns it.
    """

    def __init__(
        self,
        sensor: str | None,
        store_path: Path | None,
        backoff: Backoff | None = None,
        backends: "Backends | None" = None,
        *,
        watched: bool = True,
        follows_only: bool = False,
        clock: HostClock | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._owners_database: Path | None = None
        self._events = EventPublisher()
        self._writer = JournalWriter(store_path, self._publish_fault)
        locator = (FollowingLocator if follows_only else SharedLocator)(sensor, backends, store_path)
        self._session = Session(
            locator,
            self._events.publish,
            self._writer,
            self._share,
            backoff,
            clock=clock,
            timing=timing,
            watched=watched,
        )

    async def run(self) -> None:
        """Record until cancelled; raises StoreError if the database can't be used and waiting would not help.

        When it is cancelled, it first stores what the sensor has recorded until now, within a second.
        """
        session = asyncio.create_task(self._session.run(), name="session")
        try:
            await asyncio.wait([session])
            await session
        except asyncio.CancelledError:
            await self._session.drain()
            raise
        finally:
            session.cancel()
            await asyncio.wait([session])
            if not session.cancelled() and (error := session.exception()) is not None:
                log.debug("the session ended with an error", exc_info=error)  # run() may be raising CancelledError
            await self._writer.close()
            await self._events.close()

    def subscribe(self, consumer: Consumer, name: str) -> Subscription:
        """Deliver every event from now on to a function or coroutine function; name is for the log.

        A consumer can't disturb recording: it loses telemetry if it is slow, and ends if it raises (`publisher.py`).
        """
        return self._events.subscribe(consumer, name)

    @property
    def client(self) -> Client:
        """For requests to the sensor; raises NoSensor while none is linked."""
        if self._session.client is None:
            raise NoSensor("No sensor is linked at the moment; plug it in, or press its button, and it will be found.")
        return self._session.client

    @property
    def owner(self) -> bool:
        """Whether this process owns the sensor now, and so stores its journal."""
        client = self._session.client
        return client is not None and not client.connection.transport.shared

    @property
    def link_kind(self) -> LinkKind:
        """How the sensor is linked now."""
        client = self._session.client
        if client is None:
            return ""
        transport = client.connection.transport
        return "shared" if transport.shared else "cable" if transport.wired else "Bluetooth"

    @property
    def state(self) -> LinkState:
        """The state of the session."""
        return self._session.state

    @property
    def info(self) -> SensorInfo | None:
        """What the sensor that was connected last said of itself."""
        return self._session.info

    @property
    def settings(self) -> tuple[int, dict[str, int]] | None:
        """Revision and values by key, kept up to date while a sensor is linked."""
        return self._session.settings

    @property
    def failure(self) -> UnslouchError | None:
        """Why the last try failed, in WAITING and REFUSED, and in RESTING while the sensor sleeps deeply; else None."""
        return self._session.failure

    @property
    def store_path(self) -> Path | None:
        """The database in use; None before it is known which kind of sensor it is."""
        return self._writer.path

    @property
    def database(self) -> Path | None:
        """Where the sensor's journal is stored, by this process or by the owner of the sensor; None while unknown."""
        return self._owners_database or self._writer.path

    async def flush(self) -> None:
        """Have everything that the sensor has recorded until now stored, by this process or by the owner of the sensor.

        Raises NoSensor, Refused, and TimeoutError if it takes too long.
        """
        connection = self.client.connection
        if not connection.transport.shared:
            await self._session.flush()
            return
        reply = await connection.request_raw(FLUSH, b"", FLUSH_TIMEOUT_S)
        if reply.status != messages.OK:
            raise refusal("store its journal", connection.name, reply.status)

    @property
    def records_added(self) -> int:
        """How many records this process has stored."""
        return self._writer.records_added

    @property
    def gaps_added(self) -> int:
        """How many gaps were stored: records that the sensor no longer had."""
        return self._writer.gaps_added

    @property
    def store_fault(self) -> StoreError | None:
        """Why the last records are not stored yet; None if they are."""
        return self._writer.fault

    def retry(self) -> None:
        """Try to link again at once."""
        self._session.retry()

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the live data in this process; while nobody does, the sensor may rest."""
        self._session.watch(watched)

    @asynccontextmanager
    async def _share(self, sensor: ConnectedSensor) -> AsyncIterator[None]:
        """Share a connected sensor with the wearer's other processes, where this process owns it."""
        transport = sensor.client.connection.transport
        owner = transport.owner if isinstance(transport, SharedTransport) else None
        self._owners_database = Path(owner.database) if owner is not None and owner.database else None
        if not isinstance(transport, LockedTransport):
            yield
            return

        async def flush() -> None:
            await self._session.flush()
            server.on_stored(*sensor.stored)  # before the event, which is on its way, has come

        server = SharingServer(sensor.client, sensor.info, transport.lock, self._writer.path, flush)
        async with server:

            def pass_on(event: SensorEvent) -> None:
                if isinstance(event, RecordsStored):
                    server.on_stored(event.next_sequence, event.behind)

            sensor.frame_taps.append(server.on_frame)
            sensor.watchers.append(lambda: server.is_watched)
            stored = self.subscribe(pass_on, "Sharing")
            try:
                yield
            finally:
                stored.end()

    def _publish_fault(self, fault: StoreError | None) -> None:
        self._events.publish(StoreRecovered() if fault is None else StoreFailed(fault))

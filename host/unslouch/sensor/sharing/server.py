"""The sharing server: serves a linked sensor to the wearer's other processes, and never waits for them."""

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from unslouch.errors import UnslouchError
from unslouch.link.client import Client
from unslouch.link.model import SensorInfo
from unslouch.link.telemetry import TelemetryError, decode_status
from unslouch.sensor.lock import SensorLock
from unslouch_device.contract import messages, payloads
from unslouch_device.contract.frames import to_wire

from .answers import FLUSH_EVERY_S, Answers
from .client import SharingClient
from .endpoint import BACKLOG, READ_BYTES, is_same_user
from .frames import (
    ADMITTED,
    FULL,
    HALF_KEY_BYTES,
    JOIN,
    OTHER_VERSION,
    SHARING_VERSION,
    WRONG_KEY,
    HandshakeError,
    decode_join,
    joined_wire,
    stored_wire,
)

if TYPE_CHECKING:
    from .endpoint import PeerSocket

log = logging.getLogger(__name__)

MOST_CLIENTS = 16
MOST_HANDSHAKES = 64
"""Under way at once; then the one that has taken longest is dropped."""
HANDSHAKE_S = 3.0


class SharingServer:
    """Serves a linked sensor to other processes while the context lasts.

    database is where the sensor's journal is stored. flush lets the sensor write its journal to flash and returns once
    that is stored; raises LinkLost, Refused or TimeoutError.
    """

    def __init__(
        self,
        client: Client,
        info: SensorInfo,
        lock: SensorLock,
        database: Path | None = None,
        flush: Callable[[], Awaitable[None]] | None = None,
        *,
        handshake_s: float = HANDSHAKE_S,
        flush_every_s: float = FLUSH_EVERY_S,
        is_admissible: Callable[["PeerSocket"], bool] = is_same_user,
    ) -> None:
        self._lock = lock
        self._database = database
        self._is_simulated = info.simulated
        self._answers = Answers(client, info, flush, flush_every_s)
        self._handshake_s = handshake_s
        self._is_admissible = is_admissible
        self._status_wire = b""
        self._stored_wire = b""
        self._clients: set[SharingClient] = set()
        self._handshakes: dict[asyncio.Task[None], None] = {}  # in the order in which they began
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_open = False
        self._listening: asyncio.Server | None = None

    @property
    def is_watched(self) -> bool:
        """Whether a client follows the live samples."""
        return any(client.watches for client in self._clients)

    @property
    def clients(self) -> int:
        """How many clients have been admitted and are still there."""
        return len(self._clients)

    async def __aenter__(self) -> "SharingServer":
        if self._lock.listener is None:
            return self
        self._is_open = True
        try:
            # A copy: the lock's own socket goes on taking connections when this server ends and the next begins.
            self._listening = await asyncio.start_server(
                self._begin, sock=self._lock.listener.dup(), backlog=BACKLOG, limit=READ_BYTES
            )
            self._lock.announce(self._database, self._is_simulated)
        except OSError as error:  # storing the journal matters more than sharing
            log.warning("The sensor can't be shared with other programs of yours (%s).", error)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_open = False
        self._lock.withdraw()
        listening, self._listening = self._listening, None
        if listening is not None:
            listening.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # The sensor's side

    def on_frame(self, kind: int, payload: bytes) -> None:
        """Send a frame of the sensor to every client that has subscribed."""
        wire = to_wire(kind, payload)
        if kind == messages.STATUS:
            with contextlib.suppress(TelemetryError):
                self._answers.on_status(decode_status(payload))
                self._status_wire = wire
        self._broadcast(wire)

    def on_stored(self, next_sequence: int, behind: int) -> None:
        """Let the clients know how far the database is."""
        self._answers.on_stored(next_sequence, behind)
        self._stored_wire = stored_wire(next_sequence, behind)
        self._broadcast(self._stored_wire)

    def _broadcast(self, wire: bytes) -> None:
        for client in self._clients:
            if client.subscribed:
                client.send_telemetry(wire)

    # The clients' side

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_open or not self._is_admissible(writer.get_extra_info("socket")):
            writer.transport.abort()
            return
        if len(self._handshakes) >= MOST_HANDSHAKES:
            next(iter(self._handshakes)).cancel()
        task = self._run(self._serve(SharingClient(reader, writer)))
        self._handshakes[task] = None

    def _run(self, work: "asyncio._CoroutineLike[None]") -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._handshakes.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("serving another program failed", exc_info=error)

    async def _serve(self, client: SharingClient) -> None:
        try:
            async with asyncio.timeout(self._handshake_s):
                admitted = await self._admit(client)
            if admitted:
                self._handshakes.pop(asyncio.current_task(), None)  # type: ignore[arg-type]
                self._clients.add(client)
                await self._take_requests(client)
        except TimeoutError:
            log.debug("a program connected and said nothing")
        finally:
            self._clients.discard(client)
            await client.close()

    async def _admit(self, client: SharingClient) -> bool:
        """Do the handshake; return whether the client may stay."""
        frame = await client.receive()
        if frame is None or frame[0] != JOIN:
            return False
        try:
            join = decode_join(frame[1])
        except HandshakeError as error:
            log.debug("%s", error)
            return False
        client_key, owner_key = self._lock.key[:HALF_KEY_BYTES], self._lock.key[HALF_KEY_BYTES:]
        if join.sharing_version != SHARING_VERSION:
            admission = OTHER_VERSION
        elif not hmac.compare_digest(join.half_key, client_key):
            admission = WRONG_KEY
        elif len(self._clients) >= MOST_CLIENTS:
            admission = FULL
        else:
            client.send_reply(joined_wire(ADMITTED, owner_key))
            return True
        client.send_reply(joined_wire(admission))
        return False

    async def _take_requests(self, client: SharingClient) -> None:
        while (frame := await client.receive()) is not None:
            kind, payload = frame
            if payload:
                await client.slots.acquire()
                task = self._run(self._answer(client, kind, payload))
                task.add_done_callback(lambda _: client.slots.release())

    async def _answer(self, client: SharingClient, kind: int, payload: bytes) -> None:
        tag = payload[0]
        try:
            status, data = await self._answers.answer(client, kind, payload[1:])
        except UnslouchError as error:  # the link to the sensor broke, and so does this one
            log.debug("a client's request failed: %s", error)
            client.disconnect()
            return
        client.send_reply(to_wire(messages.REPLY, payloads.pack_reply(tag, status, data)))
        if kind == messages.SUBSCRIBE and client.subscribed:
            for wire in (self._status_wire, self._stored_wire):
                if wire:
                    client.send_telemetry(wire)

"""A connection: sends and receives frames over a transport, and matches replies to requests."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from unslouch.background import start_in_background
from unslouch_device.contract import messages, payloads

from .transport import LinkLost, Transport

log = logging.getLogger(__name__)

REPLY_TIMEOUT_S = 5.0


class NoReply(LinkLost):
    """No reply came in time; the link itself may be whole."""


@dataclass(frozen=True)
class Reply:
    """What the sensor answered: a status of contract.messages, and data that depends on the request."""

    status: int
    data: bytes
    pages: list[bytes] = field(default_factory=list)
    """The PAGE frames that came before the reply to a FETCH."""


@dataclass
class _Waiting:
    future: asyncio.Future[Reply]
    max_pages: int
    pages: list[bytes] = field(default_factory=list)


class Connection:
    """Frames over an open transport: requests one way, replies and telemetry the other. An async context manager.

    on_frame is called in the event loop with (kind, payload) of each frame that is no reply. Nothing that the other
    side sends is kept beyond one partial frame and, during a FETCH, as many pages as were asked for.
    """

    def __init__(self, transport: Transport, on_frame: Callable[[int, bytes], None] | None = None) -> None:
        self.transport = transport
        self.on_frame = on_frame
        self.on_lost: Callable[[], None] | None = None
        self.heard_at = asyncio.get_running_loop().time()
        """When the last valid frame came, in the event loop's time."""
        self._waiting: dict[int, _Waiting] = {}
        # At random, so that a late answer to an earlier host is not taken for ours.
        self._tag = random.randrange(messages.HOST_TAGS)
        self._fetch_lock = asyncio.Lock()  # pages carry no tag
        self._lost: Exception | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The transport's name."""
        return self.transport.name

    @property
    def frame_errors(self) -> int:
        """How many frames were dropped for a wrong CRC, length or encoding."""
        return self.transport.frame_errors

    @property
    def bytes_heard(self) -> int:
        """How many bytes have come, frames or not."""
        return self.transport.bytes_heard

    async def __aenter__(self) -> "Connection":
        self._reader = start_in_background(self._read(), f"reading {self.name}", self._fail)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        self._end(LinkLost(f"The link to {self.name} is closed."))
        await self.transport.close()

    def check(self) -> None:
        """Raise what ended the connection, if it has ended."""
        if self._lost is not None:
            raise LinkLost(str(self._lost)) from self._lost

    async def request(
        self, kind: int, *fields: int | bytes, timeout_s: float = REPLY_TIMEOUT_S, max_pages: int = 0
    ) -> Reply:
        """Send a request of contract.messages and return its reply, whatever its status.

        fields are those of REQUEST_FIELDS. Raises LinkLost if the link breaks, NoReply (a LinkLost) if
        no reply comes in time.
        """
        packed = messages.pack_request(kind, 0, *fields)[1:]
        return await self.request_raw(kind, packed, timeout_s, max_pages)

    async def request_raw(self, kind: int, packed: bytes, timeout_s: float, max_pages: int = 0) -> Reply:
        """As request(), with everything after the tag already packed."""
        self.check()
        tag = self._free_tag()
        waiting = _Waiting(asyncio.get_running_loop().create_future(), max_pages)
        self._waiting[tag] = waiting
        try:
            async with asyncio.timeout(timeout_s):
                if max_pages:
                    async with self._fetch_lock:
                        return await self._exchange(kind, tag, packed, waiting)
                return await self._exchange(kind, tag, packed, waiting)
        except TimeoutError as error:
            raise NoReply(f"The sensor at {self.name} did not answer within {timeout_s:g} s.") from error
        finally:
            del self._waiting[tag]
            waiting.future.cancel()

    async def _exchange(self, kind: int, tag: int, packed: bytes, waiting: _Waiting) -> Reply:
        await self.transport.send(kind, bytes((tag,)) + packed)
        return await waiting.future

    def _free_tag(self) -> int:
        for _ in range(messages.HOST_TAGS):
            self._tag = (self._tag + 1) % messages.HOST_TAGS
            if self._tag not in self._waiting:
                return self._tag
        raise LinkLost(f"The sensor at {self.name} leaves {messages.HOST_TAGS} requests unanswered.")

    async def _read(self) -> None:
        try:
            while True:
                for kind, payload in await self.transport.receive():
                    self._take(kind, payload)
        except LinkLost as error:
            self._end(error)

    def _take(self, kind: int, payload: bytes) -> None:
        if kind < messages.REPLY:
            return  # the port echoes what was sent
        self.heard_at = asyncio.get_running_loop().time()
        if kind == messages.REPLY:
            self._take_reply(payload)
        elif kind == messages.PAGE:
            self._take_page(payload)
        elif self.on_frame is not None:
            self.on_frame(kind, payload)

    def _take_reply(self, payload: bytes) -> None:
        try:
            head, data = payloads.unpack_reply(payload)
        except payloads.PayloadError:
            return
        waiting = self._waiting.get(head.tag)
        if waiting is None or waiting.future.done():
            log.debug("%s: a reply to no request, tag %d", self.name, head.tag)
            return
        waiting.future.set_result(Reply(head.status, data, waiting.pages))

    def _take_page(self, payload: bytes) -> None:
        for waiting in self._waiting.values():
            if len(waiting.pages) < waiting.max_pages:
                waiting.pages.append(payload)
                return
        log.debug("%s: a page that was not asked for", self.name)

    def _fail(self, error: Exception) -> None:
        """End the connection for an error in this program, which says nothing about the sensor."""
        self._end(
            LinkLost(f"An error in unslouch itself ended the link to {self.name} ({error!r}); the log has the details.")
        )

    def _end(self, error: Exception) -> None:
        if self._lost is None:
            self._lost = error
        for waiting in self._waiting.values():
            if not waiting.future.done():
                waiting.future.set_exception(LinkLost(str(error)))
                waiting.future.exception()  # marks it as seen: the caller may have given up
        if self.on_lost is not None:
            self.on_lost()

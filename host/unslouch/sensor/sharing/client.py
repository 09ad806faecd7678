"""The owner's end of a connection to one client: requests in, telemetry and replies out, in bounded memory."""

import asyncio
from collections import deque
from contextlib import suppress

from unslouch_device.contract.frames import Deframer

from .endpoint import READ_BYTES

MOST_TELEMETRY_BYTES = 8192
"""Telemetry is dropped while more than this waits to be sent: some ten seconds of live samples."""
MOST_REPLY_BYTES = 65536
"""A client for which more than this waits reads nothing, and is disconnected."""
MOST_REQUESTS = 8
"""Under way for one client; the next is read when one of them is answered."""
MOST_FRAME_ERRORS = 100


class SharingClient:
    """A connection that an owner accepted. Only receive() and close() wait for the client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.subscribed = False
        self.live_hz = 0
        self.slots = asyncio.Semaphore(MOST_REQUESTS)
        self._reader = reader
        self._writer = writer
        self._deframer = Deframer()
        self._frames: deque[tuple[int, bytes]] = deque()

    @property
    def watches(self) -> bool:
        """Whether it follows the live samples and keeps up with them; a suspended process doesn't."""
        return self.live_hz > 1 and not self._is_slow

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be sent."""
        return self._writer.transport.get_write_buffer_size()

    @property
    def _is_slow(self) -> bool:
        return self.waiting_bytes > MOST_TELEMETRY_BYTES

    async def receive(self) -> tuple[int, bytes] | None:
        """Wait for a frame and return its (kind, payload), None at the end of the connection."""
        while not self._frames:
            try:
                data = await self._reader.read(READ_BYTES)
            except OSError:
                return None
            self._frames.extend(self._deframer.feed(data))
            if not data or self._deframer.errors > MOST_FRAME_ERRORS:
                return None
        return self._frames.popleft()

    def send_telemetry(self, wire: bytes) -> None:
        """Send a frame that may be lost if the client is slow."""
        if not self._is_slow and not self._writer.is_closing():
            self._writer.write(wire)

    def send_reply(self, wire: bytes) -> None:
        """Send a frame that is never lost; a client that doesn't read its replies is disconnected."""
        if self.waiting_bytes > MOST_REPLY_BYTES:
            self.disconnect()
        elif not self._writer.is_closing():
            self._writer.write(wire)

    def disconnect(self) -> None:
        """End the connection at once; receive() returns None."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Send what waits as far as it goes at once, end the connection, and wait until the system has closed it."""
        self._writer.transport.abort()
        with suppress(OSError):
            await self._writer.wait_closed()

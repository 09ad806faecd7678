"""TCP: the transport to socket://HOST:PORT, such as a simulated sensor where there are no ptys."""

import asyncio
import os
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from unslouch.errors import BadInput

from .transport import WRITE_TIMEOUT_S, ByteTransport, LinkLost, LinkUnavailable

OPEN_TIMEOUT_S = 5.0
READ_BYTES = 16384


def host_and_port(url: str) -> tuple[str, int]:
    """Return the address in a socket:// URL; raises BadInput if it holds none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port:
        raise BadInput(f"Sensor {url!r} can't be used: it should read socket://HOST:PORT.")
    return host, port


class TcpTransport(ByteTransport):
    """A TCP connection to the address of a socket:// URL."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._address = host_and_port(url)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                self._reader, self._writer = await asyncio.open_connection(*self._address, limit=READ_BYTES)
        except (OSError, TimeoutError) as error:
            raise LinkUnavailable(
                f"Nothing listens at {self.name} ({_reason(error)}); check the address, or start the sensor there."
            ) from error

    async def read(self) -> bytes:
        if self._reader is None:
            raise LinkLost(f"The connection to {self.name} is closed.")
        try:
            data = await self._reader.read(READ_BYTES)
        except OSError as error:
            raise LinkLost(f"The connection to {self.name} broke ({_reason(error)}).") from error
        if not data:
            raise LinkLost(f"The sensor at {self.name} closed the connection.")
        return data

    async def write(self, data: bytes) -> None:
        if self._writer is None or self._writer.is_closing():
            raise LinkLost(f"The connection to {self.name} is closed.")
        try:
            self._writer.write(data)
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._writer.drain()
        except TimeoutError as error:
            raise LinkLost(f"The sensor at {self.name} takes no more data.") from error
        except OSError as error:
            raise LinkLost(f"The connection to {self.name} broke ({_reason(error)}).") from error

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        writer.transport.abort()  # close() would wait for a sensor that reads nothing
        with suppress(OSError):  # it is closed all the same
            await writer.wait_closed()


def _reason(error: OSError) -> str:
    """Return what the system says of an error; asyncio's own texts name the call and the address again."""
    if isinstance(error, socket.gaierror):
        return "no such host"
    if isinstance(error, TimeoutError):
        return "no answer"
    if error.errno is None:  # asyncio has tried several addresses of the host
        return "none of its addresses answers"
    return os.strerror(error.errno).lower()

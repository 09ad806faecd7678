"""The channel of a real board: the USB serial port that is also the REPL's stdin and stdout."""

import asyncio
import sys


class StdioChannel:
    """Bytes from and to the host.

    MicroPython's stdin blocks until it has as many bytes as were asked for, so they are read one by one. What stdout
    is given goes out or, where no host listens, is dropped by the USB driver.
    """

    def __init__(self) -> None:
        self._reader = asyncio.StreamReader(sys.stdin.buffer)

    async def read(self) -> bytes:
        """Wait for bytes and return them."""
        return await self._reader.read(1)

    async def write(self, data: bytes) -> None:
        """Write all bytes, waiting for room where needed."""
        sys.stdout.buffer.write(data)

    def offer(self, data: bytes) -> bool:
        """Write the bytes if there is room for all of them now; returns whether."""
        sys.stdout.buffer.write(data)
        return True

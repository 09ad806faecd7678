"""The channel of a real board: the USB serial port that is also the REPL's stdin and stdout."""

from select import POLLOUT

_STUCK_MS = 150  # a write that takes longer has waited for a reader: UART0, which is copied to, needs 40 ms for a page


class StdioChannel:
    """Bytes from and to the host.

    MicroPython's stdin blocks until it has as many bytes as were asked for, so they are read one by one. The USB driver
    drops what is written where no host has opened the port. Where a host has opened it and doesn't read, each write
    blocks the whole board, for 500 ms on TinyUSB, and the ESP32 port reports room all the same. So after one such write
    nothing is sent until the host sends something: then it reads again.
    """

    def __init__(self, reader, stdout, poller, ticks_ms) -> None:
        """reader: an asyncio.StreamReader. poller: a select.poll() of its own."""
        self._reader = reader
        self._stdout = stdout
        self._poller = poller
        self._ticks_ms = ticks_ms
        self._stuck = False
        poller.register(stdout, POLLOUT)

    async def read(self) -> bytes:
        """Wait for bytes and return them."""
        data = await self._reader.read(1)
        self._stuck = False
        return data

    async def write(self, data: bytes) -> None:
        """Write all bytes, or none to a host that doesn't read."""
        self._write(data)

    def offer(self, data: bytes) -> bool:
        """Write the bytes if there is room for them now; returns whether."""
        return bool(self._poller.poll(0)) and self._write(data)

    def _write(self, data: bytes) -> bool:
        if self._stuck:
            return False
        began_ms = self._ticks_ms()
        self._stdout.write(data)
        self._stuck = self._ticks_ms() - began_ms > _STUCK_MS
        return True

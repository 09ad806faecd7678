"""The port of a simulated sensor: a pseudo-terminal or a TCP port, and the bytes between it and the firmware."""

from __future__ import annotations

import asyncio
import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable

OFFER_LIMIT = 4096
"""Above so many bytes that wait for the host, offered frames are dropped."""
GRACE_S = 0.05
"""For the end of the last host's connection to be noticed, before a new host is refused."""
WRITE_LIMIT = 32768
"""Above so many waiting bytes the firmware's writes wait."""
HOLD_LIMIT = 1 << 20
"""Above so many waiting bytes no host can be reading, and all are dropped."""


USB_BUFFER_BYTES = 256
"""What TinyUSB keeps for a host: CFG_TUD_CDC_TX_BUFSIZE of MicroPython's shared/tinyusb/tusb_config.h."""
USB_TIMEOUT_S = 0.5
"""MICROPY_HW_USB_CDC_TX_TIMEOUT."""


class Port(ABC):
    """The sensor's end of a serial port. `taps` are called with everything that goes to the host."""

    def __init__(self) -> None:
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self._outgoing = bytearray()
        self._room = asyncio.Event()
        self._room.set()
        self.taps: list[Callable[[bytes], None]] = []

    @property
    @abstractmethod
    def address(self) -> str:
        """What a host is given as its `--sensor`."""

    @abstractmethod
    def _wake_writer(self) -> None:
        """Send what has been added to _outgoing."""

    @abstractmethod
    async def open(self) -> None:
        """Make the port appear. Raises OSError."""

    @abstractmethod
    async def close(self) -> None:
        """Make the port vanish, as unplugging does."""

    def inject(self, data: bytes) -> None:
        """Give the firmware bytes as if a host had sent them."""
        self._incoming.put_nowait(data)

    # The firmware's channel

    async def read(self) -> bytes:
        """Wait for bytes from the host and return them."""
        return await self._incoming.get()

    async def write(self, data: bytes) -> None:
        """Send bytes, waiting for room where needed."""
        await self._room.wait()
        self.send(data)

    def offer(self, data: bytes) -> bool:
        """Send bytes if there is room for all of them now; returns whether."""
        if len(self._outgoing) > OFFER_LIMIT:
            return False
        self.send(data)
        return True

    def send(self, data: bytes) -> None:
        """Send bytes, however many still wait."""
        for tap in self.taps:
            tap(data)
        self._outgoing += data
        if len(self._outgoing) > HOLD_LIMIT:
            self._outgoing.clear()
        self._wake_writer()
        if len(self._outgoing) > WRITE_LIMIT:
            self._room.clear()

    def _sent(self, count: int) -> None:
        del self._outgoing[:count]
        if len(self._outgoing) <= WRITE_LIMIT:
            self._room.set()


class UsbConsole:
    """MicroPython's stdin and stdout on TinyUSB, with a port at the far end, for link.stdio.StdioChannel.

    A host that has the port open and doesn't read lets the driver's buffer fill. Then a write waits, and the whole
    board with it, and drops what is left (MicroPython's shared/tinyusb/mp_usbd_cdc.c). The ESP32 port says nevertheless
    that there is room (ports/esp32/mphalport.c, mp_hal_stdio_poll).
    """

    def __init__(self, port: Port, let_pass: Callable[[float], None]) -> None:
        """`let_pass` makes it later by some seconds."""
        self._port = port
        self._let_pass = let_pass
        self._buffer = b""
        self.host_reads = True
        self.blocked = 0
        """Writes that have waited in vain."""

    async def read(self, size: int) -> bytes:
        """Wait for bytes from the host."""
        return await self._port.read()

    def write(self, data: bytes) -> int:
        """Send bytes, or wait and drop those for which there is no room."""
        if self.host_reads:
            self._port.send(self._buffer + data)
            self._buffer = b""
            return len(data)
        kept = data[: USB_BUFFER_BYTES - len(self._buffer)]
        self._buffer += kept
        if len(kept) < len(data):
            self.blocked += 1
            self._let_pass(USB_TIMEOUT_S)
        return len(kept)

    # A select.poll() that knows this console only

    def register(self, stream: object, events: int) -> None:
        """Take note of what is polled."""

    def poll(self, timeout_ms: int) -> list[object]:
        """Say that there is room."""
        return [self]


class PtyPort(Port):
    """A pseudo-terminal: what a host opens looks like a USB serial port. Not on Windows."""

    def __init__(self) -> None:
        super().__init__()
        self._master = self._slave = -1
        self._address = ""

    @property
    def address(self) -> str:
        return self._address

    async def open(self) -> None:
        import pty
        import tty

        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)  # otherwise what the board sends before the host opens the port is echoed back to it
        os.set_blocking(self._master, False)
        self._address = os.ttyname(self._slave)  # the slave stays open here, so that hosts can open and close it
        asyncio.get_running_loop().add_reader(self._master, self._on_readable)

    async def close(self) -> None:
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1
        self._outgoing.clear()

    def _on_readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.inject(os.read(self._master, 65536))

    def _wake_writer(self) -> None:
        if self._master >= 0 and self._outgoing:
            self._on_writable()

    def _on_writable(self) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(BlockingIOError):
            self._sent(os.write(self._master, self._outgoing))
        if self._outgoing:
            loop.add_writer(self._master, self._on_writable)
        else:
            loop.remove_writer(self._master)


class TcpPort(Port):
    """A TCP port on this machine that serves one host at a time; what is sent while there is none is dropped."""

    def __init__(self, number: int = 0) -> None:
        """number: 0 lets the system choose."""
        super().__init__()
        self._number = number
        self._server: asyncio.Server | None = None
        self._transport: asyncio.Transport | None = None
        self._paused = False

    @property
    def address(self) -> str:
        return f"socket://127.0.0.1:{self._number}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self._number)
        self._number = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._outgoing.clear()

    def attach(self, transport: asyncio.Transport) -> bool:
        """Take a host's connection unless there is one already."""
        if self._transport is not None:
            return False
        self._transport = transport
        self._paused = False
        self._outgoing.clear()
        return True

    def detach(self, transport: asyncio.Transport) -> None:
        """Forget a connection that has ended."""
        if self._transport is transport:
            self._transport = None
            self._sent(len(self._outgoing))

    def pause(self, paused: bool) -> None:
        """Hold back, or go on, as the connection's buffer asks."""
        self._paused = paused
        self._wake_writer()

    def _wake_writer(self) -> None:
        if self._transport is None:
            self._sent(len(self._outgoing))
        elif not self._paused and self._outgoing:
            self._transport.write(bytes(self._outgoing))
            self._sent(len(self._outgoing))


class _Connection(asyncio.Protocol):
    """One host's connection to a TcpPort."""

    def __init__(self, port: TcpPort) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._port.attach(transport):
            self._begin(transport)
        else:  # the last host may have closed just now, and its end isn't known yet
            transport.pause_reading()
            asyncio.get_running_loop().call_later(GRACE_S, self._try_again, transport)

    def _begin(self, transport: asyncio.Transport) -> None:
        transport.set_write_buffer_limits(high=OFFER_LIMIT)
        self._transport = transport

    def _try_again(self, transport: asyncio.Transport) -> None:
        if not transport.is_closing() and self._port.attach(transport):
            self._begin(transport)
            transport.resume_reading()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._transport is not None:
            self._port.inject(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._port.detach(self._transport)

    def pause_writing(self) -> None:
        self._port.pause(True)

    def resume_writing(self) -> None:
        self._port.pause(False)

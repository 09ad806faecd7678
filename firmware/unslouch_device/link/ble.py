"""Bluetooth: one link's frames in the values of its characteristics (contract.gatt), on MicroPython's `bluetooth`."""

import asyncio

from ..contract import gatt
from ..contract.frames import FrameError, decode_frame, encode_frame
from ..contract.messages import PAGE
from ..port import ThreadSafeFlag, sleep_ms

_BACK_OFF_MS = 5  # the shortest connection interval is 7.5 ms
_MOST_VALUES = 16  # written by the host and not read yet


class BleLink:
    """One connection; `errors` counts values and frames that were dropped.

    `radio`, the Hosts, has the handles of the characteristics, and sends nothing to a link that isn't open.
    """

    wired = False
    heard = True  # once read() returns

    def __init__(self, radio, handle: int) -> None:
        self._radio = radio
        self.handle = handle  # another link's, once this one has ended
        self.admitted = self.ended = False
        self.value_bytes = 20  # that a value may have: the MTU less 3
        self.interval = 0  # between connection events, in 1.25 ms; 0 until the stack reports a change
        self.errors = 0
        self._values: list = []
        self._written = ThreadSafeFlag()
        self._assembler = gatt.Assembler()
        self._lock = asyncio.Lock()  # a frame's pieces belong together
        self._crowded = False  # a frame waits for room
        self._sent = 0  # values of the journal
        self._acknowledged = 0  # and how many of them the host has acknowledged

    @property
    def is_open(self) -> bool:
        """Whether the link may be served."""
        return self.admitted and not self.ended

    def receive(self, characteristic: int, value: bytes) -> None:
        """Queue a value that the host has written."""
        if characteristic != self._radio.control:
            count = int.from_bytes(value, "little")
            if len(value) == gatt.ACK_BYTES and self._acknowledged <= count <= self._sent:
                self._acknowledged = count
                return
        elif len(self._values) < _MOST_VALUES:
            self._values.append(value)
            self._written.set()
            return
        self.errors += 1

    async def read(self) -> "list[tuple[int, bytes]]":
        """Wait for a value and return the (kind, payload) of the frame that it completes, if any."""
        while not self._values:
            await self._written.wait()
        frame = self._assembler.feed(self._values.pop(0))
        try:
            return [] if frame is None else [decode_frame(frame)]
        except FrameError:
            self.errors += 1
            return []

    async def write(self, kind: int, payload: bytes) -> None:
        """Send a frame, waiting for room where needed, and for the host to acknowledge the pages before it."""
        values = gatt.values_of(encode_frame(kind, payload), self.value_bytes)
        characteristic = self._radio.control
        if kind == PAGE:
            characteristic = self._radio.journal
            while self._sent + len(values) - self._acknowledged > gatt.WINDOW:
                await sleep_ms(_BACK_OFF_MS)
            self._sent += len(values)
        async with self._lock:
            for value in values:
                while not self._radio.notify(self, characteristic, value):
                    self._crowded = True
                    await sleep_ms(_BACK_OFF_MS)
            self._crowded = False

    def offer(self, kind: int, payload: bytes) -> None:
        """Send a frame of the stream, or drop it where there is no room or another frame waits for some."""
        for value in gatt.values_of(encode_frame(kind, payload), self.value_bytes):
            if self._crowded or not self._radio.notify(self, self._radio.stream, value):
                return

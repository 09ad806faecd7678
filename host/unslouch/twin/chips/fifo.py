"""FIFOs: the LSM6DSOX's of tagged words (datasheet DS12814 §6.5, application note AN5272 §9), the MPUs' of bytes."""

from __future__ import annotations

from typing import Final

WORD_BYTES: Final = 7
"""One tag byte and six data bytes (AN5272 §9.4)."""

DEPTH_WORDS: Final = 512
"""3 kbyte of data: 512 words when nothing is compressed, so six axes at 52 Hz fill it in 4.9 s (AN5272 §9)."""

BYPASS: Final = 0
FIFO: Final = 1
CONTINUOUS: Final = 6


class WordFifo:
    """Words in the order of their batching, as one byte queue."""

    def __init__(self) -> None:
        self.mode = BYPASS
        self.watermark = 0
        self.stop_on_watermark = False
        self._queue = bytearray()
        self._stopped = False
        self.overrun = False
        self.overrun_latched = False

    def __len__(self) -> int:
        return len(self._queue) // WORD_BYTES

    @property
    def capacity(self) -> int:
        """Words that fit: STOP_ON_WTM limits the depth to the watermark (AN5272 §9.1.2)."""
        return self.watermark if self.stop_on_watermark and self.watermark else DEPTH_WORDS

    @property
    def at_watermark(self) -> bool:
        return 0 < self.watermark <= len(self)

    @property
    def full(self) -> bool:
        """FIFO_FULL_IA: the next set of data (here: one gyroscope and one accelerometer word) fills the FIFO."""
        return len(self) > self.capacity - 2

    def set_mode(self, mode: int) -> None:
        """Bypass empties the FIFO; leaving FIFO mode is what lets it collect again (AN5272 §9.3)."""
        if mode != self.mode:
            self._stopped = False
        self.mode = mode
        if mode == BYPASS:
            self._queue.clear()
            self.overrun = self.overrun_latched = False

    def push(self, words: bytes) -> None:
        """Batches whole words: when full, FIFO mode stops for good and continuous mode drops the oldest."""
        if self.mode == BYPASS or self._stopped:
            return
        self._queue += words
        excess = len(self._queue) - self.capacity * WORD_BYTES
        if excess <= 0:
            return
        self.overrun = self.overrun_latched = True
        if self.mode == FIFO:
            self._stopped = True
            del self._queue[-excess:]
        else:
            del self._queue[:excess]

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """A burst from byte `offset` of the oldest word on; a word leaves when its last byte has been read.

        The address rounds from 7Eh back to 78h (AN5272 §9.4). An empty FIFO reads as zeros, tag 0.
        """
        end = offset + len(buffer)
        available = self._queue[offset:end]
        buffer[: len(available)] = available
        if len(available) < len(buffer):
            buffer[len(available) :] = bytes(len(buffer) - len(available))
        words_read = end // WORD_BYTES
        if words_read:
            del self._queue[: words_read * WORD_BYTES]
            self.overrun = False


class ByteFifo:
    """The MPU6050's and MPU6886's: bytes, that don't know where a sample begins."""

    def __init__(self, depth_bytes: int) -> None:
        self._depth_bytes = depth_bytes
        self._queue = bytearray()
        self._last = 0
        self.stops_when_full = False
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._queue)

    def clear(self) -> None:
        """Empty it. The overflow flag is kept elsewhere."""
        self._queue.clear()

    def push(self, data: bytes) -> None:
        """Take bytes. When full, either these or the oldest are lost."""
        self._queue += data
        excess = len(self._queue) - self._depth_bytes
        if excess <= 0:
            return
        self.overflowed = True
        if self.stops_when_full:
            del self._queue[-excess:]
        else:
            del self._queue[:excess]

    def pop(self) -> int:
        """Give the oldest byte, or, if there is none, the last one again (RM-MPU-6000A 4.31)."""
        if self._queue:
            self._last = self._queue.pop(0)
        return self._last

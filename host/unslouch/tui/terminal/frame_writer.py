"""Writing frames to a terminal without ever waiting for it.

A terminal may stop reading for minutes: Ctrl+S, a frozen ssh, text that is being selected. The program goes on, so
frames that can't be written are dropped. A frame holds only what has changed since the one before, so after a dropped
one the whole screen has to be painted: `on_caught_up` asks for that once the terminal reads again.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import IO

MOST_WAITING_BYTES = 65_536
"""What may wait for the terminal before frames are dropped; a whole screen of 200 × 50 cells has about 40 KB."""
RECOVER = b"\x18\x1b[?2026l"
"""Aborts an escape sequence that was cut off (CAN, as in xterm's ctlseqs), and ends a synchronized update."""
LOOK_EVERY_S = 0.1


class Output(ABC):
    """Where the bytes go."""

    @abstractmethod
    def write(self, data: memoryview) -> int:
        """Write some of the bytes and return how many.

        Raises BlockingIOError if the terminal takes none now, any other OSError if it is gone.
        """

    @abstractmethod
    def wait(self, timeout_s: float) -> None:
        """Wait until it may take some bytes."""

    @abstractmethod
    def discard_unread(self) -> None:
        """Forget what was written and what the terminal has not read yet, if the system can."""

    @abstractmethod
    def close(self) -> None:
        """Write no more."""


class StreamOutput(Output):
    """A text stream whose writes block while the terminal doesn't read, as those of the Windows console do."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, data: memoryview) -> int:
        """Write everything."""
        self._stream.write(str(data, "utf-8", "replace"))
        self._stream.flush()
        return len(data)

    def wait(self, timeout_s: float) -> None:
        """Wait in `write` instead."""

    def discard_unread(self) -> None:
        """Leave it: a console has no such call."""

    def close(self) -> None:
        """Leave the stream open: it belongs to the process."""


class FrameWriter(threading.Thread):
    """Writes frames in the order of `send` until `finish`; it blocks nobody, and dies with the process.

    on_caught_up is called once all is written after frames were dropped, on_lost when the terminal is gone; both in
    this thread.
    """

    def __init__(self, output: Output, on_caught_up: Callable[[], None], on_lost: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._output = output
        self._on_caught_up = on_caught_up
        self._on_lost = on_lost
        self._changed = threading.Condition()
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._waiting_bytes = 0
        self._has_dropped = False
        self._is_cutting = False
        self._has_discarded = False
        self._give_up_at_s: float | None = None

    def send(self, frame: bytes, *, droppable: bool) -> None:
        """Write a frame soon; a droppable one is left out while the terminal doesn't keep up."""
        with self._changed:
            if droppable and (self._has_dropped or self._is_cutting or self._waiting_bytes > MOST_WAITING_BYTES):
                self._has_dropped = True
                return
            self._waiting.append((frame, droppable))
            self._waiting_bytes += len(frame)
            self._changed.notify()

    def drop_frames(self) -> None:
        """Leave out all droppable frames from now on, so that what follows is written at once."""
        with self._changed:
            self._is_cutting = True
            self._waiting = deque(item for item in self._waiting if not item[1])

    def finish(self, within_s: float) -> None:
        """Write what waits and end the thread; after within_s leave the rest."""
        with self._changed:
            self._give_up_at_s = time.monotonic() + within_s
            self._changed.notify()
        self.join(within_s + 2 * LOOK_EVERY_S)

    def run(self) -> None:
        """Write until `finish`, or until the terminal is gone."""
        try:
            while (item := self._next()) is not None:
                self._write(*item)
                self._count_written(len(item[0]))
        except OSError:
            self._on_lost()
        finally:
            self._output.close()

    @property
    def _is_too_late(self) -> bool:
        return self._give_up_at_s is not None and time.monotonic() >= self._give_up_at_s

    def _next(self) -> tuple[bytes, bool] | None:
        with self._changed:
            while not self._waiting and self._give_up_at_s is None:
                self._changed.wait()
            return None if not self._waiting or self._is_too_late else self._waiting.popleft()

    def _write(self, frame: bytes, droppable: bool) -> None:
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self._output.write(rest) :]
            except BlockingIOError:
                if self._is_too_late:
                    return
                if droppable and self._is_cutting:
                    frame, droppable = RECOVER, False
                    rest = memoryview(frame)
                elif self._give_up_at_s is not None and not self._has_discarded:
                    self._has_discarded = True
                    self._output.discard_unread()
                    rest = memoryview(RECOVER + frame)
                self._output.wait(LOOK_EVERY_S)

    def _count_written(self, written_bytes: int) -> None:
        with self._changed:
            self._waiting_bytes -= written_bytes
            has_caught_up = self._has_dropped and not self._waiting and not self._is_cutting
            if has_caught_up:
                self._has_dropped = False
        if has_caught_up:
            self._on_caught_up()

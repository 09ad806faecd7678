"""A standard stream that never makes the program wait for its reader.

Lines go into a queue, from which a thread writes them. A terminal may stop reading (Ctrl+S, a frozen ssh, selected
text), and a pipe's reader may be stopped; then the queue grows while the rest of the program goes on. Some lines, such
as live posture, may be left out: of those at most `kept` wait, the oldest go, and a sentence says how many went.

The thread writes to the descriptor itself. Python's own buffers would hold a lock that the interpreter takes when it
ends, and would complain there about what they couldn't write.
"""

import errno
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, TextIO


class _Item(NamedTuple):
    data: str | bytes
    may_drop: bool


class Channel:
    """stdout or stderr. Outside start() and finish() it is written to at once, and errors are raised at once."""

    def __init__(self, name: str, kept: int, reports_to: "Channel | None" = None) -> None:
        """`reports_to` is the stream that says how many lines were left out, None for this one.

        A stream that reports to another one carries data: an error ends it, and every later write raises that error.
        In one that reports to itself an error costs the lines that it hits.
        """
        self.failure: OSError | None = None
        """What has ended the stream since start()."""
        self.on_failure: Callable[[], object] | None = None
        """Called by the writing thread after that."""
        self._name = name
        self._kept = kept
        self._reports_to = reports_to
        self._items: deque[_Item] = deque()
        self._droppable = 0
        self._dropped = 0
        self._written = 0
        self._is_threaded = False
        self._is_writing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From now on, queue what is written."""
        self.failure = None
        self._is_threaded = True

    def write(self, data: str | bytes, may_drop: bool = False) -> None:
        """Write text or bytes as they are; raises the OSError of this write, or of one before it that was queued."""
        if not self._is_threaded:
            self._write_out(data)
            return
        with self._changed:
            if self.failure is not None:
                raise self.failure
            self._items.append(_Item(data, may_drop))
            self._droppable += may_drop
            if self._droppable > self._kept:
                self._drop_oldest()
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_queued, name=f"{self._name} writer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait_written(self, stalled_s: float | None = None) -> bool:
        """Wait until everything is written, and return whether it was.

        Ends early after a failure, and once nothing could be written for `stalled_s`; None waits as long as it takes.
        """
        with self._changed:
            while self._items or self._is_writing:
                written = self._written
                if not self._changed.wait(stalled_s) and self._written == written:
                    return False
            return self.failure is None

    def finish(self, stalled_s: float | None = None) -> bool:
        """Wait as `wait_written` does, forget what couldn't be written, and end the thread unless it is stuck."""
        try:
            return self.wait_written(stalled_s)
        finally:
            with self._changed:
                self._items.clear()
                self._droppable = self._dropped = 0
                self._is_threaded = False
                thread, self._thread = self._thread, None
                self._changed.notify_all()
                is_stuck = self._is_writing
            if thread is not None and not is_stuck:
                thread.join()

    def _drop_oldest(self) -> None:
        index = next(index for index, item in enumerate(self._items) if item.may_drop)
        del self._items[index]
        self._droppable -= 1
        self._dropped += 1

    def _write_queued(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                while not self._items and self._thread is me:
                    self._changed.wait()
                if self._thread is not me:
                    return
                item = self._items.popleft()
                self._droppable -= item.may_drop
                dropped, self._dropped = self._dropped, 0
                self._is_writing = True
            try:
                if dropped:
                    self._report(f"{dropped} lines were left out here: the terminal or pipe did not take them.\n")
                self._write_out(item.data)
            except OSError as error:
                self._fail(error)
            with self._changed:
                self._written += 1

    def _report(self, sentence: str) -> None:
        if self._reports_to is None:
            self._write_out(sentence)
        else:
            self._reports_to.write(sentence, may_drop=True)

    def _fail(self, error: OSError) -> None:
        if self._reports_to is None:
            return
        with self._changed:
            self.failure = error
            self._items.clear()
            self._droppable = 0
        if self.on_failure is not None:
            self.on_failure()

    def _write_out(self, data: str | bytes) -> None:
        stream: TextIO | None = getattr(sys, self._name)
        if stream is None or getattr(stream, "closed", False):  # one that captures may lack it
            raise OSError(errno.EBADF, "it is closed")
        descriptor = _descriptor(stream)
        if descriptor is None:
            _write_to_stream(stream, data)
            return
        if isinstance(data, str):
            data = data.encode(stream.encoding or "utf-8", "replace")
        _write_to_descriptor(descriptor, data)


def _descriptor(stream: TextIO) -> int | None:
    """Return the descriptor to write to; None for a stream without one, or whose console needs Python's help."""
    if sys.platform == "win32":
        return None
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _write_to_descriptor(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # another program has made the terminal that we share non-blocking
            select.select([], [descriptor], [])


def _write_to_stream(stream: TextIO, data: str | bytes) -> None:
    if isinstance(data, bytes):
        buffer = getattr(stream, "buffer", None)
        if buffer is not None:
            stream.flush()
            buffer.write(data)
            buffer.flush()
            return
        data = data.decode("utf-8", "replace")
    encoding = stream.encoding or "utf-8"
    with suppress(LookupError):
        data = data.encode(encoding, "replace").decode(encoding)
    stream.write(data)
    stream.flush()

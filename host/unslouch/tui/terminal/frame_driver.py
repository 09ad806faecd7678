"""What the drivers of all systems share: they send whole frames, and never wait for the terminal."""

from abc import abstractmethod
from contextlib import suppress
from typing import Any

from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread
from textual.message import Message

from .encoding import terminal_encoding
from .frame_writer import FrameWriter, Output
from .messages import TerminalCaughtUp, TerminalLost

RESTORE_S = 0.4
"""How long a terminal that doesn't read may delay the end."""
CLEAR = "\x1b[0m\x1b[H\x1b[2J"
"""Empties the screen, and moves the cursor to its top: what a terminal without a second screen goes on with."""


class FrameDriver(Driver):
    """A mixin for one of Textual's drivers: what the driver writes between two flushes is a frame.

    That driver starts and ends a writer thread of its own, which has nothing to do here: once its queue is full, it
    would make the event loop wait for the terminal.
    """

    _writer_thread: WriterThread | None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._frame: list[str] = []
        self._writer: FrameWriter | None = None
        self._encoding = terminal_encoding()
        self._draws = False
        """Whether what is written now are frames, rather than sequences that take the terminal over or give it back."""

    @abstractmethod
    def _open_output(self) -> Output:
        """Return where the frames go."""

    def write(self, data: str) -> None:
        """Add to the frame."""
        self._frame.append(data)

    def flush(self) -> None:
        """Send the frame; it is dropped while the terminal doesn't keep up."""
        self.send_frame(droppable=self._draws)

    def send_frame(self, *, droppable: bool) -> None:
        """Send what was written since the last frame."""
        frame, self._frame = "".join(self._frame), []
        if frame and self._writer is not None:
            self._writer.send(frame.encode(self._encoding, "replace"), droppable=droppable)

    def send_message(self, message: Message) -> None:
        """Post a message to the dashboard, from any thread; once the event loop has ended, nobody takes it.

        Textual makes a coroutine of each, which is then never awaited.
        """
        with suppress(RuntimeError):  # the event loop has ended
            self._loop.call_soon_threadsafe(self._app.post_message, message)

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        self._writer = FrameWriter(
            self._open_output(),
            on_caught_up=lambda: self.send_message(TerminalCaughtUp()),
            on_lost=lambda: self.send_message(TerminalLost()),
        )
        self._writer.start()
        super().start_application_mode()  # type: ignore[safe-super]  # the next class has one
        self.flush()
        self._draws = True

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was; frames that wait are dropped."""
        self._draws = False
        self._frame.clear()
        if self._writer is not None:
            self._writer.drop_frames()
        self.write(CLEAR)
        super().stop_application_mode()  # type: ignore[safe-super]
        self.flush()

    def close(self) -> None:
        """End the writer, after RESTORE_S at the latest, then restore what else there is."""
        if self._writer is not None:
            self.flush()
            self._writer.finish(RESTORE_S)
            self._writer = None
        super().close()
        self._writer_thread = None

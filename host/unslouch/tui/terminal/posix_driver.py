"""The terminal under POSIX: it may stall, go away, be suspended and come back, and the sensor is served all the same.

Textual's own driver reads on where the terminal is gone, and paints nothing after a suspension.
"""

import errno
import os
import select
import signal
import sys
import termios
from codecs import getincrementaldecoder
from contextlib import suppress
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import InBandWindowResize

from .frame_driver import FrameDriver
from .frame_writer import Output
from .messages import TerminalCaughtUp, TerminalLost

INPUT_LOOK_EVERY_S = 0.1
"""How often the input thread looks whether it is to end, and whether an Esc was only an Esc."""
GONE = (errno.EIO, errno.ENXIO, errno.EBADF, errno.ENODEV)


class TerminalOutput(Output):
    """A terminal whose writes return at once.

    It is opened a second time, since all who share a descriptor share whether it blocks. Where it can't be opened
    again, a write lasts until the terminal reads.
    """

    def __init__(self, fileno: int) -> None:
        try:
            self._fileno = os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            self._fileno = os.dup(fileno)

    def write(self, data: memoryview) -> int:
        """Write what the terminal takes."""
        return os.write(self._fileno, data)

    def wait(self, timeout_s: float) -> None:
        """Wait until it reads."""
        select.select([], [self._fileno], [], timeout_s)

    def discard_unread(self) -> None:
        """Empty the system's buffer."""
        with suppress(termios.error):
            termios.tcflush(self._fileno, termios.TCOFLUSH)

    def close(self) -> None:
        """Close the second descriptor."""
        os.close(self._fileno)


class PosixDriver(FrameDriver, LinuxDriver):
    """Textual's driver with a writer, an input thread and a suspension of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file = sys.__stdout__  # Textual draws on stderr, which may be redirected
        self._handle_suspension()

    def _open_output(self) -> Output:
        assert sys.__stdout__ is not None
        return TerminalOutput(sys.__stdout__.fileno())

    def start_application_mode(self) -> None:
        """Take the terminal over; sends TerminalLost if it is gone already."""
        super().start_application_mode()
        if self._writer_thread is None:  # Textual has given up
            self.send_message(TerminalLost())

    def close(self) -> None:
        """End the writer, and leave suspension to the system again."""
        super().close()
        signal.signal(signal.SIGWINCH, signal.SIG_DFL)
        self._loop.remove_signal_handler(signal.SIGTSTP)
        self._loop.remove_signal_handler(signal.SIGCONT)

    def run_input_thread(self) -> None:
        """Read keys until `exit_event`; sends TerminalLost if the terminal is gone."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            data = self._read_input()
            if data == b"":
                self.send_message(TerminalLost())
                return
            for message in parser.feed(decode(data)) if data else parser.tick():
                self.process_message(message)

    def _read_input(self) -> bytes | None:
        """Return what was typed, nothing if the terminal is gone, None if nothing was typed yet."""
        try:
            readable, _, _ = select.select([self.fileno], [], [], INPUT_LOOK_EVERY_S)
            return os.read(self.fileno, 4096) if readable else None
        except OSError as error:
            if error.errno not in GONE:
                raise
            return b""

    def process_message(self, message: Message) -> None:
        """Pass on what was read; a terminal's answer may call for a sequence, which is no frame."""
        super().process_message(message)
        if isinstance(message, InBandWindowResize):
            self._loop.call_soon_threadsafe(lambda: self.send_frame(droppable=False))

    def _handle_suspension(self) -> None:
        """Handle the signals in the event loop: in a signal's own handler the writer might be locked."""
        self._loop.add_signal_handler(signal.SIGTSTP, self._suspend)
        self._loop.add_signal_handler(signal.SIGCONT, self._resume_after_stop)

    def _suspend(self) -> None:
        """Give the terminal back, stop, and take it over again once continued.

        The system ignores SIGTSTP where nobody could continue us: in a terminal without a shell.
        """
        if not self._draws:  # the terminal has been given back, to an editor or for good
            signal.raise_signal(signal.SIGSTOP)
            return
        self.suspend_application_mode()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        self._resume()

    def _resume_after_stop(self) -> None:
        """Take the terminal over again after a SIGSTOP, which nothing announces, unless it had been given back."""
        if not self._draws:
            return
        self.suspend_application_mode()
        self._resume()

    def _resume(self) -> None:
        while not self._is_in_foreground():
            signal.raise_signal(signal.SIGSTOP)  # continued in the background
        self._must_signal_resume = True
        self.resume_application_mode()
        self._handle_suspension()
        self.send_message(TerminalCaughtUp())

    def _is_in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # it is gone, or not the terminal that controls us
            return True

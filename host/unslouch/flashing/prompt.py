"""MicroPython's prompt on a serial port. The only module that imports mpremote.

It uses the calls that mpremote has had since pyboard.py: open, enter the raw REPL, execute, close. The authors may
change them, so the version is limited in pyproject.toml, and a test checks that these calls exist.
"""

import ast
import contextlib
import io
import logging
import re
import struct
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from unslouch.errors import NotOurs
from unslouch.link.transport import LinkLost, LinkUnavailable

from .errors import BoardError, NotInstalled
from .timing import TIMING, Timing

log = logging.getLogger(__name__)

ENTER_TRIES = 4
SIGNS = 4711
SEND_TRIES = 3
SETTLE_S = 0.3
ERRNO = re.compile(r"OSError: (?:\[Errno |\()?(\d+)")


class Prompt:
    """The raw REPL of a board; a context manager that opens and closes its port.

    Every method raises LinkLost if the port disappears or the board stops answering.
    """

    def __init__(self, port: str, timing: Timing = TIMING) -> None:
        self.port = port
        self._timing = timing
        self._transport: Any = None

    def __enter__(self) -> "Prompt":
        try:
            from mpremote.transport import TransportError
            from mpremote.transport_serial import SerialTransport
        except ImportError as error:
            raise NotInstalled(
                "mpremote isn't on this computer; install it (pip install mpremote) and repeat."
            ) from error
        try:
            self._transport = SerialTransport(self.port)
        except (TransportError, OSError) as error:
            raise LinkUnavailable(
                f"{self.port} can't be opened again; close other programs that may use it, plug the board in again and "
                "repeat."
            ) from error
        self._transport.serial.timeout = self._timing.command_s  # mpremote sets no timeout for some reads
        self._transport.serial.write_timeout = self._timing.command_s
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(*_gone()):
            self._transport.close()

    def enter(self) -> None:
        """Interrupt the running program and enter the raw REPL; raises NotOurs if there is none.

        A board that was still starting may send a late answer of the app, so a number has to come back as proof.
        """
        for sign in range(SIGNS, SIGNS + ENTER_TRIES):
            self._enter()
            with contextlib.suppress(BoardError, LinkLost):
                if self.run(f"print({sign})").split() == [str(sign)]:
                    return
            time.sleep(SETTLE_S)
        raise NotOurs(
            f"{self.port} shows a MicroPython prompt that doesn't run commands; press the board's reset button and "
            "repeat."
        )

    def _enter(self) -> None:
        from mpremote.transport import TransportError

        with self._translated():
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints unexpected input
                    self._transport.enter_raw_repl(soft_reset=False, timeout_overall=self._timing.prompt_s)
            except TransportError as error:
                raise NotOurs(f"{self.port} shows no MicroPython prompt.") from error

    def run(self, code: str) -> str:
        """Execute code and return what it printed; raises BoardError for an exception on the board.

        A SyntaxError means that the line garbled the code and nothing of it ran, so it is sent again.
        """
        last = ""
        for _ in range(SEND_TRIES):
            with self._translated():
                log.debug("%s: %.200s", self.port, code)
                out, failure = self._transport.exec_raw(code, timeout=self._timing.command_s)
                log.debug("%s answers %.200r %.2000r", self.port, out, failure)
            if not failure:
                return str(out.decode(errors="replace"))
            last = failure.decode(errors="replace").strip().splitlines()[-1]
            if not last.startswith("SyntaxError"):
                break
        found = ERRNO.search(last)
        raise BoardError(
            f"The board at {self.port} failed ({last}); press its reset button and repeat.",
            int(found[1]) if found else None,
        )

    def ask(self, code: str) -> Any:
        """Execute code that prints one Python literal, and return its value."""
        text = self.run(code)
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError) as error:
            raise BoardError(
                f"The board at {self.port} answers with something unexpected ({text[:40]!r}); press its reset button "
                "and repeat."
            ) from error

    def restart(self) -> None:
        """Reset the board in any state; its port may disappear for a moment."""
        self._enter()
        with self._translated():
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        from mpremote.transport import TransportError

        try:
            yield
        except (TransportError, struct.error, *_gone()) as error:
            raise LinkLost(
                f"The board at {self.port} was unplugged or stopped answering; check the cable and repeat: "
                "its earlier firmware still starts, and what has arrived is kept."
            ) from error


def _gone() -> tuple[type[Exception], ...]:
    """Return the exceptions that an unplugged port raises (see link.serial)."""
    try:
        import termios
    except ImportError:
        return (OSError, TypeError)
    return (OSError, TypeError, termios.error)

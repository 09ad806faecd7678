"""A real pseudo-terminal with a program in it: it shows what a person would see, and can stop reading or go away."""

import asyncio
import os
import sys
import termios
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from struct import pack

import psutil
import pyte

WAIT_S = 60
TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "sys.argv[1] == 'nohup' and signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    "os.execvp(sys.argv[2], sys.argv[2:])\n"
)
"""Makes stdin the controlling terminal of a new session, then becomes the program."""


class Terminal:
    """Its screen is kept by pyte, as a terminal emulator would draw it."""

    def __init__(self, columns: int, rows: int) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.raw = bytearray()
        """Everything that the program has written, with the sequences of the terminal."""
        self._stream = pyte.ByteStream(self.screen)
        self._changed = asyncio.Event()
        self._master, self.slave = os.openpty()
        os.set_blocking(self._master, False)
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", rows, columns, 0, 0))
        self._is_open = True
        self.read()

    @property
    def text(self) -> str:
        """All lines of the screen."""
        return "\n".join(self.screen.display)

    def read(self) -> None:
        """Read on, after `stall`."""
        asyncio.get_running_loop().add_reader(self._master, self._take)

    def stall(self) -> None:
        """Stop reading, as a frozen ssh does."""
        asyncio.get_running_loop().remove_reader(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as dragging the window's corner does."""
        ioctl(self._master, termios.TIOCSWINSZ, pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does."""
        if self._is_open:
            self._is_open = False
            self.stall()
            os.close(self._master)

    def clear(self) -> None:
        """Empty the screen, so that only what is drawn from now on shows."""
        self.screen.reset()

    def type(self, keys: str) -> None:
        """Press keys."""
        self.type_bytes(keys.encode())

    def type_bytes(self, data: bytes) -> None:
        """Send what a keyboard sends."""
        os.write(self._master, data)

    @property
    def echoes(self) -> bool:
        """Whether it shows what is typed, as it does where no program has taken it over."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    async def until(self, shown: str | Callable[[str], object], timeout_s: float = WAIT_S) -> None:
        """Wait until the screen shows a text or satisfies a condition."""
        condition = shown if callable(shown) else lambda text: shown in text
        try:
            async with asyncio.timeout(timeout_s):
                while not condition(self.text):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited for {shown!r}, the screen shows:\n{self.text}") from None

    def _take(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return
        except OSError:  # the other side is closed
            data = b""
        if not data:
            self.stall()
        self.raw += data
        self._stream.feed(data)
        self._changed.set()


@asynccontextmanager
async def in_terminal(
    *command: str,
    columns: int = 80,
    rows: int = 24,
    environment: Mapping[str, str] | None = None,
    nohup: bool = False,
    folder: Path | None = None,
) -> AsyncIterator[tuple[Terminal, asyncio.subprocess.Process]]:
    """Run a program in a terminal of its own, with SIGHUP ignored where asked; kill it at the end.

    folder: its working directory.
    """
    terminal = Terminal(columns, rows)
    how = "nohup" if nohup else "plain"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        TAKE_TERMINAL,
        how,
        *command,
        stdin=terminal.slave,
        stdout=terminal.slave,
        stderr=terminal.slave,
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})},
    )
    os.close(terminal.slave)
    try:
        yield terminal, process
    finally:
        for child in children_of(process):
            with suppress(psutil.NoSuchProcess):
                child.kill()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
        terminal.hang_up()


def children_of(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    """Return the processes that a process has started, and theirs; none if it has ended."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []

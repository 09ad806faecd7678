"""`unslouch` as a process of its own, with the streams that a shell or a terminal would give it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from unslouch.errors import NoData
from unslouch.store import Store

PATIENCE_S = 40.0
STOP_READING = b"\x13"  # Ctrl+S
COMMAND = (sys.executable, "-m", "unslouch")


@asynccontextmanager
async def in_shell(
    redirections: str, *arguments: str, command: Sequence[str] = COMMAND, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start `unslouch` with redirections such as "2>&-"; stdout and stderr are pipes else."""
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'exec "$@" {redirections}', "sh", *command, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def run(redirections: str, *arguments: str, **environment: str) -> tuple[int | None, str, str]:
    """Run `unslouch` with redirections to its end; return exit code, stdout and stderr."""
    async with in_shell(redirections, *arguments, **environment) as process:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return process.returncode, out.decode(errors="replace"), err.decode(errors="replace")


class Terminal:
    """A process with a terminal of its own, which can stop reading and can be closed."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process = process
        self.shown = ""
        self._master = master
        self._is_open = True

    def stop_reading(self) -> None:
        """Type Ctrl+S: whatever is printed from now on waits."""
        os.write(self._master, STOP_READING)

    def close(self) -> None:
        """Close the window: the process receives SIGHUP, and EIO wherever it goes on printing."""
        if self._is_open:
            self._is_open = False
            os.close(self._master)

    async def until(self, words: str) -> None:
        """Wait until something is shown."""

        def is_shown() -> bool:
            with suppress(BlockingIOError):
                self.shown += os.read(self._master, 4096).decode(errors="replace")
            return words in self.shown

        await until(is_shown)

    async def past(self, words: str) -> None:
        """Wait until something is shown, and leave it and what came before out of `shown`."""
        await self.until(words)
        self.shown = self.shown.partition(words)[2]

    def type(self, keys: str) -> None:
        """Type keys, such as "\\n" for Enter."""
        os.write(self._master, keys.encode())

    async def ended(self, timeout_s: float = PATIENCE_S) -> int:
        """Return the exit code."""
        return await asyncio.wait_for(self.process.wait(), timeout_s)


@asynccontextmanager
async def in_terminal(*arguments: str, ignores_hangup: bool = False) -> AsyncIterator[Terminal]:
    """Start `unslouch` in a terminal, as its session's first process; `nohup` would have it ignore hangups."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    name = os.ttyname(slave)
    trap = 'trap "" HUP;' if ignores_hangup else ""
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'{trap} exec "$@" <{name} >{name} 2>{name}', "sh", *COMMAND, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # so that the terminal which it opens becomes its own
    )
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        terminal.close()
        os.close(slave)


async def until(condition: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.02)


def stored_pages(path: Path) -> list[bytes]:
    """Return the pages in a database of simulated sensors, none while there is none."""
    try:
        with Store.open(path, simulated=True, readonly=True) as store:
            return store.pages()
    except NoData:
        return []

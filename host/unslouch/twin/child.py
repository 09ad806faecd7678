"""The simulated sensor as a child process that ends with its parent."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import IO

from unslouch.errors import NoSensor

from .tasks import end_tasks

START_TIMEOUT_S = 20.0
END_TIMEOUT_S = 3.0
COMMAND = (sys.executable, "-m", "unslouch", "simulate", "--socket", "--while-stdin")


@asynccontextmanager
async def simulated_sensor(
    arguments: Sequence[str] = (), command: Sequence[str] = COMMAND, start_timeout_s: float = START_TIMEOUT_S
) -> AsyncIterator[str]:
    """Yield the address (socket://127.0.0.1:PORT) of a simulated sensor that runs as long as the context.

    arguments are further ones of `unslouch simulate`. The child has a session of its own, so that Ctrl+C reaches it
    through us alone. Its stdin is a pipe from us, which closes when we end, however we end. Raises NoSensor if it
    doesn't start.
    """
    with tempfile.TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        drain: asyncio.Task[object] | None = None
        try:
            address = await _first_line(process, complaints, start_timeout_s)
            drain = asyncio.create_task(_drain(process))
            yield address
        finally:
            if drain is not None:
                await end_tasks([drain])
            await asyncio.shield(_end(process))


async def _first_line(process: asyncio.subprocess.Process, complaints: IO[bytes], timeout_s: float) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(timeout_s):
            line = (await process.stdout.readline()).decode(errors="replace").strip()
    except TimeoutError as error:
        raise NoSensor(f"The simulated sensor did not start within {timeout_s:g} s; try again.") from error
    if not line.startswith("socket://"):
        complaints.seek(0)
        last = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
        raise NoSensor(f"The simulated sensor did not start: {last or line or 'it ended without a message'}")
    return line


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(4096):
        pass


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

"""An owner that shares a fake board in this process, and one that is a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from unslouch.link.client import Client
from unslouch.sensor.handshake import open_sensor
from unslouch.sensor.locator import LockedTransport, SharedLocator
from unslouch.sensor.sharing.server import SharingServer

LINKED = b"Linked to"
PROCESS_TIMEOUT_S = 60


@asynccontextmanager
async def sharing(
    sensor: str, database: Path | None = None, **options: Any
) -> AsyncIterator[tuple[Client, SharingServer]]:
    """Own a sensor and share it; options are those of SharingServer."""
    server: SharingServer | None = None

    def on_frame(kind: int, payload: bytes) -> None:
        if server is not None:
            server.on_frame(kind, payload)

    async with open_sensor(SharedLocator(sensor), on_frame) as (client, info):
        transport = client.connection.transport
        assert isinstance(transport, LockedTransport)
        async with SharingServer(client, info, transport.lock, database, **options) as server:
            yield client, server


@asynccontextmanager
async def recording_process(sensor: str, database: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `unslouch record` until it is linked, and kill it in the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "unslouch", "record", "--sensor", sensor, "--db", str(database)),
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PROCESS_TIMEOUT_S):
            while LINKED not in (line := await process.stderr.readline()):
                assert line, "the recorder ended"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(condition: Any, timeout_s: float = 30) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)

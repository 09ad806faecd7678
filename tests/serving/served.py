"""`unslouch serve` as a process, over a sensor that `unslouch record` has."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from link.fake_board import FakeBoard
from sensor.sharing_owner import recording_process

PATIENCE_S = 60.0


@dataclass
class Served:
    """A server and the board whose sensor its pages show."""

    address: str
    process: asyncio.subprocess.Process
    recorder: asyncio.subprocess.Process
    board: FakeBoard
    sensor: str
    database: Path

    @property
    def port(self) -> int:
        port = urlsplit(self.address).port
        assert port is not None
        return port

    @property
    def token(self) -> str:
        return urlsplit(self.address).path.strip("/")

    @property
    def viewers(self) -> list[psutil.Process]:
        """The dashboards that run for pages."""
        return psutil.Process(self.process.pid).children(recursive=True)

    async def until_viewers(self, number: int) -> None:
        """Wait until so many dashboards run."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.viewers) != number:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def served(folder: Path, *arguments: str) -> AsyncIterator[Served]:
    """Record a fake board's sensor, and serve the dashboard."""
    board, database = FakeBoard(), folder / "days.db"
    async with board.on_tcp() as sensor, recording_process(sensor, database) as recorder:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "unslouch", "serve", "--db", str(database), *arguments),
            stdout=asyncio.subprocess.PIPE,
            env=dict(os.environ),
        )
        try:
            assert process.stdout is not None
            address = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode().strip()
            yield Served(address, process, recorder, board, sensor, database)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()

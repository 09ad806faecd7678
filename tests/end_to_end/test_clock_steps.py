"""`unslouch record` while the computer's clock is set, with the C library's own clocks under libfaketime."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import faketime
from end_to_end.bench import command
from faketime import SettableClock
from link.fake_board import FakeBoard
from requirement import require

WAIT_S = 60
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOLERANCE_S = 50  # the clock goes on while a slow machine starts the program


@pytest.fixture(scope="module")
def library() -> Path:
    found = faketime.library()
    require(found if isinstance(found, str) else None)
    assert isinstance(found, Path)
    return found


class Recording:
    """A `record` process with a board, and what it has written to stderr."""

    def __init__(self, board: FakeBoard, process: asyncio.subprocess.Process) -> None:
        self.board = board
        self._process = process
        self._said = ""

    async def until_marks(self, number: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.board.clocks) < number:
                await asyncio.sleep(0.02)

    async def until_said(self, words: str) -> None:
        assert self._process.stderr is not None
        async with asyncio.timeout(WAIT_S):
            while words not in self._said:
                line = await self._process.stderr.readline()
                assert line, f"it ended, having said: {self._said}"
                self._said += line.decode()

    async def end(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), WAIT_S)


@asynccontextmanager
async def recording(clock: SettableClock, folder: Path) -> AsyncIterator[Recording]:
    board = FakeBoard()
    async with board.on_tcp() as sensor:
        process = await asyncio.create_subprocess_exec(
            *command("record", "--sensor", sensor, "--db", str(folder / "x.db")),
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stdin=asyncio.subprocess.DEVNULL,
            env=os.environ | clock.environment,
        )
        try:
            yield Recording(board, process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


def marked_s(board: FakeBoard, number: int) -> float:
    return board.clocks[number][0] / 1000


async def test_a_clock_set_17_hours_ahead_is_marked_in_the_sensors_journal_at_once(
    library: Path, tmp_path: Path
) -> None:
    clock = SettableClock(library, tmp_path / "clock", "2026-03-01 12:00:00")
    async with recording(clock, tmp_path) as recorded:
        await recorded.until_marks(1)
        assert marked_s(recorded.board, 0) == pytest.approx(NOON.timestamp(), abs=TOLERANCE_S)
        clock.set("2026-03-02 05:00:00")
        await recorded.until_marks(2)
        assert marked_s(recorded.board, 1) - marked_s(recorded.board, 0) == pytest.approx(17 * 3600, abs=TOLERANCE_S)
        await recorded.until_said("clock has been set by +61")
        assert await recorded.end() == 0
        assert len(recorded.board.clocks) == 2


async def test_a_computer_with_a_dead_clock_gives_the_sensor_no_time_until_it_is_set(
    library: Path, tmp_path: Path
) -> None:
    clock = SettableClock(library, tmp_path / "clock", "1970-01-01 00:00:10")
    async with recording(clock, tmp_path) as recorded:
        await recorded.until_said("This computer's clock says 1970-01-01, which can't be")
        await recorded.until_said("Linked to")
        assert recorded.board.clocks == []
        clock.set("2026-03-01 12:00:00")
        await recorded.until_marks(1)
        assert marked_s(recorded.board, 0) == pytest.approx(NOON.timestamp(), abs=TOLERANCE_S)
        assert await recorded.end() == 0

"""Recorders killed and boards cut off, again and again: the store ends up equal to the journal."""

import asyncio
import math
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from end_to_end.bench import WAIT_S, assert_same_journal, flash_pages, process, record_everything, run, twin
from unslouch.twin.clock import WorldLoop
from unslouch.twin.firmware import Firmware
from unslouch.twin.port import TcpPort
from unslouch.twin.wearer.scripted import ScriptedWearer
from unslouch.twin.world import World
from unslouch_device.contract.pages import unpack_page

TIMES = 50
HOURS = 4.0
SPEED = 800.0
WORLD_S = HOURS * 3600


@pytest.mark.soak
def test_a_recorder_killed_50_times_loses_nothing_and_stores_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(11)
    database, flash = tmp_path / "day.db", tmp_path / "flash"
    with twin(flash, "--socket", "--speed", str(SPEED), "--hours", str(HOURS)) as address:
        for _ in range(TIMES):
            with process("record", "--sensor", address, "--db", str(database), "--wait") as recorder:
                time.sleep(chance.uniform(0.2, 1.0))  # the instant is the point, so nothing is waited for
                recorder.send_signal(signal.SIGKILL)
        until = time.monotonic() + 4 * WAIT_S
        while float((flash / "world-time").read_text().split()[0]) < WORLD_S and time.monotonic() < until:
            time.sleep(0.1)
        record_everything(address, database)
    assert_same_journal(database, flash, at_least=2000)


class Board:
    """A twin in a thread, whose power the test can cut; the port vanishes with it, as USB's would."""

    def __init__(self, flash: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._flash = flash
        self._world = World.begin(ScriptedWearer(1, HOURS), flash, SPEED, None)
        self._port = TcpPort()
        self.address = ""
        self.cuts = 0
        self.up = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        assert self.up.wait(WAIT_S)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(WAIT_S)

    @property
    def day_over(self) -> bool:
        return self._world.over

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: WorldLoop(self._world.clock)) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        firmware = Firmware(self._world, self._port)
        cuts_s = sorted(self._chance.uniform(5, WORLD_S - 60) for _ in range(TIMES))
        await self._port.open()
        self.address = self._port.address
        firmware.power_on()
        self.up.set()
        for cut_s in cuts_s:
            await asyncio.sleep(max(0.0, cut_s - self._world.clock.now_s))
            await self._cut(firmware)
        await asyncio.sleep(max(0.0, WORLD_S - self._world.clock.now_s))
        self._world.clock.set_speed(1)
        while not self._stop.is_set():
            await asyncio.sleep(0.05)
        await firmware.switch_off()
        await self._port.close()

    async def _cut(self, firmware: Firmware) -> None:
        """Cut the power, often in the middle of writing a page, and restore it a little later."""
        app = firmware.app
        assert app is not None
        await self._port.close()
        before = self._sizes()
        if self._chance.random() < 0.5:
            app.journal.flush()
            self._tear(before)
        await firmware.cut_power()
        self.cuts += 1
        await asyncio.sleep(self._chance.uniform(0.1, 30))
        await self._port.open()
        firmware.power_on()

    def _sizes(self) -> dict[Path, int]:
        return {segment: segment.stat().st_size for segment in (self._flash / "journal").glob("*.seg")}

    def _tear(self, before: dict[Path, int]) -> None:
        """Keep only a part of what was written last and no host has fetched."""
        for segment, size in self._sizes().items():
            written = size - before.get(segment, 0)
            if written:
                with segment.open("r+b") as file:
                    file.truncate(size - self._chance.randrange(1, written + 1))


@contextmanager
def board(flash: Path, seed: int) -> Iterator[Board]:
    running = Board(flash, seed)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.mark.soak
def test_a_board_cut_off_50_times_repeats_no_number_and_the_store_equals_its_journal(tmp_path: Path) -> None:
    database, flash = tmp_path / "day.db", tmp_path / "flash"
    with board(flash, seed=12) as running:
        with process("record", "--sensor", running.address, "--db", str(database), "--wait"):
            until = time.monotonic() + 4 * WAIT_S
            while not running.day_over and time.monotonic() < until:
                time.sleep(0.1)
        assert running.cuts == TIMES
        record_everything(running.address, database)
    pages = assert_same_journal(database, flash, at_least=int(HOURS * 250))
    assert sorted({page.boot for page in pages}) == list(range(1, TIMES + 2))
    boots = [page.boot for page in pages]
    assert boots == sorted(boots)  # nothing from before a cut comes after it


def test_a_wiped_board_begins_a_new_journal_and_both_are_kept(tmp_path: Path) -> None:
    database = tmp_path / "day.db"
    journals = []
    for name in ("first", "second"):
        flash = tmp_path / name
        with twin(flash, "--socket", "--speed", "200") as address:
            record_everything(address, database)
        journals.append(unpack_page(flash_pages(flash)[0]).journal)
    assert journals[0] != journals[1]
    done = run("export", "--db", str(database), "--output", "-", "--format", "json")
    assert done.returncode == 0
    assert all(format(journal, "08x") in done.stdout or str(journal) in done.stdout for journal in journals)


def test_simulated_time_never_enters_a_wearers_database(tmp_path: Path) -> None:
    from unslouch.store.store import Store

    database = tmp_path / "mine.db"
    Store.open(database, simulated=False).close()
    done = run("record", "--demo", "--for", str(WAIT_S), "--db", str(database))
    assert done.returncode == 7
    assert "simulated" in done.stderr
    assert math.isclose(database.stat().st_mode & 0o777, 0o600)

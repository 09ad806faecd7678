"""The host's side of the soak: the real client, sync and store over the stdin and stdout of a simulated week."""

import asyncio
import hashlib
import logging
import random
import zlib
from pathlib import Path

from unslouch.errors import NoSensor, Refused
from unslouch.link.client import Client
from unslouch.link.connection import Connection
from unslouch.link.transport import ByteTransport, LinkLost
from unslouch.link.update import begin_update, board_firmware, end_update, send_pack
from unslouch.sensor.journal_writer import JournalWriter
from unslouch.sensor.sync import JournalSync, StuckFetch
from unslouch_device import MAIN_EDITION
from unslouch_device.contract.messages import UPDATE_DATA_BYTES

log = logging.getLogger(__name__)

LOOK_MS = 20_000  # that a dashboard is open
ZONE_QUARTER_H = 4
PACK_BYTES = 20_000
UPDATE_CHANCE = 0.5  # on a visit


def _ignore(arrived: int, total: int) -> None:
    """How far an update has come, which nobody looks at."""


class Turns(ByteTransport):
    """One visit's bytes, as lines: see visits.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        super().__init__("soak")
        self._process = process
        self.gone = False
        """Whether the board lost its power."""

    async def open(self) -> None:
        """Nothing to do: the board waits."""

    async def read(self) -> bytes:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        word, _, data = line.decode().partition(" ")
        if word != "frames":
            self.gone = True
            raise LinkLost(f"the board says {line.decode()!r}")
        return bytes.fromhex(data)

    async def write(self, data: bytes) -> None:
        self.say(f"frames {data.hex()}")

    async def close(self) -> None:
        """End the visit, also one that the board had to leave."""
        self.say("bye")

    def say(self, line: str) -> None:
        """Tell the board something."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")


class Host:
    """One computer: visits when asked, and fetches what its database lacks."""

    def __init__(self, database: Path, seed: int) -> None:
        self.writer = JournalWriter(database, lambda fault: None)
        self.visits = 0
        self.interrupted = 0
        self.updates = 0
        self.cut_updates = 0
        self.resumed_updates = 0
        self.taken_back = 0
        """Visits to a board that has gone back to the pack before the last update."""
        self._pack = b""
        self.complete = False
        """Whether the latest visit came to its end."""
        self._random = random.Random(seed)
        self._stuck = StuckFetch()

    async def visit(self, process: asyncio.subprocess.Process, utc_ms: int | None) -> None:
        """Connect, set the clock, watch telemetry for a while, calibrate if needed, and fetch everything."""
        turns = Turns(process)
        self.visits += 1
        self.complete = False
        async with Connection(turns) as connection:
            try:
                await self._work(Client(connection), turns, utc_ms)
                self.complete = True
            except NoSensor as error:
                if not turns.gone:
                    raise
                log.info("%s", error)
                self.interrupted += 1

    async def _work(self, client: Client, turns: Turns, utc_ms: int | None) -> None:
        info = await client.hello()
        if utc_ms is not None:
            await client.set_clock(utc_ms, ZONE_QUARTER_H)
        if not info.calibration_id:
            try:
                await client.calibrate()
            except Refused as error:  # the wearer moves, or the bus is out
                log.info("%s", error)
        if self._random.random() < 0.5:
            await client.subscribe(self._random.choice((1, 10, 25)))
            turns.say(f"wait {LOOK_MS}")
            await client.subscribe(0)
        sync = JournalSync(client, info, self.writer, self._stuck)
        await sync.begin()
        await sync.ask()
        while sync.behind:
            await sync.step()
        if self._pack or self._random.random() < UPDATE_CHANCE:
            await self._update(client)

    async def _update(self, client: Client) -> None:
        """Update the firmware, or go on with an update that was cut short."""
        try:
            firmware = await board_firmware(client)
        except Refused as error:  # a board that takes updates by cable only
            log.info("%s", error)
            return
        self.taken_back += firmware.was_taken_back
        content = self._random.randbytes(PACK_BYTES)
        pack = self._pack or content + hashlib.sha256(content).digest()
        held_bytes, held_crc = firmware.held
        offset = held_bytes if 0 < held_bytes < len(pack) and zlib.crc32(pack[:held_bytes]) == held_crc else 0
        try:
            await begin_update(client, len(pack), hashlib.sha256(pack).digest(), MAIN_EDITION, offset)
            self._pack = pack
            self.resumed_updates += offset > 0
            if self._random.random() < 0.4:  # the computer goes out of reach
                self.cut_updates += 1
                parts = self._random.randrange(1 + (len(pack) - offset) // UPDATE_DATA_BYTES)
                await send_pack(client, pack[: offset + parts * UPDATE_DATA_BYTES], offset, _ignore)
                return
            await send_pack(client, pack, offset, _ignore)
            await end_update(client)
        except Refused as error:  # a low battery, or firmware that is on trial
            log.info("%s", error)
        except NoSensor:
            self.cut_updates += 1
            raise
        else:
            self.updates += 1
            self._pack = b""

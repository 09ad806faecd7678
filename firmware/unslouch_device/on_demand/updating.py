"""Takes new firmware from a host into the pack that is not active, and starts it on trial.

What runs stays as it is until `slot` is replaced, which is the last that is written: a link or a power supply that is
cut at any byte before leaves the board with the firmware that it had. main.py isn't touched; only the cable's prompt
replaces it. Between steps that take long the sampler has its turn.
"""

import os
import struct
import sys
from binascii import crc32
from hashlib import sha256

from ..contract import messages as m
from ..contract import payloads as p
from ..contract.payloads import BATTERY_UNKNOWN
from ..contract.updates import OFFSET_FORMAT, UPDATE_ON_TRIAL, UPDATE_STATE_FORMAT, UPDATE_TAKEN_BACK
from ..files import remove
from ..port import sleep_ms
from ..segment import room_in_block
from ..slots import OVER_LINK, SLOT, read, write

# Below that nothing is begun, nor where the charge is unknown. A cell that gives out harms no pack, but the trial that
# follows can take half an hour awake, and each start on an empty cell is a try that the new firmware loses.
BATTERY_PERCENT = 30
STARTS = "3"  # TRIALS of root/main.py
SPARE_BLOCKS = 4  # for directories and the small files
SYNC_BLOCKS = 2  # after which what has arrived outlasts a power cut
READ_BYTES = 1024
READS = 4  # of a file, in a step

_EDITION = b"EDITION = "  # a line of main.py


class Updating:
    """One update at a time."""

    def __init__(self, app) -> None:
        self._app = app
        self._folder = app.slot_folder
        self._owner = None  # the LinkServer on which it was begun
        self._files: list = []  # open, for the pack that comes; at most one
        self._path = ""
        self._size = self._at = 0
        self._synced = 0  # blocks that were written since the last sync
        self._sha256 = b""
        self._checking = False

    async def answer(self, server, kind: int, *fields) -> "tuple[int, bytes]":
        """Return the status and data of the reply to a request that came over a LinkServer."""
        try:
            if kind == m.BOARD_FILE:
                return m.OK, p.pack_text_part(_board_file(self._app.board), *fields)
            letter = self._app.trial.pack
            if not letter:
                return m.CABLE_ONLY, b""
            if kind == m.UPDATE_STATE:
                return m.OK, await self._state(letter)
            if self._checking:
                return m.BUSY, b""
            if kind == m.UPDATE_BEGIN:
                if self._owner not in (None, server):
                    return m.BUSY, b""
                self._close()
                return self._begin(server, letter, *fields)
            if self._owner is not server:
                return m.NO_UPDATE, b""
            if kind == m.UPDATE_DATA:
                return self._take(*fields)
            return await self._end(letter)
        except OSError:
            self._close()
            return m.FLASH_FAILED, b""

    def leave(self, server) -> bool:
        """Take note that a link has ended, or begins anew; return whether nothing is under way any more."""
        if self._owner is server:
            self._close()
        return self._owner is None and not self._checking

    def _close(self) -> None:
        self._owner = None
        while self._files:
            self._files.pop().close()

    # What there is

    async def _state(self, letter: str) -> bytes:
        trial = self._app.trial
        flags = 0 if trial.is_over else UPDATE_ON_TRIAL
        mark = read(self._folder + OVER_LINK)[:1]
        if mark and mark != letter == read(self._folder + SLOT)[:1]:
            flags |= UPDATE_TAKEN_BACK
        active_bytes, active_crc = await self._checksum(self._pack(letter))
        held_bytes, held_crc = await self._checksum(self._pack(_other(letter)))
        return struct.pack(
            UPDATE_STATE_FORMAT,
            getattr(sys.implementation, "_mpy", 0) & 0xFFFF,
            _main_edition(self._folder + "main.py"),
            flags,
            self._app.imu_part.encode(),
            active_bytes,
            active_crc,
            held_bytes,
            held_crc,
            self._free_bytes(_other(letter)),
        )

    async def _checksum(self, path: str) -> "tuple[int, int]":
        """Return the size of a file and its CRC-32, zeros if there is none."""
        size = _size_of(path)
        crc = 0
        if size:
            buffer = memoryview(bytearray(READ_BYTES))
            with open(path, "rb") as file:
                for count in _reads(file, buffer):
                    crc = crc32(buffer[:count], crc)
                    if not count:
                        await self._step()
        return size, crc

    async def _step(self) -> None:
        self._app.journal.interlude()
        await sleep_ms(0)

    def _pack(self, letter: str) -> str:
        return self._folder + letter + ".pack"

    def _free_bytes(self, letter: str) -> int:
        disk = os.statvfs(self._folder)
        spare = SPARE_BLOCKS * disk[1]
        return min(0xFFFFFFFF, max(0, disk[1] * disk[4] + _size_of(self._pack(letter)) - spare))

    # An update

    def _begin(self, server, letter: str, size: int, digest: bytes, main_edition: int, offset: int):
        app = self._app
        target = _other(letter)
        if main_edition > _main_edition(self._folder + "main.py"):
            return m.MAIN_TOO_OLD, b""
        if not app.trial.is_over:
            return m.BUSY, b""
        if not app.power.external():
            percent = app.power.battery_percent
            if percent == BATTERY_UNKNOWN:
                return m.BATTERY_NOT_MEASURED, b""
            if percent < BATTERY_PERCENT:
                return m.BATTERY_LOW, b""
        free_bytes = self._free_bytes(target)
        if size > free_bytes:
            return m.FLASH_FULL, struct.pack(OFFSET_FORMAT, free_bytes)
        path = self._pack(target)
        if offset > size or (offset and offset != _size_of(path)):
            return m.OUT_OF_RANGE, b""
        app.journal.interlude()
        self._files.append(open(path, "ab" if offset else "wb"))
        self._owner = server
        self._path = path
        self._size = size
        self._sha256 = digest
        self._at = offset
        self._synced = 0
        return m.OK, b""

    def _take(self, offset: int, data: bytes):
        """Write what is new of some data; what comes too early has to come again."""
        known = self._at - offset
        if 0 <= known < len(data):
            self._write(memoryview(data)[known : min(len(data), self._size - offset)])
        return m.OK, struct.pack(OFFSET_FORMAT, self._at)

    def _write(self, data) -> None:
        """Write up to the end of a block at a time: beginning one erases it, which takes long, and so does a sync."""
        while len(data):
            room = room_in_block(self._at)
            if self._at == 0 or room > room_in_block(self._at - 1):
                self._app.journal.interlude()
            count = self._files[0].write(data[:room])
            self._at += count
            data = data[count:]
            if count == room:
                self._synced += 1
                if self._synced == SYNC_BLOCKS:
                    self._synced = 0
                    self._app.journal.interlude()
                    self._files[0].flush()

    async def _end(self, letter: str):
        """Check the pack and make it the next to be started; until the last write all stays as it was."""
        if self._at < self._size:
            return m.OUT_OF_RANGE, struct.pack(OFFSET_FORMAT, self._at)
        path, digest = self._path, self._sha256
        self._app.journal.interlude()
        self._close()
        self._checking = True
        try:
            is_whole = await self._digest(path) == digest
        finally:
            self._checking = False
        if not is_whole:
            self._app.journal.interlude()
            remove(path)
            return m.DAMAGED, b""
        target = _other(letter)
        self._app.journal.interlude()
        write(self._folder + OVER_LINK, target + "0")  # before `slot`, so that the pack can't start without it
        self._app.journal.interlude()
        write(self._folder + SLOT, target + letter + STARTS)
        self._app.restart()
        return m.OK, b""

    async def _digest(self, path: str) -> bytes:
        digest = sha256()
        buffer = memoryview(bytearray(READ_BYTES))
        with open(path, "rb") as file:
            for count in _reads(file, buffer):
                digest.update(buffer[:count])
                if not count:
                    await self._step()
        return digest.digest()


def _reads(file, buffer):
    """Read a file into a buffer again and again; yield how many bytes came, and 0 after some of them, for a pause."""
    reads = 0
    while True:
        count = file.readinto(buffer)
        if not count:
            return
        yield count
        reads += 1
        if reads % READS == 0:
            yield 0


def _other(letter: str) -> str:
    return "b" if letter == "a" else "a"


def _size_of(path: str) -> int:
    try:
        return os.stat(path)[6]
    except OSError:
        return 0


def _main_edition(path: str) -> int:
    """Return the edition that main.py declares, 0 if it declares none."""
    try:
        with open(path, "rb") as file:
            for line in file:
                if line.startswith(_EDITION):
                    return int(line.split()[2])
    except OSError:
        pass
    return 0


def _board_file(board) -> bytes:
    """Return the names and values of a board file, a line "NAME=value" each; in a pack its names are other ones."""
    try:
        motor_pin = board.MOTOR_PIN
    except AttributeError:  # a DRV2605L needs none
        motor_pin = None
    values = (
        ("NAME", board.NAME),
        ("I2C_ID", board.I2C_ID),
        ("I2C_SDA", board.I2C_SDA),
        ("I2C_SCL", board.I2C_SCL),
        ("I2C_HZ", board.I2C_HZ),
        ("FIRST_LEVELS", board.FIRST_LEVELS),
        ("IMU", board.IMU),
        ("IMU_INT_PIN", board.IMU_INT_PIN),
        ("BUTTON_PIN", board.BUTTON_PIN),
        ("LED_PIN", board.LED_PIN),
        ("LED_ON", board.LED_ON),
        ("MOTOR", board.MOTOR),
        ("MOTOR_PIN", motor_pin),
        ("MOTOR_RATED_mV", board.MOTOR_RATED_mV),
        ("MOTOR_CLAMP_mV", board.MOTOR_CLAMP_mV),
        ("MOTOR_HZ", board.MOTOR_HZ),
        ("BATTERY_PIN", board.BATTERY_PIN),
        ("BATTERY_DIVIDER", board.BATTERY_DIVIDER),
        ("EXTERNAL_POWER_PIN", board.EXTERNAL_POWER_PIN),
        ("FORWARD", board.FORWARD),
        ("SPARE", board.SPARE),
        ("JOURNAL_BYTES", board.JOURNAL_BYTES),
    )
    return "".join(["%s=%r\n" % pair for pair in values]).encode()

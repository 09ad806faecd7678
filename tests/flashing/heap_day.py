"""Runs under MicroPython: a board that boots through main.py and lives a short day with as little heap as it is given.

usage: micropython -X heapsize=N heap_day.py IMAGE BLOCKS MINUTES measure|live CLASS

IMAGE is a flash with main.py and a pack (see heap.py). The host is a phone with Bluetooth: it pairs, calibrates, comes
back every few minutes and takes the journal. Prints a line of JSON at the end of the day; any other end is a failure.
"measure" also collects garbage now and then to see how much is really in use, which "live" leaves to the firmware.
"""

# ruff: noqa: PTH123, RUF006, SIM115

import asyncio
import asyncio.core
import gc
import json
import os
import struct
import sys
import time
from binascii import crc32

import vfs

IMAGE, BLOCKS, MINUTES, MEASURE, CLASS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
BLOCK_BYTES = 4096
MINUTE_MS = 60_000
LEAD_MS = 10 * MINUTE_MS  # longer than any of this takes, so that what asyncio stamps with real time is past
HELLO, CLOCK, SUBSCRIBE, FETCH, CALIBRATE, REZERO, BOW, STANDING = 1, 2, 3, 4, 7, 8, 13, 14  # contract.messages
GET_SETTINGS, GET_PROFILES, DIAGNOSTICS, IDF_HEAP, BOARD_TEST, REPLY, LIVE, PAGE = 5, 15, 18, 24, 25, 64, 65, 68
CONNECT, DISCONNECT, WRITTEN, EXCHANGED, UPDATED, ENCRYPTED, SET_SECRET = 1, 2, 3, 21, 27, 28, 30
OURS, PEERS = 1, 2
LAST, MORE = 0xFE, 0xFF  # contract.gatt
SECURE = bytes(74) + b"\4" + bytes(5)  # a secret as NimBLE keeps it, of a pairing with LE Secure Connections
JOURNAL = b"\7" * 4
PATIENCE_MS = 200_000
BUSY = 10  # a status
PAIR_MS = 4000
SYNC_MINUTES = 20
POWER_ON = 1
FETCHED_PAGES = 64


class Flash:
    """A block device in a file."""

    def __init__(self, file) -> None:
        self._file = file

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buffer)

    def ioctl(self, request, argument):
        return BLOCKS if request == 4 else BLOCK_BYTES if request == 5 else 0


class Device:
    """The module flashbdev."""

    def __init__(self, flash) -> None:
        self.bdev = flash


class Clock:
    """The world's time, which goes from timer to timer."""

    def __init__(self) -> None:
        self.ms = 0
        self._first = time.ticks_add(time.ticks_ms(), LEAD_MS)

    def now_ms(self) -> int:
        return self.ms

    def let_pass(self, delay_ms: int) -> None:
        self.ms += delay_ms

    def ticks(self) -> int:
        return time.ticks_add(self._first, self.ms)


class Queue(asyncio.core.IOQueue):
    """asyncio's queue of streams, on which nothing ever comes."""

    clock = Clock()

    def wait_io_event(self, delay_ms: int) -> None:
        if delay_ms > 0:
            self.clock.let_pass(delay_ms)


class Flag(asyncio.Event):
    """A flag that interrupts set, in the same thread."""

    async def wait(self):
        await super().wait()
        self.clear()


clock = Queue.clock


class Time:
    """The module time, in the world's time."""

    ticks_ms = clock.ticks
    ticks_add = time.ticks_add
    ticks_diff = time.ticks_diff
    time = time.time


class Esp32:
    """As much of `esp32` as the firmware needs."""

    WAKEUP_ANY_HIGH = 1
    HEAP_DATA = 4

    @staticmethod
    def wake_on_ext1(pins, level):
        pass

    @staticmethod
    def idf_heap_info(capabilities):
        return [(200_000, 60_000, 40_000, 50_000)]


class Air:
    """The module bluetooth, its only radio, and the stack below: handles are counted from 21 as in NimBLE."""

    def __init__(self) -> None:
        self.is_active = self.is_advertising = False
        self.handler = None
        self.values = {}
        self.phone = None

    def BLE(self):
        return self

    def UUID(self, value):
        return bytes(16)

    def irq(self, handler):
        self.handler = handler

    def active(self, is_active=None):
        if is_active is not None:
            self.is_active = is_active
            self.is_advertising = False
            if not is_active and self.phone is not None:
                self.phone.drop()
        return self.is_active

    def config(self, *names, **values):
        return (0, bytes(6))

    def gatts_register_services(self, services):
        handle = 19
        handles = []
        for _, characteristics in services:
            handles.append([])
            for _ in characteristics:
                handle += 2
                handles[-1].append(handle)
        return tuple(handles)

    def gatts_set_buffer(self, handle, size, append=False):
        pass

    def gatts_write(self, handle, value, notify=False):
        pass

    def gatts_read(self, handle):
        return self.values.pop(handle, b"")

    def gatts_notify(self, link, handle, value):
        if self.phone is not None:
            self.phone.hear(handle, value)

    def gap_advertise(self, interval_us, *values, **named):
        self.is_advertising = interval_us is not None

    def gap_disconnect(self, link):
        if self.phone is None:
            return False
        self.phone.drop()
        return True

    def gap_pair(self, link):
        pass


def next_sequence(page: bytes) -> int:
    """Return the number of the record after a page: its header has the first one's number and the bytes of records."""
    return struct.unpack_from("<I", page, 10)[0] + page[3]  # contract.pages has the layout


class Phone:
    """A host that pairs once and then comes back: it writes requests and takes in the answers."""

    control, stream, journal = 21, 23, 25

    def __init__(self, air, number: int) -> None:
        self._air = air
        self._number = number
        self._address = b"\xc0\0\0\0\0" + bytes((number,))
        self.is_linked = False
        self._heard = self._acknowledged = 0
        self._begun = b""
        self._status = -1
        self.data = b""
        self.sequence = 0
        self.pages = self.live = self.syncs = 0

    def drop(self) -> None:
        """The link has ended."""
        if self.is_linked:
            self.is_linked = False
            self._air.phone = None
            self._air.handler(DISCONNECT, (0, 0, self._address))

    async def connect(self, is_new: bool) -> None:
        """Wait until the board advertises, and link up."""
        begin_ms = clock.ms
        while not self._air.is_advertising:
            if clock.ms - begin_ms > PATIENCE_MS:
                raise SystemExit("the board doesn't advertise")
            await asyncio.sleep_ms(100)
        air = self._air
        air.phone = self
        air.is_advertising = False
        self.is_linked = True
        self._heard = self._acknowledged = 0
        air.handler(CONNECT, (0, 0, self._address))
        air.handler(EXCHANGED, (0, 247))
        air.handler(UPDATED, (0, 24, 0, 400, 0))
        if is_new:
            key = b"\0" + bytes(reversed(self._address))
            air.handler(SET_SECRET, (OURS, key, SECURE))
            air.handler(SET_SECRET, (PEERS, key, SECURE))
        air.handler(ENCRYPTED, (0, 1, 0, 1, 16))
        await asyncio.sleep_ms(300)

    def hear(self, handle: int, value: bytes) -> None:
        """Take in a value from the board."""
        if handle == self.journal:
            self._heard += 1
        if value[0] == MORE or value[0] == LAST:
            self._begun += value[1:]
            if value[0] == MORE:
                return
            value, self._begun = self._begun, b""
        if value[0] == PAGE:
            self.pages += 1
            self.sequence = next_sequence(value[1:-4])
        elif value[0] == LIVE:
            self.live += 1
        elif value[0] == REPLY:
            self._status = value[2]
            self.data = bytes(value[3:-4])

    def _write(self, handle: int, value: bytes) -> None:
        self._air.values[handle] = value
        self._air.handler(WRITTEN, (0, handle))

    async def ask(self, kind: int, layout: str = "", *fields, wanted=(0,), patience_ms=90_000) -> int:
        """Write a request, wait for the answer, and return its status."""
        self._status = -1
        self._write(self.control, frame_of(bytes((kind, 9)) + struct.pack(layout, *fields)))
        begin_ms = clock.ms
        while self._status < 0:
            if self._heard != self._acknowledged:
                self._acknowledged = self._heard
                self._write(self.journal, struct.pack("<I", self._heard))
            await asyncio.sleep_ms(30)
            if clock.ms - begin_ms > patience_ms or not self.is_linked:
                raise SystemExit("no answer to " + str(kind) + (" in time" if self.is_linked else ": unlinked"))
        if self._status not in wanted:
            raise SystemExit("status " + str(self._status) + " to " + str(kind))
        return self._status

    async def sync(self) -> None:
        """Take everything that is new, as a recorder does."""
        await self.ask(HELLO, "<B", 3)
        await self.ask(CLOCK, "<Qb", 1_760_000_000_000 + clock.ms, 4)
        await self.ask(GET_SETTINGS)
        await self.ask(GET_PROFILES)
        await self.ask(DIAGNOSTICS)
        await self.ask(IDF_HEAP)
        while True:
            before = self.pages
            await self.ask(FETCH, "<4sIH", JOURNAL, self.sequence, FETCHED_PAGES)
            if self.pages == before:
                break
        self.syncs += 1


def frame_of(body: bytes) -> bytes:
    """Return a frame of kind and payload, as contract.frames has it."""
    return body + struct.pack("<I", crc32(body))


def used_bytes() -> int:
    gc.collect()
    return gc.mem_alloc()


class Day:
    """What happens to the board."""

    def __init__(self) -> None:
        self.board = Board(clock)
        self.board.faulty = False
        self.poses = (render(0), render(24, 2), render(4, 0, 0.25, 30), render(-80), render(84, 4, 0, 0.02))
        self.bow = render(35)
        self.air = Air()
        self.phone = Phone(self.air, 1)
        self.held = self.loaded = self.live = self.peak = 0
        self.live_bytes = []

    def note_loaded(self) -> None:
        self.loaded = used_bytes()

    def measure(self) -> None:
        if MEASURE == "measure":
            self.peak = max(self.peak, used_bytes())

    async def watch(self) -> None:
        while True:
            await asyncio.sleep_ms(1900)
            self.measure()

    async def run(self) -> None:
        board, phone = self.board, self.phone
        if MEASURE == "measure":
            asyncio.create_task(self.watch())
        board.imu.wear(self.poses[0])
        await asyncio.sleep_ms(20_000)
        board.press(PAIR_MS)
        await asyncio.sleep_ms(PAIR_MS + 2000)
        await phone.connect(is_new=True)
        await phone.sync()
        await phone.ask(SUBSCRIBE, "<B", 10)
        await phone.ask(CALIBRATE)
        asking = asyncio.create_task(phone.ask(BOW))
        await asyncio.sleep_ms(2000)
        board.imu.wear(self.bow)
        await asking
        board.imu.wear(self.poses[0])
        await asyncio.sleep_ms(3000)
        await phone.ask(STANDING)
        await phone.ask(BOARD_TEST, wanted=(0, BUSY))
        await asyncio.sleep_ms(30_000)
        await phone.ask(SUBSCRIBE, "<B", 0)
        phone.drop()
        for minute in range(MINUTES):
            board.imu.wear(self.poses[minute // 4 % len(self.poses)])
            if minute % SYNC_MINUTES == SYNC_MINUTES - 1:
                await phone.connect(is_new=False)
                await phone.sync()
                if minute % (3 * SYNC_MINUTES) == SYNC_MINUTES - 1:
                    board.imu.wear(self.poses[0])
                    await phone.ask(SUBSCRIBE, "<B", 25)
                    await asyncio.sleep_ms(40_000)
                    await phone.ask(REZERO)
                    await asyncio.sleep_ms(20_000)
                phone.drop()
            await asyncio.sleep_ms(MINUTE_MS)
            if MEASURE == "measure":
                self.live = used_bytes()
        await phone.connect(is_new=False)
        phone.sequence = 0
        await phone.sync()
        sys.exit(0)


def main() -> None:
    asyncio.core._io_queue = Queue()
    setattr(asyncio.core, "ticks", clock.ticks)  # noqa: B010 - names that the firmware has too are made short in here
    day = Day()
    machine = day.board.machine(POWER_ON)
    machine.HARD_RESET, machine.WDT_RESET, machine.DEEPSLEEP_RESET = 2, 3, 4
    machine.reset = lambda: sys.exit("the board resets itself")
    sys.modules["machine"] = machine
    sys.modules["bluetooth"] = day.air
    sys.modules["esp32"] = Esp32
    sys.modules["time"] = Time
    flash = Flash(open(IMAGE, "r+b"))
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    sys.path[:] = [".frozen"]
    sys.modules["flashbdev"] = Device(flash)
    asyncio.StreamReader = reader_of(day)
    with open("main.py") as file:
        source = file.read()
    asyncio.create_task(day.run())
    day.held = used_bytes()
    try:
        exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
    except SystemExit as error:
        if error.args and error.args[0]:
            print(error.args[0])
            raise
    if clock.ms < MINUTES * MINUTE_MS:
        print("the day ended after", clock.ms // 1000, "s")
        sys.exit(1)
    result = {
        "held_bytes": day.held,
        "loaded_bytes": day.loaded - day.held,
        "live_bytes": day.live - day.held,
        "peak_bytes": day.peak - day.held,
        "pages": day.phone.pages,
        "live_samples": day.phone.live,
        "syncs": day.phone.syncs,
        "holders": {},
    }
    if MEASURE == "measure":
        result["holders"] = holders()
    print(json.dumps(result))


apps = []


def keep_app() -> None:
    """Get hold of the app, which nothing else can be asked for."""
    for module in list(sys.modules.values()):
        made = getattr(module, CLASS, None)
        if made is not None:
            made.__init__ = keeping(made.__init__)
            break


def keeping(begin):
    def keep(app, *arguments, **named):
        apps.append(app)
        begin(app, *arguments, **named)

    return keep


def reader_of(day):
    """Return what stands in for asyncio.StreamReader, which start() asks for when all code is loaded."""
    make = asyncio.StreamReader

    def reader(stream):
        day.note_loaded()
        if MEASURE == "measure":
            keep_app()
        return make(stream)

    return reader


def holders() -> dict:
    """Return the bytes that the app's objects hold, by the name of their class: buffers and attributes."""
    found = {}
    seen = set()
    waiting = [(apps[0], "")]
    while waiting:
        thing, owner = waiting.pop(0)
        if thing is None or id(thing) in seen or isinstance(thing, (type, bool)):
            continue
        seen.add(id(thing))
        size = 0
        if isinstance(thing, (bytes, str, bytearray)):
            size = 16 + blocks(len(thing))
        elif isinstance(thing, (list, tuple, set)):
            size = 16 + blocks(4 * len(thing))
            waiting.extend([(each, owner) for each in thing])
        elif isinstance(thing, dict):
            size = 16 + blocks(8 * len(thing))
            waiting.extend([(each, owner) for each in thing.values()])
        elif isinstance(thing, int):
            size = 0 if -(1 << 30) <= thing < 1 << 30 else 16
        elif type(thing).__name__ == "array":
            size = 16 + blocks(len(thing) * len(bytes(thing)) // max(1, len(thing)))
        elif hasattr(thing, "__dict__") and type(thing).__name__ != "module":
            owner = type(thing).__name__
            size = 16 + blocks(8 * len(thing.__dict__))
            waiting.extend([(each, owner) for each in thing.__dict__.values()])
        else:
            size = 16
        found[owner] = found.get(owner, 0) + size
    return found


def blocks(size: int) -> int:
    return (size + 15) // 16 * 16


asyncio.ThreadSafeFlag = Flag


class Os:
    """The module os, but every journal has the same id."""


for _name in dir(os):
    setattr(Os, _name, getattr(os, _name))
Os.urandom = lambda count: b"\x07" * count
sys.modules["os"] = Os

from fake_board import Board, render  # noqa: E402

main()

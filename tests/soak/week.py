"""Runs under MicroPython: the whole app for simulated days, with all the faults that happen on a wearer's back.

usage: micropython week.py FOLDER KIND PERIODS PERIOD_H SEED FAULT

FOLDER gets flash/, slots/, and truth.bin: journal, sequence and bytes of every record as it was made. KIND is "rough"
(power cuts, empty batteries, panics in C, updates over the link and memory that runs short all the time) or "steady"
(one boot for five days, in which a leak shows; then the board also sleeps deeply and is updated, and nothing else). The
host is at the other end of stdin and stdout: see visits.py. After each period it gets `period {…}`, and at the end
`done`. What the firmware raises ends this with a traceback, but for a MemoryError where memory ran short: then the
board restarts, as root/main.py lets it. FAULT breaks the firmware on purpose: "leak" or "record", "none" doesn't.
"""

import asyncio
import gc
import json
import os
import random
import struct
import sys

import on_micropython as twin
import short_memory
from fake_board import Board, DeepSleep, Reset, render
from slots import Slots
from visits import Channel, say

from unslouch_device import app as app_module
from unslouch_device.app import App
from unslouch_device.boards import xiao_esp32s3 as board_file
from unslouch_device.contract import records as r
from unslouch_device.contract.pages import PAGE_HEADER_BYTES
from unslouch_device.deep_sleep import sleep_on
from unslouch_device.journal import Journal
from unslouch_device.port import sleep_ms

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MORNING_MS = 7 * HOUR_MS  # of the day at which it begins
TICKS_MASK = (1 << 30) - 1
FIRST_TICK = (1 << 30) - HOUR_MS  # an hour before it wraps
STEADY_MS = 30 * HOUR_MS  # of a steady week's first boot; asyncio's clock doesn't go further than 2**29 ms here
EVENTFUL_MS = 5 * DAY_MS + HOUR_MS  # when the second ends: from then on it has deep sleeps and updates, too
UTC_MS = 1_760_000_000_000
POWER_ON = 1
HARD_RESET = 2  # which a panic in C reads as
DEEP_SLEEP = 4
TIMER_WAKE = 4
JOURNAL_BYTES = 140_000  # so little that it is full after a good day, and after three rough ones
AWAY_MS = (5 * DAY_MS // 2, 5 * DAY_MS)  # while the host is on holiday, and until the ring drops what it never fetched
BACK_MS = 13 * DAY_MS // 2  # when the holiday is over at the latest
ERASED_MS = 2 * DAY_MS  # when somebody holds the button for long
POLL_MS = 5000
PANIC = "reset, and nobody asked for it"  # the text of such a crash
MEMORY = "MemoryError"


class SmallBoard:
    """The reference board with little flash."""

    def __getattr__(self, name: str):
        return JOURNAL_BYTES if name == "JOURNAL_BYTES" else getattr(board_file, name)


class Truth:
    """Writes down every record that a journal takes; or breaks that, see FAULT. `crashes`: those journaled, by kind."""

    def __init__(self, path: str, fault: str) -> None:
        self._file = open(path, "wb")  # noqa: PTH123, SIM115 - MicroPython's only way, and for good
        self._fault = fault
        self._leaked = []
        self.crashes = {r.CRASH_PANIC: 0, r.CRASH_MEMORY: 0}

    def watch(self) -> None:
        """Watch all journals from now on."""
        append_epoch, append_event = Journal.append_epoch, Journal.append_event

        def epoch(journal, record, begin_ms):
            sequence = journal.next_sequence
            try:
                append_epoch(journal, record, begin_ms)
            finally:
                self._keep(journal, sequence, record)

        def event(journal, code, uptime_ms, *fields):
            sequence = journal.next_sequence
            record = r.pack_event(code, uptime_ms, *fields)
            try:
                return append_event(journal, code, uptime_ms, *fields)
            finally:
                if self._keep(journal, sequence, record) and code == r.CRASHED:
                    self.crashes[fields[0]] += 1

        Journal.append_epoch = epoch
        Journal.append_event = event

    def _keep(self, journal, sequence: int, record) -> bool:
        if journal.next_sequence == sequence:
            return False
        record = bytes(record)
        if self._fault == "record" and sequence % 500 == 499:
            record = bytes(len(record))
        self._file.write(struct.pack("<II", journal.id, sequence) + record)
        self._file.flush()
        if self._fault == "leak":
            self._leaked.append(bytes(16))
        return True


class Week:
    """One board and its wearer, boot after boot."""

    def __init__(self, folder: str, kind: str, periods: int, period_h: float, truth: Truth) -> None:
        self._truth = truth
        self.clock = twin.WorldClock("max", 0, -1)
        self._period_ms = int(period_h * HOUR_MS)
        self._end_ms = periods * self._period_ms
        self._flash = folder + "/flash"
        self._rough = kind == "rough"
        main_py = app_module.__file__[: -len("app.py")] + "root/main.py"
        self._slots = Slots(folder + "/slots/", main_py)
        gc.collect()
        self._first_heap = gc.mem_alloc()
        self.board = Board(self.clock)
        self._poses = {
            "upright": render(0),
            "slouch": render(24, 2),
            "walk": render(4, 0, 0.25, 30),
            "lie": render(-80),
            "off": render(84, 4, 0, 0.02),
        }
        self._pose_until_ms = 0
        self._next_ms = HOUR_MS // 2  # when the next thing goes wrong
        self._cut_ms = 0
        self._period = 0
        self._erased = False
        self._app = None
        self._channel = None
        self._nap = None
        self._fetched = (0, 0)  # journal and sequence at the end of the last visit
        self.boots = self.cuts = self.sleeps = self.naps = self.presses = self.lost_samples = 0
        self.panics = self.out_of_memory = self.restarts = 0

    def run(self) -> None:
        """Live until the periods are over."""
        cause = POWER_ON
        while self.clock.now_ms() < self._end_ms or cause == DEEP_SLEEP:  # then it wakes once more, for the last visit
            cause = self._boot(cause)
            self._check_crashes()

    def _check_crashes(self) -> None:
        """Each crash but one that the next boot is yet to journal has been journaled, once."""
        for kind, happened in ((r.CRASH_PANIC, self.panics), (r.CRASH_MEMORY, self.out_of_memory)):
            if not happened - 1 <= self._truth.crashes[kind] <= happened:
                raise RuntimeError("crashes, kind and those journaled", happened, kind, self._truth.crashes[kind])

    def _boot(self, cause: int) -> int:
        """Run the app until it is cut off or sleeps, and return the next boot's cause."""
        self.boots += 1
        if cause == DEEP_SLEEP:
            try:
                machine = self.board.machine(cause)
                sleep_on(machine, self.board.esp32(), machine.RTC().memory, self.board.time_s())
            except DeepSleep as sleep:
                self.naps += 1
                return self._sleep(sleep)
        if self._eventful:
            self._slots.choose(self.board.machine(cause))
        asyncio.new_event_loop()
        self.clock.restart()
        twin.live_in(self.clock)
        self._cut_ms = self.clock.now_ms() + self._boot_ms()
        try:
            cause = asyncio.run(self._live(cause))
        except DeepSleep as sleep:  # already while it started
            self._nap = sleep
        self._app = self._channel = None
        if self._nap is not None:
            nap, self._nap = self._nap, None
            self.sleeps += 1
            return self._sleep(nap)
        return cause

    def _sleep(self, sleep: DeepSleep) -> int:
        """Sleep deeply until a pin or the timer ends it, and return the next boot's cause."""
        board = self.board
        left_ms = self._end_ms if sleep.args[0] is None else sleep.args[0]
        board.wake_reason = board.is_woken()
        while left_ms > 0 and not board.wake_reason and self.clock.now_ms() < self._end_ms:
            self._live_on()
            self.clock.let_pass(min(left_ms, POLL_MS))
            left_ms -= POLL_MS
            board.wake_reason = board.is_woken()
        if self.clock.now_ms() >= self._end_ms:
            board.external = True
            board.wake_reason = board.is_woken()
        board.wake_reason = board.wake_reason or TIMER_WAKE
        return DEEP_SLEEP

    def _boot_ms(self) -> int:
        if self._rough:
            return random.randrange(HOUR_MS // 6, 8 * HOUR_MS) if self.boots > 1 else 2 * HOUR_MS
        if self.boots == 1:
            return STEADY_MS
        return self._end_ms if self._eventful else EVENTFUL_MS - self.clock.now_ms()

    @property
    def _eventful(self) -> bool:
        """Whether the board may sleep deeply and be updated."""
        return self._rough or self.clock.now_ms() >= EVENTFUL_MS

    async def _live(self, cause: int) -> int:
        first_ms = self.clock.now_ms()
        first_tick = FIRST_TICK if self.boots == 1 else 0
        short_memory.shortage.disarm()  # what an App raises while it is made, start.py keeps, which isn't here
        self._channel = Channel(self.clock)
        self._app = App(
            SmallBoard(),
            self.board.machine(cause),
            lambda: (self.clock.now_ms() - first_ms + first_tick) & TICKS_MASK,
            self._channel,
            self._flash,
            True,
            wake_on_high=lambda *pins: None,
            esp32=self.board.esp32(),
            time_s=self.board.time_s if self._eventful else None,
            slot_folder=self._slots.folder if self._eventful else None,
        )
        running = asyncio.create_task(self._work())
        visitor = asyncio.create_task(self._have_visitors())
        while not running.done() and self.clock.now_ms() < min(self._cut_ms, self._end_ms):
            self._live_on()
            await sleep_ms(max(1, min(POLL_MS, self._cut_ms - self.clock.now_ms())))
            if visitor.done() and not running.done():  # else it may have asked a board that had fallen asleep
                await visitor  # raises what it raised
        self._check()
        visitor.cancel()
        self._channel.cut()
        if running.done():
            return await running
        if self.clock.now_ms() >= self._end_ms:
            await self._part()
        self.lost_samples += self._app.sampler.lost_samples
        return await self._end(running)

    async def _work(self) -> int:
        try:
            await self._app.run()
        except DeepSleep as sleep:
            self._nap = sleep
            return DEEP_SLEEP
        except MemoryError:
            if not short_memory.shortage.struck:
                raise
            self.out_of_memory += 1
            self._slots.crash(self.board.machine(HARD_RESET))
            return HARD_RESET  # root/main.py restarts the board
        except Reset:
            self.restarts += 1
            return HARD_RESET
        raise RuntimeError("the app ended by itself")

    async def _part(self) -> None:
        """Let the host fetch the rest, now that nothing goes wrong any more."""
        await sleep_ms(1)  # in which a visitor who has been turned away leaves
        self._live_on()  # which also reports
        self.board.faulty = False
        self.board.cell_mV = 4150
        short_memory.shortage.disarm()
        await self._channel.visit(UTC_MS + self.clock.now_ms())
        self._check()

    def _check(self) -> None:
        """Raise RuntimeError for a crash that nothing here has caused."""
        text = self._app.crashes.text.decode()
        if text and text != PANIC and not (short_memory.shortage.struck and MEMORY in text):
            raise RuntimeError(text)

    async def _end(self, running) -> int:
        """Cut the power, or panic, which RTC memory outlives; return the next boot's cause."""
        self._app.journal.flush = lambda: None
        cause = HARD_RESET if random.getrandbits(1) else POWER_ON
        if cause == POWER_ON:
            self.cuts += 1
            self.board.rtc_memory = b""
        else:
            self.panics += 1
        self._tear()
        running.cancel()
        try:  # noqa: SIM105 - MicroPython has no contextlib of its own
            await running
        except asyncio.CancelledError:
            pass
        return cause

    def _tear(self) -> None:
        """Leave the beginning of a page at the end of the journal, as a cut in the middle of writing it does."""
        segments = sorted([name for name in os.listdir(self._flash + "/journal") if name.endswith(".seg")])  # noqa: PTH208
        if segments and random.getrandbits(1):
            path = self._flash + "/journal/" + segments[-1]
            with open(path, "rb") as file:  # noqa: PTH123
                header = file.read(PAGE_HEADER_BYTES)
            with open(path, "ab") as file:  # noqa: PTH123
                file.write(header + os.urandom(random.randrange(200)))

    async def _have_visitors(self) -> None:
        """Let the host come by every few hours, sometimes without a clock, and sometimes lose the power meanwhile."""
        while True:
            await sleep_ms(random.randrange(HOUR_MS // 20, 3 * HOUR_MS))
            now_ms = self.clock.now_ms()
            if not self._is_away(now_ms):
                if self._rough and not random.getrandbits(2):
                    self._cut_ms = min(self._cut_ms, now_ms + random.randrange(25_000))
                await self._channel.visit(UTC_MS + now_ms if random.getrandbits(2) else None)
                self._fetched = self._app.journal.id, self._app.journal.flushed_sequence

    def _is_away(self, now_ms: int) -> bool:
        if not AWAY_MS[0] <= now_ms < BACK_MS:
            return False
        journal, sequence = self._fetched
        overrun = self._app.journal.oldest_sequence > (sequence if journal == self._app.journal.id else 0)
        return now_ms < AWAY_MS[1] or not overrun

    def _live_on(self) -> None:
        """Apply what is due: the wearer's actions, the cell, random faults."""
        now_ms = self.clock.now_ms()
        hour = (now_ms + MORNING_MS) % DAY_MS / HOUR_MS
        board = self.board
        night = not 6 <= hour < 22
        board.external = night and not 5.5 <= hour < 22.5
        if now_ms >= self._pose_until_ms:
            pose = "off" if night else random.choice(("upright", "upright", "slouch", "slouch", "walk", "lie", "off"))
            board.imu.wear(self._poses[pose])
            most_ms = 2 * HOUR_MS if pose == "off" and self._eventful else 900_000  # enough to sleep deeply
            self._pose_until_ms = now_ms + random.randrange(60_000, most_ms)
            board.imu.temperature_cC = 2400 if pose == "off" else 3300
        tired = self._rough and (now_ms + MORNING_MS) // DAY_MS % 2  # on every other day the cell doesn't last
        board.cell_mV = 4150 if night else int(4150 - (hour - 6) * (70 if tired else 30))
        if self._app is not None and now_ms >= self._next_ms:
            self._next_ms = now_ms + random.randrange(HOUR_MS // 6, HOUR_MS)
            self._go_wrong()
        if self._app is not None and now_ms // self._period_ms != self._period:
            self._period = now_ms // self._period_ms
            self.report()

    def _go_wrong(self) -> None:
        board = self.board
        if self._rough and random.getrandbits(1):
            short_memory.shortage.arm()
        if random.getrandbits(1):
            board.outage_until_ms = self.clock.now_ms() + random.randrange(1000, 600_000)
            return
        self.presses += 1
        duration_ms = random.choice((150, 150, 150, 1500, 4000, 4000, 60_000))
        if self.clock.now_ms() >= ERASED_MS and not self._erased:
            duration_ms = 11_000
            self._erased = True
        board.press(duration_ms)

    def report(self) -> None:
        """Tell how it was until now."""
        gc.collect()
        figures = {
            "period": self._period,
            "heap_bytes": gc.mem_alloc(),
            "working_bytes": gc.mem_alloc() - self._first_heap,
            "boots": self.boots,
            "cuts": self.cuts,
            "panics": self.panics,
            "short_of_memory": short_memory.shortage.count,
            "out_of_memory": self.out_of_memory,
            "restarts": self.restarts,
            "switches": self._slots.switches,
            "deep_sleeps": self.sleeps,
            "naps": self.naps,
            "presses": self.presses,
            "bus_failures": self.board.failures,
            "lost_samples": self.lost_samples + self._app.sampler.lost_samples,
        }
        say("period", json.dumps(figures))


def main() -> None:
    folder, kind, periods, period_h, seed, fault = sys.argv[1:]
    random.seed(int(seed))
    short_memory.shortage.prepare()
    truth = Truth(folder + "/truth.bin", fault)
    truth.watch()
    week = Week(folder, kind, int(periods), float(period_h), truth)
    week.run()
    say("done")


main()

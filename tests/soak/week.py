"""Runs under MicroPython: the whole app for simulated days, with everything going wrong that does on a wearer's back.

usage: micropython week.py FOLDER DAYS SEED

FOLDER gets flash/ and host/, which holds the pages that a host fetched, a file per journal. Prints a line of JSON for each
day, and ends with 1 and a traceback if the firmware raises anything.
"""

import asyncio
import gc
import json
import random
import sys
import time

import on_micropython as twin
from fake_board import Board, DeepSleep, render
from host import Channel, Host

from unslouch_device.app import App
from unslouch_device.boards import xiao_esp32s3
from unslouch_device.contract import messages as m
from unslouch_device.files import make_folder
from unslouch_device.port import sleep_ms

DAY_MS = 86_400_000
TICKS_MASK = (1 << 30) - 1
FIRST_TICK = (1 << 30) - 3_600_000  # an hour before it wraps
UTC_MS = 1_760_000_000_000
POWER_ON = 1
HARD_RESET = 2
DEEP_SLEEP = 4


class Week:
    """One board, its wearer and a host, boot after boot."""

    def __init__(self, folder: str, days: int) -> None:
        self.clock = twin.WorldClock("max", 0, -1)
        self._begin_ms = self.clock.now_ms()
        self._end_ms = int(days * DAY_MS)
        self._folder = folder
        make_folder(folder + "/host")
        self.board = Board(self.clock)
        self.host = Host(folder + "/host", self.clock)
        self._poses = {
            "upright": render(0),
            "slouch": render(24, 2),
            "walk": render(4, 0, 0.25, 30),
            "lie": render(-80),
            "off": render(84, 4, 0, 0.02),
        }
        self._pose_until_ms = 0
        self._next_ms = 0  # when the next thing goes wrong
        self._app = None
        self._channel = None
        self.boots = self.cuts = self.sleeps = self.presses = self.erased = 0
        self._day = 0

    @property
    def now_ms(self) -> int:
        return self.clock.now_ms() - self._begin_ms

    def run(self) -> None:
        """Live until the days are over."""
        cause = POWER_ON
        while self.now_ms < self._end_ms:
            cause = self._boot(cause)

    def _boot(self, cause: int) -> int:
        """Run the app until it is cut off or sleeps, and return the next boot's cause."""
        self.boots += 1
        asyncio.new_event_loop()
        self.clock.restart()
        twin.live_in(self.clock)
        until_ms = self.now_ms + random.randrange(3_600_000, 8 * 3_600_000)
        try:
            return asyncio.run(self._live(cause, until_ms))
        except DeepSleep as sleep:
            self.sleeps += 1
            self._live_on()
            self.clock.let_pass(sleep.args[0])
            return DEEP_SLEEP
        finally:
            self._app = self._channel = None

    async def _live(self, cause: int, until_ms: int) -> int:
        first_ms = self.clock.now_ms()
        first_tick = FIRST_TICK if self.boots == 1 else 0
        self._channel = Channel()
        self._app = App(
            xiao_esp32s3,
            self.board.machine(cause),
            lambda: (self.clock.now_ms() - first_ms + first_tick) & TICKS_MASK,
            self._channel,
            self._folder + "/flash",
            True,
        )
        running = asyncio.create_task(self._app.run())
        visitor = asyncio.create_task(self._visit())
        while not running.done() and self.now_ms < min(until_ms, self._end_ms):
            self._live_on()
            await sleep_ms(5000)
        if self._app.crashes.count():
            raise RuntimeError(self._app.crashes.text.decode())
        finished = self.now_ms >= self._end_ms
        if finished:
            visitor.cancel()
            await self.host.visit(self._channel, True, UTC_MS + self.now_ms)
        visitor.cancel()
        if running.done():
            await running  # raises what it raised
            raise RuntimeError("the app ended by itself")
        return await self._end(running, finished)

    async def _end(self, running, in_order: bool) -> int:
        """End the app, by a power cut, by a reset that RTC memory outlives, or in good order."""
        cause = HARD_RESET if random.getrandbits(1) else POWER_ON
        if not in_order:
            self.cuts += 1
            self._app.journal.flush = lambda: None
            if cause == POWER_ON:
                self.board.rtc_memory = b""
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            pass
        return cause

    async def _visit(self) -> None:
        """Come by every few hours, sometimes without a clock, and calibrate where nobody has."""
        while True:
            await sleep_ms(random.randrange(60_000, 4 * 3_600_000))
            if not self._app.config.calibration_id:
                tag = m.PRIVATE_TAG
                self._channel.inject(twin.to_wire(m.CALIBRATE, m.pack_request(m.CALIBRATE, tag)))
                await sleep_ms(30_000)
                self._channel.frames = []
            await self.host.visit(self._channel, random.getrandbits(2) != 0, UTC_MS + self.now_ms)

    def _live_on(self) -> None:
        """Let the wearer, the cell and chance do what is due."""
        now_ms = self.now_ms
        hour = now_ms % DAY_MS / 3_600_000
        board = self.board
        night = hour >= 22 or hour < 6
        board.external = night and hour >= 22.5 or hour < 5.5
        if now_ms >= self._pose_until_ms:
            self._pose_until_ms = now_ms + random.randrange(60_000, 900_000)
            pose = "off" if night else random.choice(("upright", "upright", "slouch", "slouch", "walk", "lie", "off"))
            board.imu.loop = self._poses[pose]
            board.imu.temperature_cC = 2400 if pose == "off" else 3300
        tired_day = now_ms // DAY_MS % 2  # on every other day the cell doesn't last
        board.cell_mV = 4150 if night else int(4150 - (hour - 6) * (70 if tired_day else 30))
        if self._app is not None and now_ms >= self._next_ms:
            self._next_ms = now_ms + random.randrange(600_000, 5_400_000)
            self._go_wrong()
        if now_ms // DAY_MS != self._day:
            self._day = now_ms // DAY_MS
            self.report()

    def _go_wrong(self) -> None:
        board = self.board
        if random.getrandbits(1):
            board.outage_until_ms = self.clock.now_ms() + random.randrange(1000, 600_000)
            return
        self.presses += 1
        holds_ms = (150, 150, 150, 1500, 4000, 4000, 60_000)
        duration_ms = random.choice(holds_ms)
        if self._day == 3 and not self.erased:
            duration_ms = 11_000
            self.erased = 1
        board.press(duration_ms)

    def report(self) -> None:
        """Print how the day was."""
        gc.collect()
        figures = {
            "day": self._day,
            "heap_bytes": gc.mem_alloc(),
            "boots": self.boots,
            "cuts": self.cuts,
            "sleeps": self.sleeps,
            "presses": self.presses,
            "visits": self.host.visits,
            "bus_failures": self.board.failures,
            "erased": self.erased,
            "crashes": self._app.crashes.count() if self._app else 0,
            "lost_samples": self._app.sampler.lost_samples if self._app else 0,
            "real_s": time.time(),
        }
        print(json.dumps(figures))


def main() -> int:
    folder, days, seed = sys.argv[1:]
    random.seed(int(seed))
    week = Week(folder, float(days))
    week.run()
    return 0


sys.exit(main())

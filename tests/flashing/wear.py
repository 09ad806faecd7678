"""Runs under MicroPython: the firmware of a pack, worn for some simulated hours, with a host that watches.

usage: micropython wear.py MODULE CLASS FOLDER HOURS NIGHT [MINUTE HEX]...

CLASS is the app in MODULE. Where NIGHT is "1" it is laid down afterwards, sleeps deeply and is lifted again. The host
sends each HEX at its simulated MINUTE. Prints a line of JSON at the end: import_ms, code_bytes (of heap after
importing), heap_bytes (the most beyond it, without the night), sent_bytes (to the host).
"""

import asyncio
import asyncio.core
import gc
import json
import os
import random
import sys
import time

UNPLUGGED = ("machine", "esp32", "micropython", "vfs", "bluetooth")
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
POWER_ON = 1
DEEP_SLEEP = 4
TIMER_WAKE = 4
LEAD_MS = 10 * MINUTE_MS  # longer than any of this takes, so that what asyncio stamps with real time is past


class Clock:
    """The world's time, which goes from timer to timer."""

    def __init__(self) -> None:
        self._ms = 0
        self._first = time.ticks_add(time.ticks_ms(), LEAD_MS)

    def now_ms(self) -> int:
        return self._ms

    def let_pass(self, delay_ms: int) -> None:
        self._ms += delay_ms

    def ticks(self) -> int:
        return time.ticks_add(self._first, self._ms)


class Queue(asyncio.core.IOQueue):
    """asyncio's queue of streams, of which there are none."""

    clock = Clock()

    def wait_io_event(self, delay_ms: int) -> None:
        if delay_ms > 0:
            self.clock.let_pass(delay_ms)


class Flag(asyncio.Event):
    """A flag that interrupts set, in the same thread."""

    async def wait(self):
        await super().wait()
        self.clear()


class Channel:
    """The firmware's end of the link."""

    def __init__(self) -> None:
        self._incoming = b""
        self._came = asyncio.Event()
        self.sent_bytes = 0

    def inject(self, data: bytes) -> None:
        self._incoming += data
        self._came.set()

    async def read(self) -> bytes:
        await self._came.wait()
        self._came.clear()
        data, self._incoming = self._incoming, b""
        return data

    async def write(self, data: bytes) -> None:
        self.sent_bytes += len(data)

    def offer(self, data: bytes) -> bool:
        self.sent_bytes += len(data)
        return True


class Os:
    """The module os, but every journal has the same id."""


for _name in dir(os):
    setattr(Os, _name, getattr(os, _name))
Os.urandom = lambda count: b"\x07" * count
sys.modules["os"] = Os
for _name in UNPLUGGED:
    if _name not in sys.modules:
        sys.modules[_name] = Os  # which nothing asks here
asyncio.ThreadSafeFlag = Flag
random.seed(1)

import unslouch_board  # noqa: E402
from fake_board import Board, DeepSleep, render  # noqa: E402

from unslouch_device.deep_sleep import sleep_on  # noqa: E402

clock = Queue.clock
board = Board(clock)
board.faulty = False
POSES = (render(0), render(24, 2), render(4, 0, 0.25, 30), render(-80), render(84, 4, 0, 0.02))
channel = Channel()


def used_bytes() -> int:
    gc.collect()
    return gc.mem_alloc()


async def wear(app, requests, hours) -> int:
    """Change the pose every few minutes; return the most that was ever on the heap."""
    running = asyncio.create_task(app.run())
    most_bytes = 0
    for minute in range(int(hours * 60)):
        board.imu.wear(POSES[minute // 4 % len(POSES)])
        for due, data in requests:
            if due == minute:
                channel.inject(data)
        await asyncio.sleep_ms(MINUTE_MS)
        most_bytes = max(most_bytes, used_bytes())
        if running.done():
            break
    app.stop()
    await running
    return most_bytes


def new_app(app_class, cause: int, folder: str):
    return app_class(
        unslouch_board,
        board.machine(cause),
        clock.now_ms,
        channel,
        folder,
        wake_on_high=lambda *pins: None,
        esp32=board.esp32(),
        time_s=board.time_s,
    )


async def lie(app) -> None:
    """Lie still until the app sleeps deeply."""
    board.imu.wear(POSES[-1])
    await app.run()


async def lift(app) -> None:
    """Be worn for some minutes."""
    running = asyncio.create_task(app.run())
    for pose in (2, 0, 0):
        board.imu.wear(POSES[pose])
        await asyncio.sleep_ms(MINUTE_MS)
    app.stop()
    await running


def spend_night(app_class, folder: str) -> None:
    try:
        asyncio.run(lie(new_app(app_class, POWER_ON, folder)))
    except DeepSleep as sleep:
        clock.let_pass(sleep.args[0])
    board.wake_reason = TIMER_WAKE
    machine = board.machine(DEEP_SLEEP)
    memory = machine.RTC().memory
    try:
        sleep_on(machine, board.esp32(), memory, board.time_s())
        raise RuntimeError("it woke for nothing")
    except DeepSleep:
        clock.let_pass(HOUR_MS)
    board.imu.wear(POSES[2])
    board.wake_reason = board.is_woken()
    sleep_on(machine, board.esp32(), memory, board.time_s())
    begin_loop()
    asyncio.run(lift(new_app(app_class, DEEP_SLEEP, folder)))


def begin_loop() -> None:
    asyncio.new_event_loop()
    asyncio.core._io_queue = Queue()


def main(module: str, name: str, folder: str, hours: str, night: str, *requests: str) -> None:
    begin_loop()
    setattr(asyncio.core, "ticks", clock.ticks)  # noqa: B010 - names that the firmware has too are made short in here
    schedule = [(int(requests[i]), bytes.fromhex(requests[i + 1])) for i in range(0, len(requests), 2)]
    empty_bytes = used_bytes()
    begin_ms = time.ticks_ms()
    app_class = getattr(__import__(module, None, None, [name]), name)
    import_ms = time.ticks_diff(time.ticks_ms(), begin_ms)
    loaded_bytes = used_bytes()
    app = app_class(unslouch_board, board.machine(POWER_ON), clock.now_ms, channel, folder)
    most_bytes = asyncio.run(wear(app, schedule, float(hours)))
    if night == "1":
        begin_loop()
        spend_night(app_class, folder)
    print(
        json.dumps(
            {
                "import_ms": import_ms,
                "code_bytes": loaded_bytes - empty_bytes,
                "heap_bytes": most_bytes - loaded_bytes,
                "sent_bytes": channel.sent_bytes,
            }
        )
    )


main(*sys.argv[1:])

"""Runs under MicroPython, never imported by the host: the app, with the twin's hardware behind two pipes.

usage: micropython on_micropython.py REQUESTS REPLIES FOLDER SPEED START_S DURATION_S UTC_MS CALIBRATE_AT_S BOARD

REQUESTS and REPLIES are paths of pipes to the twin (see interpreter.py). Time is the world's: asyncio's clock moves
from timer to timer, at SPEED world seconds per second ("max": without waiting) until DURATION_S, then at 1. UTC_MS is
the world's UTC at its beginning, −1 for none. CALIBRATE_AT_S is when to take in a CALIBRATE frame, −1 for never. BOARD
is a module of unslouch_device.boards.
"""

import asyncio
import asyncio.core
import select
import struct
import sys
import time

from pipe_protocol import (  # beside this script, where MicroPython looks first
    ADC_FORMAT,
    ADC_READ,
    I2C_READ,
    I2C_WRITE,
    PIN_READ,
    PWM_WRITE,
    REQUEST_FORMAT,
)

from unslouch_device.app import App
from unslouch_device.contract import messages as m
from unslouch_device.link.stdio import StdioChannel
from unslouch_device.parts import button
from unslouch_device.port import SameThreadFlag, sleep_ms


class Hardware:
    """The far end of the pipes."""

    def __init__(self, requests: str, replies: str, clock: "WorldClock") -> None:
        self._requests = open(requests, "wb")  # noqa: PTH123, SIM115 - MicroPython's only way, and for good
        self._replies = open(replies, "rb")  # noqa: PTH123, SIM115
        self._clock = clock

    def let_pass(self, delay_ms: int) -> None:
        """Do nothing for a while."""
        self._clock.let_pass(delay_ms)

    def ask(
        self, operation: int, address: int, number: int, value: int, data: bytes = b"", reply_bytes: int = 0
    ) -> bytes:
        """Do one operation and return its answer; raises OSError as the bus would."""
        now_us = self._clock.now_ms() * 1000
        self._requests.write(struct.pack(REQUEST_FORMAT, operation, address, number, value, now_us) + data)
        error = self._replies.read(1)
        if error != b"\0":
            raise OSError(error[0])
        return self._replies.read(reply_bytes)


class WorldClock:
    """The world's milliseconds, and asyncio's way of waiting for them.

    Its ticks begin with the real ones and run ahead of them: asyncio's C code marks a task that is ready now with
    real ticks, and is understood as long as those lie in the world's past.
    """

    def __init__(self, speed: str, start_s: float, duration_s: float) -> None:
        self._ms = int(start_s * 1000)
        self.restart()
        self._duration_ms = int(duration_s * 1000) if duration_s >= 0 else -1
        self._set_pace(0.0 if speed == "max" else float(speed))

    def restart(self) -> None:
        """Let the ticks begin with the real ones again, before they have run too far ahead: for a new event loop."""
        self._start_ms = self._ms
        self._first_ticks = time.ticks_ms()

    def _set_pace(self, speed: float) -> None:
        self._speed = speed  # 0: without waiting
        self._pace_ms = 0  # world time since the pace was set
        self._real_ms = 0
        self._ticks = time.ticks_ms()

    def now_ms(self) -> int:
        return self._ms

    def ticks_ms(self) -> int:
        return time.ticks_add(self._first_ticks, self._ms - self._start_ms)

    def let_pass(self, delay_ms: int) -> None:
        """Let delay_ms of the world pass, come what may."""
        self._ms += delay_ms
        self._pace_ms += delay_ms
        ticks = time.ticks_ms()
        self._real_ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        if self._speed:
            time.sleep_ms(max(0, int(self._pace_ms / self._speed) - self._real_ms))

    def wait(self, queue, delay_ms: int) -> None:
        """Let delay_ms of the world pass, or less if a stream becomes ready."""
        ticks = time.ticks_ms()
        self._real_ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        real_delay_ms = 0
        if delay_ms > 0 and self._speed:
            real_delay_ms = max(0, int((self._pace_ms + delay_ms) / self._speed) - self._real_ms)
        if queue.poller.poll(real_delay_ms):
            queue.handle_ready()
        elif delay_ms > 0:
            self._ms += delay_ms
            self._pace_ms += delay_ms
        if 0 <= self._duration_ms <= self._ms and self._speed != 1.0:
            self._set_pace(1.0)


class WorldQueue(asyncio.core.IOQueue):
    """asyncio's queue of streams, waiting in the world's time."""

    clock = None

    def wait_io_event(self, delay_ms: int) -> None:
        self.clock.wait(self, delay_ms)

    def handle_ready(self) -> None:
        super().wait_io_event(0)


def live_in(clock: WorldClock) -> None:
    """Make asyncio live in the world's time."""
    queue = WorldQueue()
    queue.clock = clock
    asyncio.core._io_queue = queue
    asyncio.core.ticks = clock.ticks_ms
    button.ThreadSafeFlag = SameThreadFlag  # MicroPython's own is polled, which costs a real millisecond each wait


def machine_of(hardware: Hardware):
    """Return what stands in for the module `machine`."""

    class Machine:
        class Pin:
            IN = 1
            OUT = 3
            PULL_UP = 2
            IRQ_FALLING = 2

            def __init__(self, number, mode=-1, pull=-1, value=None):
                self.number = number

            def irq(self, handler, trigger):
                """Ignore the handler: no button is ever pressed here."""

            def value(self, level=None):
                if level is not None:
                    return None  # a light, which is not simulated here
                return hardware.ask(PIN_READ, 0, self.number, 0, reply_bytes=1)[0]

        class PWM:
            def __init__(self, pin, freq, duty_u16):
                self._pin = pin
                self.duty_u16(duty_u16)

            def duty_u16(self, duty):
                hardware.ask(PWM_WRITE, 0, self._pin.number, duty)

        class ADC:
            ATTN_11DB = 3

            def __init__(self, pin, atten):
                self._pin = pin

            def read_uv(self):
                return struct.unpack(ADC_FORMAT, hardware.ask(ADC_READ, 0, self._pin.number, 0, reply_bytes=4))[0]

        class I2C:
            def __init__(self, id, scl, sda, freq):
                pass

            def readfrom_mem_into(self, address, register, buffer):
                data = hardware.ask(I2C_READ, address, register, len(buffer), reply_bytes=len(buffer))
                memoryview(buffer)[:] = data

            def writeto_mem(self, address, register, data):
                hardware.ask(I2C_WRITE, address, register, len(data), data)

        class WDT:
            def __init__(self, timeout):
                pass

            def feed(self):
                """Time stands still here while a task works, so that no watchdog would ever bite."""

        @staticmethod
        def idle():
            """Let others work, of whom there are none."""

        @staticmethod
        def lightsleep(time_ms):
            hardware.let_pass(time_ms)

        @staticmethod
        def unique_id():
            return b"twin0000"

        @staticmethod
        def reset_cause():
            return 1

    return Machine


class PipeChannel(StdioChannel):
    """The board's own channel; the end of stdin is the end of the app."""

    app = None

    async def read(self) -> bytes:
        data = await super().read()
        if not data:
            self.app.stop()
            await sleep_ms(1000)
        return data


async def calibrate(app: App, clock: WorldClock, at_ms: int) -> None:
    """Take in a CALIBRATE frame at a time of the world."""
    await sleep_ms(max(0, at_ms - clock.now_ms()))
    await app.served.cable.answer(m.CALIBRATE, m.pack_request(m.CALIBRATE, m.PRIVATE_TAG))


async def work(arguments: "list[str]") -> None:
    """Run the app until stdin ends."""
    requests, replies, folder, speed, start_s, duration_s, utc_ms, calibrate_at_s, name = arguments
    board = getattr(__import__("unslouch_device.boards." + name).boards, name)
    clock = WorldClock(speed, float(start_s), float(duration_s))
    hardware = Hardware(requests, replies, clock)
    live_in(clock)
    own_utc_ms = None if int(utc_ms) < 0 else lambda: int(utc_ms) + clock.now_ms()
    # A pipe loses nothing however long a write takes, unlike a board's USB: its writes take no time.
    reader = asyncio.StreamReader(sys.stdin.buffer)
    channel = PipeChannel(reader, sys.stdout.buffer, select.poll(), lambda: 0)
    app = App(board, machine_of(hardware), clock.ticks_ms, channel, folder, True, own_utc_ms)
    channel.app = app
    errand = None
    if float(calibrate_at_s) >= 0 and not app.config.calibration_id:
        errand = asyncio.create_task(calibrate(app, clock, int(float(calibrate_at_s) * 1000)))
    await app.run()
    if errand is not None:
        errand.cancel()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1:]))

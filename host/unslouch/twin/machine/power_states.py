"""How a simulated board ends a boot by itself, and the watchdog that makes it: what `machine` does beyond its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

WATCHDOG_LEAST_MS: Final = 1000


class BoardReset(BaseException):
    """The board starts again. Not an Exception: no error handling of the firmware may outlive it."""


class DeviceReset(BoardReset):
    """The firmware called machine.reset()."""


class WatchdogReset(BoardReset):
    """The firmware fed its watchdog too late."""


class Panic(BoardReset):
    """Something below the firmware failed: a reset whose cause reads like that of machine.reset()."""


class DeepSleep(BoardReset):
    """The firmware called machine.deepsleep(); it starts again when it wakes."""

    def __init__(self, duration_ms: float, wake_source: Callable[[], int]) -> None:
        """`wake_source` returns which pin ends it now, as machine.wake_reason() says it; 0 for none."""
        super().__init__(duration_ms)
        self.duration_ms = duration_ms
        self.wake_source = wake_source


class Watchdog:
    """The board's one watchdog; once it runs it can't be stopped."""

    def __init__(self, now_us: Callable[[], int]) -> None:
        self._now_us = now_us
        self._timeout_us = 0
        self.due_us: int | None = None
        """When it resets the board unless it is fed; None while it doesn't run."""

    def start(self, timeout_ms: int) -> None:
        """Run, or go on with another timeout, as MicroPython's ESP32 port lets it (ports/esp32/machine_wdt.c)."""
        self._timeout_us = timeout_ms * 1000
        self.feed()

    def feed(self) -> None:
        """Put off the reset."""
        self.due_us = self._now_us() + self._timeout_us


class Rtc:
    """What deep sleep and a reset leave alone, unlike a power cut: some memory, a clock, and pads that are held.

    In deep sleep the clock runs on an RC oscillator, which may be 5 % wrong (ESP-IDF's issue 11363), and so does the
    timer that ends deep sleep.
    """

    SIZE: Final = 2048
    """Bytes of memory."""

    def __init__(self, now_us: Callable[[], int] = lambda: 0, drift: float = 0.0) -> None:
        """`drift`: by which share the clock is fast in deep sleep."""
        self.data = b""
        self.drift = drift
        self._now_us = now_us
        self._begun_us = now_us()
        self._gained_us = 0.0
        self.held: dict[int, int | None] = {}
        """Pulls of the pins that are held, by their numbers."""

    def time_s(self) -> int:
        """Return what time.time() does: whole seconds since power-on, as far as the clock knows."""
        return int((self._now_us() - self._begun_us + self._gained_us) // 1_000_000)

    def sleep_through(self, duration_us: int) -> None:
        """Take note of a deep sleep that has lasted so long."""
        self._gained_us += duration_us * self.drift

    def real_s(self, duration_s: float) -> float:
        """Return how long the timer takes for a duration in deep sleep."""
        return duration_s / (1 + self.drift)


class SimulatedRTC:
    """Stands in for `machine.RTC`."""

    kept: Rtc

    def memory(self, data: bytes | None = None) -> bytes | None:
        """Keeps bytes, or returns those kept."""
        if data is None:
            return self.kept.data
        if len(data) > Rtc.SIZE:
            raise ValueError("buffer too long")
        self.kept.data = bytes(data)
        return None


class SimulatedWDT:
    """Stands in for `machine.WDT`."""

    watchdog: Watchdog

    def __init__(self, id: int = 0, timeout: int = 5000) -> None:
        if timeout < WATCHDOG_LEAST_MS:
            raise ValueError("WDT timeout too short")
        self.watchdog.start(timeout)

    def feed(self) -> None:
        self.watchdog.feed()

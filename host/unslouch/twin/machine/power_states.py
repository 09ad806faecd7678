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

    def __init__(self, duration_ms: int, is_woken: Callable[[], bool]) -> None:
        """`is_woken` tells whether a pin ends it."""
        super().__init__(duration_ms)
        self.duration_ms = duration_ms
        self.is_woken = is_woken


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


class RtcMemory:
    """The bytes that a reset and deep sleep leave alone, unlike a power cut."""

    SIZE: Final = 2048

    def __init__(self) -> None:
        self.data = b""


class SimulatedRTC:
    """Stands in for `machine.RTC`; its clock is not simulated."""

    kept: RtcMemory

    def memory(self, data: bytes | None = None) -> bytes | None:
        """Keeps bytes, or returns those kept."""
        if data is None:
            return self.kept.data
        if len(data) > RtcMemory.SIZE:
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

"""The host's clock: UTC and local zone as a sensor is given them, and how far UTC has stepped.

A computer's wall clock can jump while a sensor is linked: when NTP sets it after the boot of a machine without a
battery-backed clock, after a resume, by a user's hand. The jump shows as a difference between the wall clock and a
monotonic one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from unslouch.store.derived import AFTER_LAST_CLOCK_MS, EARLIEST_CLOCK_MS

QUARTER_H_S = 900


class ImplausibleClock(Exception):
    """The wall clock can't be right; the message is a sentence for the user."""


@dataclass(frozen=True)
class HostTime:
    """One reading of the host's clocks."""

    utc_ms: int
    """Since 1970."""
    zone_quarter_h: int
    """Of the local zone, east of UTC, in quarters of an hour."""
    monotonic_s: float
    """Of a clock that nobody sets and that runs on while the machine is suspended, where the system has one."""


def monotonic_s() -> float:
    """Return seconds since the boot of the machine, time in suspend included where the system can tell."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def local_offset_s(utc_s: float) -> int:
    """Return the local zone's offset east of UTC, by the zone that the system has now."""
    if hasattr(time, "tzset"):
        time.tzset()  # the C library reads /etc/localtime again only if asked to
    return time.localtime(utc_s).tm_gmtoff


class HostClock:
    """Reads the wall clock, the local zone and a monotonic clock; tests supply their own."""

    def __init__(
        self,
        utc_s: Callable[[], float] = time.time,
        monotonic_s: Callable[[], float] = monotonic_s,
        offset_s: Callable[[float], int] = local_offset_s,
    ) -> None:
        self._utc_s = utc_s
        self._monotonic_s = monotonic_s
        self._offset_s = offset_s

    def read(self) -> HostTime:
        """Return the time; raises ImplausibleClock if the wall clock is before 2020 or beyond the year 9999."""
        utc_s = self._utc_s()
        utc_ms = int(utc_s * 1000)
        if utc_ms < EARLIEST_CLOCK_MS:
            day = datetime.fromtimestamp(max(0.0, utc_s), UTC).date()
            raise ImplausibleClock(
                f"This computer's clock says {day}, which can't be; the sensor is not given the time until it is set."
            )
        if utc_ms >= AFTER_LAST_CLOCK_MS:
            raise ImplausibleClock(
                "This computer's clock is beyond the year 9999; the sensor is not given the time until it is set."
            )
        return HostTime(utc_ms, self._zone_quarter_h(utc_s), self._monotonic_s())

    def _zone_quarter_h(self, utc_s: float) -> int:
        try:
            return self._offset_s(utc_s) // QUARTER_H_S
        except (OSError, OverflowError, ValueError):  # the C library of Windows knows no year beyond 3000
            return 0


def step_s(before: HostTime, after: HostTime) -> float:
    """Return how far the wall clock stepped between two readings, in seconds; positive if it was set ahead."""
    return (after.utc_ms - before.utc_ms) / 1000 - (after.monotonic_s - before.monotonic_s)

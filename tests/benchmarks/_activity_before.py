"""The decision on moving and walking before recordings of people at work were known, to compare with today's.

Moving came from the deviation of |a| as it is, from 50 mg until below 40 mg. A step had to last within a quarter of
the one before, whatever that one had lasted; an uneven one took back two, and 0.77 s without any ended the pace.
"""

from math import exp, pi

import _everywhere  # noqa: F401 - it makes the next one known

from every_sample.activity import EverySampleActivity
from unslouch_device.sense.activity import ONE_G


class ActivityBefore(EverySampleActivity):
    """Activity with the former thresholds, on the former measure of variation."""

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        super().__init__(rate_hz, gyro_dps_per_count)
        window = 4 * round(rate_hz / 2)
        self._starts = self._needed = 50 * ONE_G // 1000 * window
        self._ends = 40 * ONE_G // 1000 * window
        self._pace = _PaceBefore(rate_hz)


class _PaceBefore:
    def __init__(self, rate_hz: float) -> None:
        self._share = round(256 * (1 - exp(-2 * pi * 2.5 / rate_hz)))
        self._shortest, self._longest = round(0.38 * rate_hz), round(0.77 * rate_hz)
        self.variation = 0
        self._smooth = self._smoother = 0
        self._below = False
        self._since = self._last = self._steps = 0
        self.walking = False

    def update(self, deviation: int) -> int:
        """Follow the pace, and return the deviation as it is: what moving came from."""
        self._smooth += (((deviation << 2) - self._smooth) * self._share) >> 8
        self._smoother += ((self._smooth - self._smoother) * self._share) >> 8
        swing = (self.variation * 5) >> 2
        if self._since <= self._longest:
            self._since += 1
        else:
            self._steps = 0
            self.walking = False
        if self._smoother < -swing:
            self._below = True
        elif self._below and self._smoother > swing:
            self._below = False
            self._step(self._since)
            self._since = 0
        return deviation

    def _step(self, took: int) -> None:
        even = self._shortest <= took <= self._longest and (not self._steps or 4 * abs(took - self._last) <= took)
        self._last = took
        if even:
            self._steps = min(self._steps + 1, 8)
            self.walking = self.walking or self._steps > 4
        else:
            self._steps = max(0, self._steps - 2)
            self.walking = self.walking and self._steps > 0

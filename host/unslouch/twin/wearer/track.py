"""Smooth curves through keyframes, with their exact first and second derivatives."""

from __future__ import annotations

import numpy as np
from numpy import float64
from numpy.typing import NDArray


class Track:
    """A value that rests, and moves between rests along minimum-jerk curves.

    The curve 10 x³ − 15 x⁴ + 6 x⁵ has no velocity or acceleration at either end; it is what people's limbs
    roughly follow (Flash and Hogan, J. Neurosci. 5(7), 1985).
    """

    def __init__(self, value: float = 0.0) -> None:
        self._times_s = [0.0]
        self._values = [value]
        self._arrays: tuple[NDArray[float64], NDArray[float64]] | None = None

    @property
    def last(self) -> float:
        """The value after the last move."""
        return self._values[-1]

    def move(self, start_s: float, duration_s: float, to: float) -> None:
        """Moves to a value; must not start before the last move has ended."""
        if start_s > self._times_s[-1]:
            self._times_s.append(start_s)
            self._values.append(self._values[-1])
        self._times_s.append(self._times_s[-1] + duration_s)
        self._values.append(to)
        self._arrays = None

    def at(self, t_s: NDArray[float64]) -> tuple[NDArray[float64], NDArray[float64], NDArray[float64]]:
        """Value, rate per second and acceleration per second² at ascending times."""
        if self._arrays is None:
            self._arrays = np.array([*self._times_s, np.inf]), np.array([*self._values, self._values[-1]])
        times, values = self._arrays
        first, last = np.searchsorted(times, t_s[[0, -1]], side="right") - 1
        if np.ptp(values[first : last + 2]) == 0.0:  # at rest all along, as most tracks are most of the time
            nothing = np.zeros_like(t_s)
            return nothing + values[first], nothing, nothing
        i = np.searchsorted(times, t_s, side="right") - 1
        start, step = values[i], values[i + 1] - values[i]
        span = times[i + 1] - times[i]
        x = (t_s - times[i]) / span
        xx = x * x
        value = start + step * (xx * x * (10.0 + x * (6.0 * x - 15.0)))
        rate = step / span * (30.0 * xx * (1.0 + x * (x - 2.0)))
        acceleration = step / (span * span) * (60.0 * x * (1.0 + x * (2.0 * x - 3.0)))
        return value, rate, acceleration

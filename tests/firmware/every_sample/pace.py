"""A walker's pace, found at every sample."""

from math import exp, pi

STEP_SHORTEST_S = 0.38
STEP_LONGEST_S = 0.77
STEPS_TO_WALK = 4  # even ones, of which an uneven one takes one back
STEPS_REMEMBERED = 8
LOW_PASS_HZ = 2.5  # two poles: the heel's knock and what it sets ringing are left out


class Pace:
    """Counts even steps; `walking` while they come.

    variation: the mean of |update()| over the last 2 s, in 2**-15 g, which the owner keeps up to date.
    """

    def __init__(self, rate_hz: float) -> None:
        self._share = round(256 * (1 - exp(-2 * pi * LOW_PASS_HZ / rate_hz)))
        self._shortest = round(STEP_SHORTEST_S * rate_hz)
        self._longest = round(STEP_LONGEST_S * rate_hz)
        self.variation = 0
        self._smooth = self._smoother = 0  # 2**-15 g
        self._below = False  # since the last step |a| has been low
        self._since = 0  # samples since the last step
        self._last = 0  # the last even one took so many
        self._steps = 0  # even ones, less one for each uneven one
        self.walking = False

    def update(self, deviation: int) -> int:
        """Take one sample's deviation of |a| from its mean, in 2**-13 g; returns it low-passed once, in 2**-15 g."""
        self._smooth += (((deviation << 2) - self._smooth) * self._share) >> 8
        self._smoother += ((self._smooth - self._smoother) * self._share) >> 8
        swing = self.variation >> 2  # to either side makes a step
        if self._since <= 2 * self._longest:
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
        return self._smooth

    def _step(self, took: int) -> None:
        """Count a step, if it took as long as steps do and about as long as the last even one."""
        if self._shortest <= took <= self._longest and (not self._steps or 4 * abs(took - self._last) <= took):
            self._last = took
            self._steps = min(self._steps + 1, STEPS_REMEMBERED)
            self.walking = self.walking or self._steps > STEPS_TO_WALK
        else:
            self._steps = max(0, self._steps - 1)
            self.walking = self.walking and self._steps > 0

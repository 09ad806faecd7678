"""The holding time budget: how much of the time for which a tilt may be held has been used.

ISO 11226 grants an unsupported trunk that leans forward by θ against standing

    θ ≤ 20°: any time    20° < θ ≤ 60°: t_max = 240 s − 4.5 s/° (θ − 20°)    θ > 60°: none, here 4 s

A hold is a tilt kept within ±5° of its running median for 4 s or more; the budget used is ∫ dt / t_max(θ) over it. Both
are followed in steps of one second, on each second's mean.

Fixed point (31-bit small integers): a sum over a second at 104 Hz < 2**21; 1 / t_max in 2**-22, its dividend < 2**29.7.
"""

from array import array

FREE_CDEG = 2000
STEEP_CDEG = 6000
HOLD_S = 4
BAND_CDEG = 500
_FULL = 1 << 22
_LEAST_CDEG = -1000  # tilts beyond these two are taken for these: nothing hangs on more
_MOST_CDEG = 13000
_BIN_CDEG = 100
_BINS = (_MOST_CDEG - _LEAST_CDEG) // _BIN_CDEG + 1
_LONG = 0xFFFF  # seconds that a bin can hold


def share_per_second(tilt_cdeg: int) -> int:
    """Return 1 / t_max of a tilt against standing, in 2**-22 per second, rounded up so that no full budget is late."""
    if tilt_cdeg <= FREE_CDEG:
        return 0
    if tilt_cdeg > STEEP_CDEG:
        return _FULL // HOLD_S
    limit = 48000 - 9 * (tilt_cdeg - FREE_CDEG)  # t_max in 1/200 s
    return -(-200 * _FULL // limit)


class Budget:
    """Follows one hold after another; `spent` while the present one has used up its time."""

    def __init__(self, rate_hz: float) -> None:
        self._second = round(rate_hz)
        self._bins = array("H", bytes(2 * _BINS))  # seconds of this hold by tilt
        self._middle = 0  # the bin of the median
        self._under = 0  # seconds in bins below it
        self._held_s = 0
        self._used = 0  # 2**-22
        self._sum = 0
        self._count = 0
        self.spent = False

    @property
    def spending(self) -> bool:
        """Whether the present hold has used some of its time, or is about to."""
        return self._held_s > 0 or self._count > 0

    def update(self, tilt_cdeg: int) -> None:
        """Take one sample of forward tilt against standing."""
        self._sum += tilt_cdeg
        self._count += 1
        if self._count >= self._second:
            self._take_second(max(_LEAST_CDEG, min(_MOST_CDEG, self._sum // self._count)))
            self._sum = self._count = 0

    def break_off(self) -> None:
        """End the hold: what follows is another, or none."""
        self._sum = self._count = 0
        if self._held_s:
            self._begin()

    def _begin(self) -> None:
        bins = self._bins
        for i in range(_BINS):
            bins[i] = 0
        self._middle = self._under = self._held_s = self._used = 0
        self.spent = False

    def _take_second(self, tilt_cdeg: int) -> None:
        if self._held_s and (abs(tilt_cdeg - self._median_cdeg()) > BAND_CDEG or self._held_s == _LONG):
            self._begin()
        self._count_in((tilt_cdeg - _LEAST_CDEG) // _BIN_CDEG)
        self._used = min(_FULL, self._used + share_per_second(tilt_cdeg))
        self.spent = self._used == _FULL and self._held_s >= HOLD_S and tilt_cdeg > FREE_CDEG

    def _count_in(self, bin: int) -> None:
        """Add a second to its bin, and move the median's bin as far as that takes it."""
        bins = self._bins
        bins[bin] += 1
        self._held_s += 1
        if bin < self._middle:
            self._under += 1
        half = (self._held_s - 1) >> 1
        while self._under > half:
            self._middle -= 1
            self._under -= bins[self._middle]
        while self._under + bins[self._middle] <= half:
            self._under += bins[self._middle]
            self._middle += 1

    def _median_cdeg(self) -> int:
        """Return the median, interpolated in its bin."""
        into = 2 * (((self._held_s - 1) >> 1) - self._under) + 1
        return _LEAST_CDEG + self._middle * _BIN_CDEG + into * _BIN_CDEG // (2 * self._bins[self._middle])

"""The remount guard: how the wearer's back leans while walking, against how it used to.

People walk much the same every day, so that the median forward tilt over 30 s of walking shows how the sensor sits. If
it differs by more than 10° from the usual one since calibrating, the sensor may have moved. That is reported once and
never corrected: the wearer may as well have carried something, and a later stretch within 7° ends the notice. A sensor
that has only turned sideways, or slid without turning, isn't noticed.

Time on foot is gathered across pauses. What is usual is known after 60 s; from then on it is a mean over the latest
20 min of walking, into which a stretch that is off does not enter.
"""

from array import array

STRETCH_S = 30
LEARNED_S = 60
FOLLOWED_S = 1200
MOVED_CDEG = 1000
BACK_CDEG = 700
SAVED_CDEG = 100  # a change of the usual tilt that is worth a write to flash
_BINS = 180  # of 1°, from -90°


class WalkingTilt:
    """Follows forward tilt while walking; `moved` from the stretch that is off until one that isn't, or forget().

    walking_cdeg: the median of the last stretch. usual_cdeg: what is usual, with walked_s seconds behind it, which
    stop at FOLLOWED_S; it says nothing before LEARNED_S. learned: the two are worth saving; who saves them resets it.
    """

    def __init__(self, rate_hz: float) -> None:
        self._stretch_samples = round(STRETCH_S * rate_hz)
        self._bins = array("H", bytes(2 * _BINS))
        self.forget()

    def forget(self) -> None:
        """Start over, as after calibrating: earlier tilts can't be compared with later ones."""
        self.restore(0, 0)

    def restore(self, usual_cdeg: int, walked_s: int) -> None:
        """Continue with what was saved with the active calibration; (0, 0) if nothing was."""
        self.usual_cdeg = self.walking_cdeg = self._saved_cdeg = usual_cdeg
        self.walked_s = self._saved_s = walked_s
        self.moved = False
        self.learned = False
        self._empty()

    def update(self, walking: bool, forward_cdeg: int) -> bool:
        """Take one sample; returns True when it shows that the sensor may have moved, once."""
        if not walking:
            return False
        degrees = forward_cdeg // 100 + _BINS // 2
        self._bins[0 if degrees < 0 else _BINS - 1 if degrees >= _BINS else degrees] += 1
        self._samples += 1
        if self._samples < self._stretch_samples:
            return False
        self.walking_cdeg = self._median_cdeg()
        self._empty()
        return self._compare()

    def _compare(self) -> bool:
        """Judge the stretch that is over, and learn from it."""
        off_cdeg = abs(self.walking_cdeg - self.usual_cdeg)
        if self.walked_s >= LEARNED_S and off_cdeg > (BACK_CDEG if self.moved else MOVED_CDEG):
            told = self.moved
            self.moved = True
            return not told
        self.moved = False
        self.walked_s = min(self.walked_s + STRETCH_S, FOLLOWED_S)
        self.usual_cdeg += (self.walking_cdeg - self.usual_cdeg) * STRETCH_S // self.walked_s
        if self.walked_s >= LEARNED_S and (
            abs(self.usual_cdeg - self._saved_cdeg) >= SAVED_CDEG or self.walked_s >= 2 * max(self._saved_s, STRETCH_S)
        ):
            self._saved_cdeg = self.usual_cdeg
            self._saved_s = self.walked_s
            self.learned = True
        return False

    def _median_cdeg(self) -> int:
        """Return the median, interpolated in its bin."""
        bins = self._bins
        left = self._stretch_samples // 2
        i = 0
        while bins[i] <= left:
            left -= bins[i]
            i += 1
        return (i - _BINS // 2) * 100 + 100 * left // bins[i]

    def _empty(self) -> None:
        self._samples = 0
        bins = self._bins
        for i in range(_BINS):
            bins[i] = 0

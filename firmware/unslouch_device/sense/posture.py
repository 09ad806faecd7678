"""The posture state machine: which of contract.states applies, and when a slouch begins, is confirmed and ends.

A slouch begins when θ crosses the threshold. It is confirmed once it has lasted `delay`; dips below the threshold
shorter than `recovery` do not interrupt it. It ends when θ has been below threshold − hysteresis for `recovery`.
"""

from ..contract.states import (
    CHARGING,
    LEANING,
    LYING,
    MOVING,
    OFF_BODY,
    RECLINED,
    SLOUCHING,
    UNCALIBRATED,
    UPRIGHT,
)

LYING_AFTER_S = 60
LYING_ENDS_S = 2
_LYING_COS = 8192  # cos 60° in 2**-14
_RISEN_COS = 9397  # cos 55°


class Limits:
    """The settings that decide about posture, in cdeg and samples."""

    def __init__(self, rate_hz: float, threshold_deg: int, hysteresis_deg: int, delay_s: int, recovery_s: int) -> None:
        self.threshold_cdeg = threshold_deg * 100
        self.release_cdeg = (threshold_deg - hysteresis_deg) * 100
        self.delay_samples = max(1, round(delay_s * rate_hz))
        self.recovery_samples = max(1, round(recovery_s * rate_hz))


class Slouch:
    """One slouch at a time, from crossing to end. Times are in samples."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.leaning = False
        self.confirmed = False
        self.since_onset = 0
        self._below = 0
        self.peak_cdeg = 0
        self._sum_deg = 0
        self._count = 0

    def update(self, forward_cdeg: int) -> bool:
        """Take the tilt of one sample; returns True when this sample ends a confirmed slouch."""
        limits = self.limits
        if not self.leaning:
            if forward_cdeg > limits.threshold_cdeg:
                self._begin()
            return False
        self.since_onset += 1
        self._sum_deg += (forward_cdeg + 50) // 100
        self._count += 1
        if self._count == 1 << 22:  # a mean over half of the time is as good after a day; the sum must stay small
            self._count >>= 1
            self._sum_deg >>= 1
        if forward_cdeg > self.peak_cdeg:
            self.peak_cdeg = forward_cdeg
        if forward_cdeg > (limits.release_cdeg if self.confirmed else limits.threshold_cdeg):
            self._below = 0
            if self.since_onset >= limits.delay_samples:
                self.confirmed = True
            return False
        self._below += 1
        if self._below < limits.recovery_samples:
            return False
        self.leaning = False
        return self.confirmed

    def abandon(self) -> bool:
        """End the slouch because tilt no longer counts; returns True if it was a confirmed one."""
        ended = self.leaning and self.confirmed
        self.leaning = False
        return ended

    @property
    def mean_cdeg(self) -> int:
        """Mean forward tilt since the crossing."""
        return 100 * self._sum_deg // self._count if self._count else 0

    def _begin(self) -> None:
        self.leaning = True
        self.confirmed = False
        self.since_onset = 0
        self._below = 0
        self.peak_cdeg = self.limits.threshold_cdeg
        self._sum_deg = 0
        self._count = 0


class Lying:
    """Lying is more than 60° off upright for a minute; anything shorter is bending."""

    def __init__(self, rate_hz: float) -> None:
        self._after = round(LYING_AFTER_S * rate_hz)
        self._ends = round(LYING_ENDS_S * rate_hz)
        self._count = 0
        self.now = False

    def update(self, uprightness: int) -> bool:
        """Take u·u₀ (1 g = 2**14) of one sample and tell whether the wearer lies."""
        if self.now == (uprightness < (_RISEN_COS if self.now else _LYING_COS)):
            self._count = 0
        else:
            self._count += 1
            if self._count >= (self._ends if self.now else self._after):
                self.now = not self.now
                self._count = 0
        return self.now


class Posture:
    """Decides the state of each sample; `slouch` holds the slouch it is in."""

    def __init__(self, rate_hz: float, limits: Limits) -> None:
        self.slouch = Slouch(limits)
        self._lying = Lying(rate_hz)
        self._reclined = False
        self._interrupted = False
        self.slouch_ended = False  # by this sample, or by an interruption before it
        self.corrected = False  # … because the wearer sat up
        self.state = UNCALIBRATED

    def configure(self, limits: Limits) -> None:
        """Take new limits; a slouch that is under way goes on under them unless it is measured differently now."""
        old = self.slouch.limits
        if (limits.threshold_cdeg, limits.release_cdeg) != (old.threshold_cdeg, old.release_cdeg):
            self.interrupt()
        self.slouch.limits = limits

    def interrupt(self) -> None:
        """End a slouch because what follows can't be compared with it; the next sample tells if it was confirmed."""
        if self.slouch.abandon():
            self._interrupted = True

    def update(
        self,
        forward_cdeg: int,
        uprightness: int,
        calibrated: bool,
        charging: bool,
        inert: bool,
        moving: bool,
    ) -> int:
        """Take one sample and return its state; uprightness is Tilt's."""
        lying = calibrated and self._lying.update(uprightness)
        if charging:
            state = CHARGING
        elif inert:
            state = OFF_BODY
        elif not calibrated:
            state = UNCALIBRATED
        elif lying:
            state = LYING
        elif moving:
            state = MOVING
        elif uprightness < _LYING_COS and forward_cdeg > -self.slouch.limits.threshold_cdeg:
            state = LEANING  # bending, forwards or sideways: never a slouch, and lying if it lasts
        else:
            state = UPRIGHT
        self.corrected = False
        if state != UPRIGHT:
            self.interrupt()
            self._reclined = False
        else:
            self.corrected = self.slouch.update(forward_cdeg)
            state = self._by_tilt(forward_cdeg)
        self.slouch_ended = self.corrected or self._interrupted
        self._interrupted = False
        self.state = state
        return state

    def _by_tilt(self, forward_cdeg: int) -> int:
        if self.slouch.leaning:
            return SLOUCHING if self.slouch.confirmed else LEANING
        limits = self.slouch.limits
        self._reclined = forward_cdeg < -(limits.release_cdeg if self._reclined else limits.threshold_cdeg)
        return RECLINED if self._reclined else UPRIGHT

"""The posture state machine: which of contract.states applies, and when a slouch begins, is confirmed and ends.

A slouch begins when θ crosses the threshold. It is confirmed once it has lasted the delay; dips below the threshold
shorter than `recovery` do not interrupt it. It ends when θ has been below threshold − hysteresis for `recovery`.

What is shown never flaps at a limit: each state that begins at one ends only beyond a lower one, after a while.
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
CHATTER_CDEG = 100  # more than breath and sway move an upper back that sits still
CHATTER_S = 10  # more than they leave between two crossings
_LYING_COS = 8192  # cos 60° in 2**-14
RISEN_COS = 9397  # cos 55°


class Limits:
    """The settings that decide about posture, in cdeg and samples."""

    def __init__(self, rate_hz: float, threshold_deg: int, hysteresis_deg: int, recovery_s: int) -> None:
        self.threshold_cdeg = threshold_deg * 100
        self.release_cdeg = (threshold_deg - hysteresis_deg) * 100
        self.recovery_samples = max(1, round(recovery_s * rate_hz))
        self.chatter_samples = round(max(recovery_s, CHATTER_S) * rate_hz)


class Slouch:
    """One slouch at a time, from crossing to end. Times are in samples.

    Until it is confirmed it is a lean. A lean that has been below the threshold for `recovery`, but barely, has lapsed:
    it counts for nothing, and the next crossing begins a new one. It is shown for some seconds more, so that the state
    doesn't flicker.
    """

    def __init__(self, limits: Limits, delay) -> None:
        """delay: what holds the current delay as `delay_samples`, as sense.fading.Fading does."""
        self.limits = limits
        self._delay = delay
        self.leaning = False
        self.confirmed = False
        self.lapsed = False
        self.since_onset = 0
        self._below = 0  # how long a lean has been below the threshold
        self._clear = 0  # … or a slouch or a lean clearly below what keeps it up
        self.peak_cdeg = 0
        self._sum_deg = 0
        self._count = 0

    def update(self, forward_cdeg: int) -> bool:
        """Take the tilt of one sample; returns True when this sample ends a lean or a slouch: the wearer has sat up."""
        limits = self.limits
        above = forward_cdeg > limits.threshold_cdeg
        if not self.leaning or (self.lapsed and above):
            if above:
                self._begin()
            return False
        self._measure(forward_cdeg)
        if not self.confirmed:
            self._consider(above)
        if forward_cdeg > (limits.release_cdeg if self.confirmed else limits.threshold_cdeg - CHATTER_CDEG):
            self._clear = 0
        else:
            self._clear += 1
        if self._clear < limits.recovery_samples and self._below < limits.chatter_samples:
            return False
        self.leaning = False
        return True

    def abandon(self) -> bool:
        """End the slouch because tilt no longer counts; returns True if it was a confirmed one."""
        ended = self.leaning and self.confirmed
        self.leaning = False
        return ended

    @property
    def above_samples(self) -> int:
        """Samples from the crossing until θ was last above the threshold; of a confirmed slouch, until now."""
        return self.since_onset - self._below

    @property
    def mean_cdeg(self) -> int:
        """Mean forward tilt since the crossing."""
        return 100 * self._sum_deg // self._count if self._count else 0

    def _begin(self) -> None:
        self.leaning = True
        self.confirmed = False
        self.lapsed = False
        self.since_onset = 0
        self._below = 0
        self._clear = 0
        self.peak_cdeg = self.limits.threshold_cdeg
        self._sum_deg = 0
        self._count = 0

    def _measure(self, forward_cdeg: int) -> None:
        self.since_onset += 1
        self._sum_deg += (forward_cdeg + 50) // 100
        self._count += 1
        if self._count == 1 << 22:  # a mean over half of the time is as good after a day; the sum must stay small
            self._count >>= 1
            self._sum_deg >>= 1
        if forward_cdeg > self.peak_cdeg:
            self.peak_cdeg = forward_cdeg

    def _consider(self, above: bool) -> None:
        """Confirm the slouch if it has lasted, or let it lapse."""
        if above:
            self._below = 0
            self.confirmed = self.since_onset >= self._delay.delay_samples
        else:
            self._below += 1
            self.lapsed = self._below >= self.limits.recovery_samples


class Lying:
    """Lying is more than 60° off upright for a minute; anything shorter is bending."""

    def __init__(self, rate_hz: float) -> None:
        self._after = round(LYING_AFTER_S * rate_hz)
        self._ends = round(LYING_ENDS_S * rate_hz)
        self._count = 0
        self.now = False

    @property
    def pending(self) -> bool:
        """Whether a change of `now` has begun but not lasted long enough."""
        return self._count > 0

    def update(self, uprightness: int) -> bool:
        """Take u·u₀ (1 g = 2**14) of one sample and tell whether the wearer lies."""
        if self.now == (uprightness < (RISEN_COS if self.now else _LYING_COS)):
            self._count = 0
        else:
            self._count += 1
            if self._count >= (self._ends if self.now else self._after):
                self.now = not self.now
                self._count = 0
        return self.now


class Posture:
    """Decides the state of each sample; `slouch` holds the slouch it is in."""

    def __init__(self, rate_hz: float, limits: Limits, delay) -> None:
        """delay: what holds the current delay as `delay_samples`."""
        self.slouch = Slouch(limits, delay)
        self._lying = Lying(rate_hz)
        self._bent = False
        self._reclined = False
        self._forward_again = 0  # samples for which the wearer no longer leans back
        self._interrupted = False
        self.slouch_ended = False  # by this sample, or by an interruption before it
        self.sat_up = False  # a lean or a slouch is over because the wearer sat up
        self.corrected = False  # … and it was a slouch
        self.state = UNCALIBRATED

    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way: no lean, no slouch, no bend and no lying, nor the beginning of one."""
        return not (self.slouch.leaning or self._bent or self._interrupted or self._lying.now or self._lying.pending)

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
        else:
            state = UPRIGHT
        self.sat_up = False
        if state == UPRIGHT:
            state = self._by_tilt(forward_cdeg, uprightness)
        else:
            self.interrupt()
            self._bent = self._reclined = False
        self.corrected = self.sat_up and self.slouch.confirmed
        self.slouch_ended = self.corrected or self._interrupted
        self._interrupted = False
        self.state = state
        return state

    def _by_tilt(self, forward_cdeg: int, uprightness: int) -> int:
        if self._reclined or forward_cdeg < 0:
            self._follow_reclining(forward_cdeg)
        self._bent = uprightness < (RISEN_COS if self._bent else _LYING_COS)
        if self._bent and not self._reclined:  # bending, forwards or sideways: never a slouch, and lying if it lasts
            self.interrupt()
            return LEANING
        slouch = self.slouch
        if not self._interrupted:  # else the slouch that was cut off is reported first, before another may begin
            self.sat_up = slouch.update(forward_cdeg)
        if slouch.leaning:
            return SLOUCHING if slouch.confirmed else LEANING
        return RECLINED if self._reclined else UPRIGHT

    def _follow_reclining(self, forward_cdeg: int) -> None:
        limits = self.slouch.limits
        if not self._reclined:
            self._reclined = forward_cdeg < -limits.threshold_cdeg
            self._forward_again = 0
        elif forward_cdeg < -limits.release_cdeg:
            self._forward_again = 0
        else:
            self._forward_again += 1
            self._reclined = self._forward_again < limits.recovery_samples and forward_cdeg <= limits.threshold_cdeg

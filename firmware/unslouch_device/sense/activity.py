"""What the body does, from how much the readings vary: still, moving, walking, or stiller than a body can be.

Moving: the mean deviation of |a| from its mean, low-passed, over a window of 2 s that advances by half seconds. The
low-pass keeps steps and takes out what hands, desk and chair send through the body. After 2 s nothing of the steps is
left in the window, so that a walker who sits down is still by then, however hard the steps were.

Walking: moving, at a walker's pace. Adults take 1.4 to 2.5 steps a second, and a walker's are even; a bumpy road keeps
no such time, and a runner is faster. (No recording of cycling, running or vehicles stands behind this.) How steps are
counted: activity_step.py, which also states the fixed-point ranges of a sample.

Inert: for minutes the rate has varied by less than breathing and heartbeat make it vary on a living back, or for less
time while the sensor cooled. A knock on the table costs a second of that stillness, not all of it; only several
restless seconds in a row are a body. No recording of a sensor off the body stands behind these figures.

Fixed point (31-bit small integers): the excess of |a| over 1 g summed over half a second at 104 Hz < 2**25.3; its
deviation summed over 2 s < 2**29.4.
"""

from math import exp, pi

from ..contract.records import TAKEN_OFF_COLD, TAKEN_OFF_STILL
from ..contract.states import ACTIVITY_INERT, ACTIVITY_MOVING, ACTIVITY_STILL
from . import activity_step as s
from .gravity import new_state

try:
    from .native import measure_samples
except (ImportError, SyntaxError):  # an interpreter without machine code of 32 bits
    from .activity_step import measure_samples

ONE_G = 1 << 13
MOVING_STARTS_MG = 50  # low-passed; the median of each of 9 people who walked is 140 to 240
MOVING_ENDS_MG = 30  # changing posture on a chair: 22 at most in 414 trials at T4
STEP_SHORTEST_S = 0.38
STEP_LONGEST_S = 0.77
LOW_PASS_HZ = 2.5  # two poles: the heel's knock and what it sets ringing are left out
INERT_RATE_DPS = 0.25  # seated people at T4: half of all samples vary by more than 0.43 °/s
CHARGING_STILL_S = 20  # with external power there is no doubt that has to be waited out
OFF_BODY_STILL_S = 120
OFF_BODY_COLD_S = 40  # of stillness, if meanwhile the sensor has cooled
OFF_BODY_COOLED_CC = 100
BODY_RESTLESS_S = 5
_FRESH_S = 5  # of stillness, during which the sensor is taken to be as warm as before it
_LONG = 1 << 29  # samples; months
_HALVES = 4  # halves of a second in the window
_UNKNOWN = _LONG  # beyond any mean


class Activity:
    """Follows the variation of acceleration and rate; `kind` is one of contract.states' activities.

    variation: the mean deviation over the last window, in 2**-15 g.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        self._state = state = new_state(s.SIZE)
        state[s.MEAN] = _UNKNOWN
        state[s.SHARE] = round(256 * (1 - exp(-2 * pi * LOW_PASS_HZ / rate_hz)))
        state[s.SHORTEST] = round(STEP_SHORTEST_S * rate_hz)
        state[s.LONGEST] = round(STEP_LONGEST_S * rate_hz)
        self.variation = 0
        self._half_samples = round(rate_hz / 2)
        window = 4 * _HALVES * self._half_samples  # of quarters of 2**-13 g
        self._starts = MOVING_STARTS_MG * ONE_G // 1000 * window
        self._ends = MOVING_ENDS_MG * ONE_G // 1000 * window
        self._inert_rate = round(INERT_RATE_DPS / gyro_dps_per_count * 16)
        self._charging_samples = round(CHARGING_STILL_S * rate_hz)
        self._off_body_samples = round(OFF_BODY_STILL_S * rate_hz)
        self._cold_samples = round(OFF_BODY_COLD_S * rate_hz)
        self._fresh_samples = round(_FRESH_S * rate_hz)
        self._second = round(rate_hz)
        self.kind = ACTIVITY_STILL
        self.cue = TAKEN_OFF_STILL  # why it is inert
        self._left = self._half_samples
        self._needed = self._starts  # of deviation in this half second, to be moving
        self._means = [0] * _HALVES
        self._deviations = [0] * _HALVES
        self._at = 0  # where this half second will stand
        self._vigorous = False  # the last window was moving
        self._restless = 0  # seconds on end
        self._second_left = 0  # of a restless second
        self._quiet = 0  # samples on end, up to a second
        self._warmest_cC = 0  # since a little after the stillness began
        self.inert_samples = 0  # of stillness, less what knocks have cost
        self.samples_since_still = 0  # since that stillness began, knocks included

    def begin_inert(self) -> None:
        """Begin as what has lain off the body for long."""
        self.kind = ACTIVITY_INERT
        self.inert_samples = self._off_body_samples

    @property
    def walking(self) -> bool:
        """Whether the wearer is moving, and that at a walker's pace."""
        return self.kind == ACTIVITY_MOVING and self._state[s.WALKING] > 0

    def take(self, samples, first: int, count: int, unrest: int) -> None:
        """Take `count` samples of an array("h") from the number `first` on, and GravityFilter.unrest of them."""
        state = self._state
        if state[s.MEAN] == _UNKNOWN:
            self._begin(samples, 6 * first)
        left = count
        while left:
            run = left if left < self._left else self._left
            measure_samples(state, samples, first, run)
            if state[s.DEVIATION] > self._needed and self.kind != ACTIVITY_INERT:
                self.kind = ACTIVITY_MOVING
            first += run
            left -= run
            self._left -= run
            if not self._left:
                self._close_half_second()
        self._watch_inertness(count, unrest)

    def feel(self, temperature_cC: int) -> None:
        """Take the sensor's temperature in hundredths of a degree, every few seconds.

        Once taken off it cools from skin towards room temperature; a body that only sits still stays warm.
        """
        if self.inert_samples < self._fresh_samples or temperature_cC > self._warmest_cC:
            self._warmest_cC = temperature_cC
        elif (
            self.kind != ACTIVITY_INERT
            and self.inert_samples >= self._cold_samples
            and self._warmest_cC - temperature_cC >= OFF_BODY_COOLED_CC
        ):
            self.inert_samples = self._off_body_samples
            self.kind = ACTIVITY_INERT
            self.cue = TAKEN_OFF_COLD

    def lies_on_charger(self, external_power: bool) -> bool:
        """Return whether the sensor is plugged in and has lain as still as a thing for a while."""
        return external_power and self.inert_samples >= self._charging_samples

    def _begin(self, samples, at: int) -> None:
        x = samples[at] >> 1
        y = samples[at + 1] >> 1
        z = samples[at + 2] >> 1
        excess = (x * x + y * y + z * z - s.ONE_G_SQUARED) >> 10
        self._state[s.MEAN] = excess
        for i in range(_HALVES):
            self._means[i] = excess

    def _close_half_second(self) -> None:
        """Judge the window that ends here; its deviations are from the means that stood when they were taken."""
        state = self._state
        self._means[self._at] = state[s.SUM] // self._half_samples
        self._deviations[self._at] = state[s.DEVIATION]
        self._at = (self._at + 1) % _HALVES  # the oldest, which leaves the window
        means = variation = 0
        for i in range(_HALVES):
            means += self._means[i]
            variation += self._deviations[i]
        self._left = self._half_samples
        self.variation = variation // (_HALVES * self._half_samples)
        state[s.MEAN] = means // _HALVES
        state[s.SUM] = state[s.DEVIATION] = 0
        state[s.SWING] = self.variation >> 2
        self._vigorous = variation > self._starts
        self._needed = self._starts - (variation - self._deviations[self._at])
        if self.kind == ACTIVITY_MOVING and variation < self._ends:
            self.kind = ACTIVITY_STILL

    def _watch_inertness(self, count: int, unrest: int) -> None:
        """Take so many samples, the most restless of which varied by `unrest`."""
        self._second_left = self._second_left - count if self._second_left > count else 0
        if unrest > self._inert_rate or self._vigorous:
            self._quiet = 0
            if not self._second_left:
                self._begin_restless_second()
        elif self._quiet < self._second:
            self._quiet += count
        else:
            self._restless = 0
        if not self._second_left:
            if self.inert_samples < self._off_body_samples:
                self.inert_samples += count
            elif self.kind != ACTIVITY_INERT:
                self.kind = ACTIVITY_INERT
                self.cue = TAKEN_OFF_STILL
        if not self.inert_samples:
            self.samples_since_still = 0
        elif self.samples_since_still < _LONG:
            self.samples_since_still += count

    def _begin_restless_second(self) -> None:
        self._second_left = self._second
        self._restless += 1
        self.inert_samples = max(0, self.inert_samples - self._second)
        if self._restless >= BODY_RESTLESS_S:
            self.inert_samples = 0
            if self.kind == ACTIVITY_INERT:
                self.kind = ACTIVITY_STILL

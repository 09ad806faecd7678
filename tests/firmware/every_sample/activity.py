"""Activity, with all of it done at every sample."""

from unslouch_device.contract.records import TAKEN_OFF_COLD, TAKEN_OFF_STILL
from unslouch_device.contract.states import ACTIVITY_INERT, ACTIVITY_MOVING, ACTIVITY_STILL

from .pace import Pace

ONE_G = 1 << 13
MOVING_STARTS_MG = 50  # low-passed; the median of each of 9 people who walked is 140 to 240
MOVING_ENDS_MG = 30  # changing posture on a chair: 22 at most in 414 trials at T4
INERT_RATE_DPS = 0.25  # seated people at T4: half of all samples vary by more than 0.43 °/s
CHARGING_STILL_S = 20  # with external power there is no doubt that has to be waited out
OFF_BODY_STILL_S = 120
OFF_BODY_COLD_S = 40  # of stillness, if meanwhile the sensor has cooled
OFF_BODY_COOLED_CC = 100
BODY_RESTLESS_S = 5
_FRESH_S = 5  # of stillness, during which the sensor is taken to be as warm as before it
_LONG = 1 << 29  # samples; months
_ONE_G_SQUARED = 1 << 22  # in 2**-22 g²
_HALVES = 4  # halves of a second in the window
_BLOW = 3 * ONE_G // 8  # beyond it |a| hardly enters the mean, or a blow would change it for seconds
_UNKNOWN = _LONG  # beyond any mean


class EverySampleActivity:
    """Follows the variation of acceleration and rate; `kind` is one of contract.states' activities."""

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        self._pace = Pace(rate_hz)
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
        self._mean = _UNKNOWN  # of |a| − 1 g, over the window before this half second
        self._left = self._half_samples
        self._sum = 0  # of |a| − 1 g, in this half second
        self._deviation = 0  # of it from _mean, low-passed, likewise; in 2**-15 g
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

    @property
    def walking(self) -> bool:
        """Whether the wearer is moving, and that at a walker's pace."""
        return self.kind == ACTIVITY_MOVING and self._pace.walking

    @property
    def variation(self) -> int:
        """The mean deviation over the last window, in 2**-15 g."""
        return self._pace.variation

    def update(self, ax: int, ay: int, az: int, unrest: int) -> None:
        """Take one sample: acceleration in 2**-13 g, up to ±8 g, and GravityFilter.unrest."""
        ax >>= 2
        ay >>= 2
        az >>= 2
        excess = (ax * ax + ay * ay + az * az - _ONE_G_SQUARED) >> 10  # ≈ |a| − 1 g in 2**-13 g
        if self._mean == _UNKNOWN:
            self._begin(excess)
        self._sum += _BLOW if excess > _BLOW else -_BLOW if excess < -_BLOW else excess
        self._deviation += abs(self._pace.update(excess - self._mean))
        if self._deviation > self._needed and self.kind != ACTIVITY_INERT:
            self.kind = ACTIVITY_MOVING
        self._left -= 1
        if not self._left:
            self._close_half_second()
        self._watch_inertness(unrest)

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

    def _begin(self, excess: int) -> None:
        self._mean = excess
        for i in range(_HALVES):
            self._means[i] = excess

    def _close_half_second(self) -> None:
        """Judge the window that ends here; its deviations are from the means that stood when they were taken."""
        self._means[self._at] = self._sum // self._half_samples
        self._deviations[self._at] = self._deviation
        self._at = (self._at + 1) % _HALVES  # the oldest, which leaves the window
        means = variation = 0
        for i in range(_HALVES):
            means += self._means[i]
            variation += self._deviations[i]
        self._mean = means // _HALVES
        self._left = self._half_samples
        self._sum = self._deviation = 0
        self._pace.variation = variation // (_HALVES * self._half_samples)
        self._vigorous = variation > self._starts
        self._needed = self._starts - (variation - self._deviations[self._at])
        if self.kind == ACTIVITY_MOVING and variation < self._ends:
            self.kind = ACTIVITY_STILL

    def _watch_inertness(self, unrest: int) -> None:
        if self._second_left:
            self._second_left -= 1
        if unrest > self._inert_rate or self._vigorous:
            self._quiet = 0
            if not self._second_left:
                self._begin_restless_second()
        elif self._quiet < self._second:
            self._quiet += 1
        else:
            self._restless = 0
        if not self._second_left:
            if self.inert_samples < self._off_body_samples:
                self.inert_samples += 1
            elif self.kind != ACTIVITY_INERT:
                self.kind = ACTIVITY_INERT
                self.cue = TAKEN_OFF_STILL
        if not self.inert_samples:
            self.samples_since_still = 0
        elif self.samples_since_still < _LONG:
            self.samples_since_still += 1

    def _begin_restless_second(self) -> None:
        self._second_left = self._second
        self._restless += 1
        self.inert_samples = max(0, self.inert_samples - self._second)
        if self._restless >= BODY_RESTLESS_S:
            self.inert_samples = 0
            if self.kind == ACTIVITY_INERT:
                self.kind = ACTIVITY_STILL

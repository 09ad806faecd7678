"""What the body does, from how much the readings vary: still, moving, or stiller than a body can be.

Moving: the mean deviation of |a| from its own mean over about 2 s. Inert: for minutes the rate has varied by less
than breathing and heartbeat make it vary on a living back. A knock on the table costs a second of that stillness, not
all of it; only several restless seconds on end are a body.
"""

from ..contract.states import ACTIVITY_INERT, ACTIVITY_MOVING, ACTIVITY_STILL

MOVING_STARTS = 410  # counts (1 g = 2**13): 0.05 g
MOVING_ENDS = 246  # 0.03 g
INERT_RATE_DPS = 0.25  # seated people at T4: half of all samples vary by more than 0.43 °/s
CHARGING_STILL_S = 20  # with external power there is no doubt that has to be waited out
OFF_BODY_STILL_S = 120
BODY_RESTLESS_S = 5
_ONE_G_SQUARED = 1 << 22
_LONG = 1 << 29  # samples; months


class Activity:
    """Follows the variation of acceleration and rate; `kind` is one of contract.states' activities."""

    def __init__(self, rate_hz: float, gyro_dps_per_count: float) -> None:
        self._inert_rate = round(INERT_RATE_DPS / gyro_dps_per_count * 16)
        self._lasting = round(2 * rate_hz)
        self._charging_samples = round(CHARGING_STILL_S * rate_hz)
        self._off_body_samples = round(OFF_BODY_STILL_S * rate_hz)
        self._second = round(rate_hz)
        self.kind = ACTIVITY_STILL
        self._mean = 0  # of |a| − 1 g, 2**-4 counts
        self._variation = 0  # mean |deviation|, 2**-4 counts
        self._calm = 0  # samples since the variation was last above MOVING_ENDS
        self._restless = 0  # seconds on end
        self._second_left = 0  # of a restless second
        self._quiet = 0  # samples on end, up to a second
        self.inert_samples = 0  # of stillness, less what knocks have cost
        self.samples_since_still = 0  # since that stillness began, knocks included

    def update(self, ax: int, ay: int, az: int, unrest: int) -> None:
        """Take one sample: acceleration in counts (1 g = 2**13), and GravityFilter.unrest."""
        ax >>= 2
        ay >>= 2
        az >>= 2
        excess = (ax * ax + ay * ay + az * az - _ONE_G_SQUARED) >> 10  # ≈ |a| − 1 g in counts, 2**17.6 at most
        deviation = (excess << 4) - self._mean
        self._mean += deviation >> 6
        self._variation += (abs(deviation) - self._variation) >> 6
        if self._variation > MOVING_STARTS << 4:
            self.kind = ACTIVITY_MOVING
        if self._variation > MOVING_ENDS << 4:
            self._calm = 0
        elif self._calm < self._lasting:
            self._calm += 1
        elif self.kind == ACTIVITY_MOVING:
            self.kind = ACTIVITY_STILL
        self._watch_inertness(unrest)

    def _watch_inertness(self, unrest: int) -> None:
        if self._second_left:
            self._second_left -= 1
        if unrest > self._inert_rate:
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
            else:
                self.kind = ACTIVITY_INERT
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

    def lies_on_charger(self, external_power: bool) -> bool:
        """Tell whether the sensor is plugged in and has lain as still as a thing for a while."""
        return external_power and self.inert_samples >= self._charging_samples

"""The whole way of a sample, with a decision at each."""

from unslouch_device.contract.records import EPOCH_ALERTED, EPOCH_SATURATED, EPOCH_SNOOZED, EPOCH_TRACKING_ONLY
from unslouch_device.contract.settings import DEFAULTS
from unslouch_device.contract.states import ACTIVITY_INERT, ACTIVITY_LYING, ACTIVITY_MOVING, LYING, MOVING
from unslouch_device.sense.alert import ALERTED, CORRECTED, DELAY_ADAPTED, MISSED  # noqa: F401 - all bits of `happened` can be imported here
from unslouch_device.sense.detector import CONFIRMED, ENDED, Detector  # noqa: F401
from unslouch_device.sense.epoch import EpochBuilder
from unslouch_device.sense.gravity import SATURATED_ACCELERATION, SATURATED_RATE
from unslouch_device.sense.tilt import Tilt
from unslouch_device.sense.walking import WalkingTilt

from .activity import EverySampleActivity
from .gravity import EverySampleFilter

SENSOR_MOVED = 0x40  # so it seems (see sense.walking): a bit of Pipeline.happened, beside those of sense.detector

_GREATEST_ACCELERATION = SATURATED_ACCELERATION - 1
_GREATEST_RATE = SATURATED_RATE - 1


class EverySampleTilt(Tilt):
    """As Tilt, and tells the speed of a sample."""

    def calibrate(self, up, forward):
        super().calibrate(up, forward)
        self._coarse_mx, self._coarse_my, self._coarse_mz = self.coarse_lateral()

    def forward_rate(self, rate_x, rate_y, rate_z):
        """Return |dθ/dt| in the unit of the rates given (2**-4 counts): their component about the lateral axis m."""
        return abs(rate_x * self._coarse_mx + rate_y * self._coarse_my + rate_z * self._coarse_mz) >> 8


class EverySamplePipeline(Detector):
    """Everything between the IMU's counts and the journal's epochs; step() allocates nothing.

    Accelerations are in counts of 2**-13 g (full scale ±8 g), rates in counts of gyro_dps_per_count.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, settings: "dict[int, int]" = DEFAULTS) -> None:
        self.gravity = EverySampleFilter(rate_hz, gyro_dps_per_count)
        self.activity = EverySampleActivity(rate_hz, gyro_dps_per_count)
        self.walking = WalkingTilt(rate_hz)
        self.epoch = EpochBuilder(rate_hz)
        super().__init__(rate_hz, EverySampleTilt(), settings)
        self._cdeg_s_times_256 = round(gyro_dps_per_count * 100 / 16 * 256)  # cdeg/s of one 2**-4 count of rate
        self.calibrated = False
        self.external_power = False
        self.charging = False

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]", standing_cdeg: int = 0) -> None:
        """Take a calibration: u₀ and p of sense.tilt in 2**-14, and θ of standing (0: not known)."""
        self.tilt.calibrate(up, forward)
        self.tilt.update(self.gravity.x, self.gravity.y, self.gravity.z)
        self.stand_at(standing_cdeg)
        self.calibrated = True
        self._begin_anew()

    def uncalibrate(self) -> None:
        """Go on without a calibration, until calibrate()."""
        self.calibrated = False
        self._begin_anew()

    def resume_after_gap(self, samples: int) -> None:
        """Begin anew after time without so many samples: nothing from before it counts as uninterrupted."""
        self.skip(samples)
        self.gravity.restart()

    def _begin_anew(self) -> None:
        self.epoch.forget_tilt()
        self.break_off()

    def step(self, second: int, ax: int, ay: int, az: int, gx: int, gy: int, gz: int) -> int:
        """Take one sample that falls into second 0…4 of its epoch; returns its state and sets `happened`."""
        gravity = self.gravity
        tilt = self.tilt
        activity = self.activity
        gravity.update(ax, ay, az, gx, gy, gz)
        tilt.update(gravity.x, gravity.y, gravity.z)
        activity.update(ax, ay, az, gravity.unrest)
        self.charging = (
            self.external_power and (self.charging or activity.lies_on_charger(True)) and activity.inert_samples > 0
        )
        kind = activity.kind
        state = self.posture.update(
            tilt.forward_cdeg,
            tilt.uprightness,
            self.calibrated,
            self.charging,
            kind == ACTIVITY_INERT,
            kind == ACTIVITY_MOVING,
        )
        self.follow(state)
        happened = self.happened
        if self.alerter.snooze_samples:
            self.epoch.flags |= EPOCH_SNOOZED
        if self.alerter.tracking_only:
            self.epoch.flags |= EPOCH_TRACKING_ONLY
        if happened & ALERTED:
            self.epoch.flags |= EPOCH_ALERTED
        if state == MOVING and self.walking.update(activity.walking, tilt.forward_cdeg):
            self.happened = happened | SENSOR_MOVED
        a = _GREATEST_ACCELERATION
        w = _GREATEST_RATE
        room = a + ax | a - ax | a + ay | a - ay | a + az | a - az
        room |= w + gx | w - gx | w + gy | w - gy | w + gz | w - gz
        if room < 0:  # one of them is beyond; comparing each takes twice as long
            self.epoch.flags |= EPOCH_SATURATED
        speed = (tilt.forward_rate(gravity.rate_x, gravity.rate_y, gravity.rate_z) * self._cdeg_s_times_256) >> 8
        self.epoch.add(
            second, 1, state, ACTIVITY_LYING if state == LYING else kind, tilt.forward_cdeg, tilt.lateral_cdeg, speed
        )
        return state

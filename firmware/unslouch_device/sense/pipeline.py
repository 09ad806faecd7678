"""The whole way of a sample: raw counts → gravity → tilt → activity → posture → alert → epoch."""

from ..contract.records import EPOCH_ALERTED, EPOCH_SATURATED, EPOCH_SNOOZED, EPOCH_TRACKING_ONLY, TILT_UNKNOWN
from ..contract.settings import DEFAULTS
from ..contract.states import ACTIVITY_INERT, ACTIVITY_LYING, ACTIVITY_MOVING, LYING, MOVING
from .activity import Activity
from .alert import ALERTED, CORRECTED, DELAY_ADAPTED, MISSED  # noqa: F401 - all bits of `happened` can be imported here
from .detector import CONFIRMED, ENDED, Detector  # noqa: F401
from .epoch import EpochBuilder
from .gravity import SATURATED_ACCELERATION, SATURATED_RATE, GravityFilter
from .tilt import Tilt
from .walking import WalkingTilt

SENSOR_MOVED = 0x40  # so it seems (see sense.walking): a bit of Pipeline.happened, beside those of sense.detector

_GREATEST_ACCELERATION = SATURATED_ACCELERATION - 1
_GREATEST_RATE = SATURATED_RATE - 1


class Pipeline(Detector):
    """Everything between the IMU's counts and the journal's epochs; step() allocates nothing.

    Accelerations are in counts of 2**-13 g (full scale ±8 g), rates in counts of gyro_dps_per_count.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, settings: "dict[int, int]" = DEFAULTS) -> None:
        self.gravity = GravityFilter(rate_hz, gyro_dps_per_count)
        self.activity = Activity(rate_hz, gyro_dps_per_count)
        self.walking = WalkingTilt(rate_hz)
        self.epoch = EpochBuilder(rate_hz)
        super().__init__(rate_hz, Tilt(), settings)
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

    def alert_is_near(self) -> bool:
        """Return whether the wearer leans, or has been alerted: then samples are wanted soon."""
        return self.posture.slouch.leaning or self.alerter.given > 0

    def shown_tilt(self) -> "tuple[int, int]":
        """Return forward and lateral tilt in cdeg, TILT_UNKNOWN without a calibration."""
        if not self.calibrated:
            return TILT_UNKNOWN, TILT_UNKNOWN
        return self.tilt.forward_cdeg, self.tilt.lateral_cdeg

    def shown_activity(self) -> int:
        """Return the activity, where lying counts as one."""
        return ACTIVITY_LYING if self.posture.state == LYING else self.activity.kind

    def above_threshold_s(self) -> int:
        """Return for how long the wearer has been leaning or slouching."""
        slouch = self.posture.slouch
        return int(slouch.since_onset // self.rate_hz) if slouch.leaning and not slouch.lapsed else 0

    def snooze_left_s(self) -> int:
        """Return what is left of a snooze."""
        return int(self.alerter.snooze_samples // self.rate_hz)

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
            second, state, ACTIVITY_LYING if state == LYING else kind, tilt.forward_cdeg, tilt.lateral_cdeg, speed
        )
        return state

"""The whole way of a sample: raw counts → gravity → tilt → activity → posture → alert → epoch."""

from ..contract.records import EPOCH_ALERTED, EPOCH_SATURATED, EPOCH_SNOOZED, EPOCH_TRACKING_ONLY, TILT_UNKNOWN
from ..contract.settings import (
    ALERT_GAP_S,
    DELAY_S,
    HYSTERESIS_DEG,
    RECOVERY_S,
    SETTINGS,
    THRESHOLD_DEG,
    TRACKING_ONLY,
)
from ..contract.states import ACTIVITY_INERT, ACTIVITY_LYING, ACTIVITY_MOVING, LYING, SLOUCHING
from .activity import Activity
from .alert import Alerter
from .epoch import EpochBuilder
from .gravity import GravityFilter
from .posture import Limits, Posture
from .tilt import Tilt

# What a sample made happen: bits of Pipeline.happened.
CONFIRMED = 0x01  # a slouch has lasted its delay
ENDED = 0x02  # a confirmed slouch is over
CORRECTED = 0x04  # … because the wearer sat up after an alert
ALERTED = 0x08

DEFAULTS = {setting.id: setting.default for setting in SETTINGS}
_SATURATED = 32760


class Pipeline:
    """Everything between the IMU's counts and the journal's epochs; step() allocates nothing.

    Accelerations are in counts of 2**-13 g (full scale ±4 g), rates in counts of gyro_dps_per_count.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, settings: "dict[int, int]" = DEFAULTS) -> None:
        self.rate_hz = rate_hz
        self.gravity = GravityFilter(rate_hz, gyro_dps_per_count)
        self.tilt = Tilt()
        self.activity = Activity(rate_hz, gyro_dps_per_count)
        self.posture = Posture(rate_hz, _limits(rate_hz, settings))
        self.alerter = Alerter(rate_hz)
        self.epoch = EpochBuilder(rate_hz)
        self.configure(settings)
        self._cdeg_s_times_256 = round(gyro_dps_per_count * 100 / 16 * 256)  # cdeg/s of one 2**-4 count of rate
        self.calibrated = False
        self.external_power = False
        self.charging = False
        self.happened = 0
        self._slouching = False

    def configure(self, settings: "dict[int, int]") -> None:
        """Take the settings, by id."""
        self.posture.configure(_limits(self.rate_hz, settings))
        self.alerter.configure(settings[ALERT_GAP_S], bool(settings[TRACKING_ONLY]))

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]") -> None:
        """Take a calibration: u₀ and p of sense.tilt in 2**-14."""
        self.tilt.calibrate(up, forward)
        self.tilt.update(self.gravity.x, self.gravity.y, self.gravity.z)
        self.calibrated = True
        self.epoch.forget_tilt()
        self.posture.interrupt()

    def resume_after_gap(self) -> None:
        """Begin anew after time without samples: nothing from before it counts as uninterrupted."""
        self.posture.interrupt()
        self.gravity.restart()

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
        return int(slouch.since_onset // self.rate_hz) if slouch.leaning else 0

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
        self._follow_slouch(state)
        self._flag(ax, ay, az, gx, gy, gz)
        speed = (tilt.forward_rate(gravity.rate_x, gravity.rate_y, gravity.rate_z) * self._cdeg_s_times_256) >> 8
        self.epoch.add(
            second, state, ACTIVITY_LYING if state == LYING else kind, tilt.forward_cdeg, tilt.lateral_cdeg, speed
        )
        return state

    def _follow_slouch(self, state: int) -> None:
        happened = 0
        alerter = self.alerter
        slouching = state == SLOUCHING
        if self.posture.slouch_ended:
            happened |= ENDED
            if alerter.given and self.posture.corrected:
                happened |= CORRECTED
        elif slouching and not self._slouching:
            happened |= CONFIRMED
            alerter.slouch_over()
        if alerter.update(slouching):
            happened |= ALERTED
            self.epoch.flags |= EPOCH_ALERTED
        self._slouching = slouching
        self.happened = happened

    def _flag(self, ax: int, ay: int, az: int, gx: int, gy: int, gz: int) -> None:
        if self.alerter.snooze_samples:
            self.epoch.flags |= EPOCH_SNOOZED
        if self.alerter.tracking_only:
            self.epoch.flags |= EPOCH_TRACKING_ONLY
        if max(ax, ay, az, gx, gy, gz) > _SATURATED or min(ax, ay, az, gx, gy, gz) < -_SATURATED:
            self.epoch.flags |= EPOCH_SATURATED


def _limits(rate_hz: float, settings: "dict[int, int]") -> Limits:
    return Limits(rate_hz, settings[THRESHOLD_DEG], settings[HYSTERESIS_DEG], settings[DELAY_S], settings[RECOVERY_S])

"""The whole way of a sample: raw counts → gravity → tilt → activity → posture → alert → epoch."""

from ..contract.records import EPOCH_ALERTED, EPOCH_SATURATED, EPOCH_SNOOZED, EPOCH_TRACKING_ONLY, TILT_UNKNOWN
from ..contract.settings import ALERT_MODE, BUDGET_MODE, DEFAULTS, HYSTERESIS_DEG, RECOVERY_S, THRESHOLD_DEG
from ..contract.states import ACTIVITY_INERT, ACTIVITY_LYING, ACTIVITY_MOVING, LYING, MOVING, SLOUCHING
from .activity import Activity
from .alert import ALERTED, CORRECTED, DELAY_ADAPTED, MISSED, Alerter  # noqa: F401 - all bits are to be had here
from .budget import FREE_CDEG, Budget
from .epoch import EpochBuilder
from .gravity import SATURATED_ACCELERATION, SATURATED_RATE, GravityFilter
from .posture import Limits, Posture
from .tilt import Tilt
from .walking import WalkingTilt

# What a sample made happen: bits of Pipeline.happened, beside those of sense.alert.
CONFIRMED = 0x10  # a slouch has lasted its delay
ENDED = 0x20  # a confirmed slouch is over
SENSOR_MOVED = 0x40  # so it seems; see sense.walking

_ASIDE_CDEG = 6000  # leaning further aside, forward tilt means nothing
_GREATEST_ACCELERATION = SATURATED_ACCELERATION - 1
_GREATEST_RATE = SATURATED_RATE - 1


class Pipeline:
    """Everything between the IMU's counts and the journal's epochs; step() allocates nothing.

    Accelerations are in counts of 2**-13 g (full scale ±8 g), rates in counts of gyro_dps_per_count.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, settings: "dict[int, int]" = DEFAULTS) -> None:
        self.rate_hz = rate_hz
        self.gravity = GravityFilter(rate_hz, gyro_dps_per_count)
        self.tilt = Tilt()
        self.activity = Activity(rate_hz, gyro_dps_per_count)
        self.walking = WalkingTilt(rate_hz)
        self.alerter = Alerter(rate_hz)
        self.budget = Budget(rate_hz)
        self.posture = Posture(rate_hz, _limits(rate_hz, settings), self.alerter.fading)
        self.epoch = EpochBuilder(rate_hz)
        self._standing_cdeg = 0
        self._hysteresis_cdeg = 0
        self._eased = 0  # samples for which the wearer has sat up, in budget mode
        self.configure(settings)
        self._cdeg_s_times_256 = round(gyro_dps_per_count * 100 / 16 * 256)  # cdeg/s of one 2**-4 count of rate
        self.calibrated = False
        self.external_power = False
        self.charging = False
        self.happened = 0
        self._slouching = False

    def configure(self, settings: "dict[int, int]") -> None:
        """Take the settings, by id."""
        if settings[ALERT_MODE] != self.alerter.mode:
            self.budget.break_off()
        self.posture.configure(_limits(self.rate_hz, settings))
        self.alerter.configure(settings)
        self._hysteresis_cdeg = 100 * settings[HYSTERESIS_DEG]
        self._find_relief()

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]", standing_cdeg: int = 0) -> None:
        """Take a calibration: u₀ and p of sense.tilt in 2**-14, and θ of standing (0: not known)."""
        self.tilt.calibrate(up, forward)
        self.tilt.update(self.gravity.x, self.gravity.y, self.gravity.z)
        self._standing_cdeg = standing_cdeg
        self._find_relief()
        self.calibrated = True
        self._begin_anew()

    def uncalibrate(self) -> None:
        """Go on without a calibration, until calibrate()."""
        self.calibrated = False
        self._begin_anew()

    def resume_after_gap(self, samples: int) -> None:
        """Begin anew after time without so many samples: nothing from before it counts as uninterrupted."""
        self._break_off()
        self.alerter.skip(samples)
        self.gravity.restart()

    def _begin_anew(self) -> None:
        self.epoch.forget_tilt()
        self._break_off()

    def _break_off(self) -> None:
        self.posture.interrupt()
        self.budget.break_off()
        self.alerter.break_off()

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
        self._follow(state)
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

    def _follow(self, state: int) -> None:
        """Find out what this sample made happen."""
        happened = 0
        posture = self.posture
        alerter = self.alerter
        due = slouching = state == SLOUCHING
        if posture.slouch_ended:
            happened = ENDED
        elif slouching and not self._slouching:
            happened = CONFIRMED
        self._slouching = slouching
        if alerter.mode == BUDGET_MODE:
            due = self._spend(state)
        elif posture.sat_up:
            alerter.sat_up(posture.slouch.above_samples)
        elif posture.slouch_ended:
            alerter.break_off()
        happened |= alerter.update(due)
        if alerter.snooze_samples:
            self.epoch.flags |= EPOCH_SNOOZED
        if alerter.tracking_only:
            self.epoch.flags |= EPOCH_TRACKING_ONLY
        if happened & ALERTED:
            self.epoch.flags |= EPOCH_ALERTED
        if state == MOVING and self.walking.update(self.activity.walking, self.tilt.forward_cdeg):
            happened |= SENSOR_MOVED
        self.happened = happened

    def _spend(self, state: int) -> bool:
        """Spend of the holding time budget, and tell whether it is used up."""
        tilt = self.tilt
        budget = self.budget
        alerter = self.alerter
        if state < SLOUCHING or abs(tilt.lateral_cdeg) > _ASIDE_CDEG:  # no posture, or none that θ tells of
            budget.break_off()
            alerter.break_off()
            return False
        if tilt.forward_cdeg > self._relief_cdeg:
            budget.update(tilt.forward_cdeg - self._standing_cdeg)
            self._eased = 0
            return budget.spent
        budget.break_off()
        if alerter.given:
            self._eased += 1
            if self._eased >= self.posture.slouch.limits.recovery_samples:
                alerter.sat_up(0)
        return False

    def _find_relief(self) -> None:
        """Find the tilt below which, in budget mode, the wearer has sat up and no budget is spent.

        It is clearly within what may be held for any time. Where sitting upright is more than that against standing, it
        is what ends a slouch: nobody is to be alerted for the posture that he calibrated.
        """
        free_cdeg = FREE_CDEG - self._hysteresis_cdeg
        release_cdeg = self.posture.slouch.limits.release_cdeg
        self._relief_cdeg = max(free_cdeg + self._standing_cdeg, min(free_cdeg, release_cdeg))


def _limits(rate_hz: float, settings: "dict[int, int]") -> Limits:
    return Limits(rate_hz, settings[THRESHOLD_DEG], settings[HYSTERESIS_DEG], settings[RECOVERY_S])

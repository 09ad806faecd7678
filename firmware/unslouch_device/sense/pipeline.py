"""The whole way from samples to decisions: raw counts → gravity and activity → tilt → posture → alert → epoch.

Every sample goes through the gravity filter, the variation of acceleration and |dθ/dt|. Decisions are made at 10 to 13
Hz, from the tilt at the last of their samples: nothing that a wearer does is decided by less than a tenth of a second.
"""

from ..contract.records import EPOCH_ALERTED, EPOCH_SATURATED, EPOCH_SNOOZED, EPOCH_TRACKING_ONLY, TILT_UNKNOWN
from ..contract.settings import DEFAULTS
from ..contract.states import ACTIVITY_INERT, ACTIVITY_LYING, ACTIVITY_MOVING, LYING, MOVING
from .activity import Activity
from .alert import ALERTED, CORRECTED, DELAY_ADAPTED, MISSED  # noqa: F401 - all bits of `happened` can be imported here
from .detector import CONFIRMED, ENDED, Detector  # noqa: F401
from .epoch import EpochBuilder
from .gravity import GravityFilter
from .gravity_step import SATURATED, SPEED
from .tilt import Tilt
from .walking import WalkingTilt

SENSOR_MOVED = 0x40  # so it seems (see sense.walking): a bit of Pipeline.happened, beside those of sense.detector

_MOST_PER_SECOND = 13
_LEAST_PER_SECOND = 10
_HALF_A_TURN_CDEG = 18000


def samples_per_decision(rate_hz: float) -> int:
    """Return how many samples a decision takes: such that 10 to 13 make a second, and evenly, if that is possible."""
    fewest = max(1, -int(-rate_hz // _MOST_PER_SECOND))
    for samples in range(fewest, int(rate_hz // _LEAST_PER_SECOND) + 1):
        if not rate_hz % samples:
            return samples
    return fewest


class Pipeline(Detector):
    """Everything between the IMU's counts and the journal's epochs: take() samples, decide() when `wanted` is 0.

    Neither allocates anything. wanted: samples until the next decision. rate_hz: of decisions, each of which is for
    `per_decision` samples.
    """

    def __init__(self, rate_hz: float, gyro_dps_per_count: float, settings: "dict[int, int]" = DEFAULTS) -> None:
        """rate_hz: of samples."""
        self.per_decision = samples_per_decision(rate_hz)
        decision_hz = rate_hz / self.per_decision
        self.gravity = GravityFilter(rate_hz, gyro_dps_per_count)
        self.activity = Activity(rate_hz, gyro_dps_per_count)
        self.walking = WalkingTilt(decision_hz)
        self.epoch = EpochBuilder(rate_hz)
        super().__init__(decision_hz, Tilt(), settings)
        self.wanted = 1
        self._undecided = 0  # samples since the last decision
        self._forward_cdeg = 0  # at the last decision
        self.calibrated = False
        self.external_power = False
        self.charging = False

    def calibrate(self, up: "tuple[int, int, int]", forward: "tuple[int, int, int]", standing_cdeg: int = 0) -> None:
        """Take a calibration: u₀ and p of sense.tilt in 2**-14, and θ of standing (0: not known)."""
        self.tilt.calibrate(up, forward)
        self.gravity.measure_speed_about(*self.tilt.coarse_lateral())
        self.tilt.update(self.gravity.x, self.gravity.y, self.gravity.z)
        self.stand_at(standing_cdeg)
        self.calibrated = True
        self._forward_cdeg = self.tilt.forward_cdeg
        self._begin_anew()

    def uncalibrate(self) -> None:
        """Go on without a calibration, until calibrate()."""
        self.calibrated = False
        self._begin_anew()

    def resume_after_gap(self, seconds: int) -> None:
        """Begin anew after so much time without samples: nothing from before it counts as uninterrupted."""
        self.skip(round(seconds * self.rate_hz))
        self.gravity.restart()
        self.wanted = 1
        self._undecided = 0
        self.gravity.state[SPEED] = 0

    def _begin_anew(self) -> None:
        self.epoch.forget_tilt()
        self.break_off()

    def alert_is_near(self) -> bool:
        """Return whether the wearer leans, spends holding time, or has been alerted: then samples are wanted soon."""
        return self.posture.slouch.leaning or self.alerter.given > 0 or self.budget.spending

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

    def take(self, samples, first: int, count: int) -> None:
        """Take `count` samples, at most `wanted`, of an array("h") from the number `first` on: see GravityFilter."""
        self.gravity.take(samples, first, count)
        self.activity.take(samples, first, count, self.gravity.unrest)
        self.wanted -= count
        self._undecided += count

    def decide(self, second: int) -> int:
        """Decide at the latest sample; returns its state and sets `happened`.

        second: 0…4, where in its epoch the middle of the samples since the last decision lies.
        """
        gravity = self.gravity
        tilt = self.tilt
        activity = self.activity
        epoch = self.epoch
        tilt.update(gravity.x, gravity.y, gravity.z)
        if self.external_power:
            self.charging = (self.charging or activity.lies_on_charger(True)) and activity.inert_samples > 0
        else:
            self.charging = False
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
            epoch.flags |= EPOCH_SNOOZED
        if self.alerter.tracking_only:
            epoch.flags |= EPOCH_TRACKING_ONLY
        if happened & ALERTED:
            epoch.flags |= EPOCH_ALERTED
        if state == MOVING and self.walking.update(activity.walking, tilt.forward_cdeg):
            self.happened = happened | SENSOR_MOVED
        filtered = gravity.state
        if filtered[SATURATED]:
            filtered[SATURATED] = 0
            epoch.flags |= EPOCH_SATURATED
        forward_cdeg = tilt.forward_cdeg
        if abs(forward_cdeg - self._forward_cdeg) > _HALF_A_TURN_CDEG:  # over the end of the scale, upside down
            self._forward_cdeg = forward_cdeg
        epoch.add(
            second,
            self._undecided,
            state,
            ACTIVITY_LYING if state == LYING else kind,
            (self._forward_cdeg + forward_cdeg) >> 1,  # the samples lie between the two
            tilt.lateral_cdeg,
            filtered[SPEED],
        )
        filtered[SPEED] = 0
        self._forward_cdeg = forward_cdeg
        self._undecided = 0
        self.wanted = self.per_decision
        return state

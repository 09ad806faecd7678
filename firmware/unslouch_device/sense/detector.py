"""The detector: the part of the pipeline that decides, from tilt and activity, about slouches and alerts.

It follows posture, the holding time budget and alerts from one sample to the next. It takes tilt from any object that
holds it, at any rate, so a host can run recorded tilt through it.
"""

from ..contract.settings import ALERT_MODE, BUDGET_MODE, DEFAULTS, HYSTERESIS_DEG, RECOVERY_S, THRESHOLD_DEG
from ..contract.states import SLOUCHING
from .alert import Alerter
from .budget import FREE_CDEG, Budget
from .posture import Limits, Posture

# What a sample made happen: bits of Detector.happened, beside those of sense.alert.
CONFIRMED = 0x10  # a slouch has lasted its delay
ENDED = 0x20  # a confirmed slouch is over

_ASIDE_CDEG = 6000  # leaning further aside, forward tilt means nothing


class Detector:
    """Decides about each sample: posture.update() gives its state, then follow(state) sets `happened`."""

    def __init__(self, rate_hz: float, tilt, settings: "dict[int, int]" = DEFAULTS) -> None:
        """tilt: what holds the sample's forward_cdeg and lateral_cdeg, as sense.tilt.Tilt does."""
        self.rate_hz = rate_hz
        self.tilt = tilt
        self.alerter = Alerter(rate_hz)
        self.budget = Budget(rate_hz)
        self.posture = Posture(rate_hz, _limits(rate_hz, settings), self.alerter.fading)
        self._standing_cdeg = 0
        self._hysteresis_cdeg = 0
        self._eased = 0  # samples for which the wearer has sat up, in budget mode
        self._slouching = False
        self.happened = 0
        self.configure(settings)

    def configure(self, settings: "dict[int, int]") -> None:
        """Take the settings, by id."""
        if settings[ALERT_MODE] != self.alerter.mode:
            self.budget.break_off()
        self.posture.configure(_limits(self.rate_hz, settings))
        self.alerter.configure(settings)
        self._hysteresis_cdeg = 100 * settings[HYSTERESIS_DEG]
        self._find_relief()

    def stand_at(self, standing_cdeg: int) -> None:
        """Take θ of standing (0: not known), to which the budget refers."""
        self._standing_cdeg = standing_cdeg
        self._find_relief()

    def break_off(self) -> None:
        """End what is under way without a correction: what follows can't be compared with it."""
        self.posture.interrupt()
        self.budget.break_off()
        self.alerter.break_off()

    def skip(self, samples: int) -> None:
        """Let time pass that had no samples."""
        self.break_off()
        self.alerter.skip(samples)

    @property
    def at_rest(self) -> bool:
        """Whether a sample below `dull_cdeg` would change nothing but how long the last alert is ago.

        Such a sample is within 55° of upright. While the detector is at rest it can skip them: alerter.skip(n).
        """
        return self.posture.at_rest and self.alerter.at_rest

    @property
    def dull_cdeg(self) -> int:
        """The forward tilt up to which neither a lean begins nor a holding time budget is spent."""
        threshold_cdeg = self.posture.slouch.limits.threshold_cdeg
        return min(threshold_cdeg, self._relief_cdeg) if self.alerter.mode == BUDGET_MODE else threshold_cdeg

    def follow(self, state: int) -> None:
        """Take the state of a sample, and find out what this sample made happen."""
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
        self.happened = happened | alerter.update(due)

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
        is what ends a slouch: the posture of a calibration must not bring an alert.
        """
        free_cdeg = FREE_CDEG - self._hysteresis_cdeg
        release_cdeg = self.posture.slouch.limits.release_cdeg
        self._relief_cdeg = max(free_cdeg + self._standing_cdeg, min(free_cdeg, release_cdeg))


def _limits(rate_hz: float, settings: "dict[int, int]") -> Limits:
    return Limits(rate_hz, settings[THRESHOLD_DEG], settings[HYSTERESIS_DEG], settings[RECOVERY_S])

"""The current delay: fading lengthens the one that is set while wearers correct themselves, or else takes that back.

Each step makes it half as long again, up to 120 s. A step up follows five corrections in a row that no alert had asked
for; a step back, two alerts in a row that were not corrected in time.
"""

from ..contract.records import ADAPTED_LONGER, ADAPTED_RESET, ADAPTED_SHORTER

LONGEST_S = 120
UNAIDED_TO_LENGTHEN = 5
MISSED_TO_SHORTEN = 2
UNCHANGED = 0  # beside the ADAPTED_… of contract.records


class Fading:
    """Holds the delay: `delay_s`, and the same as `delay_samples`. `steps` is how far it has been lengthened.

    What may change it returns why it did (ADAPTED_…), or UNCHANGED.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._set_s = 0  # the wearer's own
        self._fades = False
        self._paused = False
        self._unaided = 0
        self._begin(0)

    def configure(self, delay_s: int, fades: bool, paused: bool) -> int:
        """Take the wearer's own delay and whether it fades. Paused, it is as set, and steps are kept for later."""
        steps = self.steps
        anew = delay_s != self._set_s or not fades
        self._set_s = delay_s
        self._fades = fades
        self._paused = paused
        if anew:
            self._begin(0)
        self._find_delay()
        return ADAPTED_RESET if anew and steps else UNCHANGED

    def restore(self, steps: int) -> None:
        """Take up the steps of before the last boot; more than lead to the longest delay are not needed."""
        wanted = steps if self._fades else 0
        self._begin(0)
        while self.steps < wanted and self._lengthened_s(self.steps) < LONGEST_S:
            self.steps += 1
        self._begin(self.steps)

    def corrected_unaided(self) -> int:
        """Count a correction that no alert had asked for."""
        if not self._fades or self._paused:
            return UNCHANGED
        self._unaided += 1
        if self._unaided < UNAIDED_TO_LENGTHEN:
            return UNCHANGED
        self._unaided = 0
        if self._lengthened_s(self.steps) >= LONGEST_S:
            return UNCHANGED
        self._begin(self.steps + 1)
        return ADAPTED_LONGER

    def alerted(self) -> None:
        """An alert ends the row of corrections made without one."""
        self._unaided = 0

    def alert_corrected(self) -> None:
        """A correction in time ends the row of alerts without one."""
        self._missed = 0

    def alert_missed(self) -> int:
        """Count an alert that was not corrected in time."""
        if not self._fades or self._paused:
            return UNCHANGED
        self._missed += 1
        if self._missed < MISSED_TO_SHORTEN:
            return UNCHANGED
        self._missed = 0
        if not self.steps:
            return UNCHANGED
        self._begin(self.steps - 1)
        return ADAPTED_SHORTER

    def _begin(self, steps: int) -> None:
        self.steps = steps
        self._unaided = 0
        self._missed = 0
        self._find_delay()

    def _find_delay(self) -> None:
        steps = self.steps
        self.delay_s = self._set_s if self._paused else max(self._set_s, min(LONGEST_S, self._lengthened_s(steps)))
        self.delay_samples = max(1, round(self.delay_s * self._rate_hz))

    def _lengthened_s(self, steps: int) -> int:
        """Return the delay × 1.5 ** steps, rounded; 3 ** steps stays small, as each step is taken below LONGEST_S."""
        return (self._set_s * 3**steps + (1 << steps >> 1)) >> steps

"""When to vibrate, and what becomes of it.

An alert is due during a confirmed slouch (delay mode) or while a tilt has been held for longer than its budget (budget
mode); the caller says so. It is given at once, unless alerts are snoozed or off, the last alert or the correction after
it is more recent than the gap, the hour has had its share, or this slouch has already brought three alerts.

Each alert has one outcome: corrected if the wearer sits up within 30 s, else missed. A correction that comes later than
that is reported once as well.
"""

from array import array

from ..contract.records import MISSED_INTERRUPTED, MISSED_LATE
from ..contract.settings import (
    ALERT_GAP_S,
    ALERT_MODE,
    CORRECTED_PULSE,
    DELAY_MODE,
    DELAY_S,
    FADING,
    HOURLY_CAP,
    TRACKING_ONLY,
)
from .fading import Fading

ALERTS_PER_SLOUCH = 3  # then it is the wearer's decision, and more would be nagging
OUTCOME_S = 30
UNAIDED_S = 5  # of leaning that make sitting up a correction; anything shorter is a glance
MOST_PER_HOUR = 20
_HOUR_S = 3600

# What a sample made happen.
ALERTED = 0x01  # `given` is its number
MISSED = 0x02  # an alert was not corrected: `missed_number`, `missed_why` (MISSED_…)
CORRECTED = 0x04  # the wearer sat up after an alert
DELAY_ADAPTED = 0x08  # to `fading.delay_s`, `adapted_why` (ADAPTED_…)


class Alerter:
    """Decides about alerts and judges their outcome; time is counted in samples, and update() is called for each.

    What alerts are about begins with the first and ends with sat_up() or break_off(); whatever follows is new.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self.fading = Fading(rate_hz)
        self.mode = DELAY_MODE
        self.tracking_only = False
        self.corrected_pulse = False
        self.snooze_samples = 0
        self.spared = False  # whether the battery is too low for the motor
        self.given = 0  # alerts about the same
        self.missed_number = self.missed_why = self.adapted_why = 0
        self._gap = 0
        self._cap = MOST_PER_HOUR
        self._wait = 0  # samples until the next alert is allowed
        self._judging = 0  # samples until the last alert counts as missed
        self._outcome_samples = round(OUTCOME_S * rate_hz)
        self._unaided_samples = round(UNAIDED_S * rate_hz)
        self._happened = 0  # since the last sample
        self._hour = LastHour(rate_hz)
        self._since_alert = self._hour.samples  # up to an hour's

    def configure(self, settings: "dict[int, int]") -> None:
        """Take the settings, by id."""
        if settings[ALERT_MODE] != self.mode:
            self.break_off()
            self.mode = settings[ALERT_MODE]
        self._gap = round(settings[ALERT_GAP_S] * self._rate_hz)
        self._wait = min(self._wait, self._gap)
        self._cap = settings[HOURLY_CAP]
        self.tracking_only = bool(settings[TRACKING_ONLY])
        self.corrected_pulse = bool(settings[CORRECTED_PULSE])
        self._adapted(self.fading.configure(settings[DELAY_S], bool(settings[FADING]), self.mode != DELAY_MODE))

    @property
    def delay_s(self) -> int:
        """The current delay, however far it has been lengthened."""
        return self.fading.delay_s

    @property
    def quiet(self) -> bool:
        """Whether the motor is to be left alone."""
        return self.snooze_samples > 0 or self.tracking_only or self.spared

    @property
    def at_rest(self) -> bool:
        """Whether no alert waits for its outcome or for its slouch to end; then skip(n) equals n updates that are not
        due."""
        return not (self.given or self._judging or self._happened)

    def snooze(self, duration_s: int) -> None:
        """Keep quiet for a while; 0 ends a snooze."""
        self.snooze_samples = round(duration_s * self._rate_hz)

    def skip(self, samples: int) -> None:
        """Let time pass that had no samples."""
        self._wait = max(0, self._wait - samples)
        self.snooze_samples = max(0, self.snooze_samples - samples)
        self._since_alert = min(self._hour.samples, self._since_alert + samples)

    def update(self, due: bool) -> int:
        """Take one sample; returns what has happened since the last. ALERTED: this is the moment to vibrate."""
        if self._wait:
            self._wait -= 1
        if self.snooze_samples:
            self.snooze_samples -= 1
        if self._since_alert < self._hour.samples:
            self._since_alert += 1
        if self._judging:
            self._judging -= 1
            if not self._judging:
                self._miss(MISSED_LATE)
        if due and self._allowed():
            self._alert()
        happened = self._happened
        self._happened = 0
        return happened

    def sat_up(self, leaned_samples: int) -> None:
        """The wearer sat up, after so many samples above the threshold; goes before the update() of its sample."""
        if self.given:
            if self._judging:
                self.fading.alert_corrected()
            self._judging = self.given = 0
            self._wait = self._gap + 1  # this sample is still to be taken off
            self._happened |= CORRECTED
        elif leaned_samples >= self._unaided_samples and not self.quiet:
            self._adapted(self.fading.corrected_unaided())

    def break_off(self) -> None:
        """What alerts were about is over and nobody sat up: the wearer moved, say, or the sensor was taken off."""
        if self._judging:
            self._judging = 0
            self._miss(MISSED_INTERRUPTED)
        self.given = 0

    def _allowed(self) -> bool:
        if self._wait or self.quiet or self.given >= ALERTS_PER_SLOUCH:
            return False
        return not self._hour.holds(self._cap, self._since_alert)

    def _alert(self) -> None:
        self.given += 1
        self._wait = self._gap
        self._judging = self._outcome_samples
        self._hour.add(self._since_alert)
        self._since_alert = 0
        self.fading.alerted()
        self._happened |= ALERTED

    def _miss(self, why: int) -> None:
        self.missed_number = self.given
        self.missed_why = why
        self._happened |= MISSED
        if why == MISSED_LATE:  # an interruption says nothing about the delay
            self._adapted(self.fading.alert_missed())

    def _adapted(self, why: int) -> None:
        if why:
            self.adapted_why = why
            self._happened |= DELAY_ADAPTED


class LastHour:
    """Remembers when the latest alerts were, as the samples between one and the next, which never exceed an hour's."""

    def __init__(self, rate_hz: float) -> None:
        self.samples = round(_HOUR_S * rate_hz)
        self._between = array("i", bytes(4 * MOST_PER_HOUR))  # a ring: each alert's distance from the one before it
        self._last = 0

    def add(self, since_last: int) -> None:
        """Take an alert, so many samples after the one before."""
        self._last = (self._last + 1) % MOST_PER_HOUR
        self._between[self._last] = since_last

    def holds(self, alerts: int, since_last: int) -> bool:
        """Return whether there were so many (up to MOST_PER_HOUR) within the last hour, the last one since_last ago."""
        age = since_last
        for i in range(alerts - 1):
            age += self._between[self._last - i]
        return age < self.samples

"""When to vibrate: at a confirmed slouch, and again while it lasts, but never sooner than the gap and not for ever."""

ALERTS_PER_SLOUCH = 3  # then it is the wearer's decision, and more would be nagging


class Alerter:
    """Decides about alerts; time is counted in samples."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._gap = 0
        self._wait = 0  # samples until the next alert is allowed
        self.tracking_only = False
        self.snooze_samples = 0
        self.given = 0  # in this slouch

    def configure(self, gap_s: int, tracking_only: bool) -> None:
        """Take the settings."""
        self._gap = round(gap_s * self._rate_hz)
        self._wait = min(self._wait, self._gap)
        self.tracking_only = tracking_only

    def snooze(self, duration_s: int) -> None:
        """Keep quiet for a while; 0 ends a snooze."""
        self.snooze_samples = round(duration_s * self._rate_hz)

    def update(self, slouching: bool) -> bool:
        """Take one sample; returns True when this is the moment to vibrate."""
        if self._wait:
            self._wait -= 1
        if self.snooze_samples:
            self.snooze_samples -= 1
        if not slouching:
            return False
        if self._wait or self.snooze_samples or self.tracking_only or self.given >= ALERTS_PER_SLOUCH:
            return False
        self.given += 1
        self._wait = self._gap
        return True

    def slouch_over(self) -> None:
        """Begin to count anew for the next slouch."""
        self.given = 0

"""Why the motor would not run now although the wearer slouched, and until when: the board's own rules, seen from here.

The board doesn't say why an alert stays out. This keeps what decides it: live samples, status, alerts and corrections.
What happened before this program was linked isn't known, so a gap or a full hour may be missed for as long.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from unslouch.link.model import BoardStatus, JournalEvent, LiveSample
from unslouch_device.contract import records, states

from .events import SensorConnected, SensorEvent
from .quiet import Quiet

ALERTS_PER_SLOUCH = 3
HOUR_MS = 3_600_000
BY_STATE = {
    states.UNKNOWN: "the motion sensor sends nothing",
    states.CHARGING: "charging",
    states.OFF_BODY: "off the body",
    states.UNCALIBRATED: "not calibrated yet",
    states.LYING: "lying",
    states.MOVING: "moving",
}
LASTING_STATES = (states.UNKNOWN, states.CHARGING, states.OFF_BODY, states.UNCALIBRATED)
"""States in which nothing else matters; the others pass by themselves."""


@dataclass(frozen=True)
class Silence:
    """A reason for which the motor would not run."""

    reason: str
    ends_in_s: int | None = None
    """None: when the reason itself ends."""

    def __str__(self) -> str:
        return self.reason if self.ends_in_s is None else f"{self.reason}, for {describe_duration(self.ends_in_s)}"


@dataclass
class _SinceStart:
    """What the sensor has said since it started."""

    sample: LiveSample | None = None
    status: BoardStatus | None = None
    uptime_ms: int = 0
    alerts_ms: deque[int] = field(default_factory=lambda: deque(maxlen=20))
    gap_from_ms: int | None = None
    """The alert or correction from which the gap counts."""
    of_this_slouch: int = 0
    is_battery_spared: bool = False


class SilenceWatch:
    """Takes a sensor's events, and says why it would be silent at the newest of them."""

    def __init__(self) -> None:
        self._boot: tuple[int, int] | None = None
        self._seen = _SinceStart()

    def handle(self, event: SensorEvent) -> None:
        """Take an event."""
        match event:
            case SensorConnected(info) if (info.journal, info.boot) != self._boot:
                self._boot = info.journal, info.boot
                self._seen = _SinceStart()
            case LiveSample():
                self._seen.sample, self._seen.uptime_ms = event, event.uptime_ms
            case BoardStatus():
                self._seen.status, self._seen.uptime_ms = event, event.uptime_ms
            case JournalEvent():
                self._take_journal_event(event)

    def why(self, settings: Mapping[str, int], quiet: Quiet | None = None) -> Silence | None:
        """Return why the motor would not run, None if it would; settings by key, quiet as a QuietKeeper says."""
        sample, status = self._seen.sample, self._seen.status
        if sample is None:
            return None
        if sample.state in LASTING_STATES:
            return Silence(BY_STATE[sample.state])
        if sample.tracking_only or settings.get("tracking-only"):
            return Silence("tracking only, as the setting says")
        if self._seen.is_battery_spared and not (status is not None and status.external_power):
            return Silence("the battery is too low for the motor")
        if sample.snoozed:
            left_s = None if status is None or not status.snooze_left_s else status.snooze_left_s
            return Silence(str(quiet)) if quiet is not None else Silence("snoozed", left_s)
        if sample.state in BY_STATE:
            return Silence(BY_STATE[sample.state])
        return self._too_soon(settings)

    def _take_journal_event(self, event: JournalEvent) -> None:
        match event.code:
            case records.ALERT:
                self._seen.alerts_ms.append(event.uptime_ms)
                self._seen.gap_from_ms = event.uptime_ms
                self._seen.of_this_slouch = event.fields.get("number", self._seen.of_this_slouch + 1)
            case records.CORRECTED:
                self._seen.gap_from_ms = event.uptime_ms
                self._seen.of_this_slouch = 0
            case records.SLOUCH_ENDED | records.SLOUCH_STARTED:
                self._seen.of_this_slouch = 0
            case records.BATTERY_LOW:
                self._seen.is_battery_spared = event.fields.get("level", 0) >= records.BATTERY_MOTOR_OFF

    def _too_soon(self, settings: Mapping[str, int]) -> Silence | None:
        """Return the limit of the alerts that were given: of this slouch, of the hour, or the gap after the last."""
        if self._seen.of_this_slouch >= ALERTS_PER_SLOUCH:
            return Silence("alerted three times about this slouch, until you sit up")
        cap, gap_s = settings.get("hourly-cap"), settings.get("alert-gap")
        within_hour = [at_ms for at_ms in self._seen.alerts_ms if self._seen.uptime_ms - at_ms < HOUR_MS]
        if cap is not None and len(within_hour) >= cap:
            left_ms = HOUR_MS - (self._seen.uptime_ms - within_hour[-cap])
            return Silence(f"{cap} alerts in an hour are the most", -(-left_ms // 1000))
        if gap_s is not None and self._seen.gap_from_ms is not None:
            left_ms = gap_s * 1000 - (self._seen.uptime_ms - self._seen.gap_from_ms)
            if left_ms > 0:
                return Silence("just after an alert", -(-left_ms // 1000))
        return None


def describe_duration(duration_s: int) -> str:
    """Return a duration such as "45 s", "12 min" or "8 h 5 min": as exact as is useful to wait for."""
    if duration_s < 60:
        return f"{duration_s} s"
    minutes = round(duration_s / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

"""Trial: one past day under other settings, with the times of its slouches and alerts.

The dashboard's settings use it: the wearer moves a slider, and the day is replayed in the background. A trial of a day
of 12 h takes some tens of milliseconds. How the wearer would have answered other alerts isn't known, so the tilt stays
as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.analysis.model import Interval, Outcome
from unslouch_device.contract.settings import (
    ALERT_GAP_S,
    ALERT_MODE,
    CORRECTED_PULSE,
    DEFAULTS,
    DELAY_S,
    FADING,
    HOURLY_CAP,
    HYSTERESIS_DEG,
    PATTERN,
    RAMP,
    RECOVERY_S,
    SNOOZE_MIN,
    STRENGTH_PERCENT,
    THRESHOLD_DEG,
    TRACKING_ONLY,
    WINDOW_MIN,
    Setting,
    are_consistent,
)

from .replay import replay
from .series import Series
from .tuner import day_series

REPLAYED = frozenset(
    (
        THRESHOLD_DEG,
        HYSTERESIS_DEG,
        DELAY_S,
        RECOVERY_S,
        ALERT_GAP_S,
        TRACKING_ONLY,
        ALERT_MODE,
        HOURLY_CAP,
        FADING,
    )
)
"""Settings, by id, that change the slouches or the alerts of a day."""


@dataclass(frozen=True)
class Trial:
    """A day under some settings."""

    slouches: tuple[Interval, ...]
    alerts_utc_ms: tuple[int, ...]

    @property
    def slouched_min(self) -> int:
        """Minutes in slouches, rounded."""
        return round(sum(end_ms - start_ms for start_ms, end_ms in self.slouches) / 60_000)


class TrialDay:
    """A recorded day that can be replayed as often as one likes; it keeps no connection to the database."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.corrected_alerts = sum(alert.outcome is Outcome.CORRECTED for alert in day.alerts)
        self._series: list[Series] = day_series([day])

    def trial(self, settings: Mapping[int, int], is_cancelled: Callable[[], bool] = lambda: False) -> Trial:
        """Return the day under these settings, by id; those that are left out have their defaults.

        Raises ReplayCancelled soon after is_cancelled() has become true, and ValueError for settings that don't go
        together.
        """
        values = {**DEFAULTS, **settings}
        if not are_consistent(values):
            raise ValueError("the hysteresis must stay below the threshold")
        slouches, alerts_utc_ms = [], []
        for series in self._series:
            replayed = replay(series, values, is_cancelled=is_cancelled)
            slouches += [Interval(series.utc_ms_at(start), series.utc_ms_at(end)) for start, end in replayed.slouches]
            alerts_utc_ms += [series.utc_ms_at(sample) for sample in replayed.alerts]
        given = () if values[TRACKING_ONLY] else tuple(sorted(alerts_utc_ms))
        return Trial(tuple(sorted(slouches)), given)


def last_whole_day(history: History, now_utc_ms: int) -> TrialDay | None:
    """Return yesterday, or the last day before it with records; today where there is no earlier one, None without any.

    Raises StoreError.
    """
    today = history.current_date(now_utc_ms)
    earlier = [day for day in history.nearest_days(today) if day < today]
    for wanted in (*earlier, today):
        day = history.day(wanted)
        if len(day.epochs):
            return TrialDay(day)
    return None


def day_title(day: date, today: date) -> str:
    """Return what to call a day: "today so far", "yesterday" or such as "Fri 6 March"."""
    days_ago = (today - day).days
    if days_ago in (0, 1):
        return "yesterday" if days_ago else "today so far"
    return f"{day:%a} {day.day} {day:%B}"


def describe_trial(wanted: Trial, present: Trial) -> str:
    """Return what a trial gave instead of the present settings, in one line."""
    alerts = _instead(len(wanted.alerts_utc_ms), len(present.alerts_utc_ms), "alert")
    slouches = _instead(len(wanted.slouches), len(present.slouches), "slouch", "slouches")
    minutes = _instead(wanted.slouched_min, present.slouched_min, "min", "min")
    return f"{alerts}; {slouches}, {minutes}"


def describe_unreplayed(setting: Setting, day: TrialDay) -> str:
    """Return why a setting's value would have changed no slouch and no alert of a day, as a sentence."""
    if setting.id in (STRENGTH_PERCENT, PATTERN, RAMP):
        return "It changes how an alert feels, not when it comes: buzz to feel it."
    if setting.id == SNOOZE_MIN:
        return "It holds for the next snooze; those of the day are over."
    if setting.id == CORRECTED_PULSE:
        times = "once" if day.corrected_alerts == 1 else f"{day.corrected_alerts} times"
        return f"You sat up within 30 s of an alert {times}: as often would the pulse have come."
    if setting.id == WINDOW_MIN:
        return "It changes when a computer reaches the sensor, not its alerts."
    return ""


def _instead(wanted: int, present: int, one: str, many: str = "") -> str:
    text = f"{wanted} {one if wanted == 1 else many or f'{one}s'}"
    return text if wanted == present else f"{text} (now {present})"

"""Reads the half hours after the coin's tosses out of the recorded days."""

from collections.abc import Iterable, Iterator

from unslouch.analysis.day import Day
from unslouch.analysis.history import History
from unslouch.analysis.metrics.holding import POSTURE_CHANGES
from unslouch.analysis.metrics.posture import sat_or_stood
from unslouch.analysis.metrics.variation import TILT_P50

from .past import local_date
from .read_posture import between
from .trial import MEASURED_ENOUGH_MIN, WINDOW_MIN, Observed, Toss

_MS_PER_MIN = 60_000


def read_windows(history: History, tosses: Iterable[Toss]) -> Iterator[Observed]:
    """Yield what followed each toss, in order; one whose half hour reaches over midnight is cut there."""
    days: dict[object, Day] = {}
    for toss in tosses:
        date = local_date(toss.utc_ms, history.tz)
        if date not in days:
            days = {date: history.day(date)}  # one day at a time is kept
        yield read_window(days[date], toss)


def read_window(day: Day, toss: Toss) -> Observed:
    """Return what followed a toss, out of its day's records."""
    observed = between(day.observations, toss.utc_ms, toss.utc_ms + WINDOW_MIN * _MS_PER_MIN)
    measured_min = len(observed.once(sat_or_stood)) / 60
    if measured_min < MEASURED_ENOUGH_MIN:
        return Observed(toss, None, None)
    changes = POSTURE_CHANGES.measure(observed)
    return Observed(toss, TILT_P50.measure(observed), changes / measured_min * 60)

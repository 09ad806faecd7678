"""Calendar: which local days a store has records of, and which of them is today."""

from datetime import date, tzinfo

import numpy as np

from unslouch.store import Store

from .day import boot_times, day, last_record_utc_ms
from .model import Day
from .zones import to_local

_QUARTER_HOUR_MS = 900_000  # every zone's offset since 1972 is a multiple of it


def current_date(store: Store, tz: tzinfo, now_utc_ms: int) -> date:
    """Return today's local date; for simulated sensors, which may keep a time of their own, that of the last record."""
    last_ms = None
    if store.simulated:
        with store.snapshot():
            last_ms = last_record_utc_ms(store, boot_times(store))
    return to_local(now_utc_ms if last_ms is None else last_ms, tz).date()


def today(store: Store, tz: tzinfo, now_utc_ms: int) -> Day:
    """Return the day that current_date() names."""
    return day(store, current_date(store, tz, now_utc_ms), tz)


def days_with_data(store: Store, tz: tzinfo) -> list[date]:
    """Return the local days in which records begin, ascending."""
    with store.snapshot():
        times = boot_times(store)
        rows = np.array(store.page_times(), np.int64).reshape(-1, 4)
    quarters: set[int] = set()
    for (journal, boot), time in times.items():
        base_ms = rows[(rows[:, 0] == journal) & (rows[:, 1] == boot), 2]
        quarters.update(np.unique(time.timestamps(base_ms).utc_ms // _QUARTER_HOUR_MS).tolist())
    # Beyond the year 9000 there are clocks that were never right.
    return sorted({to_local(quarter * _QUARTER_HOUR_MS, tz).date() for quarter in quarters if quarter < 250_000_000})


def nearest_days(days: list[date], to: date) -> list[date]:
    """Return, of days in ascending order, the last one before and the first one after a date."""
    earlier = [found for found in days if found < to][-1:]
    return earlier + [found for found in days if found > to][:1]

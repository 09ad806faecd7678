"""Today's totals out of the database, for `watch` and `status`."""

from pathlib import Path
from typing import TYPE_CHECKING

from .numbers import counted

if TYPE_CHECKING:
    from unslouch.analysis.metrics.summary import Summary

NOTHING_STORED = "nothing is stored yet"


def read_today(database: Path) -> "Summary | None":
    """Return the summary of today, None if nothing of it is stored. Blocks; raises StoreError."""
    import time

    from unslouch.analysis.day import has_data
    from unslouch.analysis.history import History
    from unslouch.errors import NoData
    from unslouch.store import Store

    try:
        with Store.open(database, simulated=None, readonly=True) as store:
            day = History(store).today(time.time_ns() // 1_000_000)
            return day.summary if has_data(day) else None
    except NoData:
        return None


def describe_today(summary: "Summary | None") -> str:
    """Return today's totals as a line: time of each state, slouches, alerts, breaks, longest time without one."""
    if summary is None:
        return NOTHING_STORED
    from unslouch.analysis.metrics.alerts import ALERTS
    from unslouch.analysis.metrics.breaks import BREAKS, LONGEST_WITHOUT_BREAK
    from unslouch.analysis.metrics.minutes import STATE_MINUTES
    from unslouch.analysis.metrics.slouches import SLOUCHES
    from unslouch_device.contract.states import STATE_NAMES, UNKNOWN

    states = [
        f"{STATE_NAMES[state]} {describe_minutes(minutes)}"
        for state in reversed(range(len(STATE_NAMES)))
        if state != UNKNOWN and (minutes := summary[STATE_MINUTES[state]]) > 0
    ]
    if not states:
        return NOTHING_STORED
    counts = [
        _counted(summary[SLOUCHES], "slouch", "slouches"),
        _counted(summary[ALERTS], "alert"),
        _counted(summary[BREAKS], "break"),
    ]
    longest = summary[LONGEST_WITHOUT_BREAK]
    parts = [", ".join(states), ", ".join(filter(None, counts))]
    if longest:
        parts.append(f"longest without a break {describe_minutes(longest)}")
    return "; ".join(filter(None, parts))


def describe_minutes(minutes: float) -> str:
    """Return a time such as "2 h 5 min", or "40 s" below a minute."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    hours, rest = divmod(round(minutes), 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def _counted(number: int | None, noun: str, many: str = "") -> str:
    return "" if number is None else counted(number, noun, many)

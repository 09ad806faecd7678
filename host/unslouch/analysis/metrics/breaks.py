"""Breaks: walking, lying down and taking the sensor off, and the longest time without."""

from typing import NamedTuple

import numpy as np

from unslouch.analysis.spans import MEASURED
from unslouch_device.contract.states import CHARGING, LYING, MOVING, OFF_BODY, STATE_NAMES

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations
from .table import Kind, Table, TableColumn, Values

LEAST_MS = 60_000
_MS_PER_MIN = 60_000
_NOT_WORN = (OFF_BODY, CHARGING)
_ACTIVE = (MOVING, LYING)


class Break(NamedTuple):
    """Walking or lying for a minute and more, or time off the body or charging."""

    start_utc_ms: int
    end_utc_ms: int
    state: int
    """That it consists of for longest; of equal ones the first."""


def _breaks(observed: Observations) -> list[Break]:
    """Return the breaks in order of time: walking and lying that follow each other are one."""
    found: list[Break] = []
    parts: dict[int, int] = {}
    start_ms = end_ms = observed.start_utc_ms

    def close() -> None:
        if parts and (end_ms - start_ms >= LEAST_MS or next(iter(parts)) in _NOT_WORN):
            found.append(Break(start_ms, end_ms, max(parts, key=lambda state: parts[state])))
        parts.clear()

    for span in observed.spans:
        if span.state not in (*_NOT_WORN, *_ACTIVE):
            close()
            continue
        if not parts or (span.state in _NOT_WORN) != (next(iter(parts)) in _NOT_WORN):
            close()
            start_ms = span.start_utc_ms
        parts[span.state] = parts.get(span.state, 0) + span.end_utc_ms - span.start_utc_ms
        end_ms = span.end_utc_ms
    close()
    return found


def _longest_without_min(observed: Observations) -> float | None:
    """Return the longest measured time on end between breaks; time without records ends it."""
    starts = {taken.start_utc_ms: taken.end_utc_ms for taken in observed.once(_breaks)}
    longest_ms = on_end_ms = 0
    break_until_ms = observed.start_utc_ms
    for span in observed.spans:
        break_until_ms = starts.get(span.start_utc_ms, break_until_ms)
        if span.start_utc_ms < break_until_ms or span.state not in MEASURED:
            on_end_ms = 0
        else:
            on_end_ms += span.end_utc_ms - span.start_utc_ms
            longest_ms = max(longest_ms, on_end_ms)
    return longest_ms / _MS_PER_MIN if any(span.state in MEASURED for span in observed.spans) else None


BREAKS = Metric(
    "breaks",
    Unit.COUNT,
    "breaks: walking or lying for 1 min and more, or time off the body or charging",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.once(_breaks)),
    formula="number of stretches of state moving or lying of ≥ 1 min, and of off body or charging of any length",
    theme=Theme.BREAKS,
)
"""
Walking for less than a minute is no break; walking and lying that follow each other are one; off the body any time is.

>>> parts = (UPRIGHT, 30), (MOVING, 0.9), (UPRIGHT, 20), (MOVING, 0.6), (LYING, 0.6), (UPRIGHT, 10), (OFF_BODY, 0.2)
>>> values(lived(*parts), "breaks")
[2]
"""
LONGEST_WITHOUT_BREAK = Metric(
    "longest_without_break",
    Unit.MINUTES,
    "longest measured time on end without a break; time without records ends it, because there may have been one",
    OURS,
    decimals=3,
    measure=_longest_without_min,
    formula="greatest length of measured spans on end between breaks",
    theme=Theme.BREAKS,
)
"""
The first break comes after 30 + 0.9 + 20 min; the 60 min later on are interrupted by one without a record.

>>> parts = (UPRIGHT, 30), (MOVING, 0.9), (UPRIGHT, 20), (LYING, 1.2), (SLOUCHING, 40), (UNKNOWN, 1), (UPRIGHT, 20)
>>> values(lived(*parts), "longest_without_break")
[50.9]
"""


def _break_rows(observed: Observations) -> dict[str, Values]:
    taken = observed.once(_breaks)
    start, end = (
        np.array([getattr(each, name) for each in taken], np.int64) for name in ("start_utc_ms", "end_utc_ms")
    )
    names = np.array([STATE_NAMES[each.state] for each in taken], np.str_)
    return {"start": Values(start), "end": Values(end), "state": Values(names)}


BREAK_TABLE = Table(
    "breaks",
    BREAKS.definition,
    OURS,
    Theme.BREAKS,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the break begins"),
        TableColumn("end", Kind.TIME, Unit.TIME, "when it ends"),
        TableColumn("state", Kind.TEXT, Unit.NAME, "the state that it consists of for longest"),
    ),
    read=_break_rows,
)

"""Deletion: which records lie in local days, so that the store can delete them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from unslouch.store import Deletion, KnownSpan, SequenceRange
from unslouch_device.contract import states

from .day import LocalDay
from .history import History
from .zones import to_local

_NOT_WORN = (states.OFF_BODY, states.CHARGING)
_ONE_DAY = timedelta(days=1)
_BEFORE_ALL, _AFTER_ALL = date(1971, 1, 1), date(9990, 1, 1)


def deletion_of_days(history: History, first: date, last: date) -> Deletion:
    """Return the deletion of all that is dated from one local day to another, both included.

    The days before and after keep what they show: where only the deleted records say that the sensor was off the body
    or charging over midnight, that comes with the deletion as a state to keep. Raises StoreError, and BadInput for a
    date of which no record can be.
    """
    start_ms, end_ms = LocalDay(first, history.tz).start_ms, LocalDay(last, history.tz).end_ms
    parts: dict[int, list[NDArray[np.int64]]] = defaultdict(list)
    with history.store.snapshot():
        for journal, times in history.record_times(start_ms, end_ms):
            parts[journal].append(times)
    ranges = [
        SequenceRange(journal, first_sequence, next_sequence)
        for journal in sorted(parts)
        for first_sequence, next_sequence in _ranges_inside(np.concatenate(parts[journal]), start_ms, end_ms)
    ]
    return Deletion(ranges, start_ms, end_ms, [*_span_before(history, first), *_span_after(history, last)])


def _ranges_inside(times: NDArray[np.int64], start_utc_ms: int, end_utc_ms: int) -> Iterator[tuple[int, int]]:
    """Yield the (first, next) sequence of each run of records in [start, end), given (sequence, UTC) in any order."""
    inside = (times[:, 1] >= start_utc_ms) & (times[:, 1] < end_utc_ms)
    sequences = np.unique(times[inside, 0])
    if not len(sequences):
        return
    breaks = np.flatnonzero(np.diff(sequences) > 1)
    firsts, lasts = sequences[[0, *(breaks + 1)]], sequences[[*breaks, -1]]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield first, last + 1


def _span_before(history: History, first: date) -> Iterator[KnownSpan]:
    if first > date.min:
        for span in history.day(first - _ONE_DAY).spans[-1:]:
            if span.state in _NOT_WORN:
                yield KnownSpan(span.start_utc_ms, span.end_utc_ms, span.state)


def _span_after(history: History, last: date) -> Iterator[KnownSpan]:
    if last < date.max:
        for span in history.day(last + _ONE_DAY).spans[:1]:
            if span.state in _NOT_WORN:
                yield KnownSpan(span.start_utc_ms, span.end_utc_ms, span.state)


def recorded_days(history: History) -> tuple[date, date] | None:
    """Return the first and the last local day with records; None if no record has a date."""
    after, before = history.nearest_days(_BEFORE_ALL), history.nearest_days(_AFTER_ALL)
    if not after or not before:
        return None
    last_ms = history.last_record_utc_ms()
    last = before[0] if last_ms is None else max(before[0], to_local(last_ms - 1, history.tz).date())
    return after[-1], last

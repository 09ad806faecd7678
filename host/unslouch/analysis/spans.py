"""Spans: the states of all boots on one time line, without overlaps and holes."""

from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract import states
from unslouch_device.contract.records import EPOCH_MS

from .model import Span
from .timebase import BootTimebase
from .wear import NotWornInterval

WORN = (
    states.UNCALIBRATED,
    states.LYING,
    states.MOVING,
    states.SLOUCHING,
    states.LEANING,
    states.RECLINED,
    states.UPRIGHT,
)
MEASURED = tuple(state for state in WORN if state != states.UNCALIBRATED)


class StateInterval(NamedTuple):
    """An interval of one state as one boot knows it, in UTC."""

    start_utc_ms: int
    end_utc_ms: int
    state: int


def boot_state_intervals(
    timebase: BootTimebase,
    epoch_uptime_ms: NDArray[np.int64],
    state: NDArray[np.uint8],
    not_worn: list[NotWornInterval],
) -> list[StateInterval]:
    """Return the states of a boot from its epochs, in order of uptime, and from when it was not worn."""
    breaks = np.flatnonzero((np.diff(epoch_uptime_ms) != EPOCH_MS) | (np.diff(state) != 0)) + 1
    firsts = [0, *breaks.tolist()] if len(state) else []
    lasts = [*(breaks - 1).tolist(), len(state) - 1] if len(state) else []
    known = [
        (int(epoch_uptime_ms[first]), int(epoch_uptime_ms[last]) + EPOCH_MS, int(state[first]))
        for first, last in zip(firsts, lasts, strict=True)
    ]
    return [
        StateInterval(start_ms, end_ms, interval_state)
        for start_uptime_ms, end_uptime_ms, interval_state in [*known, *not_worn]
        if start_uptime_ms < end_uptime_ms
        for start_ms, end_ms in timebase.utc_intervals(start_uptime_ms, end_uptime_ms)
    ]


def tile(
    intervals: list[StateInterval], start_utc_ms: int, end_utc_ms: int, beneath: Iterable[StateInterval] = ()
) -> list[Span]:
    """Return spans that cover [start, end) end to end; UNKNOWN where no interval is.

    Where intervals disagree, a posture outranks time off body or charging, and the later begun outranks the earlier.
    Every interval outranks those beneath.
    """
    clipped = [
        StateInterval(max(start_ms, start_utc_ms), min(end_ms, end_utc_ms), state)
        for start_ms, end_ms, state in [*sorted(beneath, key=_rank), *sorted(intervals, key=_rank)]
        if start_ms < end_utc_ms and end_ms > start_utc_ms and state != states.UNKNOWN
    ]
    in_order = sorted(clipped)
    if all(before.end_utc_ms <= after.start_utc_ms for before, after in pairwise(in_order)):
        return _end_to_end(in_order, start_utc_ms, end_utc_ms)
    edges = sorted({start_utc_ms, end_utc_ms, *(at for interval in clipped for at in interval[:2])})
    index = {edge: at for at, edge in enumerate(edges)}
    painted = np.full(len(edges) - 1, states.UNKNOWN, np.uint8)
    for interval in clipped:
        painted[index[interval.start_utc_ms] : index[interval.end_utc_ms]] = interval.state
    tiles = zip(pairwise(edges), painted.tolist(), strict=True)
    spans = []
    for state, run in groupby(tiles, key=lambda piece: piece[1]):
        pieces = [interval for interval, _ in run]
        spans.append(Span(state, pieces[0][0], pieces[-1][1]))
    return spans


def _end_to_end(intervals: list[StateInterval], start_utc_ms: int, end_utc_ms: int) -> list[Span]:
    """Return spans that cover [start, end) of intervals in order of time without overlaps."""
    spans: list[Span] = []
    begin_ms, until_ms, state = start_utc_ms, start_utc_ms, states.UNKNOWN
    for start_ms, end_ms, next_state in [*intervals, StateInterval(end_utc_ms, end_utc_ms, states.UNKNOWN)]:
        if until_ms < start_ms and state != states.UNKNOWN:
            spans.append(Span(state, begin_ms, until_ms))
            begin_ms, state = until_ms, states.UNKNOWN
        if next_state != state:
            if begin_ms < start_ms:
                spans.append(Span(state, begin_ms, start_ms))
            begin_ms, state = start_ms, next_state
        until_ms = end_ms
    if begin_ms < end_utc_ms:
        spans.append(Span(state, begin_ms, end_utc_ms))
    return spans


def _rank(interval: StateInterval) -> tuple[bool, int, int, int]:
    return interval.state in WORN, *interval


def overlap_ms(intervals: list[StateInterval], start_utc_ms: int, end_utc_ms: int) -> int:
    """Return for how long of [start, end) more than one interval says what posture there was."""
    worn = sorted(
        (max(interval.start_utc_ms, start_utc_ms), min(interval.end_utc_ms, end_utc_ms))
        for interval in intervals
        if interval.state in WORN
    )
    reached_ms = total_ms = 0
    for start_ms, end_ms in worn:
        total_ms += max(0, min(reached_ms, end_ms) - start_ms)
        reached_ms = max(reached_ms, end_ms)
    return total_ms

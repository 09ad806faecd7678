"""Seconds: the measured seconds of a day at 1 Hz, out of its epochs, and the uninterrupted runs that they form."""

from dataclasses import dataclass, fields, replace
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import Epochs
from unslouch.analysis.spans import MEASURED
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN

Number = TypeVar("Number", bound=np.generic)

_MOST_STEP_MS = EPOCH_MS + 500
_LEAST_STEP_MS = EPOCH_MS - 500
"""Epochs that follow each other begin this far apart in UTC; their clock may be 1 % wrong. Else a clock was set."""
_IS_MEASURED = np.isin(np.arange(256), MEASURED)
"""By state."""


@dataclass(frozen=True)
class Seconds:
    """Measured seconds as parallel arrays of length n, in order of time, each moment once."""

    utc_ms: NDArray[np.int64]
    """UTC at which the second begins."""
    forward_cdeg: NDArray[np.int32]
    """Mean forward tilt of the second against the calibrated upright."""
    lateral_cdeg: NDArray[np.int32]
    """Mean lateral tilt of the second's epoch: the journal has no finer one."""
    speed_cdeg_s: NDArray[np.int32]
    """Mean |dθ/dt| of the second's epoch."""
    state: NDArray[np.uint8]
    """State of the second's epoch."""
    time_quality: NDArray[np.uint8]
    calibration: NDArray[np.int32]
    """Index into `calibrations`."""
    run: NDArray[np.int32]
    """Number of the uninterrupted run. It ends where records are missing, a clock was set or a calibration changed."""
    calibrations: tuple[tuple[int, int], ...]
    """The (journal, calibration id) of all seconds."""

    def __len__(self) -> int:
        return len(self.utc_ms)

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Return the seconds for which a mask of length n is true; what is left out ends a run."""
        at = np.flatnonzero(mask)
        if len(at) == len(self):
            return self
        columns = {
            column.name: getattr(self, column.name).take(at) for column in fields(self) if column.name != "calibrations"
        }
        begins = (np.diff(at) != 1) | (np.diff(columns["run"]) != 0)
        columns["run"] = _numbered(begins, len(at))
        return replace(self, **columns)


class Stretches(NamedTuple):
    """Stretches of seconds, each [first, after) within one run, as parallel arrays."""

    first: NDArray[np.int64]
    after: NDArray[np.int64]

    @property
    def length_s(self) -> NDArray[np.int64]:
        """How many seconds each one has."""
        return self.after - self.first


def _numbered(begins: NDArray[np.bool_], length: int) -> NDArray[np.int32]:
    """Return the numbers of runs from 0; begins[i]: element i + 1 begins another run."""
    numbers = np.zeros(length, np.int32)
    np.cumsum(begins, out=numbers[1:], dtype=np.int32)
    return numbers


def measured_seconds(epochs: Epochs) -> Seconds:
    """Return the seconds of the epochs that were worn, calibrated and measured.

    Where two records have the same moment (two sensors, or a clock that was set back), the one whose state began later
    counts, as in the day's spans.
    """
    measured = _IS_MEASURED[epochs.state] & (epochs.forward_cdeg != TILT_UNKNOWN)
    at = np.flatnonzero(measured)
    utc_ms, journal, calibration_id = epochs.utc_ms[at], epochs.journal[at], epochs.calibration_id[at]
    step_ms = np.diff(utc_ms)
    begins = (
        (np.diff(epochs.uptime_ms[at]) != EPOCH_MS)
        | (np.diff(epochs.boot[at]) != 0)
        | (journal[1:] != journal[:-1])
        | (calibration_id[1:] != calibration_id[:-1])
        | (step_ms > _MOST_STEP_MS)
        | (step_ms < _LEAST_STEP_MS)
    )
    names, calibration = np.unique(journal.astype(np.int64) << 16 | calibration_id, return_inverse=True)
    seconds = Seconds(
        utc_ms=(utc_ms[:, None] + np.arange(SECONDS_PER_EPOCH) * 1000).ravel(),
        forward_cdeg=epochs.second_cdeg[at].ravel(),
        lateral_cdeg=_each(epochs.lateral_cdeg[at].astype(np.int32)),
        speed_cdeg_s=_each(epochs.speed_cdeg_s[at].astype(np.int32)),
        state=_each(epochs.state[at]),
        time_quality=_each(epochs.time_quality[at]),
        calibration=_each(calibration.astype(np.int32)),
        run=_each(_numbered(begins, len(at))),
        calibrations=tuple((name >> 16, name & 0xFFFF) for name in names.tolist()),
    )
    in_order = bool((step_ms > 0).all())
    if in_order and not (step_ms < _LEAST_STEP_MS).any():
        return seconds
    return _each_moment_once(seconds, _each(_numbered(begins | (np.diff(epochs.state[at]) != 0), len(at))))


def _each(values: NDArray[Number]) -> NDArray[Number]:
    return np.repeat(values, SECONDS_PER_EPOCH)


def _each_moment_once(seconds: Seconds, state_run: NDArray[np.int32]) -> Seconds:
    """Return the seconds in order of time without those whose moment belongs to a state that began later."""
    firsts = np.flatnonzero(np.diff(state_run, prepend=-1))
    rank = np.empty(len(firsts), np.int64)
    rank[np.lexsort((np.arange(len(firsts)), seconds.utc_ms[firsts]))] = np.arange(len(firsts))
    cell = (seconds.utc_ms - seconds.utc_ms.min()) // 1000
    owner = np.full(int(cell.max()) + 1, -1, np.int64)
    np.maximum.at(owner, cell, rank[state_run])
    kept = np.flatnonzero(owner[cell] == rank[state_run])
    kept = kept[np.argsort(seconds.utc_ms[kept], kind="stable")]
    begins = (np.diff(kept) != 1) | (np.diff(seconds.run[kept]) != 0)
    columns = {name: getattr(seconds, name)[kept] for name in vars(seconds) if name != "calibrations"}
    columns["run"] = _numbered(begins, len(kept))
    return replace(seconds, **columns)


def stretches(mask: NDArray[np.bool_], run: NDArray[np.int32], bridge_s: int = 0) -> Stretches:
    """Return where a mask is true on end within a run; dips of up to bridge_s within a run are bridged.

    >>> run = np.zeros(7, np.int32)
    >>> [bounds.tolist() for bounds in stretches(np.array([1, 1, 0, 1, 0, 0, 1], bool), run, bridge_s=1)]
    [[0, 6], [4, 7]]
    """
    at = np.flatnonzero(mask)
    if not len(at):
        return Stretches(at, at)
    is_apart = (np.diff(at) != 1) | (np.diff(run[at]) != 0)
    first = at[np.concatenate(([True], is_apart))]
    after = at[np.concatenate((is_apart, [True]))] + 1
    if bridge_s and len(first) > 1:
        joined = (first[1:] - after[:-1] <= bridge_s) & (run[first[1:]] == run[after[:-1] - 1])
        first, after = first[np.concatenate(([True], ~joined))], after[np.concatenate((~joined, [True]))]
    return Stretches(first, after)


def classes_on_end(values: NDArray[np.integer], run: NDArray[np.int32]) -> Stretches:
    """Return the stretches in which values stay the same within a run; they cover everything.

    >>> [bounds.tolist() for bounds in classes_on_end(np.array([1, 1, 2, 2]), np.array([0, 0, 0, 1], np.int32))]
    [[0, 2, 3], [2, 3, 4]]
    """
    begins = np.flatnonzero((np.diff(values) != 0) | (np.diff(run) != 0)) + 1
    edges = np.concatenate(([0], begins, [len(values)]))
    return Stretches(edges[:-1], edges[1:]) if len(values) else Stretches(begins, begins)


def median_of_five(values: NDArray[np.int32], run: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the running median over 5 s within each run; the window is shorter, yet symmetric, at a run's ends.

    >>> median_of_five(np.array([0, 9, 1, 2, 3, 8, 4], np.int32), np.zeros(7, np.int32)).tolist()
    [0, 1, 2, 3, 3, 4, 4]
    """
    if len(values) < 3:
        return values
    padded = np.concatenate((values[:1], values[:1], values, values[-1:], values[-1:]))
    a, b, c, d, e = (padded[shift : shift + len(values)] for shift in range(5))
    low, high = np.minimum(b, d), np.maximum(b, d)
    of_three = np.maximum(low, np.minimum(high, c))
    # The median of five is that of the middle one, the greater of the least two pairs and the lesser of the greatest.
    greater_low = np.maximum(np.minimum(a, b), np.minimum(d, e))
    lesser_high = np.minimum(np.maximum(a, b), np.maximum(d, e))
    median = np.maximum(np.minimum(greater_low, lesser_high), np.minimum(np.maximum(greater_low, lesser_high), c))
    first = np.concatenate(([0], np.flatnonzero(np.diff(run)) + 1))
    last = np.concatenate((first[1:], [len(run)])) - 1
    # Next to a run's ends the window is of three, and of one at its ends, which may be next to each other.
    for near_end in (first + 1, last - 1):
        near_end = near_end[(near_end >= 0) & (near_end < len(run))]
        median[near_end] = of_three[near_end]
    for end in (first, last):
        median[end] = values[end]
    return median

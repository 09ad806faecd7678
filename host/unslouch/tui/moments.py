"""What the records of a day say of one second: posture state and tilt.

An epoch has a tilt for each of its five seconds, but only one state: that of most of them. Where the state changes
within an epoch, the second's own state follows from its tilt and from when the slouch began and ended, so that state
and tilt are of the same second.
"""

from bisect import bisect_right
from typing import Final

import numpy as np

from unslouch.analysis.day import Day
from unslouch.analysis.model import Epochs
from unslouch_device.contract import states
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN

_BY_TILT: Final = (states.UPRIGHT, states.RECLINED, states.LEANING, states.SLOUCHING)
"""The states between which the forward tilt decides."""
_LEANING: Final = (states.LEANING, states.SLOUCHING)


def delay_s_at(day: Day, utc_ms: int, otherwise_s: int) -> int:
    """Return the delay that a moment had; otherwise_s if no record says which."""
    delays_s = [step.delay_s for step in day.delays if step.utc_ms is None or step.utc_ms <= utc_ms]
    return delays_s[-1] if delays_s else otherwise_s


def state_at(day: Day, utc_ms: int, settings: dict[str, int]) -> int:
    """Return the posture state of the second that holds a moment; UNKNOWN where there is no record.

    settings: by key, those that hold.
    """
    state = _recorded_state(day, utc_ms)
    row = epoch_at(day.epochs, utc_ms)
    tilt = tilt_at(day.epochs, utc_ms)
    if state not in _BY_TILT or row is None or tilt is None:
        return state
    start_ms = int(day.epochs.utc_ms[row])
    before = _recorded_state(day, start_ms - 1)
    own = _state_of_second(day, utc_ms, state, before, settings)
    return own if own in (before, _recorded_state(day, start_ms + EPOCH_MS)) else state


def _state_of_second(day: Day, utc_ms: int, state: int, before: int, settings: dict[str, int]) -> int:
    """Return the state of a second of an epoch, given that of most of the epoch and that of the epoch before."""
    slouch = next((each for each in day.episodes if each.start_utc_ms <= utc_ms < _end_ms(each.end_utc_ms)), None)
    if slouch is not None:
        is_confirmed = utc_ms - slouch.start_utc_ms >= 1000 * delay_s_at(day, utc_ms, settings["delay"])
        return states.SLOUCHING if is_confirmed else states.LEANING
    if state == states.SLOUCHING:
        return states.UPRIGHT
    row = epoch_at(day.epochs, utc_ms)
    assert row is not None
    until = (utc_ms - int(day.epochs.utc_ms[row])) // 1000 + 1
    is_above = day.epochs.second_cdeg[row, :until] > settings["threshold"] * 100
    if state == states.LEANING:  # which lasts a little longer than the tilt that began it
        return state if before in _LEANING or is_above.any() else before
    return states.LEANING if is_above[-1] else state


def _end_ms(end_utc_ms: int | None) -> float:
    return float("inf") if end_utc_ms is None else end_utc_ms


def _recorded_state(day: Day, utc_ms: int) -> int:
    at = bisect_right([span.start_utc_ms for span in day.spans], utc_ms) - 1
    if at < 0 or utc_ms >= day.spans[at].end_utc_ms:
        return states.UNKNOWN
    return day.spans[at].state


def tilt_at(epochs: Epochs, utc_ms: int) -> tuple[float, float] | None:
    """Return forward and lateral tilt in degrees of the second that holds a moment; None without one.

    The lateral tilt is the mean of the five seconds around it: the journal has no other.
    """
    row = epoch_at(epochs, utc_ms)
    if row is None or epochs.forward_cdeg[row] == TILT_UNKNOWN:
        return None
    second = min(SECONDS_PER_EPOCH - 1, (utc_ms - int(epochs.utc_ms[row])) // 1000)
    return float(epochs.second_cdeg[row, second]) / 100, float(epochs.lateral_cdeg[row]) / 100


def epoch_at(epochs: Epochs, utc_ms: int) -> int | None:
    """Return the row of the epoch that holds a moment; of two journals, the later begun one."""
    rows = np.flatnonzero((epochs.utc_ms <= utc_ms) & (epochs.utc_ms > utc_ms - EPOCH_MS))
    return int(rows[np.argmax(epochs.utc_ms[rows])]) if len(rows) else None

"""Wear: when the sensor was off the body or charging, from its events and the onsets that it noticed only later."""

from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract import records, states
from unslouch_device.contract.records import EPOCH_MS

from .decode import RawEvent
from .model import Event

MAX_ONSET_MS = 3_600_000
"""An onset lies at most this long before its event: a sensor notices within minutes."""

LAYING_DOWN_MS = 5000
"""From the wearer's hand to the onset of its stillness a sensor moves for at most this long."""
HINDSIGHT_MS = MAX_ONSET_MS + LAYING_DOWN_MS
"""For so long after a record the sensor may still report that it was not worn then."""

NOTICED_LATE = (records.TAKEN_OFF, records.CHARGING_STARTED)
"""The events that report what the sensor noticed only later."""
_STATE_AFTER = {
    records.BOOT: 0,
    records.DEEP_SLEEP_ENDED: states.OFF_BODY,
    records.TAKEN_OFF: states.OFF_BODY,
    records.PUT_ON: 0,
    records.CHARGING_STARTED: states.CHARGING,
    records.CHARGING_ENDED: 0,
}
"""code: the state without wear that begins with the event, 0 for none; it ends the one before."""


class NotWornInterval(NamedTuple):
    """A range of uptime of one boot, in ms, in which the sensor was off the body or charging."""

    start_uptime_ms: int
    end_uptime_ms: int
    state: int


def onset_ms(event: RawEvent) -> int:
    """Return the uptime at which what an event reports began; that of the event itself if it names no plausible one."""
    onset = event.fields.get("onset_uptime_ms", event.uptime_ms)
    return min(max(onset, event.uptime_ms - MAX_ONSET_MS), event.uptime_ms)


def hindsight_intervals(events: list[RawEvent]) -> list[NotWornInterval]:
    """Return when the sensor was not worn before it noticed; charging, which outranks off body, comes last."""
    intervals = [
        NotWornInterval(onset_ms(event), event.uptime_ms, _STATE_AFTER[event.code])
        for event in events
        if event.code in NOTICED_LATE and onset_ms(event) < event.uptime_ms
    ]
    return sorted(intervals, key=lambda interval: (-interval.state, interval.start_uptime_ms))


def happened_off_body(event: RawEvent | Event, hindsight: list[NotWornInterval]) -> bool:
    """Return whether an event lies in one of the hindsight_intervals(), where the tilt is that of a table.

    Laying the sensor down is no correction either, though it may look like one just before the interval.
    """
    margin_ms = LAYING_DOWN_MS if event.code == records.CORRECTED else 0
    return any(
        interval.start_uptime_ms - margin_ms <= event.uptime_ms <= interval.end_uptime_ms for interval in hindsight
    )


def states_in_hindsight(
    uptime_ms: NDArray[np.int64], state: NDArray[np.uint8], hindsight: list[NotWornInterval]
) -> NDArray[np.uint8]:
    """Return the states of a boot's epochs, in order of uptime, with off body or charging where hindsight says so.

    An epoch that is only partly off the body counts as off body as a whole: no such time may count as posture.
    """
    state = state.copy()
    for interval in hindsight:
        first = np.searchsorted(uptime_ms, interval.start_uptime_ms - EPOCH_MS, side="right")
        state[first : np.searchsorted(uptime_ms, interval.end_uptime_ms)] = interval.state
    return state


class Runs:
    """The unbroken runs of sequences in what is stored of one boot, numbered from 0."""

    def __init__(self, first_sequences: NDArray[np.int64], end_uptime_ms: list[int]) -> None:
        self._first_sequences = first_sequences
        self.end_uptime_ms = end_uptime_ms
        """Where the records of each run end."""

    def number(self, sequence: int) -> int:
        """Return in which run a stored sequence is."""
        return int(np.searchsorted(self._first_sequences, sequence, side="right")) - 1


def not_worn_intervals(
    epoch_uptime_ms: NDArray[np.int64], epoch_sequence: NDArray[np.uint32], events: list[RawEvent], runs: Runs
) -> list[NotWornInterval]:
    """Return when one boot was not worn: each interval from its event to the next epoch or event that ends it.

    Where records are missing in between, or no more follow, an interval reaches to the last record that belongs to it.
    Epochs are in order of uptime, events in order of uptime and sequence.
    """
    starts_ms = epoch_uptime_ms.tolist()
    switches = [event for event in events if event.code in _STATE_AFTER]
    intervals = []
    for event, following in pairwise([*switches, None]):
        assert event
        state = _STATE_AFTER[event.code]
        if event.code == records.DEEP_SLEEP_ENDED and event.fields["why"] != records.ASLEEP_OFF_BODY:
            state = 0
        if not state:
            continue
        run = runs.number(event.sequence)
        next_epoch = bisect_left(starts_ms, event.uptime_ms)
        candidates = [(following.uptime_ms, following.sequence)] if following else []
        if next_epoch < len(starts_ms):
            candidates.append((starts_ms[next_epoch], int(epoch_sequence[next_epoch])))
        end_ms, sequence = min(candidates, default=(0, None))
        if sequence is None or runs.number(sequence) != run:
            end_ms = runs.end_uptime_ms[run]
        intervals.append(NotWornInterval(event.uptime_ms, end_ms, state))
    return intervals


def unbroken_runs(
    epoch_uptime_ms: NDArray[np.int64], epoch_sequence: NDArray[np.uint32], events: list[RawEvent]
) -> Runs:
    """Return the runs that the epochs and events of one boot make up."""
    event_sequences = np.array([event.sequence for event in events], np.int64)
    event_ends_ms = np.array([event.uptime_ms for event in events], np.int64)
    sequences = np.concatenate((epoch_sequence.astype(np.int64), event_sequences))
    order = np.argsort(sequences)
    sequences, ends_ms = sequences[order], np.concatenate((epoch_uptime_ms + EPOCH_MS, event_ends_ms))[order]
    if not len(sequences):
        return Runs(sequences, [])
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(sequences) > 1) + 1))
    return Runs(sequences[firsts], np.maximum.reduceat(ends_ms, firsts).tolist())

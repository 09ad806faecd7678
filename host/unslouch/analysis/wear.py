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
"""A sensor moves for this long at most between the wearer's hand and the onset of its stillness."""
HINDSIGHT_MS = MAX_ONSET_MS + LAYING_DOWN_MS
"""What happened may prove to be of no wearer for this long."""

_STATE_AFTER = {
    records.BOOT: 0,
    records.TAKEN_OFF: states.OFF_BODY,
    records.PUT_ON: 0,
    records.CHARGING_STARTED: states.CHARGING,
    records.CHARGING_ENDED: 0,
}
"""code: the state away that begins with the event, 0 for none; it ends whichever was before."""


class NotWornInterval(NamedTuple):
    """A stretch of uptime of one boot, in ms, that is off body or charging."""

    start_uptime_ms: int
    end_uptime_ms: int
    state: int


def onset_ms(event: RawEvent) -> int:
    """Return the uptime at which what an event tells of began: the event's own if it carries no plausible one."""
    onset = event.fields.get("onset_uptime_ms", event.uptime_ms)
    return min(max(onset, event.uptime_ms - MAX_ONSET_MS), event.uptime_ms)


def noticed_late(events: list[RawEvent]) -> list[NotWornInterval]:
    """Return the stretches between onset and event, off body before charging, which outranks it."""
    late = [
        NotWornInterval(onset_ms(event), event.uptime_ms, _STATE_AFTER[event.code])
        for event in events
        if event.code in (records.TAKEN_OFF, records.CHARGING_STARTED) and onset_ms(event) < event.uptime_ms
    ]
    return sorted(late, key=lambda away: (-away.state, away.start_uptime_ms))


def happened_off_body(event: RawEvent | Event, late: list[NotWornInterval]) -> bool:
    """Tell an event that happened in one of the noticed_late() stretches, where a tilt is that of the table.

    Laying the sensor down is no correction either, though it may look like one just before the stretch.
    """
    margin_ms = LAYING_DOWN_MS if event.code == records.CORRECTED else 0
    return any(away.start_uptime_ms - margin_ms <= event.uptime_ms <= away.end_uptime_ms for away in late)


def states_in_hindsight(
    uptime_ms: NDArray[np.int64], state: NDArray[np.uint8], late: list[NotWornInterval]
) -> NDArray[np.uint8]:
    """Return the states of a boot's epochs where those that noticed_late() stretches touch take their state.

    An epoch that is only partly off the body counts as off body as a whole: no such time may count as posture.
    """
    state = state.copy()
    for away in late:
        state[(uptime_ms + EPOCH_MS > away.start_uptime_ms) & (uptime_ms < away.end_uptime_ms)] = away.state
    return state


class Runs(NamedTuple):
    """The unbroken runs of sequences in what is stored of one boot, by number."""

    number: dict[int, int]
    """The run that each sequence is in."""
    end_uptime_ms: list[int]
    """Where the records of each run end."""


def not_worn_intervals(
    epoch_uptime_ms: NDArray[np.int64], epoch_sequence: NDArray[np.uint32], events: list[RawEvent], runs: Runs
) -> list[NotWornInterval]:
    """Return the spans without epochs of one boot: each from its event to the next epoch or event that ends it.

    Where records are missing in between, or no more follow, a span reaches to the last record known to belong to it.
    Epochs are in order of uptime, events in order of uptime and sequence.
    """
    starts_ms = epoch_uptime_ms.tolist()
    switches = [event for event in events if event.code in _STATE_AFTER]
    found = []
    for event, following in pairwise([*switches, None]):
        assert event
        state = _STATE_AFTER[event.code]
        if not state:
            continue
        run = runs.number[event.sequence]
        next_epoch = bisect_left(starts_ms, event.uptime_ms)
        candidates = [(following.uptime_ms, following.sequence)] if following else []
        if next_epoch < len(starts_ms):
            candidates.append((starts_ms[next_epoch], int(epoch_sequence[next_epoch])))
        end_ms, sequence = min(candidates, default=(0, None))
        if sequence is None or runs.number[sequence] != run:
            end_ms = runs.end_uptime_ms[run]
        found.append(NotWornInterval(event.uptime_ms, end_ms, state))
    return found


def unbroken_runs(
    epoch_uptime_ms: NDArray[np.int64], epoch_sequence: NDArray[np.uint32], events: list[RawEvent]
) -> Runs:
    """Return the runs that the epochs and events of one boot make up."""
    ends_ms = dict(zip(epoch_sequence.tolist(), (epoch_uptime_ms + EPOCH_MS).tolist(), strict=True))
    ends_ms |= {event.sequence: event.uptime_ms for event in events}
    runs = Runs({}, [])
    before = None
    for sequence in sorted(ends_ms):
        if before is None or sequence != before + 1:
            runs.end_uptime_ms.append(0)
        runs.number[sequence] = len(runs.end_uptime_ms) - 1
        runs.end_uptime_ms[-1] = max(runs.end_uptime_ms[-1], ends_ms[sequence])
        before = sequence
    return runs

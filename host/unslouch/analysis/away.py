"""Away: time off body and charging, from the events around it and from the onset that the sensor noticed only later."""

from bisect import bisect_left
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract import records, states
from unslouch_device.contract.records import EPOCH_MS

from .decode import RawEvent

MAX_ONSET_MS = 3_600_000
"""An onset lies at most this long before its event: a sensor notices within minutes."""

_SWITCHES = {
    records.BOOT: (0, 0),
    records.TAKEN_OFF: (states.OFF_BODY, states.OFF_BODY),
    records.PUT_ON: (states.OFF_BODY, 0),
    records.CHARGING_STARTED: (states.CHARGING, states.CHARGING),
    records.CHARGING_ENDED: (states.CHARGING, 0),
}
"""code: (state that it switches, what to); BOOT begins with neither."""


class Away(NamedTuple):
    """A stretch of uptime of one boot, in ms, that is off body or charging."""

    start_uptime_ms: int
    end_uptime_ms: int
    state: int


def onset_ms(event: RawEvent) -> int:
    """Return the uptime at which what an event tells of began: the event's own if it carries no plausible one."""
    onset = event.fields.get("onset_uptime_ms", event.uptime_ms)
    return min(max(onset, event.uptime_ms - MAX_ONSET_MS), event.uptime_ms)


def late_noticed(events: list[RawEvent]) -> list[Away]:
    """Return the stretches between onset and event, off body before charging, which outranks it."""
    late = [
        Away(onset_ms(event), event.uptime_ms, _SWITCHES[event.code][1])
        for event in events
        if event.code in (records.TAKEN_OFF, records.CHARGING_STARTED)
    ]
    return sorted(late, key=lambda away: (-away.state, away.start_uptime_ms))


def reclassified(uptime_ms: NDArray[np.int64], state: NDArray[np.uint8], late: list[Away]) -> NDArray[np.uint8]:
    """Return the states of a boot's epochs where those that late_noticed() stretches touch take their state.

    An epoch that is only partly off the body counts as off body as a whole: no such time may count as posture.
    """
    state = state.copy()
    for away in late:
        state[(uptime_ms + EPOCH_MS > away.start_uptime_ms) & (uptime_ms < away.end_uptime_ms)] = away.state
    return state


def away_spans(
    epoch_uptime_ms: NDArray[np.int64], epoch_sequence: NDArray[np.uint32], events: list[RawEvent]
) -> list[Away]:
    """Return the spans without epochs of one boot: each from its event to the next epoch or event that ends it.

    Where records are missing in between, or no more follow, a span reaches to the last record known to belong to it.
    Epochs are in order of uptime, events in order of uptime and sequence.
    """
    starts_ms = epoch_uptime_ms.tolist()
    run_of, run_end_ms = _runs(starts_ms, epoch_sequence.tolist(), events)
    switches = [event for event in events if event.code in _SWITCHES]
    found = []
    held: set[int] = set()
    previous: RawEvent | None = None
    for event, following in zip_longest(switches, switches[1:]):
        next_epoch = bisect_left(starts_ms, event.uptime_ms)
        if previous and (
            run_of[previous.sequence] != run_of[event.sequence]
            or bisect_left(starts_ms, previous.uptime_ms) < next_epoch
        ):
            held.clear()
        previous = event
        switched, to = _SWITCHES[event.code]
        held = ({*held, to} if to else held - {switched}) if switched else set()
        if held:
            candidates = [(following.uptime_ms, following.sequence)] if following else []
            if next_epoch < len(starts_ms):
                candidates.append((starts_ms[next_epoch], int(epoch_sequence[next_epoch])))
            end_ms, sequence = min(candidates, default=(0, event.sequence))
            if not candidates or run_of[sequence] != run_of[event.sequence]:
                end_ms = run_end_ms[run_of[event.sequence]]
            found.append(Away(event.uptime_ms, end_ms, min(held)))
    return found


def _runs(starts_ms: list[int], sequences: list[int], events: list[RawEvent]) -> tuple[dict[int, int], list[int]]:
    """Return the number of the unbroken run of sequences that each sequence is in, and where each run's records end."""
    ends = {sequence: start_ms + EPOCH_MS for start_ms, sequence in zip(starts_ms, sequences, strict=True)}
    ends |= {event.sequence: event.uptime_ms for event in events}
    run_of: dict[int, int] = {}
    run_end_ms: list[int] = []
    before = None
    for sequence in sorted(ends):
        if before is None or sequence != before + 1:
            run_end_ms.append(0)
        run_of[sequence] = len(run_end_ms) - 1
        run_end_ms[-1] = max(run_end_ms[-1], ends[sequence])
        before = sequence
    return run_of, run_end_ms

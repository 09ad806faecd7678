"""Caveats: sentences on what limits the numbers of a day."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from unslouch.store.derived import EARLIEST_CLOCK_MS
from unslouch_device.contract import records
from unslouch_device.contract.records import EPOCH_MS

from .boot_index import DeepSleep
from .decode import RawEvent, Records
from .metrics.minutes import COVERAGE, MEASURED_MIN
from .metrics.standing import ZeroSource
from .metrics.summary import Summary
from .metrics.validity import LEAST_COVERAGE, LEAST_VALID_MIN, STANDING_ZERO
from .model import NO_BOUND, Epochs, Event, Interval, SensorMoved, TimeQuality
from .timebase import ClockMark
from .zones import to_local

_UNITS = (("years", 31_557_600_000), ("days", 86_400_000), ("hours", 3_600_000), ("min", 60_000), ("s", 1000))


def clock_change_caveats(start: datetime, end: datetime, known_until: datetime | None) -> list[str]:
    """Describe a day whose clocks change, and one whose records end at known_until, before the day does."""
    caveats = []
    hours = (end.timestamp() - start.timestamp()) / 3600
    if hours != 24:
        caveats.append(f"The clocks change on this day: it has {hours:g} hours.")
    if known_until:
        caveats.append(f"The records end at {known_until:%H:%M:%S}; what follows is not counted.")
    return caveats


def time_quality_caveats(epochs: Epochs, contradicted: set[tuple[int, int]]) -> list[str]:
    """Describe epochs whose time is less than firm; contradicted: the (journal, boot) whose clock marks disagree."""
    provisional, uncertain = (
        epochs.time_quality == list(TimeQuality).index(quality)
        for quality in (TimeQuality.PROVISIONAL, TimeQuality.UNCERTAIN)
    )
    disputed = uncertain & _in_boots(epochs, contradicted)
    sentences = (
        (provisional, "The time is provisional for {length} of this day: the next connection may shift it {bound}."),
        (
            uncertain & ~disputed,
            "The time is uncertain for {length} of this day and may be off {bound}: no computer met the sensor before "
            "it restarted.",
        ),
        (
            disputed,
            "The time is uncertain for {length} of this day and may be off {bound}: the clocks of the computers that "
            "met the sensor contradict each other.",
        ),
    )
    return [
        sentence.format(length=_length(int(where.sum())), bound=_bound(epochs.utc_error_ms[where]))
        for where, sentence in sentences
        if where.any()
    ]


def _in_boots(epochs: Epochs, boots: set[tuple[int, int]]) -> NDArray[np.bool_]:
    inside = np.zeros(len(epochs), np.bool_)
    for journal, boot in boots:
        inside |= (epochs.journal == journal) & (epochs.boot == boot)
    return inside


def _length(epochs: int) -> str:
    minutes = epochs * EPOCH_MS / 60_000
    return f"{minutes:.0f} min" if minutes >= 1 else "less than a minute"


def _bound(error_ms: NDArray[np.int64]) -> str:
    return "by an unknown time" if NO_BOUND in error_ms else f"by up to {_duration(int(error_ms.max()))}"


def _duration(milliseconds: int) -> str:
    """Return a duration rounded up, in the largest unit of which it holds two, at least 1 s."""
    unit, unit_ms = next(((unit, size) for unit, size in _UNITS if milliseconds >= 2 * size), _UNITS[-1])
    return f"{max(1, -(-milliseconds // unit_ms))} {unit}"


def deep_sleep_caveats(sleeps: Sequence[DeepSleep], tz: tzinfo) -> list[str]:
    """Describe deep sleeps whose length by the sensor's own clock doesn't fit the computers' clocks around them."""
    return [
        f"From {to_local(sleep.start_utc_ms, tz):%H:%M} to {to_local(sleep.end_utc_ms, tz):%H:%M} the sensor slept, "
        f"and its clock differs from the computers' by {_duration(sleep.contradiction_ms)} more than it may: the time "
        "is uncertain."
        for sleep in sleeps
        if sleep.contradiction_ms
    ]


def clock_set_caveats(jumps_ms: list[int]) -> list[str]:
    """Describe jumps of the host's clock, in ms."""
    if not jumps_ms:
        return []
    most_ms = max(abs(jump_ms) for jump_ms in jumps_ms)
    return [
        f"A computer's clock was set on this day, by up to {_duration(most_ms)}: times before and after don't join."
    ]


def wrong_clock_caveats(events: list[Event], tz: tzinfo) -> list[str]:
    """Describe the host clocks of a day that can't be right and were not used."""
    caveats = []
    for event in events:
        if event.code == records.HOST_CLOCK and not (mark := ClockMark(0, event.fields["utc_ms"])).is_usable:
            when = "before 2020" if mark.utc_ms < EARLIEST_CLOCK_MS else "after the year 9999"
            caveats.append(
                f"At {to_local(event.utc_ms, tz):%H:%M} a computer's clock stood at a date {when}: it was not used, so "
                "set that clock right."
            )
    return caveats


def loss_caveats(stored: Records, epochs: Epochs, events: list[Event]) -> list[str]:
    """Describe records that are missing between those of one boot, and samples that the sensor lost."""
    missing = sum(_missing(stored, boot, epochs, events) for boot in stored.boots())
    lost_ms = sum(event.fields["lost_ms"] for event in events if event.code == records.SAMPLES_LOST)
    caveats = []
    if missing:
        are, them = ("record is", "it") if missing == 1 else ("records are", "them")
        caveats.append(f"{missing} {are} missing between those of this day: the sensor dropped {them} before a fetch.")
    if lost_ms:
        caveats.append(f"The motion sensor gave no samples for {lost_ms / 1000:.1f} s of this day.")
    return caveats


def _missing(stored: Records, boot: tuple[int, int], epochs: Epochs, events: list[Event]) -> int:
    of_day = _sequences(epochs, events, boot)
    if not len(of_day):
        return 0
    first, last = int(of_day.min()), int(of_day.max())
    known = np.unique(_sequences(stored, stored.events, boot))
    return last - first + 1 - int(((known >= first) & (known <= last)).sum())


def _sequences(
    epochs: Epochs | Records, events: Sequence[Event | RawEvent], boot: tuple[int, int]
) -> NDArray[np.int64]:
    of_epochs = epochs.sequence[(epochs.journal == boot[0]) & (epochs.boot == boot[1])]
    of_events = [event.sequence for event in events if (event.journal, event.boot) == boot]
    return np.concatenate((of_epochs.astype(np.int64), np.array(of_events, np.int64)))


def deleted_caveats(deleted: list[Interval], tz: tzinfo) -> list[str]:
    """Describe the times of which the wearer deleted the records."""
    return [
        f"The wearer deleted the records from {to_local(interval.start_utc_ms, tz):%H:%M} to "
        f"{_end_time(interval.end_utc_ms, tz)}."
        for interval in deleted
    ]


def _end_time(utc_ms: int, tz: tzinfo) -> str:
    """Return the time of day at which something ends; 24:00 at the end of the day."""
    text = f"{to_local(utc_ms, tz):%H:%M}"
    return "24:00" if text == "00:00" else text


def overlap_caveats(overlap_ms: int) -> list[str]:
    """Describe time for which more than one sensor, journal or clock says what posture there was."""
    if overlap_ms < EPOCH_MS:
        return []
    return [
        f"For {overlap_ms / 60_000:.1f} min there is more than one record of the posture (two sensors, or a clock that "
        "was set back): each minute counts once."
    ]


def undated_caveats(undated: dict[int, int]) -> list[str]:
    """Describe journals that can't be dated, given the number of records of each."""
    return [
        f"Journal {journal:08x} is in no day: no computer with a right clock ever met its sensor, so its "
        f"{'record has' if count == 1 else f'{count} records have'} no time."
        for journal, count in sorted(undated.items())
    ]


def sensor_moved_caveats(notices: list[SensorMoved], tz: tzinfo) -> list[str]:
    """Say when the sensor may have begun to sit elsewhere, after which tilts are not what they were."""
    return [
        f"The sensor may have moved: at {to_local(notice.utc_ms, tz):%H:%M} the forward tilt while walking was "
        f"{notice.walking_deg:.0f}° where {notice.usual_deg:.0f}° is usual. Tilts from about then on may be wrong, "
        "until a re-zero or calibration."
        for notice in notices
    ]


def summary_caveats(summary: Summary) -> list[str]:
    """Describe a day of which too little is valid, and what its zones count from."""
    if not summary[MEASURED_MIN]:
        return []
    caveats = []
    if summary.is_too_short:
        caveats.append(
            f"The day is too short for a score: {summary[MEASURED_MIN]:.0f} min valid, "
            f"{100 * (summary[COVERAGE] or 0):.0f} % of the worn span; a score takes {LEAST_VALID_MIN:.0f} min and "
            f"{100 * LEAST_COVERAGE:.0f} %."
        )
    if summary[STANDING_ZERO] == ZeroSource.WALKING:
        caveats.append(
            "Zones count from standing upright as walking shows it, which may be 6° off either way: their least and "
            "greatest values are given. A standing zero taken by hand is more exact."
        )
    elif summary[STANDING_ZERO] == ZeroSource.SEATED:
        caveats.append(
            "Zones are relative to seated upright and may understate: there is no standing zero, and too little "
            "walking to take one from."
        )
    return caveats

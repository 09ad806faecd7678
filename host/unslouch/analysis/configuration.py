"""Configuration: the calibrations, profiles and delays of a day, which may be older than the day itself.

All of it comes from the events of its journal, in the order in which they were written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from unslouch.store import Queries, StoredEvent
from unslouch_device.contract import records, settings
from unslouch_device.contract.messages import PROFILE_NAMES
from unslouch_device.contract.payloads import PROFILE_NAME_BYTES
from unslouch_device.contract.records import NAME_PART_BYTES, name_part

from .decode import RawEvent, decode, unpack_stored_event
from .model import Calibration, DelayStep, Epochs, Event, SensorMoved
from .timebase import BootTimebase
from .zones import is_in_calendar

_HOW = {
    records.CALIBRATED_UPRIGHT: "upright",
    records.CALIBRATED_REZERO: "re-zero",
    records.CALIBRATED_BOW: "bow",
}
_WHY = {
    records.ADAPTED_LONGER: "corrected without alerts",
    records.ADAPTED_SHORTER: "alerts not corrected",
    records.ADAPTED_RESET: "set",
}
_NAME_PARTS = PROFILE_NAME_BYTES // NAME_PART_BYTES

TimebaseOf = Callable[[tuple[int, int]], BootTimebase]
"""Returns the timebase of a (journal, boot)."""


class SequenceRange(NamedTuple):
    """The sequences of one journal from the first record of a day to its last."""

    first: int
    last: int


@dataclass
class _CalibrationEvents:
    """What the events so far say of a calibration."""

    profile: int | None = None
    made: RawEvent | None = None
    stood: RawEvent | None = None


def sequence_ranges(epochs: Epochs, events: Iterable[Event]) -> dict[int, SequenceRange]:
    """Return, by journal, which sequences the records of a day span."""
    sequences: dict[int, list[int]] = {}
    for journal in np.unique(epochs.journal).tolist():
        of_journal = epochs.sequence[epochs.journal == journal]
        sequences[journal] = [int(of_journal.min()), int(of_journal.max())]
    for event in events:
        sequences.setdefault(event.journal, []).append(event.sequence)
    return {journal: SequenceRange(min(numbers), max(numbers)) for journal, numbers in sequences.items()}


def _calibration_ids(epochs: Epochs, events: Iterable[Event | RawEvent]) -> set[tuple[int, int]]:
    """Return the (journal, calibration id) of epochs, and of those of the events that make a calibration."""
    names = np.unique(epochs.journal.astype(np.int64) << 16 | epochs.calibration_id).tolist()
    made = {(event.journal, event.fields["calibration_id"]) for event in events if event.code == records.CALIBRATED}
    return {(name >> 16, name & 0xFFFF) for name in names} | made


def setup_events(
    store: Queries, day_setups: list[RawEvent], epochs: Epochs, ranges: dict[int, SequenceRange]
) -> list[RawEvent]:
    """Return the events that calibrations(), profile_names() and delays() need, in order of writing.

    day_setups: the setups among the day's own events. Of each kind of older event only the last one counts, so this
    costs the same however long the journal is.
    """
    stored = []
    for journal, (first, last) in ranges.items():
        stored += store.setups(journal, records.PROFILE_NAMED, last)
        stored += store.last_setup(journal, records.SETTING_CHANGED, bytes([settings.DELAY_S]), first - 1)
        stored += store.last_setup(journal, records.DELAY_ADAPTED, b"", first - 1)
        if store.revisions().imports:
            imported = store.imports.setup_events(journal, last)
            stored += [StoredEvent(row.journal, row.boot, row.sequence, row.uptime_ms, row.record) for row in imported]
    for journal, calibration_id in _calibration_ids(epochs, day_setups):
        subject = calibration_id.to_bytes(2, "little")
        for code in (records.CALIBRATED, records.STANDING_ZERO, records.PROFILE_SELECTED):
            stored += store.last_setup(journal, code, subject, ranges[journal].last)
    events = {(event.journal, event.sequence): event for event in [*map(unpack_stored_event, stored), *day_setups]}
    return [events[name] for name in sorted(events)]


def profile_names(setup: list[RawEvent], ranges: dict[int, SequenceRange]) -> dict[tuple[int, int], str]:
    """Return the names, by (journal, profile), as they were at the end of each journal's range.

    A profile has the name it came with until the journal names it. A name of which a part is missing is not known;
    bytes that are no UTF-8 become replacement characters.
    """
    parts: dict[tuple[int, int], dict[int, bytes]] = {}
    for event in _until(setup, ranges):
        if event.code == records.PROFILE_NAMED:
            profile, part, text = name_part(**event.fields)
            texts = parts.setdefault((event.journal, profile), {})
            if part == 0:
                texts.clear()
            texts[part] = text
    names = {(journal, profile): name.decode() for journal in ranges for profile, name in enumerate(PROFILE_NAMES)}
    for journal_profile, texts in parts.items():
        whole = sorted(texts) == list(range(_NAME_PARTS))
        text = b"".join(texts[part] for part in range(_NAME_PARTS)).rstrip(b"\0") if whole else b""
        names[journal_profile] = text.decode(errors="replace")
    return names


def calibrations(
    setup: list[RawEvent],
    epochs: Epochs,
    events: list[Event],
    ranges: dict[int, SequenceRange],
    timebase_of: TimebaseOf,
) -> list[Calibration]:
    """Return the calibrations of a day's epochs and those made on it, as its last record knows them."""
    known: dict[tuple[int, int], _CalibrationEvents] = {}
    for event in _until(setup, ranges):
        name = event.journal, event.fields.get("calibration_id", 0)
        if event.code == records.CALIBRATED:
            known[name] = _CalibrationEvents(event.fields["profile"], event)
        elif event.code == records.PROFILE_SELECTED:
            known.setdefault(name, _CalibrationEvents()).profile = event.fields["profile"]
        elif event.code == records.STANDING_ZERO:
            known.setdefault(name, _CalibrationEvents()).stood = event
    names = profile_names(setup, ranges)
    return [
        _calibration(
            journal, calibration_id, known.get((journal, calibration_id), _CalibrationEvents()), names, timebase_of
        )
        for journal, calibration_id in sorted(_calibration_ids(epochs, events))
        if calibration_id
    ]


def with_standing_zeros_alone(store: Queries, epochs: Epochs) -> list[Calibration]:
    """Return the calibrations of epochs with their standing zeros, and nothing else of them: a query for each."""
    last = {
        journal: int(epochs.sequence[epochs.journal == journal].max()) for journal in np.unique(epochs.journal).tolist()
    }
    has_imports = bool(store.revisions().imports)
    found = []
    for journal, calibration_id in sorted(_calibration_ids(epochs, ())):
        if not calibration_id:
            continue
        subject = calibration_id.to_bytes(2, "little")
        stored = store.last_setup(journal, records.STANDING_ZERO, subject, last[journal])
        if has_imports:
            imported = store.imports.setup_events(journal, last[journal])
            stored += [StoredEvent(row.journal, row.boot, row.sequence, row.uptime_ms, row.record) for row in imported]
        zeros = [
            event
            for event in sorted(map(unpack_stored_event, stored), key=lambda event: event.sequence)
            if event.code == records.STANDING_ZERO and event.fields["calibration_id"] == calibration_id
        ]
        fields = zeros[-1].fields if zeros else None
        found.append(
            Calibration(
                journal=journal,
                calibration_id=calibration_id,
                profile=None,
                profile_name=None,
                how=None,
                made_utc_ms=None,
                standing_forward_deg=fields["forward_cdeg"] / 100 if fields else None,
                standing_lateral_deg=fields["lateral_cdeg"] / 100 if fields else None,
                standing_utc_ms=None,
            )
        )
    return found


def _calibration(
    journal: int,
    calibration_id: int,
    known: _CalibrationEvents,
    names: dict[tuple[int, int], str],
    timebase_of: TimebaseOf,
) -> Calibration:
    made, stood = known.made, known.stood
    return Calibration(
        journal=journal,
        calibration_id=calibration_id,
        profile=known.profile,
        profile_name=None if known.profile is None else names.get((journal, known.profile)) or None,
        how=_HOW.get(made.fields["how"]) if made else None,
        made_utc_ms=_utc_ms(made, timebase_of) if made else None,
        standing_forward_deg=stood.fields["forward_cdeg"] / 100 if stood else None,
        standing_lateral_deg=stood.fields["lateral_cdeg"] / 100 if stood else None,
        standing_utc_ms=_utc_ms(stood, timebase_of) if stood else None,
    )


def delays(
    setup: list[RawEvent], events: list[Event], ranges: dict[int, SequenceRange], timebase_of: TimebaseOf
) -> list[DelayStep]:
    """Return for each journal the delay with which the day begins, if a record says it, then each change in the day.

    events: those of the day.
    """
    names = {(event.journal, event.sequence) for event in events}
    steps = []
    for journal, sequences in sorted(ranges.items()):
        changes = [event for event in setup if event.journal == journal and _delay_s(event) is not None]
        before = [event for event in changes if event.sequence < sequences.first][-1:]
        current_s = None
        for event in before + [event for event in changes if (journal, event.sequence) in names]:
            delay_s = _delay_s(event)
            if delay_s is not None and delay_s != current_s:
                why = _WHY.get(event.fields["why"]) if event.code == records.DELAY_ADAPTED else "set"
                steps.append(DelayStep(journal, _utc_ms(event, timebase_of), delay_s, why))
                current_s = delay_s
    return steps


def _delay_s(event: RawEvent) -> int | None:
    """Return the delay that an event sets, None if it is about something else."""
    if event.code == records.DELAY_ADAPTED:
        return event.fields["delay_s"]
    if event.code == records.SETTING_CHANGED and event.fields["setting_id"] == settings.DELAY_S:
        return event.fields["value"]
    return None


def sensor_moved(worn_events: list[Event], names: dict[tuple[int, int], str]) -> list[SensorMoved]:
    """Return the notices of a day; worn_events: those that the wearer could notice; names: of profile_names()."""
    return [
        SensorMoved(
            journal=event.journal,
            sequence=event.sequence,
            utc_ms=event.utc_ms,
            walking_deg=event.fields["walking_cdeg"] / 100,
            usual_deg=event.fields["usual_cdeg"] / 100,
            profile=event.fields["profile"],
            profile_name=names.get((event.journal, event.fields["profile"])) or None,
        )
        for event in worn_events
        if event.code == records.SENSOR_MOVED
    ]


def firmware_versions(store: Queries, boots: Iterable[tuple[int, int]]) -> dict[int, str]:
    """Return, by journal, the firmware versions that its boots began with, in order; unknown ones are left out.

    A boot's first record says its version.
    """
    versions: dict[int, list[str]] = {}
    for journal, boot in boots:
        for event in decode(store.pages_holding((records.BOOT,), journal, boot, 0, 0), (records.BOOT,)).events:
            version = "{major}.{minor}.{patch}".format_map(event.fields)
            known = versions.setdefault(journal, [])
            if version not in known:
                known.append(version)
    return {journal: ", ".join(known) for journal, known in versions.items()}


def _until(setup: list[RawEvent], ranges: dict[int, SequenceRange]) -> list[RawEvent]:
    return [event for event in setup if event.journal in ranges and event.sequence <= ranges[event.journal].last]


def _utc_ms(event: RawEvent, timebase_of: TimebaseOf) -> int | None:
    utc_ms = timebase_of((event.journal, event.boot)).timestamp(event.uptime_ms)[0]
    return utc_ms if is_in_calendar(utc_ms) else None

"""In force: the calibrations, profiles and delays of a day, which may be older than the day itself.

All of it comes from the events of its journal, in the order in which they were written.
"""

from dataclasses import dataclass
from typing import NamedTuple

from unslouch.store import Store
from unslouch_device.contract import records, settings
from unslouch_device.contract.messages import PROFILE_NAMES
from unslouch_device.contract.payloads import PROFILE_NAME_BYTES
from unslouch_device.contract.records import NAME_PART_BYTES, name_part

from .decode import RawEvent, Records, decode
from .model import Calibration, DelayStep, Epochs, Event, SensorMoved
from .timebase import LATEST_UTC_MS, BootTimebase

_RARE = (
    records.CALIBRATED,
    records.STANDING_ZERO,
    records.PROFILE_SELECTED,
    records.PROFILE_NAMED,
    records.SETTING_CHANGED,
)
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
_FIRST_UTC_MS = 31_536_000_000
"""The year 1971; a boot whose uptime goes wrong may seem to begin before any calendar does."""

Times = dict[tuple[int, int], BootTimebase]


class SequenceRange(NamedTuple):
    """The sequences of one journal from the first record of a day to its last."""

    first: int
    last: int


@dataclass
class _CalibrationEvents:
    """What the events so far tell of a calibration."""

    profile: int | None = None
    made: RawEvent | None = None
    stood: RawEvent | None = None


def setup_events(store: Store, found: Records) -> list[RawEvent]:
    """Return the events on calibrations, profiles and delays that the journals of found hold, in order of writing.

    Of the delays adapted before what found holds it is the last ones, since there may be thousands.
    """
    first: dict[int, int] = {}
    for journal, sequence in _names(found, found.events):
        first[journal] = min(sequence, first.get(journal, sequence))
    pages = store.pages_with(_RARE)
    for journal, sequence in first.items():
        pages += store.last_page_with(records.DELAY_ADAPTED, journal, sequence)
    events = {
        (event.journal, event.sequence): event
        for event in [*decode(pages).events, *found.events]
        if event.code in (*_RARE, records.DELAY_ADAPTED) and event.journal in first
    }
    return [events[name] for name in sorted(events)]


def sequence_ranges(epochs: Epochs, events: list[Event]) -> dict[int, SequenceRange]:
    """Return, by journal, which sequences the records of a day span."""
    found: dict[int, SequenceRange] = {}
    for journal, sequence in _names(epochs, events):
        first, last = found.get(journal, (sequence, sequence))
        found[journal] = SequenceRange(min(first, sequence), max(last, sequence))
    return found


def _names(epochs: Epochs | Records, events: list[RawEvent] | list[Event]) -> list[tuple[int, int]]:
    of_epochs = zip(epochs.journal.tolist(), epochs.sequence.tolist(), strict=True)
    return [*of_epochs, *((event.journal, event.sequence) for event in events)]


def profile_names(setup: list[RawEvent], of: dict[int, SequenceRange]) -> dict[tuple[int, int], str]:
    """Return the names, by (journal, profile), as they were at the end of each journal's stretch.

    Until the journal names one it bears the name it came with. A name of which a part is missing is not known; bytes
    that are no UTF-8 become replacement characters.
    """
    parts: dict[tuple[int, int], dict[int, bytes]] = {}
    for event in _until(setup, of):
        if event.code == records.PROFILE_NAMED:
            profile, part, text = name_part(**event.fields)
            of_profile = parts.setdefault((event.journal, profile), {})
            if part == 0:
                of_profile.clear()
            of_profile[part] = text
    names = {(journal, profile): name.decode() for journal in of for profile, name in enumerate(PROFILE_NAMES)}
    for profile_of, texts in parts.items():
        whole = sorted(texts) == list(range(_NAME_PARTS))
        text = b"".join(texts[part] for part in range(_NAME_PARTS)).rstrip(b"\0") if whole else b""
        names[profile_of] = text.decode(errors="replace")
    return names


def calibrations(
    setup: list[RawEvent], epochs: Epochs, events: list[Event], of: dict[int, SequenceRange], times: Times
) -> list[Calibration]:
    """Return the calibrations of a day's epochs and those made on it, as its last record knows them."""
    known: dict[tuple[int, int], _CalibrationEvents] = {}
    for event in _until(setup, of):
        name = event.journal, event.fields.get("calibration_id", 0)
        if event.code == records.CALIBRATED:
            known[name] = _CalibrationEvents(event.fields["profile"], event)
        elif event.code == records.PROFILE_SELECTED:
            known.setdefault(name, _CalibrationEvents()).profile = event.fields["profile"]
        elif event.code == records.STANDING_ZERO:
            known.setdefault(name, _CalibrationEvents()).stood = event
    of_day = set(zip(epochs.journal.tolist(), epochs.calibration_id.tolist(), strict=True))
    of_day |= {(event.journal, event.fields["calibration_id"]) for event in events if event.code == records.CALIBRATED}
    names = profile_names(setup, of)
    return [
        _calibration(journal, calibration_id, known.get((journal, calibration_id), _CalibrationEvents()), names, times)
        for journal, calibration_id in sorted(of_day)
        if calibration_id
    ]


def _calibration(
    journal: int, calibration_id: int, known: _CalibrationEvents, names: dict[tuple[int, int], str], times: Times
) -> Calibration:
    made, stood = known.made, known.stood
    return Calibration(
        journal=journal,
        calibration_id=calibration_id,
        profile=known.profile,
        profile_name=None if known.profile is None else names.get((journal, known.profile)) or None,
        how=_HOW.get(made.fields["how"]) if made else None,
        made_utc_ms=_utc_ms(made, times) if made else None,
        standing_forward_deg=stood.fields["forward_cdeg"] / 100 if stood else None,
        standing_lateral_deg=stood.fields["lateral_cdeg"] / 100 if stood else None,
        standing_utc_ms=_utc_ms(stood, times) if stood else None,
    )


def delays(setup: list[RawEvent], events: list[Event], of: dict[int, SequenceRange], times: Times) -> list[DelayStep]:
    """Return for each journal the delay with which its stretch begins, if a record tells it, then each change in a day.

    events: those of the day.
    """
    of_day = {(event.journal, event.sequence) for event in events}
    steps = []
    for journal, stretch in sorted(of.items()):
        told = [event for event in setup if event.journal == journal and _delay_s(event) is not None]
        before = [event for event in told if event.sequence < stretch.first][-1:]
        current_s = None
        for event in before + [event for event in told if (journal, event.sequence) in of_day]:
            delay_s = _delay_s(event)
            if delay_s is not None and delay_s != current_s:
                why = _WHY.get(event.fields["why"]) if event.code == records.DELAY_ADAPTED else "set"
                steps.append(DelayStep(journal, _utc_ms(event, times), delay_s, why))
                current_s = delay_s
    return steps


def _delay_s(event: RawEvent) -> int | None:
    """Return the delay that an event puts in force, None if it tells of something else."""
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


def _until(setup: list[RawEvent], of: dict[int, SequenceRange]) -> list[RawEvent]:
    return [event for event in setup if event.journal in of and event.sequence <= of[event.journal].last]


def _utc_ms(event: RawEvent, times: Times) -> int | None:
    utc_ms = times[event.journal, event.boot].timestamp(event.uptime_ms)[0]
    return utc_ms if _FIRST_UTC_MS <= utc_ms < LATEST_UTC_MS else None

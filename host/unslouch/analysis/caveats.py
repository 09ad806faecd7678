"""Notes: sentences on what limits a day's numbers."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from unslouch_device.contract import records
from unslouch_device.contract.records import EPOCH_MS

from .decode import RawEvent, Records
from .model import NO_BOUND, Dating, Epochs, Event, SensorMoved
from .zones import to_local


def clock_notes(start: datetime, end: datetime, known_until: datetime | None) -> list[str]:
    """Tell of a day whose clocks change, and of one whose records end at known_until, before it does."""
    notes = []
    hours = (end.timestamp() - start.timestamp()) / 3600
    if hours != 24:
        notes.append(f"The clocks change on this day: it has {hours:g} hours.")
    if known_until:
        notes.append(f"The records end at {known_until:%H:%M:%S}; what follows is not counted.")
    return notes


def dating_notes(epochs: Epochs) -> list[str]:
    """Tell of epochs whose time is less than firm."""
    sentences = {
        Dating.PROVISIONAL: "is provisional: the next connection may shift it {bound}.",
        Dating.UNCERTAIN: "is uncertain and may be off {bound}: no computer met the sensor before it restarted.",
    }
    notes = []
    for index, kind in enumerate(Dating):
        error_ms = epochs.utc_error_ms[epochs.dating == index]
        if kind in sentences and len(error_ms):
            bound = (
                "by an unknown time"
                if NO_BOUND in error_ms
                else f"by up to {max(1.0, int(error_ms.max()) / 1000):.0f} s"
            )
            minutes = len(error_ms) * EPOCH_MS / 60_000
            length = f"{minutes:.0f} min" if minutes >= 1 else "under a minute"
            notes.append(f"The time of {length} {sentences[kind].format(bound=bound)}")
    return notes


def jump_note(jumps_ms: list[int]) -> list[str]:
    """Tell of jumps of the host's clock, in ms."""
    if not jumps_ms:
        return []
    most_s = max(abs(jump_ms) for jump_ms in jumps_ms) / 1000
    return [f"The host's clock was set on this day, by up to {most_s:.0f} s: times before and after don't join."]


def loss_notes(found: Records, epochs: Epochs, events: list[Event]) -> list[str]:
    """Tell of records that are missing between those of one boot, and of samples that the sensor lost."""
    missing = sum(_missing(found, boot, epochs, events) for boot in found.boots())
    lost_ms = sum(event.fields["lost_ms"] for event in events if event.code == records.SAMPLES_LOST)
    notes = []
    if missing:
        notes.append(
            f"{missing} records are missing between those of this day: the sensor dropped them before a fetch."
        )
    if lost_ms:
        notes.append(f"The motion sensor gave no samples for {lost_ms / 1000:.1f} s of this day.")
    return notes


def _missing(found: Records, boot: tuple[int, int], epochs: Epochs, events: list[Event]) -> int:
    of_day = _sequences(epochs, events, boot)
    if not of_day:
        return 0
    expected = range(min(of_day), max(of_day) + 1)
    return len(expected) - sum(sequence in expected for sequence in _sequences(found, found.events, boot))


def _sequences(epochs: Epochs | Records, events: Sequence[Event | RawEvent], boot: tuple[int, int]) -> set[int]:
    of_epochs = epochs.sequence[(epochs.journal == boot[0]) & (epochs.boot == boot[1])].tolist()
    return set(of_epochs) | {event.sequence for event in events if (event.journal, event.boot) == boot}


def overlap_note(overlap_ms: int) -> list[str]:
    """Tell of time for which more than one sensor, journal or clock says what posture there was."""
    if overlap_ms < EPOCH_MS:
        return []
    return [
        f"For {overlap_ms / 60_000:.1f} min there is more than one record of the posture (two sensors, or a clock that "
        "was set back): each minute counts once."
    ]


def undated_note(undated: dict[int, int]) -> list[str]:
    """Tell of journals that can't be dated, given the number of records of each."""
    return [
        f"Journal {journal:08x} is in no day: no host ever told its sensor the time, so its {count} records have none."
        for journal, count in sorted(undated.items())
    ]


def moved_notes(notices: list[SensorMoved], tz: tzinfo) -> list[str]:
    """Tell when the sensor may have begun to sit elsewhere, after which tilts are not what they were."""
    return [
        f"The sensor may have moved: at {to_local(notice.utc_ms, tz):%H:%M} the forward tilt while walking was "
        f"{notice.walking_deg:.0f}° where {notice.usual_deg:.0f}° is usual. Tilts from about then on may be wrong, "
        "until a re-zero or calibration."
        for notice in notices
    ]

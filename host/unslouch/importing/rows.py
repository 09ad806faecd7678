"""Rows: from a row of an exported table back to what the database stores."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from unslouch.errors import BadInput
from unslouch.export.standing_zeros import MEMBER as STANDING_ZEROS
from unslouch.store import (
    AlertMark,
    Answer,
    CoachAnswer,
    ExerciseSession,
    ImportedRecord,
    ImportedSetup,
    KnownSpan,
    MomentNote,
)
from unslouch.store.coach_answers import check_answer
from unslouch.store.imports import STANDING_ZERO_ALONE
from unslouch_device.contract import records, states
from unslouch_device.contract.records import (
    EVENT_MARK,
    EVENTS,
    HOST_CLOCK,
    RECORD_BYTES,
    SECONDS_PER_EPOCH,
    TILT_UNKNOWN,
    pack_epoch_into,
    pack_event,
)

from .values import BadRow, Row, index, integer, is_known, known_moment_ms, moment_ms, number, text

_U16, _U32, _U48, _U63 = (1 << 16) - 1, (1 << 32) - 1, (1 << 48) - 1, (1 << 63) - 1
_QUALITIES = ["firm", "provisional", "uncertain"]
"""The values of the column `dating`, in the order of analysis.model.TimeQuality."""
_NO_BOUND = -1
_FLAGS = {
    "partial": records.EPOCH_PARTIAL,
    "snoozed": records.EPOCH_SNOOZED,
    "tracking_only": records.EPOCH_TRACKING_ONLY,
    "alerted": records.EPOCH_ALERTED,
    "saturated": records.EPOCH_SATURATED,
}
_CODES = {name: code for code, (name, _, _) in EVENTS.items()}
_UNKNOWN_EVENT = "event "
"""What the name of an event begins with whose code this version doesn't know."""
_NOT_WORN = ("off body", "charging")
Words = AlertMark | MomentNote | ExerciseSession


@dataclass
class Contents:
    """What the rows of a log hold."""

    records: list[ImportedRecord] = field(default_factory=list)
    spans: list[KnownSpan] = field(default_factory=list)
    setups: list[ImportedSetup] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    coach_answers: list[CoachAnswer] = field(default_factory=list)


def add_epoch(contents: Contents, row: Row) -> None:
    """Add a row of the table of epochs."""
    forward_cdeg, lateral_cdeg = _cdeg(row, "forward_deg"), _cdeg(row, "lateral_deg")
    record = bytearray(RECORD_BYTES)
    seconds = [_cdeg(row, f"forward_{second}_deg") for second in range(1, SECONDS_PER_EPOCH + 1)]
    flags = sum(flag for name, flag in _FLAGS.items() if integer(row, name, 1, 0))
    pack_epoch_into(
        record,
        index(row, "state", list(states.STATE_NAMES)),
        index(row, "activity", list(states.ACTIVITY_NAMES)),
        flags,
        forward_cdeg,
        lateral_cdeg,
        seconds,
        round(100 * (number(row, "speed_deg_s") or 0)),
    )
    contents.records.append(_record(row, bytes(record)))


def _cdeg(row: Row, name: str) -> int:
    value = number(row, name)
    if value is None:
        return TILT_UNKNOWN
    if not -327 < value < 327:
        raise BadRow(f"{name} is {row[name]!r}, which is no tilt in degrees")
    return round(100 * value)


def add_event(contents: Contents, row: Row) -> None:
    """Add a row of the table of events."""
    name = str(row.get("event"))
    if name in _CODES:
        code = _CODES[name]
        values = [_field(row, field) for field in EVENTS[code][2]]
        if code == HOST_CLOCK:
            utc_ms = integer(row, "utc_ms", _U48)
            values[:2] = utc_ms & _U32, utc_ms >> 32
    elif name.startswith(_UNKNOWN_EVENT) and name.removeprefix(_UNKNOWN_EVENT).isdigit():
        code, values = int(name.removeprefix(_UNKNOWN_EVENT)) & ~EVENT_MARK, []
    else:
        raise BadRow(f"event is {name!r}, which no sensor writes")
    uptime_ms = integer(row, "uptime_ms", _U63)
    try:
        record = pack_event(code, uptime_ms, *values) if code in EVENTS else _bare_event(code, uptime_ms)
    except (struct.error, OverflowError, ValueError) as error:
        raise BadRow(f"the fields of the event {name!r} are out of range") from error
    contents.records.append(_record(row, record))


def _field(row: Row, name: str) -> int:
    value = number(row, name)
    if value is None:
        return 0
    return int(value) & _U32 if name == "onset_uptime_ms" else int(value)


def _bare_event(code: int, uptime_ms: int) -> bytes:
    return bytes([EVENT_MARK | code]) + (uptime_ms & _U32).to_bytes(4, "little") + bytes(RECORD_BYTES - 5)


def _error_ms(row: Row) -> int:
    error_s = number(row, "utc_error_s")
    if error_s is None:
        return _NO_BOUND
    error_ms = round(1000 * error_s)
    if not 0 <= error_ms <= _U63:
        raise BadRow(f"utc_error_s is {error_s}, which bounds no time")
    return error_ms


def _record(row: Row, record: bytes) -> ImportedRecord:
    return ImportedRecord(
        journal=integer(row, "journal", _U32),
        sequence=integer(row, "sequence", _U32),
        boot=integer(row, "boot", _U16),
        uptime_ms=integer(row, "uptime_ms", _U63),
        utc_ms=known_moment_ms(row, "utc"),
        utc_error_ms=_error_ms(row),
        time_quality=index(row, "dating", _QUALITIES),
        settings_revision=integer(row, "settings_revision", _U16, 0),
        calibration_id=integer(row, "calibration_id", _U16, 0),
        record=record,
    )


def add_span(contents: Contents, row: Row) -> None:
    """Add a row of the table of spans: where the sensor was not worn, epochs don't say it."""
    start_ms, end_ms = known_moment_ms(row, "start"), known_moment_ms(row, "end")
    if row.get("state") in _NOT_WORN:
        contents.spans.append(KnownSpan(start_ms, end_ms, states.STATE_NAMES.index(str(row["state"]))))
    else:
        # A span of no length says up to where the log goes.
        contents.spans.append(KnownSpan(end_ms, end_ms, states.UNKNOWN))


def add_calibration(contents: Contents, row: Row) -> None:
    """Add a row of the table of calibrations."""
    journal, calibration_id = integer(row, "journal", _U32), integer(row, "calibration_id", _U16)
    values = {
        "journal": journal,
        "calibration_id": calibration_id,
        "profile": integer(row, "profile", _U16) if is_known(row, "profile") else None,
        "profile_name": text(row, "profile_name"),
        "how": text(row, "how"),
        "made_utc_ms": moment_ms(row, "made"),
        "standing_forward_deg": number(row, "standing_forward_deg"),
        "standing_lateral_deg": number(row, "standing_lateral_deg"),
        "standing_utc_ms": moment_ms(row, "standing_set"),
    }
    contents.setups.append(ImportedSetup("calibration", journal, calibration_id, json.dumps(values)))


def add_standing_zero(contents: Contents, row: Row) -> None:
    """Add a standing zero from the metadata of Parquet, which has nothing else of its calibration."""
    journal, calibration_id = integer(row, "journal", _U32), integer(row, "calibration_id", _U16)
    values = {
        "standing_forward_deg": number(row, "forward_deg"),
        "standing_lateral_deg": number(row, "lateral_deg"),
    }
    contents.setups.append(ImportedSetup(STANDING_ZERO_ALONE, journal, calibration_id, json.dumps(values)))


def add_delay(contents: Contents, row: Row) -> None:
    """Add a row of the table of delays."""
    journal, utc_ms = integer(row, "journal", _U32), moment_ms(row, "start")
    values = {"journal": journal, "utc_ms": utc_ms, "delay_s": integer(row, "delay_s", _U16), "why": text(row, "why")}
    contents.setups.append(ImportedSetup("delay", journal, utc_ms or 0, json.dumps(values)))


def add_segment(contents: Contents, row: Row) -> None:
    """Add what a row of the table of segments says of the firmware: the boot that names it may not be in the log."""
    if firmware := text(row, "firmware"):
        journal, start_utc_ms = integer(row, "journal", _U32), known_moment_ms(row, "start")
        contents.setups.append(ImportedSetup("firmware", journal, start_utc_ms, json.dumps(firmware)))


def add_mark(contents: Contents, row: Row) -> None:
    """Add a row of the table of the wearer's marks on alerts."""
    journal, sequence = integer(row, "journal", _U32), integer(row, "sequence", _U32)
    contents.words.append(AlertMark(journal, sequence, known_moment_ms(row, "at"), text(row, "mark") or ""))


def add_note(contents: Contents, row: Row) -> None:
    """Add a row of the table of the wearer's notes."""
    contents.words.append(MomentNote(_name(row, "note_id"), known_moment_ms(row, "at"), text(row, "text") or ""))


def add_session(contents: Contents, row: Row) -> None:
    """Add a row of the table of exercise sessions."""
    repetitions = integer(row, "repetitions", _U32) if is_known(row, "repetitions") else None
    contents.words.append(
        ExerciseSession(
            _name(row, "session_id"),
            known_moment_ms(row, "start"),
            known_moment_ms(row, "end"),
            text(row, "exercise") or "",
            repetitions,
            bool(integer(row, "is_complete", 1)),
        )
    )


def add_coach_answer(contents: Contents, row: Row) -> None:
    """Add a row of the table of the coach; a kind of answer that a later release added is left out."""
    if row.get("answer") not in set(Answer):
        return
    answer = CoachAnswer(
        _name(row, "answer_id"),
        known_moment_ms(row, "at"),
        Answer(str(row["answer"])),
        text(row, "exercise") or None,
        moment_ms(row, "until"),
        integer(row, "step", _U16) if is_known(row, "step") else None,
    )
    try:
        check_answer(answer)
    except BadInput as error:
        raise BadRow(str(error).removesuffix(".")) from error
    contents.coach_answers.append(answer)


def _name(row: Row, column: str) -> str:
    name = text(row, column)
    if not name:
        raise BadRow(f"{column} is missing")
    return name


ADD: dict[str, Callable[[Contents, Row], None]] = {
    "epochs": add_epoch,
    "events": add_event,
    "spans": add_span,
    "calibrations": add_calibration,
    STANDING_ZEROS: add_standing_zero,
    "delays": add_delay,
    "segments": add_segment,
    "alert_marks": add_mark,
    "moment_notes": add_note,
    "sessions": add_session,
    "coach": add_coach_answer,
}
"""By the name of a table, the function that adds one of its rows.

Of segments only the firmware counts. What other tables hold is computed anew.
"""

_SIGNATURES = {
    "epochs": {"state", "activity", "uptime_ms", "sequence", "journal", "utc"},
    "events": {"event", "uptime_ms", "sequence", "journal", "utc"},
    "alert_marks": {"mark", "sequence", "journal"},
    "moment_notes": {"note_id", "text"},
    "sessions": {"session_id", "exercise"},
    "coach": {"answer_id", "answer"},
    "calibrations": {"calibration_id", "how", "profile_name"},
    "delays": {"delay_s", "why", "journal"},
    "segments": {"standing_zero", "firmware", "journal"},
    "spans": {"state", "start", "end"},
}


def table_with(columns: set[str]) -> str | None:
    """Return the name of the table that has these columns, None if it is none that can be imported."""
    return next((name for name, signature in _SIGNATURES.items() if signature <= columns), None)

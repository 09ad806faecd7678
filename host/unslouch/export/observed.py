"""Observed: a day's observations read back from the rows of a log, as the metrics take them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.model import (
    NO_BOUND,
    Alert,
    Calibration,
    Episode,
    Epochs,
    Event,
    Interval,
    Outcome,
    SensorMoved,
    Span,
    TimeQuality,
)
from unslouch.analysis.zones import to_utc_ms
from unslouch.store import AlertMark, ExerciseSession
from unslouch_device.contract.records import (
    EPOCH_ALERTED,
    EPOCH_PARTIAL,
    EPOCH_SATURATED,
    EPOCH_SNOOZED,
    EPOCH_TRACKING_ONLY,
    EVENTS,
    SECONDS_PER_EPOCH,
    TILT_UNKNOWN,
)
from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES

Row = Mapping[str, Any]

_FLAGS = {
    "partial": EPOCH_PARTIAL,
    "snoozed": EPOCH_SNOOZED,
    "tracking_only": EPOCH_TRACKING_ONLY,
    "alerted": EPOCH_ALERTED,
    "saturated": EPOCH_SATURATED,
}
_CODES = {name: code for code, (name, _, _) in EVENTS.items()}
_EVENT_COLUMNS = {
    *("utc", "local", "utc_error_s", "dating", "event", "off_body", "boot", "uptime_ms", "journal", "sequence"),
    *("table", "date"),
}
"""What an event has beside its own fields."""


def observations_of(day: Row, columns: Mapping[str, Sequence[Any]]) -> Observations:
    """Return a day's observations, given its object as JSON has it and the columns of its epochs.

    An unknown value is None, in an array NaN, and in a text of CSV empty. Raises KeyError, TypeError or ValueError for
    what is no log.
    """
    return Observations(
        start_utc_ms=_ms(day["start"]),
        end_utc_ms=_ms(day["end"]),
        epochs=epochs_of(columns),
        spans=[Span(STATE_NAMES.index(row["state"]), _ms(row["start"]), _ms(row["end"])) for row in day["spans"]],
        episodes=[_episode(row) for row in day["episodes"]],
        alerts=[_alert(row) for row in day["alerts"]],
        events=[_event(row) for row in day["events"]],
        sensor_moved=[_sensor_moved(row) for row in day["sensor_moved"]],
        calibrations=[_calibration(row) for row in day["calibrations"]],
        deleted=[Interval(_ms(row["start"]), _ms(row["end"])) for row in day["deleted"]],
        alert_marks=[
            AlertMark(row["journal"], row["sequence"], _ms(row["at"]), row["mark"]) for row in day["alert_marks"]
        ],
        sessions=[_session(row) for row in day["sessions"]],
    )


def epochs_of(columns: Mapping[str, Sequence[Any]]) -> Epochs:
    """Return epochs from the columns of a log; raises as observations_of()."""
    forward = _numbers(columns["forward_deg"])
    speed = _numbers(columns["speed_deg_s"])
    error_s = _numbers(columns["utc_error_s"])
    flags = sum(_integers(columns[name]) * flag for name, flag in _FLAGS.items())
    seconds = [_cdeg(_numbers(columns[f"forward_{number}_deg"])) for number in range(1, SECONDS_PER_EPOCH + 1)]
    return Epochs(
        journal=_integers(columns["journal"]).astype(np.uint32),
        sequence=_integers(columns["sequence"]).astype(np.uint32),
        boot=_integers(columns["boot"]).astype(np.uint16),
        uptime_ms=_integers(columns["uptime_ms"]),
        utc_ms=_utc_column(columns["utc"]),
        utc_error_ms=np.where(np.isnan(error_s), NO_BOUND, np.round(np.nan_to_num(error_s) * 1000)).astype(np.int64),
        time_quality=_indices(columns["dating"], [quality.value for quality in TimeQuality]),
        state=_indices(columns["state"], STATE_NAMES),
        activity=_indices(columns["activity"], ACTIVITY_NAMES),
        flags=np.asarray(flags, np.uint8),
        forward_cdeg=_cdeg(forward).astype(np.int16),
        lateral_cdeg=_cdeg(_numbers(columns["lateral_deg"])).astype(np.int16),
        second_cdeg=np.column_stack(seconds).astype(np.int32),
        speed_cdeg_s=np.round(np.nan_to_num(speed) * 100).astype(np.uint16),
        settings_revision=_integers(columns["settings_revision"]).astype(np.uint16),
        calibration_id=np.nan_to_num(_numbers(columns["calibration_id"])).astype(np.uint16),
    )


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    if isinstance(values, np.ndarray):
        return values.astype(np.float64)
    return np.array([np.nan if value in (None, "") else float(value) for value in values], np.float64)


def _integers(values: Sequence[Any]) -> NDArray[np.int64]:
    if isinstance(values, np.ndarray):
        return values.astype(np.int64)
    return np.array([int(value) for value in values], np.int64)


def _cdeg(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.where(np.isnan(degrees), TILT_UNKNOWN, np.round(np.nan_to_num(degrees) * 100)).astype(np.int64)


def _indices(values: Sequence[Any], names: Sequence[str]) -> NDArray[np.uint8]:
    places = {name: place for place, name in enumerate(names)}
    return np.array([places[value] for value in values], np.uint8)


def _utc_column(values: Sequence[Any]) -> NDArray[np.int64]:
    if isinstance(values, np.ndarray):
        return values.astype("datetime64[ms]").astype(np.int64)
    if len(values) and isinstance(values[0], datetime):  # a sheet has no zones
        return np.array([to_utc_ms(value.replace(tzinfo=UTC)) for value in values], np.int64)
    texts = np.array([value.removesuffix("Z") for value in values], "datetime64[ms]")
    return texts.astype(np.int64)


def _ms(text: str) -> int:
    return to_utc_ms(datetime.fromisoformat(text))


def _known_ms(text: str | None) -> int | None:
    return None if text is None else _ms(text)


def _episode(row: Row) -> Episode:
    return Episode(
        start_utc_ms=_ms(row["start"]),
        end_utc_ms=_known_ms(row["end"]),
        peak_deg=row["peak_deg"],
        mean_deg=row["mean_deg"],
        alerts=row["alerts"],
        correction_latency_s=row["correction_latency_s"],
        began_before=bool(row["began_before"]),
        goes_on=bool(row["goes_on"]),
    )


def _alert(row: Row) -> Alert:
    return Alert(
        journal=row["journal"],
        sequence=row["sequence"],
        utc_ms=_ms(row["at"]),
        forward_deg=row["forward_deg"],
        number=row["number"],
        mode=row["mode"],
        outcome=Outcome(row["outcome"]),
        latency_s=row["latency_s"],
    )


def _event(row: Row) -> Event:
    name = row["event"]
    return Event(
        journal=row["journal"],
        sequence=row["sequence"],
        boot=row["boot"],
        uptime_ms=row["uptime_ms"],
        utc_ms=_ms(row["local"]),
        utc_error_ms=NO_BOUND if row["utc_error_s"] is None else round(row["utc_error_s"] * 1000),
        time_quality=TimeQuality(row["dating"]),
        code=_CODES[name] if name in _CODES else int(name.removeprefix("event ")),
        name=name,
        fields={key: value for key, value in row.items() if key not in _EVENT_COLUMNS},
        off_body=bool(row["off_body"]),
    )


def _calibration(row: Row) -> Calibration:
    return Calibration(
        journal=row["journal"],
        calibration_id=row["calibration_id"],
        profile=row["profile"],
        profile_name=row["profile_name"],
        how=row["how"],
        made_utc_ms=_known_ms(row["made"]),
        standing_forward_deg=row["standing_forward_deg"],
        standing_lateral_deg=row["standing_lateral_deg"],
        standing_utc_ms=_known_ms(row["standing_set"]),
    )


def _sensor_moved(row: Row) -> SensorMoved:
    return SensorMoved(
        journal=row["journal"],
        sequence=row["sequence"],
        utc_ms=_ms(row["at"]),
        walking_deg=row["walking_deg"],
        usual_deg=row["usual_deg"],
        profile=row["profile"],
        profile_name=row["profile_name"],
    )


def _session(row: Row) -> ExerciseSession:
    return ExerciseSession(
        session_id=row["session_id"],
        start_utc_ms=_ms(row["start"]),
        end_utc_ms=_ms(row["end"]),
        exercise=row["exercise"],
        repetitions=row["repetitions"],
        is_complete=bool(row["is_complete"]),
    )

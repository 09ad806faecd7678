"""JSON: all of a day as one object. The same day gives the same bytes."""

import json
from datetime import tzinfo
from typing import Any

from unslouch.analysis.day import Day
from unslouch.analysis.model import NO_BOUND, Alert, Calibration, DelayStep, Episode, Event, SensorMoved, Span
from unslouch_device.contract.states import STATE_NAMES

from .columns import COLUMNS
from .iso_times import iso_local, iso_utc
from .summary_rows import summary_rows
from .texts import json_texts

JSON_FORMAT = "unslouch-day"
JSON_VERSION = 1

Entry = dict[str, Any]


def day_json(day: Day, simulated: bool) -> bytes:
    """Return one object with all of a day; what is not known is null, times are ISO 8601.

    `epochs` holds a list for each column, `units` says what they are.
    """
    tz = day.start.tzinfo
    document = {
        "format": JSON_FORMAT,
        "version": JSON_VERSION,
        "date": day.day.isoformat(),
        "timezone": day.timezone,
        "start": day.start.isoformat(),
        "end": day.end.isoformat(),
        "hours": day.hours,
        "until": iso_local(day.until_utc_ms, tz),
        "simulated": simulated,
        "notes": day.caveats,
        "summary": {row.metric: {"value": row.value, "unit": row.unit} for row in summary_rows(day.summary)},
        "spans": [_span(span, tz) for span in day.spans],
        "episodes": [_episode(episode, tz) for episode in day.episodes],
        "alerts": [_alert(alert, tz) for alert in day.alerts],
        "calibrations": [_calibration(calibration, tz) for calibration in day.calibrations],
        "delays": [_delay_step(step, tz) for step in day.delays],
        "sensor_moved": [_sensor_moved(moved, tz) for moved in day.sensor_moved],
        "events": [_event(event, tz) for event in day.events],
        "units": {column.name: column.meaning for column in COLUMNS},
    }
    members = [f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    members.append(f'"epochs": {_columns(day)}')
    # A line for each member, so that people can read and compare it too.
    return ("{\n" + ",\n".join(members) + "\n}\n").encode()


def _columns(day: Day) -> str:
    lists = (
        f"{json.dumps(column.name)}: [{', '.join(json_texts(column.read(day.epochs, day.start.tzinfo)))}]"
        for column in COLUMNS
    )
    return "{" + ", ".join(lists) + "}"


def _local(utc_ms: int | None, tz: tzinfo | None) -> str | None:
    return None if utc_ms is None else iso_local(utc_ms, tz)


def _span(span: Span, tz: tzinfo | None) -> Entry:
    return {
        "state": STATE_NAMES[span.state],
        "start": iso_local(span.start_utc_ms, tz),
        "end": iso_local(span.end_utc_ms, tz),
    }


def _episode(episode: Episode, tz: tzinfo | None) -> Entry:
    return {
        "start": iso_local(episode.start_utc_ms, tz),
        "end": _local(episode.end_utc_ms, tz),
        "peak_deg": episode.peak_deg,
        "mean_deg": episode.mean_deg,
        "alerts": episode.alerts,
        "correction_latency_s": episode.correction_latency_s,
    }


def _alert(alert: Alert, tz: tzinfo | None) -> Entry:
    return {
        "at": iso_local(alert.utc_ms, tz),
        "forward_deg": alert.forward_deg,
        "number": alert.number,
        "mode": alert.mode,
        "outcome": alert.outcome.value,
        "latency_s": alert.latency_s,
        "journal": alert.journal,
        "sequence": alert.sequence,
    }


def _calibration(calibration: Calibration, tz: tzinfo | None) -> Entry:
    return {
        "calibration_id": calibration.calibration_id,
        "profile": calibration.profile,
        "profile_name": calibration.profile_name,
        "how": calibration.how,
        "made": _local(calibration.made_utc_ms, tz),
        "standing_forward_deg": calibration.standing_forward_deg,
        "standing_lateral_deg": calibration.standing_lateral_deg,
        "standing_set": _local(calibration.standing_utc_ms, tz),
        "journal": calibration.journal,
    }


def _delay_step(step: DelayStep, tz: tzinfo | None) -> Entry:
    return {"start": _local(step.utc_ms, tz), "delay_s": step.delay_s, "why": step.why, "journal": step.journal}


def _sensor_moved(moved: SensorMoved, tz: tzinfo | None) -> Entry:
    return {
        "at": iso_local(moved.utc_ms, tz),
        "walking_deg": moved.walking_deg,
        "usual_deg": moved.usual_deg,
        "profile": moved.profile,
        "profile_name": moved.profile_name,
        "journal": moved.journal,
        "sequence": moved.sequence,
    }


def _event(event: Event, tz: tzinfo | None) -> Entry:
    return {
        "utc": iso_utc(event.utc_ms),
        "local": iso_local(event.utc_ms, tz),
        "utc_error_s": None if event.utc_error_ms == NO_BOUND else event.utc_error_ms / 1000,
        "dating": event.time_quality.value,
        "event": event.name,
        **event.fields,
        "boot": event.boot,
        "uptime_ms": event.uptime_ms,
        "journal": event.journal,
        "sequence": event.sequence,
    }

"""Render: a day as the bytes of a CSV or JSON file. The same day gives the same bytes."""

import csv
import io
import json
from typing import Any

from unslouch.analysis.model import Day
from unslouch_device.contract.states import STATE_NAMES

from .tables import MEANINGS, epoch_columns, iso_local, iso_utc, summary_rows

JSON_FORMAT = "unslouch-day"
JSON_VERSION = 1


def epochs_csv(day: Day) -> bytes:
    """Return a header row and a row for each epoch; fields that are not known are empty."""
    columns = epoch_columns(day)
    return _csv([list(columns), *zip(*columns.values(), strict=True)])


def summary_csv(day: Day) -> bytes:
    """Return one row for each metric: date, timezone, metric, value, unit.

    Files of several days can be put one below the other, and pivoted by metric.
    """
    rows = [(day.day.isoformat(), day.timezone, *row) for row in summary_rows(day)]
    return _csv([("date", "timezone", "metric", "value", "unit"), *rows])


def _csv(rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


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
        "summary": {metric: {"value": value, "unit": unit} for metric, value, unit in summary_rows(day)},
        "spans": [
            {
                "state": STATE_NAMES[span.state],
                "start": iso_local(span.start_utc_ms, tz),
                "end": iso_local(span.end_utc_ms, tz),
            }
            for span in day.spans
        ],
        "episodes": [
            {
                "start": iso_local(episode.start_utc_ms, tz),
                "end": None if episode.end_utc_ms is None else iso_local(episode.end_utc_ms, tz),
                "peak_deg": episode.peak_deg,
                "mean_deg": episode.mean_deg,
                "alerts": episode.alerts,
                "correction_latency_s": episode.correction_latency_s,
            }
            for episode in day.episodes
        ],
        **_alerts_and_setup(day),
        "events": [
            {
                "utc": iso_utc(event.utc_ms),
                "local": iso_local(event.utc_ms, tz),
                "utc_error_s": None if event.utc_error_ms < 0 else event.utc_error_ms / 1000,
                "dating": event.time_quality.value,
                "event": event.name,
                **event.fields,
                "boot": event.boot,
                "uptime_ms": event.uptime_ms,
                "journal": event.journal,
                "sequence": event.sequence,
            }
            for event in day.events
        ],
        "units": MEANINGS,
        "epochs": epoch_columns(day),
    }
    # A line for each member: to be read, and compared, by people too.
    members = [f"{json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in document.items()]
    return ("{\n" + ",\n".join(members) + "\n}\n").encode()


def _alerts_and_setup(day: Day) -> dict[str, Any]:
    def local(utc_ms: int | None) -> str | None:
        return None if utc_ms is None else iso_local(utc_ms, day.start.tzinfo)

    return {
        "alerts": [
            {
                "at": local(alert.utc_ms),
                "forward_deg": alert.forward_deg,
                "number": alert.number,
                "mode": alert.mode,
                "outcome": alert.outcome.value,
                "latency_s": alert.latency_s,
                "journal": alert.journal,
                "sequence": alert.sequence,
            }
            for alert in day.alerts
        ],
        "calibrations": [
            {
                "calibration_id": calibration.calibration_id,
                "profile": calibration.profile,
                "profile_name": calibration.profile_name,
                "how": calibration.how,
                "made": local(calibration.made_utc_ms),
                "standing_forward_deg": calibration.standing_forward_deg,
                "standing_lateral_deg": calibration.standing_lateral_deg,
                "standing_set": local(calibration.standing_utc_ms),
                "journal": calibration.journal,
            }
            for calibration in day.calibrations
        ],
        "delays": [
            {"start": local(step.utc_ms), "delay_s": step.delay_s, "why": step.why, "journal": step.journal}
            for step in day.delays
        ],
        "sensor_moved": [
            {
                "at": local(notice.utc_ms),
                "walking_deg": notice.walking_deg,
                "usual_deg": notice.usual_deg,
                "profile": notice.profile,
                "profile_name": notice.profile_name,
                "journal": notice.journal,
                "sequence": notice.sequence,
            }
            for notice in day.sensor_moved
        ],
    }

"""Tables: the epochs of a day by column, and its summary by row."""

from datetime import UTC, tzinfo
from typing import Any

from unslouch.analysis.metrics.metric import Metric
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.model import NO_BOUND, Day, TimeQuality
from unslouch.analysis.zones import to_local
from unslouch_device.contract.records import (
    EPOCH_ALERTED,
    EPOCH_MS,
    EPOCH_PARTIAL,
    EPOCH_SATURATED,
    EPOCH_SNOOZED,
    EPOCH_TRACKING_ONLY,
    TILT_UNKNOWN,
)
from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES

Value = str | int | float | None

MEANINGS = {
    "utc": "UTC at which the epoch begins",
    "local": "the same as local time, with its offset from UTC",
    "duration_s": "s",
    "state": "posture state",
    "activity": "activity",
    "forward_deg": "mean forward tilt against the calibrated upright, degrees, + forward",
    "lateral_deg": "mean lateral tilt, degrees, + right",
    **{
        f"forward_{second}_deg": f"mean forward tilt of second {second} of the epoch, degrees" for second in range(1, 6)
    },
    "speed_deg_s": "mean |d(forward tilt)/dt|, degrees/s",
    "partial": "1: measured for less than four of its five seconds",
    "snoozed": "1: alerts were snoozed",
    "tracking_only": "1: the sensor was set not to alert",
    "alerted": "1: the sensor gave an alert",
    "saturated": "1: the motion went beyond what the sensor can measure",
    "boot": "number of the sensor's boot",
    "uptime_ms": "ms from that boot to the begin of the epoch",
    "journal": "number of the sensor's journal",
    "sequence": "number of the record in its journal",
    "utc_error_s": "bound of the error of utc and local, s; none if nothing bounds it",
    "dating": "how well the time is known: firm, provisional or uncertain",
    "settings_revision": "revision of the settings in force",
    "calibration_id": "number of the calibration in force",
}
"""What each column of the epochs holds; an empty field (null in JSON) is what is not known."""

_FLAGS = {
    "partial": EPOCH_PARTIAL,
    "snoozed": EPOCH_SNOOZED,
    "tracking_only": EPOCH_TRACKING_ONLY,
    "alerted": EPOCH_ALERTED,
    "saturated": EPOCH_SATURATED,
}


def iso_utc(utc_ms: int) -> str:
    """Return ms since 1970 like 2025-03-14T08:00:00.000Z."""
    return to_local(utc_ms, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_local(utc_ms: int, tz: tzinfo | None) -> str:
    """Return ms since 1970 like 2025-03-14T09:00:00.000+01:00."""
    return to_local(utc_ms, tz or UTC).isoformat(timespec="milliseconds")


def epoch_columns(day: Day) -> dict[str, list[Value]]:
    """Return the columns of MEANINGS, each as long as the day has epochs, with None for what is not known."""
    epochs = day.epochs
    utc_ms = epochs.utc_ms.tolist()
    unknown = (epochs.forward_cdeg == TILT_UNKNOWN).tolist()
    kinds = list(TimeQuality)
    columns: dict[str, list[Value]] = {
        "utc": [iso_utc(at) for at in utc_ms],
        "local": [iso_local(at, day.start.tzinfo) for at in utc_ms],
        "duration_s": [EPOCH_MS // 1000] * len(epochs),
        "state": [STATE_NAMES[state] for state in epochs.state.tolist()],
        "activity": [ACTIVITY_NAMES[activity] for activity in epochs.activity.tolist()],
        "forward_deg": _degrees(epochs.forward_cdeg.tolist()),
        "lateral_deg": _degrees(epochs.lateral_cdeg.tolist()),
    }
    for second in range(epochs.second_cdeg.shape[1]):
        columns[f"forward_{second + 1}_deg"] = _degrees(epochs.second_cdeg[:, second].tolist())
    speeds = zip(epochs.speed_cdeg_s.tolist(), unknown, strict=True)
    columns["speed_deg_s"] = [None if of_unknown else speed / 100 for speed, of_unknown in speeds]
    for name, flag in _FLAGS.items():
        columns[name] = ((epochs.flags & flag) != 0).astype(int).tolist()
    errors_ms = epochs.utc_error_ms.tolist()
    return columns | {
        "boot": epochs.boot.tolist(),
        "uptime_ms": epochs.uptime_ms.tolist(),
        "journal": epochs.journal.tolist(),
        "sequence": epochs.sequence.tolist(),
        "utc_error_s": [None if error_ms == NO_BOUND else error_ms / 1000 for error_ms in errors_ms],
        "dating": [kinds[kind].value for kind in epochs.time_quality.tolist()],
        "settings_revision": epochs.settings_revision.tolist(),
        "calibration_id": [number or None for number in epochs.calibration_id.tolist()],
    }


def _degrees(cdeg: list[int]) -> list[Value]:
    return [None if value == TILT_UNKNOWN else value / 100 for value in cdeg]


def summary_rows(day: Day) -> list[tuple[str, Value, str]]:
    """Return (metric, value, unit) of every metric of a day, rounded; None is a value that is not known."""
    return [(metric.name, rounded(metric, day.summary[metric]), metric.unit.value) for metric in METRICS]


def rounded(metric: Metric[Any], value: float | None) -> Value:
    """Return a value rounded to the decimals of its metric; a count stays a whole number."""
    return value if value is None or isinstance(value, int) else round(value, metric.decimals)

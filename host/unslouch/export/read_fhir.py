"""Reading FHIR back: the days of a Bundle, with the epochs that its SampledData make.

A Bundle has the tilt, its speed, the states and the calibrations, so whatever follows from the measured seconds. It has
neither events, alerts and slouches nor the time off the body, and its series count time by the sensor's clock.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.model import NO_BOUND, Calibration, Epochs
from unslouch.analysis.zones import to_utc_ms
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN

from .fhir_log import CALIBRATION, FORWARD, LATERAL, NOT_KNOWN, SPEED, STATE, SUMMARY

Resource = dict[str, Any]
Series = dict[str, Resource]
"""The Observations of one series by their codes."""


class BundleDay(NamedTuple):
    """A day of a Bundle."""

    date: str
    algorithm: int | None
    """None for a Bundle of an earlier version, which has no states."""
    summary: dict[str, float | str | None]
    observed: Observations | None
    """None if two series overlap, as those of two sensors do: to the millisecond a series doesn't say when."""


def bundle_days(path: Path) -> Iterator[BundleDay]:
    """Yield the days of a Bundle; raises KeyError, TypeError or ValueError for another file."""
    observations: list[Resource] = []
    for entry in json.loads(path.read_text(encoding="utf-8"))["entry"]:
        observation = entry["resource"]
        if observations and _code(observation) == SUMMARY:
            yield _day(observations)
            observations = []
        observations.append(observation)
    if observations:
        yield _day(observations)


def _code(observation: Resource) -> str:
    code: str = observation["code"]["coding"][0]["code"]
    return code


def _day(observations: list[Resource]) -> BundleDay:
    summary, *others = observations
    values = {_code(each): _value(each) for each in summary["component"]}
    date = summary["effectivePeriod"]["start"][:10]
    if "method" not in summary:
        return BundleDay(date, None, values, None)
    algorithm = int(summary["method"]["coding"][0]["code"])
    calibrations = [_calibration(each) for each in others if _code(each) == CALIBRATION]
    series = _series([each for each in others if _code(each) != CALIBRATION])
    spans = sorted(_period_ms(each[STATE]) for each in series)
    if any(begin < end - 500 for (_, end), (begin, _) in pairwise(spans)):
        return BundleDay(date, algorithm, values, None)
    start_ms, end_ms = _period_ms(summary)
    epochs = _epochs(series)
    observed = Observations(start_ms, end_ms, epochs, [], [], [], [], [], calibrations=calibrations)
    return BundleDay(date, algorithm, values, observed)


def _value(component: Resource) -> float | str | None:
    if "dataAbsentReason" in component:
        return None
    if "valueString" in component:
        return str(component["valueString"])
    value: float = component["valueQuantity"]["value"]
    return value


def _series(observations: list[Resource]) -> list[Series]:
    series: list[Series] = []
    for observation in observations:
        if _code(observation) == FORWARD:
            series.append({})
        series[-1][_code(observation)] = observation
    return series


def _period_ms(observation: Resource) -> tuple[int, int]:
    period = observation["effectivePeriod"]
    start_ms, end_ms = (to_utc_ms(datetime.fromisoformat(period[name])) for name in ("start", "end"))
    return start_ms, end_ms


def _calibration(observation: Resource) -> Calibration:
    journal, calibration_id = map(int, observation["valueString"].split("-"))
    standing = {_code(each): each["valueQuantity"]["value"] for each in observation.get("component", [])}
    return Calibration(
        journal=journal,
        calibration_id=calibration_id,
        profile=None,
        profile_name=None,
        how=None,
        made_utc_ms=None,
        standing_forward_deg=standing.get("standing-forward-tilt"),
        standing_lateral_deg=standing.get("standing-lateral-tilt"),
        standing_utc_ms=None,
    )


def _hundredths(observation: Resource) -> NDArray[np.int64]:
    texts = observation["valueSampledData"]["data"].split()
    known = np.array([np.nan if text == NOT_KNOWN else float(text) for text in texts], np.float64)
    return np.where(np.isnan(known), TILT_UNKNOWN, np.round(np.nan_to_num(known) * 100)).astype(np.int64)


def _epochs(series: list[Series]) -> Epochs:
    nothing = np.zeros(0, np.int64)
    parts = [_columns(0, 0, (0, 0), nothing.reshape(0, SECONDS_PER_EPOCH), nothing, nothing, nothing)]
    for number, each in enumerate(series):
        seconds, lateral, speed = (_hundredths(each[code]) for code in (FORWARD, LATERAL, SPEED))
        state = np.array(each[STATE]["valueSampledData"]["data"].split(), np.int64)
        journal, calibration_id = map(int, each[STATE]["component"][0]["valueString"].split("-"))
        start_ms = _period_ms(each[STATE])[0]
        by_epoch = seconds.reshape(-1, SECONDS_PER_EPOCH)
        parts.append(_columns(number, start_ms, (journal, calibration_id), by_epoch, lateral, speed, state))
    return Epochs(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _columns(
    number: int,
    start_ms: int,
    calibration: tuple[int, int],
    seconds: NDArray[np.int64],
    lateral: NDArray[np.int64],
    speed: NDArray[np.int64],
    state: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    """Return the columns of the epochs of one series, which counts as a boot of its own, so that nothing runs on."""
    length = len(state)
    if not len(seconds) == len(lateral) == len(speed) == length:
        raise ValueError("series of different lengths")
    uptime_ms = np.arange(length, dtype=np.int64) * EPOCH_MS
    is_known = speed != TILT_UNKNOWN

    def column(value: int, dtype: Any) -> NDArray[Any]:
        return np.full(length, value, dtype)

    return {
        "journal": column(calibration[0], np.uint32),
        "sequence": np.arange(length, dtype=np.uint32),
        "boot": column(number, np.uint32),
        "uptime_ms": uptime_ms,
        "utc_ms": start_ms + uptime_ms,
        "utc_error_ms": column(NO_BOUND, np.int64),
        "time_quality": column(0, np.uint8),
        "state": state.astype(np.uint8),
        "activity": column(0, np.uint8),
        "flags": column(0, np.uint8),
        "forward_cdeg": np.where(is_known, seconds.mean(axis=1), TILT_UNKNOWN).astype(np.int16),
        "lateral_cdeg": lateral.astype(np.int16),
        "second_cdeg": seconds.astype(np.int32),
        "speed_cdeg_s": np.where(is_known, speed, 0).astype(np.uint16),
        "settings_revision": column(0, np.uint16),
        "calibration_id": column(calibration[1], np.uint16),
    }

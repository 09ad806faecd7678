"""FHIR R4B: a Bundle of Observations, the summary as components and what was measured as SampledData.

https://hl7.org/fhir/R4B/observation.html and https://hl7.org/fhir/R4B/datatypes.html#SampledData. Units are UCUM's. No
public code system has these metrics, so their codes are the log's own names.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.metric import Metric
from unslouch.analysis.metrics.registry import ALGORITHM_VERSION, METRICS
from unslouch.analysis.model import Calibration, Epochs
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN
from unslouch_device.contract.states import STATE_NAMES

from .hashing import FHIR_MEMBER, HashingFile
from .iso_times import iso_local
from .summary_rows import rounded
from .writer import Contents, LogWriter

_UCUM = "http://unitsofmeasure.org"
_UCUM_CODES = {
    "min": "min",
    "h": "h",
    "s": "s",
    "d": "d",
    "share": "1",
    "count": "1",
    "deg": "deg",
    "deg/s": "deg/s",
    "1/h": "/h",
    "1/min": "/min",
    "bit": "bit",
}
"""The UCUM code of each unit of the log; a metric of another unit is a text."""
_ACTIVITY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "activity"}
_UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:unslouch:observation")
_JITTER_MS = 500
"""Epochs whose distance is off by more than this don't belong to one series."""
SUMMARY, CALIBRATION = "summary", "calibration"
FORWARD, LATERAL, SPEED, STATE = "forward-tilt", "lateral-tilt", "tilt-speed", "posture-state"
"""The codes of Observations."""
SECOND_MS = EPOCH_MS // SECONDS_PER_EPOCH
NOT_KNOWN = "E"
"""What stands in SampledData for a value that is not known."""
_STATES = ", ".join(f"{number} {name}" for number, name in enumerate(STATE_NAMES))

Resource = dict[str, Any]


class FhirWriter(LogWriter):
    """Writes a Bundle of type collection, which carries the hash of the file as its identifier."""

    def __init__(self, path: Path, contents: Contents) -> None:
        super().__init__(path, contents)
        self._raw = path.open("wb")
        self._file = HashingFile(self._raw)
        self._file.write(b'{"resourceType": "Bundle", "type": "collection", "entry": [')
        self._entries = 0

    def add(self, day: Day) -> None:
        for observation in (
            _summary(day, self.contents),
            *(_calibration(each, day, self.contents) for each in day.calibrations),
            *_series(day, self.contents),
        ):
            name = f"{self.contents.wearer} {observation['code']['coding'][0]['code']} {observation['effectivePeriod']}"
            name += " " + observation.get("valueString", "")
            entry = {"fullUrl": f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}", "resource": observation}
            separator = ",\n" if self._entries else "\n"
            self._file.write((separator + json.dumps(entry, ensure_ascii=False, allow_nan=False)).encode())
            self._entries += 1

    def finish(self) -> None:
        self._file.end_with_hash("\n], ", "}}\n", FHIR_MEMBER)
        self._raw.close()

    def abandon(self) -> None:
        self._raw.close()


def _observation(code: str, text: str, start: str, end: str, contents: Contents) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [_ACTIVITY]}],
        "code": {"coding": [{"system": "urn:unslouch:log", "code": code}], "text": text},
        "subject": {"identifier": {"system": "urn:unslouch:wearer", "value": contents.wearer}},
        "effectivePeriod": {"start": start, "end": end},
    }


def _summary(day: Day, contents: Contents) -> Resource:
    """Return the day's metrics, one component for each."""
    text = f"Daily posture summary, {day.day} in {day.timezone}"
    observation = _observation(SUMMARY, text, day.start.isoformat(), day.end.isoformat(), contents)
    version = {"system": "urn:unslouch:algorithm", "code": str(ALGORITHM_VERSION)}
    observation["method"] = {"coding": [version], "text": f"Metrics of unslouch, version {ALGORITHM_VERSION}"}
    if day.caveats:
        observation["note"] = [{"text": caveat} for caveat in day.caveats]
    observation["component"] = [_component(metric, rounded(metric, day.summary[metric])) for metric in METRICS]
    return observation


def _component(metric: Metric[Any], value: float | str | None) -> Resource:
    code = {"coding": [{"system": "urn:unslouch:metric", "code": metric.name}], "text": metric.definition}
    ucum = _UCUM_CODES.get(metric.unit.value)
    if value is None:
        return {"code": code, "dataAbsentReason": {"coding": [_UNKNOWN]}}
    if ucum is None or isinstance(value, str):
        return {"code": code, "valueString": str(value)}
    return {"code": code, "valueQuantity": _quantity(value, metric.unit.value, ucum)}


def _quantity(value: float, unit: str, code: str) -> Resource:
    return {"value": value, "unit": unit, "system": _UCUM, "code": code}


def _calibration(calibration: Calibration, day: Day, contents: Contents) -> Resource:
    """Return a calibration of the day, with the tilt of standing upright where it was set by hand."""
    text = f"Calibration of the sensor, {calibration.how or 'older than the records'}"
    observation = _observation(CALIBRATION, text, day.start.isoformat(), day.end.isoformat(), contents)
    observation["valueString"] = f"{calibration.journal}-{calibration.calibration_id}"
    standing = (
        ("standing-forward-tilt", "Forward tilt of standing upright", calibration.standing_forward_deg),
        ("standing-lateral-tilt", "Lateral tilt of standing upright, + right", calibration.standing_lateral_deg),
    )
    components = [
        {"code": _code(code, text), "valueQuantity": _quantity(value, "deg", "deg")}
        for code, text, value in standing
        if value is not None
    ]
    return {**observation, "component": components} if components else observation


def _code(code: str, text: str) -> Resource:
    return {"coding": [{"system": "urn:unslouch:log", "code": code}], "text": text}


def _series(day: Day, contents: Contents) -> Iterator[Resource]:
    """Yield what was measured, for each uninterrupted series of epochs: forward tilt at 1 Hz, the others every 5 s."""
    epochs = day.epochs
    speed = np.where(epochs.forward_cdeg == TILT_UNKNOWN, TILT_UNKNOWN, epochs.speed_cdeg_s.astype(np.int32))
    for first, after in _runs(epochs):
        start, end = (
            iso_local(int(at_ms), day.start.tzinfo)
            for at_ms in (epochs.utc_ms[first], epochs.utc_ms[after - 1] + EPOCH_MS)
        )
        name = f"{epochs.journal[first]}-{epochs.calibration_id[first]}"
        calibration = {"code": _code(CALIBRATION, "Calibration of the sensor"), "valueString": name}
        forward_cdeg = epochs.second_cdeg[first:after].ravel()
        for code, text, sampled in (
            (FORWARD, "Forward tilt of the upper back", _hundredths(forward_cdeg, SECOND_MS, "deg")),
            (
                LATERAL,
                "Lateral tilt of the upper back, + right",
                _hundredths(epochs.lateral_cdeg[first:after], EPOCH_MS, "deg"),
            ),
            (SPEED, "Mean speed of the forward tilt either way", _hundredths(speed[first:after], EPOCH_MS, "deg/s")),
            (
                STATE,
                f"Posture state: {_STATES}",
                _sampled(map(str, epochs.state[first:after].tolist()), EPOCH_MS, "1"),
            ),
        ):
            observation = _observation(code, text, start, end, contents)
            yield {**observation, "valueSampledData": sampled, "component": [calibration]}


def _runs(epochs: Epochs) -> Iterator[tuple[int, int]]:
    """Yield the [first, after) of each run of epochs of one boot and calibration that follow each other."""
    if len(epochs):
        breaks = np.abs(np.diff(epochs.utc_ms) - EPOCH_MS) > _JITTER_MS
        breaks |= np.diff(epochs.uptime_ms) != EPOCH_MS
        for column in (epochs.journal, epochs.boot, epochs.calibration_id):
            breaks |= column[1:] != column[:-1]
        begins = (np.flatnonzero(breaks) + 1).tolist()
        yield from zip([0, *begins], [*begins, len(epochs)], strict=True)


def _hundredths(values: NDArray[Any], period_ms: int, unit: str) -> Resource:
    texts = {value: NOT_KNOWN if value == TILT_UNKNOWN else str(value / 100) for value in set(values.tolist())}
    return _sampled((texts[value] for value in values.tolist()), period_ms, unit)


def _sampled(texts: Iterable[str], period_ms: int, unit: str) -> Resource:
    return {"origin": _quantity(0, unit, unit), "period": period_ms, "dimensions": 1, "data": " ".join(texts)}

"""FHIR R4B: a Bundle of Observations, the summary as components and the tilt as SampledData.

https://hl7.org/fhir/R4B/observation.html and https://hl7.org/fhir/R4B/datatypes.html#SampledData. Units are UCUM's. No
public code system has these metrics, so their codes are the log's own names.
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.metric import Metric
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.model import Epochs
from unslouch_device.contract.records import EPOCH_MS, SECONDS_PER_EPOCH, TILT_UNKNOWN

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
        for observation in (_summary(day, self.contents), *_tilts(day, self.contents)):
            name = f"{self.contents.wearer} {observation['code']['coding'][0]['code']} {observation['effectivePeriod']}"
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
    observation = _observation("summary", text, day.start.isoformat(), day.end.isoformat(), contents)
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


def _tilts(day: Day, contents: Contents) -> Iterator[Resource]:
    """Yield forward tilt at 1 Hz and lateral tilt of every 5 s, for each uninterrupted series of epochs."""
    epochs = day.epochs
    for first, after in _series(epochs):
        start, end = (
            iso_local(int(at_ms), day.start.tzinfo)
            for at_ms in (epochs.utc_ms[first], epochs.utc_ms[after - 1] + EPOCH_MS)
        )
        forward_cdeg = epochs.second_cdeg[first:after].ravel()
        for code, text, period_ms, cdeg in (
            ("forward-tilt", "Forward tilt of the upper back", EPOCH_MS // SECONDS_PER_EPOCH, forward_cdeg),
            ("lateral-tilt", "Lateral tilt of the upper back, + right", EPOCH_MS, epochs.lateral_cdeg[first:after]),
        ):
            yield {**_observation(code, text, start, end, contents), "valueSampledData": _sampled(cdeg, period_ms)}


def _series(epochs: Epochs) -> Iterator[tuple[int, int]]:
    """Yield the [first, after) of each run of epochs that follow each other."""
    if len(epochs):
        breaks = np.flatnonzero(np.abs(np.diff(epochs.utc_ms) - EPOCH_MS) > _JITTER_MS) + 1
        yield from zip([0, *breaks.tolist()], [*breaks.tolist(), len(epochs)], strict=True)


def _sampled(cdeg: NDArray[Any], period_ms: int) -> Resource:
    """Return SampledData; "E" stands for a value that is not known."""
    texts = {value: "E" if value == TILT_UNKNOWN else str(value / 100) for value in set(cdeg.tolist())}
    return {
        "origin": _quantity(0, "deg", "deg"),
        "period": period_ms,
        "dimensions": 1,
        "data": " ".join(texts[value] for value in cdeg.tolist()),
    }

"""What the examples below the metrics use: small days whose metrics anybody can work out by hand.

    tilted(10, (40, 100), (5, 60, MOVING))   a second at 10°, 100 s at 40°, 60 s of walking at 5°; standing is at 0°
    lived((UPRIGHT, 30), (MOVING, 5))        30 min upright, then 5 min walking, from the begin of the day on
    lived(alerts=[…], episodes=[…])          a day with these alerts and slouches
    values(day, "worn", …)                   the values of metrics, also of a day that is too short for a score
    seconds(day, "zone_0_20", …)             the same of metrics in minutes, as seconds

`values` and `seconds` note the names that they are asked for, so that a test knows of metrics without an example.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.epoch_days import JOURNAL, START_MS, by_hand, epochs_of, observed, tilts
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import DISTRIBUTIONS, METRICS_BY_NAME
from unslouch.analysis.model import Alert, Calibration, Episode, Epochs, Event, Outcome, SensorMoved, Span, TimeQuality
from unslouch_device.contract import states

MINUTE_MS = 60_000
STANDING_AT_0 = (by_hand(0.0),)
Part = float | tuple[float, int] | tuple[float, int, int]

shown: set[str] = set()
"""The names of the metrics that examples have asked for."""


def tilted(*parts: Part, calibrations: Sequence[Calibration] = STANDING_AT_0, **columns: Any) -> Observations:
    """A day of tilts: degrees for a second, (degrees, seconds) or (degrees, seconds, state), in whole epochs of 5 s."""
    second_cdeg: list[int] = []
    state: list[int] = []
    for part in parts:
        degrees, length_s, kind = (*part, states.UPRIGHT)[:3] if isinstance(part, tuple) else (part, 1, states.UPRIGHT)
        second_cdeg += [round(degrees * 100)] * int(length_s)
        state += [int(kind)] * int(length_s)
    assert len(second_cdeg) % 5 == 0, "these are no whole epochs of 5 s"
    return observed(epochs_of(np.array(second_cdeg), np.array(state[::5]), **columns), calibrations)


def lived(*parts: tuple[int, float], hours: float = 24, **more: Any) -> Observations:
    """A day of spans of (state, minutes)."""
    spans, at_ms = [], START_MS
    for state, minutes in parts:
        spans.append(Span(state, at_ms, at_ms := at_ms + round(minutes * MINUTE_MS)))
    day = observed(tilts([0] * 5), spans=spans, **more)
    return day if hours == 24 else Observations(**{**vars(day), "end_utc_ms": START_MS + round(hours * 3_600_000)})


def alert(outcome: str, sequence: int = 1) -> Alert:
    """An alert with an outcome."""
    return Alert(JOURNAL, sequence, START_MS, 20.0, 1, "delay", Outcome(outcome), None)


def slouch(minutes: float, *, latency_s: float | None = None, began_before: bool = False) -> Episode:
    """A slouch from the begin of the day on."""
    end_ms = START_MS + round(minutes * MINUTE_MS)
    return Episode(START_MS, end_ms, 25.0, 20.0, 1, latency_s, began_before, False)


def seen(code: int, *, off_body: bool = False) -> Event:
    """An event of a code."""
    return Event(JOURNAL, 1, 1, 0, START_MS, 0, TimeQuality.FIRM, code, "", {}, off_body)


def moved() -> SensorMoved:
    """A notice that the sensor may sit elsewhere."""
    return SensorMoved(JOURNAL, 1, START_MS, 16.0, 3.5, 0, "desk")


def values(day: Observations, *names: str) -> list[Any]:
    """Return the values of metrics, rounded to 6 decimals."""
    shown.update(names)
    found = [METRICS_BY_NAME[name].measure(day) for name in names]
    return [round(value, 6) if isinstance(value, float) else value for value in found]


def seconds(day: Observations, *names: str) -> list[int | None]:
    """Return the values of metrics in minutes as seconds."""
    return [None if value is None else round(value * 60) for value in values(day, *names)]


def bounds(name: str) -> tuple[str, str, str]:
    """Return the names of a metric and of its lower and upper bound."""
    return name, f"{name}_low", f"{name}_high"


def distribution(name: str, day: Observations) -> list[tuple[tuple[str, ...], int]]:
    """Return the classes of a distribution that have any seconds."""
    shown.add(name)
    (found,) = (each for each in DISTRIBUTIONS if each.name == name)
    counts = found.measure(day)
    return [
        (tuple(axis.labels[at] for axis, at in zip(found.axes, cell, strict=True)), int(counts[tuple(cell)]))
        for cell in np.argwhere(counts).tolist()
    ]


def with_time_quality(day: Observations, *qualities: TimeQuality) -> Observations:
    """Return a day whose epochs are dated so well."""
    index = [list(TimeQuality).index(quality) for quality in qualities]
    epochs = Epochs(**{**vars(day.epochs), "time_quality": np.array(index, np.uint8)})
    return Observations(**{**{name: vars(day)[name] for name in Observations.__dataclass_fields__}, "epochs": epochs})


NAMES: dict[str, Any] = {
    **{
        name: getattr(states, name) for name in dir(states) if name.isupper() and isinstance(getattr(states, name), int)
    },
    **{each.__name__: each for each in (alert, bounds, by_hand, distribution, lived, moved, seconds, seen, slouch)},
    **{each.__name__: each for each in (tilted, values, with_time_quality)},
    "START_MS": START_MS,
    "TimeQuality": TimeQuality,
    "np": np,
}
"""What every example finds without importing it."""

"""Metrics of epochs: those that a day's epochs alone give, without events, alerts and times off the body."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from unslouch.analysis.model import Calibration, Epochs
from unslouch.analysis.spans import WORN, StateInterval, tile
from unslouch_device.contract.records import EPOCH_MS

from .metric import Metric, Theme, Value
from .minutes import COVERAGE, MEASURED_MIN, STATE_MINUTES, WORN_MIN
from .observations import Observations
from .registry import METRICS
from .tilt_zones import FORWARD_ZONES, LATERAL_ZONES, LONGEST_ABOVE_60, REBA_ZONES, RULA_ZONES, TIME_ABOVE
from .upright import UPRIGHT_BOUTS, UPRIGHT_GINI, UPRIGHT_LEFT_PER_MIN
from .validity import DATA, is_too_short
from .variation import SPEED_P50, SPEED_P90, TILT_P10, TILT_P50, TILT_P90, TILT_RANGE

_THEMES = (Theme.ZONES, Theme.HOLDING, Theme.VARIATION)
_OF_SPANS = (UPRIGHT_BOUTS, UPRIGHT_GINI, UPRIGHT_LEFT_PER_MIN)
_MINUTES: tuple[Metric[Any], ...] = (
    *(STATE_MINUTES[state] for state in WORN),
    MEASURED_MIN,
    WORN_MIN,
    COVERAGE,
    DATA,
)
METRICS_OF_EPOCHS: tuple[Metric[Any], ...] = (*_MINUTES, *(metric for metric in METRICS if metric.theme in _THEMES))
TILT_METRICS: tuple[Metric[Any], ...] = tuple(
    metric for metric in METRICS if metric.theme in _THEMES and metric not in _OF_SPANS
)
"""Those that the measured seconds give, whatever their moments are to the millisecond."""
QUICK_METRICS: tuple[Metric[Any], ...] = (
    *_MINUTES,
    *(
        metric
        for metric in (*FORWARD_ZONES, *LATERAL_ZONES, *TIME_ABOVE, *RULA_ZONES, *REBA_ZONES)
        if metric not in LONGEST_ABOVE_60
    ),
    *(TILT_P10, TILT_P50, TILT_P90, TILT_RANGE, SPEED_P50, SPEED_P90),
)
"""Those of them that need no holds, bouts and bends, which take most of the time."""


def observations_of_epochs(epochs: Epochs, calibrations: Iterable[Calibration] = ()) -> Observations:
    """Return the observations of a day from its first epoch to its last; a gap is time without records.

    calibrations: their standing zeros that were set by hand are what the tilt counts from.
    """
    start_ms = int(epochs.utc_ms.min()) if len(epochs) else 0
    end_ms = int(epochs.utc_ms.max()) + EPOCH_MS if len(epochs) else 0
    order = np.argsort(epochs.utc_ms, kind="stable")
    utc_ms, state = epochs.utc_ms[order], epochs.state[order]
    breaks = np.flatnonzero((np.diff(utc_ms) > EPOCH_MS + 500) | (np.diff(state) != 0)) + 1
    firsts = [0, *breaks.tolist()] if len(state) else []
    lasts = [*(breaks - 1).tolist(), len(state) - 1] if len(state) else []
    intervals = [
        StateInterval(int(utc_ms[first]), int(utc_ms[last]) + EPOCH_MS, int(state[first]))
        for first, last in zip(firsts, lasts, strict=True)
    ]
    spans = tile(intervals, start_ms, end_ms)
    return Observations(
        start_ms,
        end_ms,
        epochs,
        spans,
        episodes=[],
        alerts=[],
        events=[],
        sensor_moved=[],
        calibrations=list(calibrations),
    )


def measure_epochs(
    epochs: Epochs, calibrations: Iterable[Calibration] = (), metrics: Iterable[Metric[Any]] = METRICS_OF_EPOCHS
) -> dict[str, Value]:
    """Return the values of metrics of a day's epochs by name; a score of too short a day has none."""
    observed = observations_of_epochs(epochs, calibrations)
    too_short = is_too_short(observed)
    return {metric.name: None if metric.is_score and too_short else metric.measure(observed) for metric in metrics}

"""Day metrics: the metrics that the epochs of a day alone give, with the functions of the registry.

The same function serves the engine of one machine and Spark's `mapInPandas`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from unslouch.analysis.metrics.metric import Metric, Theme
from unslouch.analysis.metrics.minutes import COVERAGE, MEASURED_MIN, STATE_MINUTES, WORN_MIN
from unslouch.analysis.metrics.observations import Observations
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.metrics.validity import DATA, is_too_short
from unslouch.analysis.model import Epochs
from unslouch.analysis.spans import WORN, StateInterval, tile
from unslouch_device.contract.records import EPOCH_MS

from .epoch_file import read_epochs

if TYPE_CHECKING:
    import pandas

_THEMES = (Theme.ZONES, Theme.HOLDING, Theme.VARIATION)
METRICS_OF_EPOCHS: tuple[Metric[Any], ...] = (
    *(STATE_MINUTES[state] for state in WORN),
    MEASURED_MIN,
    WORN_MIN,
    COVERAGE,
    DATA,
    *(metric for metric in METRICS if metric.theme in _THEMES),
)
"""The others need events, alerts or times off the body, which a table of epochs doesn't have."""


def observations_of_epochs(epochs: Epochs) -> Observations:
    """Return the observations of a day from its first epoch to its last; a gap is time without records."""
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
    return Observations(start_ms, end_ms, epochs, spans, episodes=[], alerts=[], events=[], sensor_moved=[])


def day_values(path: str) -> dict[str, Any]:
    """Return the metrics of an exported file of epochs by the names of their columns; raises BadInput."""
    observed = observations_of_epochs(read_epochs(path))
    too_short = is_too_short(observed)
    return {
        metric.column: None if metric.is_score and too_short else metric.measure(observed)
        for metric in METRICS_OF_EPOCHS
    }


def rows_of_files(frames: "Iterator[pandas.DataFrame]") -> "Iterator[pandas.DataFrame]":
    """Return frames of rows given frames with wearer, date and path of files, as Spark's mapInPandas wants it."""
    import pandas

    for frame in frames:
        rows = [
            {"wearer": wearer, "date": day, **day_values(path)}
            for wearer, day, path in frame[["wearer", "date", "path"]].itertuples(index=False)
        ]
        yield pandas.DataFrame(rows, columns=["wearer", "date", *(metric.column for metric in METRICS_OF_EPOCHS)])

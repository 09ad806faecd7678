"""Registry: every metric of the daily log, in the order in which it is exported.

To add a metric, define it in the module of its theme and list it here. Exports, the data dictionary (docs/log.md) and
kept summaries follow from this list.
"""

from binascii import crc32
from typing import Any

from .alerts import ALERTS, ALERTS_BY_OUTCOME, ALERTS_CORRECTED_SHARE
from .metric import Metric
from .minutes import COVERAGE, DAY_LENGTH_H, MEASURED_MIN, STATE_MINUTES, WORN_MIN
from .observations import Observations
from .sensor import SENSOR_MOVED
from .slouches import LONGEST_SLOUCH_MIN, SLOUCHES, SLOUCHES_CORRECTED_AFTER_ALERT
from .summary import Summary

ALGORITHM_VERSION = 1
"""Raise it whenever any part of analysis gives another value for the same records: kept summaries are then computed
anew."""

METRICS: tuple[Metric[Any], ...] = (
    *STATE_MINUTES.values(),
    DAY_LENGTH_H,
    MEASURED_MIN,
    WORN_MIN,
    COVERAGE,
    SLOUCHES,
    LONGEST_SLOUCH_MIN,
    ALERTS,
    SLOUCHES_CORRECTED_AFTER_ALERT,
    *ALERTS_BY_OUTCOME.values(),
    ALERTS_CORRECTED_SHARE,
    SENSOR_MOVED,
)


def summary_key(metrics: tuple[Metric[Any], ...]) -> str:
    """Return what a kept summary depends on besides the records: the algorithm version and which metrics there are."""
    names = " ".join(metric.name for metric in metrics)
    return f"{ALGORITHM_VERSION}-{crc32(names.encode()):08x}"


SUMMARY_KEY = summary_key(METRICS)
"""The key of summaries that this version computes."""


def summarise(observed: Observations) -> Summary:
    """Return the values of all metrics for a day."""
    return Summary({metric.name: metric.measure(observed) for metric in METRICS})

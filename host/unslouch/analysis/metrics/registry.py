"""Registry: every metric, distribution and table of the daily log, in the order in which it is exported.

    METRICS        one value for each day
    DISTRIBUTIONS  histograms and matrices: time over classes of one or two quantities
    TABLES         lists: bouts, holds, bends, breaks and others, with the meaning of each column

To add one, define it in the module of its theme and list it here. Exports, the data dictionary (docs/log.md) and kept
summaries follow from these lists; nothing else names a metric or a column.
"""

from binascii import crc32
from typing import Any

from .alerts import (
    ALERTS,
    ALERTS_BY_OUTCOME,
    ALERTS_CORRECTED_SHARE,
    ALERTS_MARKED_WRONG,
    ALERTS_MARKED_WRONG_SHARE,
    ALERTS_PER_WORN_HOUR,
)
from .bends import BEND_TABLE, BENDS, BENDS_PER_HOUR, LATERAL_BENDS, LATERAL_BENDS_PER_MIN
from .breaks import BREAK_TABLE, BREAKS, LONGEST_WITHOUT_BREAK
from .holding import BUDGET_USED_MOST, HOLDS, HOLDS_OVER_BUDGET, POSTURE_CHANGES, POSTURE_CHANGES_PER_HOUR
from .lists import ALERT_TABLE, EPISODES, HOURS, SEGMENTS, SESSIONS, SPANS
from .metric import Metric
from .minutes import COVERAGE, DAY_LENGTH_H, MEASURED_MIN, STATE_MINUTES, WORN_MIN
from .observations import Observations
from .sensor import SENSOR_MOVED
from .slouches import CORRECTION_LATENCY, LONGEST_SLOUCH_MIN, SLOUCHES, SLOUCHES_CORRECTED_AFTER_ALERT
from .summary import Summary
from .table import Distribution, Table
from .tilt_zones import FORWARD_ZONES, LATERAL_ZONES, REBA_ZONES, RULA_ZONES, TIME_ABOVE
from .upright import UPRIGHT_BOUTS, UPRIGHT_GINI, UPRIGHT_LEFT_PER_MIN, UPRIGHT_SHARE
from .validity import (
    AFTER_LAST_RECORD,
    CALIBRATION_AGE,
    CALIBRATIONS_USED,
    DATA,
    DELETED,
    PROVISIONAL_TIME,
    STANDING_ZERO,
    STANDING_ZERO_ERROR,
    STANDING_ZERO_FORWARD,
    UNCERTAIN_TIME,
    is_too_short,
)
from .variation import (
    BOUTS,
    EVA_DOMINANT_CELL,
    EVA_DOMINANT_SHARE,
    EVA_ENTROPY,
    EVA_MATRIX,
    SPEED_P50,
    SPEED_P90,
    TILT_HISTOGRAM,
    TILT_P10,
    TILT_P50,
    TILT_P90,
    TILT_RANGE,
    WALKING_TILT,
    WALKING_TILT_P90,
)

ALGORITHM_VERSION = 2
"""Raise it whenever any part of analysis gives another value for the same records: kept summaries are then computed
again."""

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
    DELETED,
    AFTER_LAST_RECORD,
    DATA,
    UPRIGHT_SHARE,
    CALIBRATIONS_USED,
    CALIBRATION_AGE,
    STANDING_ZERO,
    STANDING_ZERO_FORWARD,
    STANDING_ZERO_ERROR,
    WALKING_TILT,
    WALKING_TILT_P90,
    PROVISIONAL_TIME,
    UNCERTAIN_TIME,
    CORRECTION_LATENCY,
    ALERTS_PER_WORN_HOUR,
    ALERTS_MARKED_WRONG,
    ALERTS_MARKED_WRONG_SHARE,
    BREAKS,
    LONGEST_WITHOUT_BREAK,
    *FORWARD_ZONES,
    *LATERAL_ZONES,
    *TIME_ABOVE,
    *RULA_ZONES,
    *REBA_ZONES,
    *BENDS,
    *BENDS_PER_HOUR,
    LATERAL_BENDS,
    LATERAL_BENDS_PER_MIN,
    *BUDGET_USED_MOST,
    *HOLDS_OVER_BUDGET,
    TILT_P10,
    TILT_P50,
    TILT_P90,
    TILT_RANGE,
    EVA_ENTROPY,
    EVA_DOMINANT_CELL,
    EVA_DOMINANT_SHARE,
    POSTURE_CHANGES,
    POSTURE_CHANGES_PER_HOUR,
    SPEED_P50,
    SPEED_P90,
    UPRIGHT_BOUTS,
    UPRIGHT_GINI,
    UPRIGHT_LEFT_PER_MIN,
)

DISTRIBUTIONS: tuple[Distribution, ...] = (TILT_HISTOGRAM, EVA_MATRIX)

TABLES: tuple[Table, ...] = (
    SPANS,
    HOURS,
    SEGMENTS,
    EPISODES,
    ALERT_TABLE,
    SESSIONS,
    BREAK_TABLE,
    BOUTS,
    HOLDS,
    BEND_TABLE,
)

METRICS_BY_NAME = {metric.name: metric for metric in METRICS}


def summary_key(metrics: tuple[Metric[Any], ...]) -> str:
    """Return what a kept summary depends on besides the records: the algorithm version and which metrics there are."""
    names = " ".join([*(metric.name for metric in metrics), *(each.name for each in DISTRIBUTIONS)])
    return f"{ALGORITHM_VERSION}-{crc32(names.encode()):08x}"


SUMMARY_KEY = summary_key(METRICS)
"""The key of summaries that this version computes."""


def summarise(observed: Observations) -> Summary:
    """Return the values of all metrics and distributions for a day; a score of too short a day has none."""
    too_short = is_too_short(observed)
    return Summary(
        {metric.name: None if metric.is_score and too_short else metric.measure(observed) for metric in METRICS},
        {each.name: each.measure(observed).tolist() for each in DISTRIBUTIONS},
    )

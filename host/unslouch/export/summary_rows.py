"""Summary rows: the metrics of a day, rounded for a file."""

from typing import Any, NamedTuple

from unslouch.analysis.metrics.metric import Metric, Value
from unslouch.analysis.metrics.registry import METRICS
from unslouch.analysis.metrics.summary import Summary


class SummaryRow(NamedTuple):
    """One metric of a day."""

    metric: str
    value: Value
    """None is a value that is not known."""
    unit: str


def summary_rows(summary: Summary) -> list[SummaryRow]:
    """Return a row for every metric, in the order of the registry."""
    return [SummaryRow(metric.name, rounded(metric, summary[metric]), metric.unit.value) for metric in METRICS]


def rounded(metric: Metric[Any], value: Value) -> Value:
    """Return a value rounded to the decimals of its metric; a count stays a whole number, a text as it is."""
    return value if value is None or isinstance(value, int | str) else round(value, metric.decimals)

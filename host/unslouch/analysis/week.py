"""Week: the means of a week's metrics over its valid days, plain and as a usual week has weekdays and weekend days."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from . import comparison
from .comparison import VALID_DAY_MIN, Range
from .metrics.metric import Metric
from .metrics.registry import METRICS
from .metrics.summary import Summary


@dataclass(frozen=True)
class WeekMean:
    """A metric over the valid days of a week. None is what no valid day of that kind has a value for."""

    metric: Metric[Any]
    days: Range | None
    """Over all valid days, each counting once."""
    weekdays: Range | None
    weekend: Range | None
    weighted: float | None
    """Five parts weekdays to two parts weekend days; None without a valid day of both kinds."""


@dataclass(frozen=True)
class Week:
    """The statistics of some days."""

    rule: str
    """Which days are valid, as it is printed with the numbers."""
    days: int
    valid_days: tuple[date, ...]
    means: tuple[WeekMean, ...]
    """One for each metric that has numbers, in the order of the registry."""

    def count(self, weekend: bool) -> int:
        """Return how many of the valid days are weekend days, or weekdays."""
        return sum(comparison.is_weekend(day) == weekend for day in self.valid_days)

    def mean(self, metric: Metric[Any]) -> WeekMean:
        """Return the means of a metric; raises KeyError for one without numbers."""
        return {each.metric.name: each for each in self.means}[metric.name]


def week_statistics(summaries: Mapping[date, Summary], least_min: float = VALID_DAY_MIN) -> Week:
    """Return the statistics of days, given their summaries and how much valid time makes a day valid.

    A score of a day that is too short is no value, and neither is the fragmentation of fewer than 10 bouts.
    """
    weekdays, weekend = (comparison.days_of_kind(summaries, kind, least_min) for kind in (False, True))
    return Week(
        rule=f"valid days: at least {least_min / 60:g} h worn, calibrated and measured",
        days=len(summaries),
        valid_days=tuple(sorted({*weekdays, *weekend})),
        means=tuple(_means(weekdays, weekend)),
    )


def _means(weekdays: Mapping[date, Summary], weekend: Mapping[date, Summary]) -> Iterator[WeekMean]:
    for metric in METRICS:
        if metric.is_text:
            continue
        of_weekdays, of_weekend = (comparison.value_range(days.values(), metric.name) for days in (weekdays, weekend))
        yield WeekMean(
            metric,
            comparison.value_range([*weekdays.values(), *weekend.values()], metric.name),
            of_weekdays,
            of_weekend,
            comparison.weighted_mean(of_weekdays, of_weekend),
        )

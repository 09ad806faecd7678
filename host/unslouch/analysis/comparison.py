"""Comparison: the days of a period beside the wearer's earlier days of the same kind, by their summaries.

Only valid days count, and weekdays and weekends are kept apart, because people sit otherwise at work than at home.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from .metrics.minutes import MEASURED_MIN
from .metrics.summary import Summary

VALID_DAY_MIN = 240.0
"""A valid day has at least 4 h of valid time, as in the practice of Acti4; the wearer may set another limit."""
EARLIER_DAYS = 28
"""Four weeks before a period are what it is compared with."""
_WEEKDAYS, _WEEKEND_DAYS = 5, 2


@dataclass(frozen=True)
class Range:
    """A metric over some days: mean, least and greatest value, and how many days have a value."""

    mean: float
    least: float
    greatest: float
    days: int


def is_valid(summary: Summary, least_min: float = VALID_DAY_MIN) -> bool:
    """Return whether a day has enough valid time to be compared."""
    return summary[MEASURED_MIN] >= least_min


def is_weekend(day: date) -> bool:
    """Return whether a date is a Saturday or a Sunday."""
    return day.weekday() >= _WEEKDAYS


def days_of_kind(
    summaries: Mapping[date, Summary], weekend: bool, least_min: float = VALID_DAY_MIN
) -> dict[date, Summary]:
    """Return the valid weekdays, or the valid days at weekends."""
    return {
        day: summary
        for day, summary in summaries.items()
        if is_weekend(day) == weekend and is_valid(summary, least_min)
    }


def value_range(summaries: Iterable[Summary], metric: str) -> Range | None:
    """Return the range of a metric, by its name, over the days where it has a number; None if there are none."""
    values = [value for summary in summaries if isinstance(value := summary.values.get(metric), int | float)]
    return Range(fmean(values), min(values), max(values), len(values)) if values else None


def weighted_mean(weekdays: Range | None, weekend: Range | None) -> float | None:
    """Return the mean of a usual week, 5 : 2 of weekdays and weekend days; None if one of them is missing.

    >>> weighted_mean(Range(10.0, 9.0, 11.0, 3), Range(3.0, 3.0, 3.0, 1))
    8.0
    """
    if weekdays is None or weekend is None:
        return None
    return (_WEEKDAYS * weekdays.mean + _WEEKEND_DAYS * weekend.mean) / (_WEEKDAYS + _WEEKEND_DAYS)


def earlier_range(first: date) -> tuple[date, date]:
    """Return the first and the last of the days that a period from a date on is compared with."""
    return first - timedelta(days=EARLIER_DAYS), first - timedelta(days=1)

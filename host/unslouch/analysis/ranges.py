"""Ranges: the weeks and months that days fall into, and two ranges of days beside each other.

Only valid days count, as in `comparison`; how many of how many they are comes with every mean.
"""

import calendar
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import fmean, variance

from .comparison import VALID_DAY_MIN, Range, is_valid, value_range
from .metrics.minutes import COVERAGE, WORN_MIN
from .metrics.summary import Summary

LEAST_DAYS = 3
"""With fewer valid days in either range a difference is never called clear."""
CLEAR_ERRORS = 2.0
"""A difference is clear from so many standard errors on."""


@dataclass(frozen=True)
class DayRange:
    """Days on end."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(len(self)))

    def contains(self, day: date) -> bool:
        """Return whether a day belongs to it."""
        return self.first <= day <= self.last

    def before(self) -> "DayRange":
        """Return the range of the same length that ends where this one begins."""
        return DayRange(self.first - timedelta(days=len(self)), self.first - timedelta(days=1))


def week_of(day: date) -> DayRange:
    """Return the week, Monday to Sunday, that holds a day."""
    monday = day - timedelta(days=day.weekday())
    return DayRange(monday, monday + timedelta(days=6))


def month_of(day: date) -> DayRange:
    """Return the month that holds a day."""
    return DayRange(day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))


def weeks(first: date, last: date) -> list[DayRange]:
    """Return the weeks that hold the days from one to another, both included."""
    return list(_ranges(first, last, week_of))


def months(first: date, last: date) -> list[DayRange]:
    """Return the months that hold the days from one to another, both included."""
    return list(_ranges(first, last, month_of))


def _ranges(first: date, last: date, range_of: Callable[[date], DayRange]) -> Iterator[DayRange]:
    day = first
    while day <= last:
        each = range_of(day)
        yield each
        day = each.last + timedelta(days=1)


@dataclass(frozen=True)
class RangeMean:
    """A metric over a range of days."""

    days: DayRange
    values: Range | None
    """Over the valid days that have a value; None if there are none."""
    worn_days: int
    coverage: float | None
    """Mean share of the worn time that was measured, over the days worn; None if none was."""


def range_mean(
    days: DayRange, summaries: Mapping[date, Summary], metric: str, least_min: float = VALID_DAY_MIN
) -> RangeMean:
    """Return a metric, by its name, over those days of a range that there are summaries of."""
    inside = [summaries[day] for day in days if day in summaries]
    worn = [summary for summary in inside if summary[WORN_MIN] > 0]
    shares = [share for summary in worn if (share := summary[COVERAGE]) is not None]
    valid = [summary for summary in inside if is_valid(summary, least_min)]
    return RangeMean(days, value_range(valid, metric), len(worn), fmean(shares) if shares else None)


@dataclass(frozen=True)
class Difference:
    """A metric in two ranges of days."""

    metric: str
    one: Range | None
    other: Range | None
    is_clear: bool
    """The means differ by more than the days within the ranges let expect."""

    @property
    def change(self) -> float | None:
        """The mean of the other range less that of the one; None if either has none."""
        return None if self.one is None or self.other is None else self.other.mean - self.one.mean


def differences(
    one: DayRange,
    other: DayRange,
    summaries: Mapping[date, Summary],
    metrics: Iterable[str],
    least_min: float = VALID_DAY_MIN,
) -> list[Difference]:
    """Return metrics, by name, in two ranges of days."""
    return [_difference(metric, one, other, summaries, least_min) for metric in metrics]


def _difference(
    metric: str, one: DayRange, other: DayRange, summaries: Mapping[date, Summary], least_min: float
) -> Difference:
    values = [_values(metric, days, summaries, least_min) for days in (one, other)]
    first, second = (Range(fmean(each), min(each), max(each), len(each)) if each else None for each in values)
    is_clear = False
    if all(len(each) >= LEAST_DAYS for each in values):
        error = sqrt(sum(variance(each) / len(each) for each in values))
        is_clear = abs(fmean(values[1]) - fmean(values[0])) > CLEAR_ERRORS * error
    return Difference(metric, first, second, is_clear)


def _values(metric: str, days: DayRange, summaries: Mapping[date, Summary], least_min: float) -> list[float]:
    valid = (summaries[day] for day in days if day in summaries and is_valid(summaries[day], least_min))
    return [float(value) for summary in valid if isinstance(value := summary.values.get(metric), int | float)]

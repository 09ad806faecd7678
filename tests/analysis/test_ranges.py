"""Weeks and months, means over valid days, and two ranges beside each other."""

from datetime import date, timedelta

import pytest

from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.ranges import DayRange, differences, month_of, months, range_mean, week_of, weeks


def summary(upright: float | None, measured_min: float = 400, worn_min: float = 420, coverage: float = 0.95) -> Summary:
    return Summary({"measured": measured_min, "worn": worn_min, "coverage": coverage, "upright_share": upright})


MARCH = date(2026, 3, 2)
"""A Monday."""


def from_march(*summaries: Summary) -> dict[date, Summary]:
    return {MARCH + timedelta(days=at): each for at, each in enumerate(summaries)}


def test_weeks_and_months_hold_every_day_once() -> None:
    first, last = date(2025, 12, 30), date(2026, 3, 3)
    for ranges in (weeks(first, last), months(first, last)):
        held = [day for each in ranges for day in each]
        assert held == sorted(set(held))
        assert held[0] <= first
        assert held[-1] >= last
    assert week_of(MARCH) == DayRange(MARCH, date(2026, 3, 8))
    assert month_of(date(2024, 2, 9)) == DayRange(date(2024, 2, 1), date(2024, 2, 29))


def test_the_range_before_has_the_same_length_and_ends_the_day_before() -> None:
    assert DayRange(MARCH, MARCH + timedelta(days=4)).before() == DayRange(date(2026, 2, 25), date(2026, 3, 1))


def test_a_mean_is_over_valid_days_and_says_of_how_many_and_with_which_coverage() -> None:
    week = from_march(summary(0.8), summary(0.6), summary(0.0, 30, 60, 0.5), summary(None, 0, 0))
    mean = range_mean(week_of(MARCH), week, "upright_share")
    assert mean.values is not None
    assert (mean.values.mean, mean.values.days) == (pytest.approx(0.7), 2)
    assert mean.worn_days == 3
    assert mean.coverage == pytest.approx(0.8)


def test_a_range_without_valid_days_has_no_mean() -> None:
    mean = range_mean(week_of(MARCH), {}, "upright_share")
    assert (mean.values, mean.worn_days, mean.coverage) == (None, 0, None)


def compared(one: list[float], other: list[float]) -> tuple[float | None, bool]:
    days = from_march(*(summary(value) for value in [*one, *other]))
    middle = MARCH + timedelta(days=len(one))
    first = DayRange(MARCH, middle - timedelta(days=1))
    second = DayRange(middle, middle + timedelta(days=len(other) - 1))
    (difference,) = differences(first, second, days, ["upright_share"])
    return difference.change, difference.is_clear


def test_a_difference_beyond_the_scatter_of_days_is_clear() -> None:
    assert compared([0.5, 0.52, 0.51, 0.5], [0.7, 0.72, 0.71]) == (pytest.approx(0.2025), True)


def test_a_difference_within_the_scatter_of_days_or_of_few_days_is_not_clear() -> None:
    assert compared([0.3, 0.8, 0.5], [0.9, 0.4, 0.6])[1] is False
    assert compared([0.5, 0.51], [0.9, 0.91])[1] is False


def test_a_metric_without_values_in_one_range_has_no_change() -> None:
    days = from_march(summary(0.5), summary(None))
    one, other = DayRange(MARCH, MARCH), DayRange(MARCH + timedelta(days=1), MARCH + timedelta(days=1))
    (difference,) = differences(one, other, days, ["upright_share"])
    assert difference.change is None

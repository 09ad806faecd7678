"""A week's means are over valid days only, and a usual week has five weekdays to two weekend days."""

from datetime import date, timedelta

import pytest

from analysis.epoch_days import START_MS, observed, tilts
from unslouch.analysis.metrics.registry import METRICS_BY_NAME, summarise
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.model import Span
from unslouch.analysis.week import week_statistics
from unslouch_device.contract.states import SLOUCHING, UPRIGHT

MONDAY = date(2025, 3, 10)
UPRIGHT_SHARE, MEASURED, GINI, LEFT = (
    METRICS_BY_NAME[name] for name in ("upright_share", "measured", "upright_gini", "upright_left_per_min")
)


def a_day(upright_min: float, slouching_min: float, bouts: int = 1) -> Summary:
    """A day of so many bouts, each followed by a slouch."""
    spans, at_ms = [], START_MS
    for state, minutes in [(UPRIGHT, upright_min / bouts), (SLOUCHING, slouching_min / bouts)] * bouts:
        spans.append(Span(state, at_ms, at_ms := at_ms + round(minutes * 60_000)))
    return summarise(observed(tilts([0] * 5), spans=spans))


def a_week(*days: Summary) -> dict[date, Summary]:
    return {MONDAY + timedelta(number): day for number, day in enumerate(days)}


def test_days_with_less_than_4_h_do_not_count_and_the_rule_is_printed() -> None:
    week = week_statistics(a_week(a_day(240, 0), a_day(120, 120), a_day(239, 0)))
    assert week.rule == "valid days: at least 4 h worn, calibrated and measured"
    assert (week.days, week.valid_days) == (3, (MONDAY, MONDAY + timedelta(1)))
    means = week.mean(UPRIGHT_SHARE)
    assert means.days is not None
    assert (means.days.mean, means.days.days) == (0.75, 2)


def test_the_wearer_may_set_another_rule() -> None:
    week = week_statistics(a_week(a_day(239, 0)), least_min=90)
    assert (week.rule, len(week.valid_days)) == ("valid days: at least 1.5 h worn, calibrated and measured", 1)


def test_a_usual_week_weighs_weekdays_and_weekend_days_five_to_two() -> None:
    days = [a_day(300, 0)] * 3 + [a_day(60, 0)] * 2 + [a_day(125, 175)] + [a_day(60, 0)]
    means = week_statistics(a_week(*days)).mean(UPRIGHT_SHARE)
    assert means.days
    assert means.weekdays
    assert means.weekend
    assert (means.weekdays.mean, means.weekdays.days) == (1.0, 3)
    assert (means.weekend.mean, means.weekend.days) == (pytest.approx(125 / 300), 1)
    assert means.days.mean == pytest.approx((3 + 125 / 300) / 4)
    assert means.weighted == pytest.approx((5 * 1.0 + 2 * 125 / 300) / 7)


def test_without_a_valid_weekend_day_there_is_no_weighted_mean() -> None:
    assert week_statistics(a_week(a_day(240, 0))).mean(MEASURED).weighted is None


def test_fragmentation_is_blank_below_ten_bouts() -> None:
    few, many = (week_statistics(a_week(a_day(300, 100, bouts))) for bouts in (9, 10))
    assert [few.mean(metric).days for metric in (GINI, LEFT)] == [None, None]
    found = [many.mean(metric).days for metric in (GINI, LEFT)]
    assert [each.mean for each in found if each] == [0.0, pytest.approx(10 / 300)]


def test_a_week_without_a_valid_day_has_no_means() -> None:
    week = week_statistics(a_week(a_day(10, 0)))
    assert (week.valid_days, week.mean(MEASURED).days) == ((), None)

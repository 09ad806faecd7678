"""Comparison: this day or period beside the four weeks before it."""

from collections.abc import Mapping
from datetime import date

from unslouch.analysis import comparison
from unslouch.analysis.comparison import EARLIER_DAYS, Range
from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.week import week_statistics

from .html import DataTable, Markup, section, table
from .numbers import label, range_text, value_text

COMPARED = (
    "measured",
    "upright_share",
    "tilt_p50",
    "tilt_range",
    "slouching",
    "episodes",
    "longest_episode",
    "alerts",
    "corrected_share",
    "posture_changes_per_hour",
    "bends_per_hour",
    "longest_without_break",
    "upright_gini",
    "upright_left_per_min",
)
"""The metrics that are compared, by name."""


def compared_metrics() -> list[str]:
    """Return those of COMPARED that this version computes."""
    return [name for name in COMPARED if name in METRICS_BY_NAME]


def of_day(day: date, summary: Summary, earlier: Mapping[date, Summary], least_min: float) -> Markup:
    """Return a day beside the earlier valid days of its kind: weekdays, or weekends."""
    weekend = comparison.is_weekend(day)
    same_kind = comparison.days_of_kind(earlier, weekend, least_min).values()
    kind = ("weekend day" if weekend else "weekday") + ("" if len(same_kind) == 1 else "s")
    if not same_kind:
        return ""
    rows = [
        (
            label(name),
            value_text(name, summary.values.get(name)),
            *_cells(name, comparison.value_range(same_kind, name)),
        )
        for name in compared_metrics()
    ]
    lead = f"Beside your {len(same_kind)} valid {kind} of the {EARLIER_DAYS // 7} weeks before. {_rule(least_min)} " + (
        "" if comparison.is_valid(summary, least_min) else "This day itself has less. "
    )
    headings = ("metric", "this day", "mean before", "range before")
    return section("Beside earlier days", table(DataTable(headings, rows), "This day beside earlier days"), lead=lead)


def of_period(
    summaries: Mapping[date, Summary], earlier: Mapping[date, Summary], least_min: float, noun: str
) -> Markup:
    """Return the means of a period beside the weeks before, weekdays and weekends apart."""
    now, before = week_statistics(summaries, least_min), week_statistics(earlier, least_min)
    if not now.valid_days:
        return ""
    rows = []
    for name in compared_metrics():
        these, those = (week.mean(METRICS_BY_NAME[name]) for week in (now, before))
        ranges = (these.weekdays, those.weekdays, these.weekend, those.weekend, these.days)
        rows.append((label(name), *(_mean(name, found) for found in ranges), value_text(name, these.weighted)))
    headings = (
        "mean of valid days",
        f"weekdays {_count(now.count(False))}",
        f"before {_count(before.count(False))}",
        f"weekends {_count(now.count(True))}",
        f"before {_count(before.count(True))}",
        "all days",
        "weighted 5 : 2",
    )
    lead = (
        f"This {noun} beside the {EARLIER_DAYS // 7} weeks before it, weekdays and weekends apart; {now.rule}. "
        "Weighted is the mean of a usual week, five weekdays to two weekend days."
    )
    return section(
        "Beside earlier weeks", table(DataTable(headings, rows), f"This {noun} beside earlier weeks"), lead=lead
    )


def _rule(least_min: float) -> str:
    return f"A day is valid with at least {least_min / 60:g} h of valid time."


def _count(days: int) -> str:
    """Return how many days a mean is of, on one line."""
    return f"(n = {days})".replace(" ", "\N{NO-BREAK SPACE}")


def _mean(name: str, found: Range | None) -> str:
    return "–" if found is None else value_text(name, found.mean)


def _cells(name: str, found: Range | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    return value_text(name, found.mean), range_text(name, found.least, found.greatest)

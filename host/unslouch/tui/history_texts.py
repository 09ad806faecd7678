"""History texts: weeks, months and two ranges as rows of texts, from the summaries of days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from unslouch.analysis.comparison import VALID_DAY_MIN, is_valid
from unslouch.analysis.metrics.minutes import COVERAGE, WORN_MIN
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.ranges import DayRange, RangeMean, differences, month_of, months, range_mean, week_of, weeks
from unslouch.export.report.comparison import compared_metrics
from unslouch.export.report.numbers import label, value_text
from unslouch.export.report.times import short_date

from .day_texts import NOT_KNOWN, Listing, Row

Summaries = Mapping[date, Summary]

RULE = f"Only days with at least {VALID_DAY_MIN / 60:g} h worn, calibrated and measured count."
LEFT_OUT = "Days that don't count are left out, and never end a streak."
BAR_CELLS = 12


@dataclass(frozen=True)
class ShownMetric:
    """A metric that the History mode can show day by day."""

    name: str
    is_more_better: bool
    """Whether more of it is what a wearer wants; it chooses the colour alone."""

    @property
    def title(self) -> str:
        """Its name for people."""
        return label(self.name)


SHOWN_METRICS = (
    ShownMetric("upright_share", True),
    ShownMetric("slouching", False),
    ShownMetric("episodes", False),
    ShownMetric("alerts", False),
    ShownMetric("corrected_share", True),
    ShownMetric("longest_without_break", False),
    ShownMetric("tilt_p50", False),
    ShownMetric("worn", True),
)
COUNTS_EVERY_DAY = ("worn",)
"""Metrics that have a value on a day however short it was."""


def value_of(summaries: Summaries, day: date, metric: str) -> float | None:
    """Return the value of a metric on a valid day; None on another one, or where it has none."""
    summary = summaries.get(day)
    if summary is None or not (is_valid(summary) or (metric in COUNTS_EVERY_DAY and summary[WORN_MIN] > 0)):
        return None
    value = summary.values.get(metric)
    return float(value) if isinstance(value, int | float) else None


def brief_day_text(summaries: Summaries, day: date, metric: str) -> str:
    """Return the value of a day and its wear, in less than 40 cells where the metric's name is short."""
    summary = summaries.get(day)
    if summary is None or not summary[WORN_MIN]:
        return f"{day.day} {day:%b}: not worn"
    mark = "" if is_valid(summary) else " (too short)"
    return f"{day.day} {day:%b}: {label(metric)} {value_text(metric, summary.values.get(metric))}{mark}"


def day_text(summaries: Summaries, day: date, metric: str) -> str:
    """Return what is known of a day."""
    summary = summaries.get(day)
    if summary is None:
        return f"{short_date(day)} {day.year}: not read yet"
    worn = summary[WORN_MIN]
    if not worn:
        return f"{short_date(day)} {day.year}: not worn"
    share = summary[COVERAGE]
    parts = [f"{label(metric)} {value_text(metric, summary.values.get(metric))}"] if metric != "worn" else []
    parts.append(f"worn {value_text('worn', worn)}")
    parts.append(f"coverage {NOT_KNOWN if share is None else value_text('coverage', share)}")
    if not is_valid(summary):
        parts.append(f"less than {VALID_DAY_MIN / 60:g} h measured: it doesn't count")
    return f"{short_date(day)} {day.year}: {', '.join(parts)}"


def week_listing(summaries: Summaries, metric: str) -> Listing:
    """Return a metric in each week that was worn, the newest first."""
    means = [range_mean(each, summaries, metric) for each in _all(summaries, weeks)]
    return _means_listing("Weeks", "week", means, metric, _week_title)


def month_listing(summaries: Summaries, metric: str) -> Listing:
    """Return a metric in each month that was worn, the newest first."""
    means = [range_mean(each, summaries, metric) for each in _all(summaries, months)]
    return _means_listing("Months", "month", means, metric, lambda days: f"{days.first:%B %Y}")


def _all(summaries: Summaries, ranges: Callable[[date, date], list[DayRange]]) -> list[DayRange]:
    worn = [day for day, summary in summaries.items() if summary[WORN_MIN] > 0]
    return list(reversed(ranges(min(worn), max(worn)))) if worn else []


def _week_title(days: DayRange) -> str:
    return f"{days.first.day} {days.first:%b} to {days.last.day} {days.last:%b %Y}"


def _means_listing(
    title: str, heading: str, means: Sequence[RangeMean], metric: str, title_of: Callable[[DayRange], str]
) -> Listing:
    most = max((mean.values.mean for mean in means if mean.values is not None), default=0.0)
    rows = []
    for mean in means:
        values = mean.values
        if not mean.worn_days:
            continue
        rows.append(
            Row(
                0,
                (
                    title_of(mean.days),
                    NOT_KNOWN if values is None else value_text(metric, values.mean),
                    "" if values is None or most <= 0 else bar(values.mean / most),
                    f"{0 if values is None else values.days} of {mean.worn_days}",
                    NOT_KNOWN if mean.coverage is None else value_text("coverage", mean.coverage),
                ),
            )
        )
    return Listing(title, (heading, label(metric), "", "valid days", "coverage"), rows, "")


def bar(share: float) -> str:
    """Return a bar for a share of its full length."""
    return "█" * round(max(0.0, min(1.0, share)) * BAR_CELLS)


def compare_listing(one: DayRange, other: DayRange, summaries: Summaries) -> Listing:
    """Return the metrics of two ranges of days."""
    rows = []
    for each in differences(one, other, summaries, compared_metrics()):
        change = each.change
        sign = "" if change is None else "+" if change > 0 else "−" if change < 0 else "±"
        rows.append(
            Row(
                0,
                (
                    label(each.metric),
                    NOT_KNOWN if each.one is None else value_text(each.metric, each.one.mean),
                    NOT_KNOWN if each.other is None else value_text(each.metric, each.other.mean),
                    NOT_KNOWN if change is None else sign + value_text(each.metric, abs(change)),
                    "clear" if each.is_clear else "" if change is None else "not clear",
                ),
            )
        )
    return Listing("Compare", ("metric", range_title(one), range_title(other), "change", "difference"), rows, "")


def range_title(days: DayRange) -> str:
    """Return a range of days like "2–8 Mar"."""
    first, last = days.first, days.last
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b}"
    return f"{first.day} {first:%b} – {last.day} {last:%b}"


@dataclass(frozen=True)
class Comparison:
    """Two ranges of days that are compared, and what they are called."""

    title: str
    one: DayRange
    other: DayRange


def comparisons(today: date) -> list[Comparison]:
    """Return the comparisons that the mode offers."""
    week, month = week_of(today), month_of(today)
    last_7, last_28 = (DayRange(today - timedelta(days=length - 1), today) for length in (7, 28))
    return [
        Comparison("last 7 days, and the 7 before", last_7.before(), last_7),
        Comparison("last 28 days, and the 28 before", last_28.before(), last_28),
        Comparison("this week and the last one", week_of(week.first - timedelta(days=1)), week),
        Comparison("this month and the last one", month_of(month.first - timedelta(days=1)), month),
    ]


def parse_ranges(text: str, today: date) -> Comparison:
    """Return the two ranges of a text like "2026-03-02 to 2026-03-08, 2026-03-09 to 2026-03-15".

    Raises ValueError with a sentence for a text that is none.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2:
        raise ValueError("Write two ranges with a comma between them.")
    one, other = (parse_range(part, today) for part in parts)
    return Comparison(f"{range_title(one)} and {range_title(other)}", one, other)


def parse_range(text: str, today: date) -> DayRange:
    """Return the range of a text like "2026-03-02 to 2026-03-08"; raises ValueError with a sentence for another one."""
    try:
        first, last = (date.fromisoformat(word.strip()) for word in text.split(" to "))
    except ValueError as error:
        raise ValueError(f"{text!r} is no range: write it like {today - timedelta(days=6)} to {today}.") from error
    if last < first:
        raise ValueError(f"{text!r} ends before it begins: swap the dates.")
    return DayRange(first, last)

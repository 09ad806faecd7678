"""Trends: metrics of every day of a period, from its summaries alone."""

import re
from collections.abc import Mapping
from datetime import date

from unslouch.analysis import comparison
from unslouch.analysis.metrics.minutes import STATE_MINUTES
from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary
from unslouch_device.contract.states import STATE_NAMES

from .comparison import compared_metrics
from .hours import POSTURES
from .html import Cells, DataTable, Figure, Markup, element, section, table
from .numbers import column_heading, column_text, label, range_text, value_text
from .plot import WIDTH, Tick, line, plot, polyline, rectangle
from .timeline import state_class, state_legend
from .times import date_cell, date_ticks

TRENDS = ("upright_share", "tilt_p50", "slouching", "episodes", "alerts", "corrected_share", "longest_without_break")
MOST_DAYS_SHOWN = 31
"""The rows of more days are folded away."""
MOST_DAYS_DOTTED = 62
"""More days lie too close for dots on a line and gaps between columns; then the columns overlap a little."""
_HEIGHT = 100


def state_trend(summaries: Mapping[date, Summary]) -> Figure | None:
    """Return the minutes in each posture of each day, stacked; None if nothing was worn."""
    totals = {day: sum(summary[STATE_MINUTES[state]] for state in POSTURES) for day, summary in summaries.items()}
    most = max(totals.values(), default=0)
    if not most:
        return None
    top_h = -(-most // 240) * 4
    slot = WIDTH / len(summaries)
    gap = min(6.0, slot / 5) if len(summaries) <= MOST_DAYS_DOTTED else -0.2
    shapes: list[Markup] = [line(0, _HEIGHT * part / 4, WIDTH, _HEIGHT * part / 4, "grid") for part in range(5)]
    present = []
    for at, summary in enumerate(summaries.values()):
        level = float(_HEIGHT)
        for state in POSTURES:
            height = summary[STATE_MINUTES[state]] / (top_h * 60) * _HEIGHT
            if height > 0:
                level -= height
                present.append(state)
                shapes.append(rectangle(at * slot + gap / 2, level, slot - gap, height, state_class(state)))
    rows = [
        (date_cell(day), *(f"{summary[STATE_MINUTES[state]]:.0f}" for state in POSTURES))
        for day, summary in summaries.items()
    ]
    worn = sum(total > 0 for total in totals.values())
    days_worn = "1 day worn" if worn == 1 else f"{worn} days worn"
    return Figure(
        "Hours in each posture",
        plot(
            shapes,
            _HEIGHT,
            f"Hours in each posture for each day; {days_worn}, at most {most / 60:.1f} h",
            x_ticks=date_ticks(list(summaries)),
            y_ticks=[Tick(0, f"{top_h:.0f} h"), Tick(0.5, f"{top_h / 2:.0f} h"), Tick(1, "0")],
            shown_height_rem=10,
        )
        + state_legend([state for state in POSTURES if state in present]),
        "Time worn and calibrated, by posture.",
        DataTable(("day", *(f"{STATE_NAMES[state]}, min" for state in POSTURES)), rows),
    )


def trends(summaries: Mapping[date, Summary], least_min: float) -> list[Figure]:
    """Return a chart for each of TRENDS that has a value on at least two valid days."""
    valid = {day: summary for day, summary in summaries.items() if comparison.is_valid(summary, least_min)}
    dates = list(summaries)
    found = []
    for name in TRENDS:
        values = {
            day: float(value)
            for day, summary in valid.items()
            if isinstance(value := summary.values.get(name), int | float)
        }
        if name in METRICS_BY_NAME and len(values) > 1:
            found.append(_trend(name, dates, values))
    return found


def _trend(name: str, dates: list[date], values: Mapping[date, float]) -> Figure:
    least, most = min(0.0, *values.values()), max(values.values()) or 1.0
    height_of = {day: _HEIGHT * (most - value) / (most - least) for day, value in values.items()}
    slot = WIDTH / len(dates)
    points = [((at + 0.5) * slot, height_of[day]) for at, day in enumerate(dates) if day in values]
    mean = sum(values.values()) / len(values)
    spread = range_text(name, min(values.values()), max(values.values()))
    usual = _HEIGHT * (most - mean) / (most - least)
    size = min(8.0, slot / 2)
    dots = [
        element("rect", x=f"{x - size / 2:.1f}", y=f"{y - 2.5:.1f}", width=f"{size:.1f}", height="5", class_="dot")
        for x, y in points
    ]
    shapes = [
        line(0, usual, WIDTH, usual, "mark"),
        polyline(points, "curve"),
        *(dots if len(dates) <= MOST_DAYS_DOTTED else []),
    ]
    metric = METRICS_BY_NAME[name]
    definition = re.sub(r"`(\w+)`", lambda match: label(match[1]), metric.definition)
    ticks = [Tick(0, _short(name, most)), Tick(1, _short(name, least))]
    return Figure(
        label(name).capitalize(),
        plot(
            shapes,
            _HEIGHT,
            f"{label(name)} of {len(values)} valid days: {spread}, mean {value_text(name, mean)}",
            x_ticks=date_ticks(dates),
            y_ticks=ticks,
            shown_height_rem=6,
        ),
        f"{definition[0].upper()}{definition[1:]}. Source: {metric.source}.",
        DataTable(("day", label(name)), [(date_cell(day), value_text(name, value)) for day, value in values.items()]),
    )


def _short(name: str, value: float) -> str:
    """Return a value short enough for an axis."""
    in_hours = METRICS_BY_NAME[name].unit.value == "min" and abs(value) >= 60
    return f"{value / 60:.1f} h" if in_hours else value_text(name, value)


def day_table(summaries: Mapping[date, Summary]) -> Markup:
    """Return a row for each day that was worn, folded away if they are many."""
    names = compared_metrics()
    rows = [
        (date_cell(day), *(column_text(name, summary.values.get(name)) for name in names))
        for day, summary in summaries.items()
        if summary.values.get("worn")
    ]
    if not rows:
        return ""
    days = table(DataTable(("day", *map(column_heading, names)), rows, Cells.MANY_NUMBERS), "Every day that was worn")
    is_folded = len(rows) > MOST_DAYS_SHOWN
    if is_folded:
        days = element("details", element("summary", f"All {len(rows)} days that were worn"), days)
    return section("Every day", days, is_folded=is_folded)

"""Time line: the ribbon of a day's states, and its tilt over the day."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.metrics.variation import TILT_P10, TILT_P50, TILT_P90
from unslouch.analysis.model import Epochs, Span
from unslouch.analysis.spans import MEASURED
from unslouch.analysis.zones import to_utc_ms
from unslouch_device.contract import states
from unslouch_device.contract.records import TILT_UNKNOWN
from unslouch_device.contract.states import STATE_NAMES

from .html import DataTable, Figure, Markup, element, text
from .plot import WIDTH, Tick, legend, line, plot, polygon, polyline, rectangle, rectangles
from .times import clock, date_cell, date_ticks, decimal, degrees, hour_ticks, minutes_of_ms, short_date

SHOWN_STATES = (
    states.UPRIGHT,
    states.LEANING,
    states.SLOUCHING,
    states.RECLINED,
    states.MOVING,
    states.LYING,
    states.OFF_BODY,
    states.CHARGING,
    states.UNCALIBRATED,
    states.UNKNOWN,
)
"""In the order of legends."""
BIN_MIN = 5
ZONES_BEHIND = (
    "The bands behind it are the trunk zones of EN 1005-4 and ISO 11226 (below 0°, 0–20°, 20–60°, above 60°), which "
    "refer to standing."
)
_LOWEST_DEG, _HIGHEST_DEG = -25, 75
_ZONES = ((_LOWEST_DEG, 0, "z0"), (0, 20, "z1"), (20, 60, "z2"), (60, _HIGHEST_DEG, "z3"))


def state_class(state: int) -> str:
    """Return the class that gives a state its colour."""
    return f"s-{STATE_NAMES[state].replace(' ', '-')}"


def state_minutes(spans: Sequence[Span]) -> dict[int, float]:
    """Return how many minutes the spans spend in each state that they have."""
    found: dict[int, float] = {}
    for span in spans:
        found[span.state] = found.get(span.state, 0.0) + (span.end_utc_ms - span.start_utc_ms) / 60_000
    return found


def state_legend(present: Sequence[int]) -> Markup:
    """Return the legend of the states that are there."""
    return legend((state_class(state), STATE_NAMES[state]) for state in SHOWN_STATES if state in present)


def _ribbon_plot(day: Day, *, with_hours: bool, height_rem: float) -> Markup:
    start_ms = to_utc_ms(day.start)
    scale = WIDTH / (to_utc_ms(day.end) - start_ms)
    shapes = []
    for state in SHOWN_STATES:
        places = [
            (
                (span.start_utc_ms - start_ms) * scale,
                0.0,
                max(0.3, (span.end_utc_ms - span.start_utc_ms) * scale),
                40.0,
            )
            for span in day.spans
            if span.state == state
        ]
        if places:
            shapes.append(
                rectangles([(x, y, max(0.3, width), height) for x, y, width, height in places], state_class(state))
            )
    by_state = state_minutes(day.spans)
    longest = sorted(by_state, key=lambda state: -by_state[state])[:4]
    parts = ", ".join(f"{STATE_NAMES[state]} {minutes_of_ms(by_state[state] * 60_000)}" for state in longest)
    ticks = hour_ticks(day.start, day.end) if with_hours else []
    return plot(shapes, 40, f"States over {short_date(day.day)}: {parts}", x_ticks=ticks, shown_height_rem=height_rem)


def ribbon(day: Day) -> Figure:
    """Return the day's states from midnight to midnight."""
    by_state = state_minutes(day.spans)
    rows = [(STATE_NAMES[state], f"{by_state[state]:.1f}") for state in SHOWN_STATES if state in by_state]
    return Figure(
        "Through the day",
        _ribbon_plot(day, with_hours=True, height_rem=2.6) + state_legend(list(by_state)),
        "Posture states in order of time. Grey is time for which posture isn't known, never good posture.",
        DataTable(("state", "minutes"), rows),
    )


def ribbons(days: Sequence[Day]) -> Figure:
    """Return a ribbon for each day, one below the other."""
    parts: list[Markup] = []
    present: set[int] = set()
    for day in days:
        parts += [
            element("span", text(date_cell(day.day))),
            _ribbon_plot(day, with_hours=day is days[-1], height_rem=1.35),
        ]
        present |= {span.state for span in day.spans}
    shown = [state for state in SHOWN_STATES if state in present]
    by_day = [state_minutes(day.spans) for day in days]
    rows = [
        (date_cell(day.day), *(f"{found.get(state, 0):.0f}" for state in shown))
        for day, found in zip(days, by_day, strict=True)
    ]
    return Figure(
        "Day by day",
        element("div", *parts, class_="days") + state_legend(shown),
        "Each row is a day from midnight to midnight. Grey is time for which posture isn't known.",
        DataTable(("day", *(f"{STATE_NAMES[state]}, min" for state in shown)), rows),
    )


def measured_tilt(epochs: Epochs) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return UTC in ms and forward tilt in cdeg of the worn seconds without walking, in order of time."""
    rows = np.isin(epochs.state, MEASURED) & (epochs.state != states.MOVING) & (epochs.forward_cdeg != TILT_UNKNOWN)
    utc_ms = (epochs.utc_ms[rows][:, None] + np.arange(5) * 1000).ravel()
    order = np.argsort(utc_ms, kind="stable")
    return utc_ms[order], epochs.second_cdeg[rows].ravel()[order]


def tilt_curve(day: Day) -> Figure | None:
    """Return the tilt over the day: median and middle 80 % of every five minutes; None for a day without tilt."""
    utc_ms, cdeg = measured_tilt(day.epochs)
    if not len(cdeg):
        return None
    start_ms, end_ms = to_utc_ms(day.start), to_utc_ms(day.end)
    bins = (utc_ms - start_ms) // (BIN_MIN * 60_000)
    numbers, firsts = np.unique(bins, return_index=True)
    parts = np.split(cdeg, firsts[1:])
    kept = [(int(number), np.percentile(part, (10, 50, 90)) / 100) for number, part in zip(numbers, parts, strict=True)]
    scale = WIDTH * BIN_MIN * 60_000 / (end_ms - start_ms)
    shapes = _zone_bands() + _curve([(at * scale + scale / 2, *values) for at, values in kept], scale)
    low, middle, high = np.percentile(cdeg, (10, 50, 90)) / 100
    rows = [
        (
            clock(start_ms + at * BIN_MIN * 60_000, day.start.tzinfo),
            *(decimal(value, 1) for value in values),
        )
        for at, values in kept
        if at * BIN_MIN % 30 == 0
    ]
    return Figure(
        "Forward tilt",
        plot(
            shapes,
            _HIGHEST_DEG - _LOWEST_DEG,
            f"Forward tilt: half of the time at {degrees(middle)} or less, 10 % at {degrees(low)} or less, "
            f"10 % at {degrees(high)} or more",
            x_ticks=hour_ticks(day.start, day.end),
            y_ticks=tilt_ticks(),
        )
        + legend((("curve", "median of 5 min"), ("band", "middle 80 %"))),
        f"Forward tilt of the upper back against your calibrated upright, walking left out. {ZONES_BEHIND}",
        DataTable(("from", "P10, °", "median, °", "P90, °"), rows),
    )


def tilt_ticks() -> list[Tick]:
    """Return the labels of a vertical axis of tilt."""
    return [Tick(_height(at) / (_HIGHEST_DEG - _LOWEST_DEG), degrees(at)) for at in (60, 20, 0, -20)]


def _height(angle_deg: float) -> float:
    return _HIGHEST_DEG - min(max(angle_deg, _LOWEST_DEG), _HIGHEST_DEG)


def _zone_bands() -> list[Markup]:
    bands = [rectangle(0, _height(high), WIDTH, high - low, f"{class_} wash") for low, high, class_ in _ZONES]
    return bands + [line(0, _height(at), WIDTH, _height(at), "grid") for at in (0, 20, 60)]


def _curve(points: list[tuple[float, float, float, float]], step: float) -> list[Markup]:
    """Return band and line through (x, low, middle, high), cut where points are more than a step apart."""
    shapes = []
    runs: list[list[tuple[float, float, float, float]]] = []
    for point in points:
        if runs and point[0] - runs[-1][-1][0] <= step * 1.5:
            runs[-1].append(point)
        else:
            runs.append([point])
    for run in runs:
        if len(run) == 1:
            x, *values = run[0]
            run = [(x - step / 2, *values), (x + step / 2, *values)]  # type: ignore[list-item]
        upper = [(x, _height(high)) for x, _, _, high in run]
        lower = [(x, _height(low)) for x, low, _, _ in reversed(run)]
        shapes.append(polygon(upper + lower, "band"))
        shapes.append(polyline([(x, _height(middle)) for x, _, middle, _ in run], "curve"))
    return shapes


def daily_tilt(summaries: Mapping[date, Summary]) -> Figure | None:
    """Return P10, median and P90 of the tilt of each day; None if every day is too short for them."""
    known = [
        (at, day, (low, middle, high))
        for at, (day, summary) in enumerate(summaries.items())
        if (low := summary[TILT_P10]) is not None
        and (middle := summary[TILT_P50]) is not None
        and (high := summary[TILT_P90]) is not None
    ]
    if not known:
        return None
    step = WIDTH / len(summaries)
    shapes = _zone_bands() + _curve([((at + 0.5) * step, *values) for at, _, values in known], step)
    medians = [values[1] for _, _, values in known]
    least, greatest = degrees(min(medians)), degrees(max(medians))
    return Figure(
        "Forward tilt by day",
        plot(
            shapes,
            _HIGHEST_DEG - _LOWEST_DEG,
            f"Median forward tilt of each day: {least if least == greatest else f'{least} to {greatest}'}",
            x_ticks=date_ticks(list(summaries)),
            y_ticks=tilt_ticks(),
        )
        + legend((("curve", "median of the day"), ("band", "middle 80 %"))),
        f"Against your calibrated upright, walking left out; days that are too short have no point. {ZONES_BEHIND}",
        DataTable(
            ("day", "P10, °", "median, °", "P90, °"),
            [(date_cell(day), *(decimal(value, 1) for value in values)) for _, day, values in known],
        ),
    )

"""Distributions: how the tilt of one day or several was spread over zones, degrees and durations.

Everything comes from summaries, so a year costs no more than a day. Days that are too short for scores are left out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.metrics.table import Distribution
from unslouch.analysis.metrics.validity import DATA, TOO_SHORT
from unslouch.analysis.metrics.variation import AMPLITUDES, DURATIONS, EVA_MATRIX, TILT_HISTOGRAM

from .bars import bars
from .html import DataTable, Figure, Markup, element, section, text
from .plot import WIDTH, Tick, line, plot, polyline
from .times import degrees, minutes

ZONE_GROUPS = (
    (
        "Forward tilt",
        ("zone_below_0", "zone_0_20", "zone_20_60", "zone_60_up"),
        ("below 0°", "0–20°", "20–60°", "≥ 60°"),
    ),
    ("Lateral tilt", ("lateral_0_10", "lateral_10_20", "lateral_20_up"), ("0–10°", "10–20°", "≥ 20°")),
    ("Trunk zones of RULA", ("rula_unscored", "rula_2", "rula_3", "rula_4"), ("unscored", "2", "3", "4")),
    ("Trunk zones of REBA", ("reba_1", "reba_2", "reba_3", "reba_4"), ("1", "2", "3", "4")),
)
"""(title, metrics, what the report calls them)"""
_CLASSES = {
    "Forward tilt": ("z0", "z1", "z2", "z3"),
    "Lateral tilt": ("z1", "z2", "z3"),
    "Trunk zones of RULA": ("z0", "z1", "z2", "z3"),
    "Trunk zones of REBA": ("z1", "z0", "z2", "z3"),
}
_FIRST_DEG, _LAST_DEG = -30, 90


def distribution_sections(summaries: Sequence[Summary]) -> list[Markup]:
    """Return the sections on zones, APDF and EVA of some days together."""
    worn = [summary for summary in summaries if summary.values.get("measured")]
    enough = [summary for summary in worn if summary[DATA] != TOO_SHORT]
    return [_zones(worn), _variation(enough) if enough else _too_short(worn)]


def _too_short(worn: Sequence[Summary]) -> Markup:
    if not worn:
        return ""
    sentence = "Too short: less than 1 h is valid, or less than half of the worn span. No distribution is drawn of it."
    return section("Variation", element("p", text(sentence)))


def _sum(summaries: Sequence[Summary], name: str) -> float:
    return sum(value for summary in summaries if isinstance(value := summary.values.get(name), int | float))


def _interval(summaries: Sequence[Summary], name: str) -> str:
    """Return the bounds of a sum like (40 min to 1 h 10 min), where a standing zero from walking makes it uncertain."""
    if not any(summary.values.get(f"{name}_low") is not None for summary in summaries):
        return ""
    low, high = (sum(_bound(summary, name, which) for summary in summaries) for which in ("low", "high"))
    return f" ({minutes(low)} to {minutes(high)})" if minutes(low) != minutes(high) else ""


def _bound(summary: Summary, name: str, which: str) -> float:
    value = summary.values.get(f"{name}_{which}")
    value = summary.values.get(name) if value is None else value
    return value if isinstance(value, int | float) else 0.0


def _zones(worn: Sequence[Summary]) -> Markup:
    figures = []
    for title, names, labels in ZONE_GROUPS:
        total = sum(_sum(worn, name) for name in names)
        if not total:
            continue
        entries = []
        for name, label, class_ in zip(names, labels, _CLASSES[title], strict=True):
            value = _sum(worn, name)
            share = f"{minutes(value)} · {_percent(value / total) or '0 %'}{_interval(worn, name)}"
            entries.append((label, value, class_, share))
        source = METRICS_BY_NAME[names[-1]].source
        figures.append(Figure(title, bars(entries), f"Source: {source}.").render())
    if not figures:
        return ""
    found = {str(summary.values.get("standing_zero")) for summary in worn if summary.values.get("standing_zero")}
    zero = f"Standing zero: {'; '.join(sorted(found))}. " if found else ""
    return section(
        "Time in zones",
        element("div", *figures, class_="pair"),
        lead=f"Valid time without lying, against standing upright. {zero}Times in zones of RULA and REBA are "
        "no scores of RULA or REBA.",
    )


def _total(summaries: Sequence[Summary], distribution: Distribution) -> NDArray[np.float64]:
    """Return the sum of a distribution over days."""
    total: NDArray[np.float64] = np.sum(
        [np.asarray(summary.distributions[distribution.name], float) for summary in summaries], axis=0
    )
    return total


def _variation(enough: Sequence[Summary]) -> Markup:
    parts = [_apdf(_total(enough, TILT_HISTOGRAM)), _eva(_total(enough, EVA_MATRIX))]
    figures = [part.render() for part in parts if part]
    return section("Variation", element("div", *figures, class_="pair")) if figures else ""


def _apdf(seconds: NDArray[np.float64]) -> Figure | None:
    """Return the share of time at or below each degree."""
    total = seconds.sum()
    if not total:
        return None
    upper_deg = np.array(TILT_HISTOGRAM.axes[0].edges[1:])
    share = np.cumsum(seconds) / total
    marks = {percent: degrees(float(upper_deg[np.searchsorted(share, percent / 100)])) for percent in (10, 50, 90)}
    shown = (upper_deg >= _FIRST_DEG) & (upper_deg <= _LAST_DEG)
    x = (upper_deg[shown] - _FIRST_DEG) / (_LAST_DEG - _FIRST_DEG) * WIDTH
    shapes = [line(0, 100 - percent, WIDTH, 100 - percent, "mark") for percent in (10, 50, 90)]
    shapes.append(polyline(list(zip(x.tolist(), (100 - share[shown] * 100).tolist(), strict=True)), "curve"))
    ticks = [Tick((at - _FIRST_DEG) / (_LAST_DEG - _FIRST_DEG), degrees(at)) for at in (-30, 0, 20, 60, 90)]
    rows = [
        (degrees(upper), f"{value * 100:.1f} %")
        for upper, value in zip(upper_deg[shown].tolist(), share[shown].tolist(), strict=True)
        if upper % 5 == 0
    ]
    return Figure(
        "Distribution of forward tilt (APDF)",
        plot(
            shapes,
            100,
            f"Share of time at or below each forward tilt: 10 % by {marks[10]}, half by {marks[50]}, "
            f"90 % by {marks[90]}",
            x_ticks=ticks,
            y_ticks=[Tick(0.1, "P90"), Tick(0.5, "P50"), Tick(0.9, "P10")],
        ),
        f"10 % of the time without walking was at {marks[10]} or less, half at {marks[50]} or less, 10 % at "
        f"{marks[90]} or more, against seated upright. Source: {TILT_HISTOGRAM.source}.",
        DataTable(("at or below", "share of time"), rows),
    )


def _eva(seconds: NDArray[np.float64]) -> Figure | None:
    """Return the share of time in each class of tilt and of duration, as a table whose cells are shaded."""
    total = seconds.sum()
    if not total:
        return None
    shares = seconds / total
    head = element(
        "tr", element("td"), *(element("th", text(duration), scope="col") for duration in map(_short, DURATIONS))
    )
    body = [
        element(
            "tr",
            element("th", text(_short(name)), scope="row"),
            *(element("td", text(_percent(share)), style=f"--share:{min(0.55, share * 2.2):.3f}") for share in row),
        )
        for name, row in zip(AMPLITUDES, shares.tolist(), strict=True)
    ]
    caption = "Share of time by class of tilt and length of the bout"
    heat = element(
        "table",
        element("caption", text(caption), class_="unseen"),
        element("thead", head),
        element("tbody", *body),
        class_="heat",
    )
    return Figure(
        "Exposure variation (EVA)",
        element("div", heat, class_="scroll", tabindex="0", role="region", aria_label=caption),
        "Share of valid time, walking and lying left out, in each class of forward tilt (rows), spent in uninterrupted "
        f"bouts of each length (columns). Source: {EVA_MATRIX.source}.",
    )


def _percent(share: float) -> str:
    return "" if not share else "< 1 %" if share < 0.005 else f"{share * 100:.0f} %"


def _short(label: str) -> str:
    """Return a class like "less than 10 s" or "10 min and more" with a sign instead of words."""
    label = label.replace("–", "\u2060–\u2060")  # no line ends at the dash
    if label.startswith("less than "):
        return f"< {label.removeprefix('less than ')}"
    return f"≥ {label.removesuffix(' and more')}" if label.endswith(" and more") else label

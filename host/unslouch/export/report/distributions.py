"""Distributions: how the tilt of one day or several was spread over zones, degrees and durations.

Everything comes from summaries, so a year costs no more than a day. Days that are too short for scores are left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary
from unslouch.analysis.metrics.table import Distribution
from unslouch.analysis.metrics.validity import DATA, TOO_SHORT
from unslouch.analysis.metrics.variation import AMPLITUDES, DURATIONS, EVA_MATRIX, TILT_HISTOGRAM

from .bars import Bar, bars, share_text
from .html import DataTable, Figure, Markup, element, section, text
from .plot import WIDTH, Tick, line, plot, polyline
from .times import degrees, minutes


class Zone(NamedTuple):
    """A zone of tilt."""

    metric: str
    """The name of the metric that counts the time in it."""
    label: str
    class_: str
    """The class of its colour."""


ZONE_GROUPS: tuple[tuple[str, tuple[Zone, ...]], ...] = (
    (
        "Forward tilt",
        (
            Zone("zone_below_0", "below 0°", "z0"),
            Zone("zone_0_20", "0–20°", "z1"),
            Zone("zone_20_60", "20–60°", "z2"),
            Zone("zone_60_up", "≥ 60°", "z3"),
        ),
    ),
    (
        "Lateral tilt",
        (
            Zone("lateral_0_10", "0–10°", "z1"),
            Zone("lateral_10_20", "10–20°", "z2"),
            Zone("lateral_20_up", "≥ 20°", "z3"),
        ),
    ),
    (
        "Trunk zones of RULA",
        (
            Zone("rula_unscored", "no zone: below 0°", "z0"),
            Zone("rula_2", "2: 0–20°", "z1"),
            Zone("rula_3", "3: 20–60°", "z2"),
            Zone("rula_4", "4: ≥ 60°", "z3"),
        ),
    ),
    (
        "Trunk zones of REBA",
        (
            Zone("reba_1", "1: < 5° either way", "within-5"),
            Zone("reba_2", "2: 5–20° either way", "z1"),
            Zone("reba_3", "3: 20–60°, ≥ 20° back", "z2"),
            Zone("reba_4", "4: ≥ 60°", "z3"),
        ),
    ),
)
"""Titles and zones. A zone of the same number has the same colour in RULA and in REBA."""
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
    """Return the bounds of a sum like 40 min to 1 h 10 min, where a standing zero from walking makes it uncertain."""
    if not any(summary.values.get(f"{name}_low") is not None for summary in summaries):
        return ""
    low, high = (sum(_bound(summary, name, which) for summary in summaries) for which in ("low", "high"))
    return f"{minutes(low)} to {minutes(high)}" if minutes(low) != minutes(high) else ""


def _bound(summary: Summary, name: str, which: str) -> float:
    value = summary.values.get(f"{name}_{which}")
    value = summary.values.get(name) if value is None else value
    return value if isinstance(value, int | float) else 0.0


def _zones(worn: Sequence[Summary]) -> Markup:
    figures = []
    for title, zones in ZONE_GROUPS:
        entries = [
            Bar(zone.label, value, zone.class_, minutes(value), _interval(worn, zone.metric))
            for zone in zones
            for value in [_sum(worn, zone.metric)]
        ]
        if any(bar.value for bar in entries):
            source = METRICS_BY_NAME[zones[-1].metric].source
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
    head = element("tr", element("td"), *(element("th", *_two_lines(duration), scope="col") for duration in DURATIONS))
    body = [
        element(
            "tr",
            element("th", text(_short(name)), scope="row"),
            *(element("td", text(_per_cent(share)), style=f"--share:{min(0.55, share * 2.2):.3f}") for share in row),
        )
        for name, row in zip(AMPLITUDES, shares.tolist(), strict=True)
    ]
    caption = "Share of time in %, by class of tilt and length of the bout"
    heat = element(
        "table",
        element("caption", text(caption), class_="unseen"),
        element("thead", head),
        element("tbody", *body),
        class_="heat",
    )
    return Figure(
        "Exposure variation (EVA), % of time",
        element("div", heat, class_="scroll", tabindex="0", role="region", aria_label=caption),
        "Share of valid time, walking and lying left out, in each class of forward tilt (rows), spent in uninterrupted "
        f"bouts of each length (columns). Source: {EVA_MATRIX.source}.",
    )


def _per_cent(share: float) -> str:
    """Return a share without its sign, which the heading of the table has; nothing for none."""
    return share_text(share).removesuffix(" %") if share else ""


def _short(label: str) -> str:
    """Return a class like "less than 10 s" or "10 min and more" with a sign instead of words."""
    if label.startswith("less than "):
        return f"< {label.removeprefix('less than ')}"
    return f"≥ {label.removesuffix(' and more')}" if label.endswith(" and more") else label


def _two_lines(duration: str) -> tuple[Markup, ...]:
    """Return a class of duration with its unit in a line of its own, so that narrow columns stay apart."""
    numbers, _, unit = _short(duration).rpartition(" ")
    return text(numbers), element("span", text(f" {unit}"))

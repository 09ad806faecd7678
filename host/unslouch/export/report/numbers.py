"""Numbers: the values of metrics as the report writes them, tiles of the most important ones, and the list of all."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from unslouch.analysis.metrics.registry import METRICS, METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary

from .html import Cells, DataTable, Markup, element, section, table, text
from .times import minutes

_FORMATS = {"deg": "{:.1f}°", "deg/s": "{:.1f} °/s", "1/h": "{:.1f} /h", "1/min": "{:.2f} /min", "bit": "{:.2f} bit"}
_FORMATS |= {"h": "{:g} h", "s": "{:.0f} s", "d": "{:.0f} d"}


def value_text(name: str, value: Any) -> str:
    """Return the value of a metric with its unit; a dash for one that isn't known."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    unit = METRICS_BY_NAME[name].unit.value
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "min":
        return minutes(value)
    if unit == "count":
        return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
    return _FORMATS[unit].format(value)


def label(name: str) -> str:
    """Return the name of a metric as people read it."""
    return LABELS.get(name, name.replace("_", " "))


LABELS = {
    "measured": "valid time",
    "upright_share": "upright share",
    "slouching": "slouching",
    "episodes": "slouches",
    "longest_episode": "longest slouch",
    "corrected_share": "alerts corrected in 30 s",
    "tilt_p50": "median tilt",
    "tilt_range": "variation of tilt",
    "longest_without_break": "longest without a break",
    "posture_changes_per_hour": "posture changes",
    "bends_per_hour": "bends ≥ 45°",
}


def tiles(entries: list[tuple[str, str, str]]) -> Markup:
    """Return tiles of (label, value, explanation)."""
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", text(name)),
                element("dd", element("span", text(value)), element("small", text(small))),
            )
            for name, value, small in entries
        ),
        class_="tiles",
    )


def all_numbers(summaries: Mapping[date, Summary]) -> Markup:
    """Return every metric of one day with its definition and source."""
    ((_, summary),) = summaries.items()
    rows = [
        (metric.name, value_text(metric.name, summary.values.get(metric.name)), metric.definition, metric.source)
        for metric in METRICS
    ]
    data = DataTable(("metric", "value", "what it is", "source"), rows, cells=Cells.SENTENCES)
    folded = element(
        "details",
        element("summary", f"All {len(rows)} numbers with definition and source"),
        table(data, "All numbers of the day"),
    )
    return section("All numbers", folded, lead="The same numbers are in the exported summary, under the same names.")

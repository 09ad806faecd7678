"""Numbers: the values of metrics as the report writes them, tiles of the most important ones, and the list of all."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from unslouch.analysis.metrics.metric import Unit
from unslouch.analysis.metrics.registry import METRICS, METRICS_BY_NAME
from unslouch.analysis.metrics.summary import Summary

from .html import Cells, DataTable, Markup, element, section, table, text
from .times import decimal, minutes

_PLACES = {Unit.DEGREES: 1, Unit.DEGREES_PER_S: 1, Unit.PER_HOUR: 1, Unit.PER_MIN: 2, Unit.BITS: 2}
_SUFFIXES = {
    Unit.DEGREES: "°",
    Unit.DEGREES_PER_S: " °/s",
    Unit.PER_HOUR: " /h",
    Unit.PER_MIN: " /min",
    Unit.BITS: " bit",
    Unit.SECONDS: " s",
    Unit.DAYS: " d",
}
_HEADING_SUFFIXES = _SUFFIXES | {Unit.DEGREES: " °", Unit.SHARE: " %", Unit.MINUTES: " h:min", Unit.HOURS: " h"}


def value_text(name: str, value: Any) -> str:
    """Return the value of a metric with its unit; a dash for one that isn't known."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    unit = METRICS_BY_NAME[name].unit
    if unit is Unit.SHARE:
        return f"{value * 100:.0f} %"
    if unit is Unit.MINUTES:
        return minutes(value)
    if unit is Unit.HOURS:
        return f"{value:g} h"
    if unit is Unit.COUNT:
        return decimal(value, 0 if float(value).is_integer() else 1)
    return f"{decimal(value, _PLACES.get(unit, 0))}{_SUFFIXES[unit]}"


def range_text(name: str, least: float, greatest: float) -> str:
    """Return a range of a metric like 6 min to 11 min; one value where both ends read alike."""
    low, high = (value_text(name, value).replace(" ", "\N{NO-BREAK SPACE}") for value in (least, greatest))
    return low if low == high else f"{low} to {high}"


def column_heading(name: str) -> str:
    """Return the name of a metric with the unit in which column_text() writes it."""
    unit = _HEADING_SUFFIXES.get(METRICS_BY_NAME[name].unit)
    heading = label(name).replace("≥ ", "≥\N{NO-BREAK SPACE}").replace(" a ", " a\N{NO-BREAK SPACE}")
    return heading if unit is None else f"{heading},{unit}"


def column_text(name: str, value: Any) -> str:
    """Return the value of a metric without its unit, for a column whose heading has it."""
    if value is None or isinstance(value, str):
        return value_text(name, value)
    unit = METRICS_BY_NAME[name].unit
    if unit is Unit.MINUTES:
        whole = round(value)
        return f"{whole // 60}:{whole % 60:02d}"
    if unit is Unit.SHARE:
        return f"{value * 100:.0f}"
    return value_text(name, value).removesuffix(_SUFFIXES.get(unit, " h"))


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
    "upright_gini": "Gini of upright bouts",
    "upright_left_per_min": "upright left",
}


def tiles(entries: list[tuple[str, str, str]]) -> Markup:
    """Return tiles of (label, value, explanation): four in a row, or six, so that rows are full at any width."""
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
        class_="tiles by-four" if len(entries) % 4 == 0 else "tiles by-six",
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
    lead = "The same numbers are in the exported summary, under the same names."
    return section("All numbers", folded, lead=lead, is_folded=True)

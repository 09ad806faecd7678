"""Overview: the few numbers at the top of a report."""

from collections.abc import Mapping
from datetime import date

from unslouch.analysis import comparison
from unslouch.analysis.metrics.alerts import ALERTS, ALERTS_CORRECTED_SHARE
from unslouch.analysis.metrics.minutes import COVERAGE, MEASURED_MIN
from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.analysis.metrics.slouches import LONGEST_SLOUCH_MIN, SLOUCHES
from unslouch.analysis.metrics.summary import Summary

from .html import Markup
from .numbers import label, tiles, value_text
from .times import minutes

_EXTRA = ("upright_share", "tilt_p50", "longest_without_break")


def day_tiles(summary: Summary) -> Markup:
    """Return the most important numbers of a day."""
    coverage, share = summary[COVERAGE], summary[ALERTS_CORRECTED_SHARE]
    covered = "nothing worn" if coverage is None else f"coverage {coverage * 100:.0f} %"
    entries = [("valid time", minutes(summary[MEASURED_MIN]), covered)]
    notes = {
        "upright_share": f"of seated and standing time (ours); {covered}",
        "tilt_p50": "against seated upright",
        "longest_without_break": "walking, lying or off body",
    }
    for name in _EXTRA:
        if name in METRICS_BY_NAME:
            value = summary.values.get(name)
            entries.append((label(name), "too short" if value is None else value_text(name, value), notes[name]))
    corrected = "none judged" if share is None else f"{share * 100:.0f} % corrected within 30 s"
    entries += [
        ("slouches", str(summary[SLOUCHES]), f"longest {minutes(summary[LONGEST_SLOUCH_MIN])}"),
        ("alerts", str(summary[ALERTS]), corrected),
    ]
    return tiles(entries)


def period_tiles(summaries: Mapping[date, Summary], least_min: float) -> Markup:
    """Return the most important numbers of a period, means over its valid days."""
    valid = [summary for summary in summaries.values() if comparison.is_valid(summary, least_min)]
    entries = [("valid days", f"{len(valid)} of {len(summaries)}", f"at least {least_min / 60:g} h valid")]
    for name in ("measured", *_EXTRA, "episodes", "alerts"):
        if name in METRICS_BY_NAME:
            found = comparison.value_range(valid, name)
            mean = "–" if found is None else value_text(name, found.mean)
            spread = "" if found is None else f"{value_text(name, found.least)} to {value_text(name, found.greatest)}"
            entries.append((f"{label(name)} a day", mean, spread))
    return tiles(entries)

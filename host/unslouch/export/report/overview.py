"""Overview: the few numbers at the top of a report."""

from collections.abc import Mapping
from datetime import date

from unslouch.analysis import comparison
from unslouch.analysis.metrics.alerts import ALERTS, ALERTS_CORRECTED_SHARE
from unslouch.analysis.metrics.minutes import COVERAGE, MEASURED_MIN
from unslouch.analysis.metrics.slouches import LONGEST_SLOUCH_MIN, SLOUCHES
from unslouch.analysis.metrics.summary import Summary

from .html import Markup
from .numbers import label, range_text, tiles, value_text
from .times import minutes

_EXTRA = ("upright_share", "tilt_p50", "longest_without_break")
_PERIOD = ("measured", *_EXTRA, "episodes", "alerts", "corrected_share")


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
        value = summary.values.get(name)
        entries.append((label(name), "too short" if value is None else value_text(name, value), notes[name]))
    longest_min = summary[LONGEST_SLOUCH_MIN]  # also of a slouch that began the day before
    longest = f"longest {minutes(longest_min)}" if longest_min else "none confirmed"
    corrected = "none judged" if share is None else f"{share * 100:.0f} % corrected within 30 s"
    entries += [
        ("slouches", str(summary[SLOUCHES]), longest),
        ("alerts", str(summary[ALERTS]), corrected),
    ]
    return tiles(entries)


def period_tiles(summaries: Mapping[date, Summary], least_min: float) -> Markup:
    """Return the most important numbers of a period, means over its valid days."""
    valid = [summary for summary in summaries.values() if comparison.is_valid(summary, least_min)]
    entries = [("valid days", f"{len(valid)} of {len(summaries)}", f"at least {least_min / 60:g} h valid")]
    for name in _PERIOD:
        found = comparison.value_range(valid, name)
        if found is None:
            entries.append((label(name), "–", "no valid day has it" if valid else "no valid day"))
        else:
            entries.append((label(name), value_text(name, found.mean), _spread(name, found)))
    return tiles(entries)


def _spread(name: str, found: comparison.Range) -> str:
    """Return what a mean stands for, and the range around it if there is one."""
    if found.days == 1:
        return "on one valid day"
    spread = range_text(name, found.least, found.greatest)
    return f"daily mean; {spread}" if " to " in spread else f"on each of {found.days} valid days"

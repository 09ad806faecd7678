"""The report of a week, a month or a year."""

from collections.abc import Mapping, Sequence
from datetime import date

from unslouch.analysis import comparison as earlier_days
from unslouch.analysis.day import Day
from unslouch.analysis.metrics.summary import Summary

from . import comparison, exercises, lists
from .distributions import distribution_sections
from .document import document
from .exercises import Pictures
from .hours import hour_profile
from .html import Figure, Markup, element, section
from .overview import period_tiles
from .timeline import daily_tilt, ribbons
from .trends import day_table, state_trend, trends
from .validity import validity


def period_report(
    title: str,
    noun: str,
    timezone: str,
    summaries: Mapping[date, Summary],
    days: Sequence[Day],
    earlier: Mapping[date, Summary],
    *,
    is_simulated: bool,
    least_min: float,
    pictures: Pictures,
) -> bytes:
    """Return the report of a period.

    summaries: of each of its days; days: those with records, none for a period so long that only summaries are shown;
    earlier: summaries of the days that it is compared with.
    """
    charts: list[Figure | None] = [
        ribbons(days) if days else None,
        state_trend(summaries),
        daily_tilt(summaries),
        hour_profile(days),
    ]
    parts = [
        section(f"The {noun}", *(figure.render() for figure in charts if figure)),
        _trends(summaries, least_min),
        *distribution_sections(list(summaries.values())),
        comparison.of_period(summaries, earlier, least_min, noun),
        lists.slouches(days),
        lists.alerts(days),
        exercises.sessions(days, pictures),
        lists.notes(days),
        day_table(summaries),
        validity(days) if days else "",
    ]
    valid = sum(earlier_days.is_valid(summary, least_min) for summary in summaries.values())
    subtitle = f"Posture report · {timezone} · {len(summaries)} days, {valid} of them valid"
    head = period_tiles(summaries, least_min)
    return document(title, subtitle, head, parts, is_simulated=is_simulated)


def _trends(summaries: Mapping[date, Summary], least_min: float) -> Markup:
    figures = [figure.render() for figure in trends(summaries, least_min)]
    lead = "Valid days only. The dotted line is their mean."
    return section("Trends", element("div", *figures, class_="pair"), lead=lead) if figures else ""

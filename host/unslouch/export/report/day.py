"""The report of one day."""

from collections.abc import Mapping
from datetime import date

from unslouch.analysis.day import Day
from unslouch.analysis.metrics.summary import Summary

from . import comparison, exercises, lists
from .distributions import distribution_sections
from .document import document
from .exercises import Pictures
from .hours import hour_profile
from .html import Figure, section
from .numbers import all_numbers
from .overview import day_tiles
from .timeline import ribbon, tilt_curve
from .times import long_date
from .validity import validity


def day_report(
    day: Day, earlier: Mapping[date, Summary], *, is_simulated: bool, least_min: float, pictures: Pictures
) -> bytes:
    """Return the report of a day. earlier: summaries of the days that it is compared with."""
    figures: list[Figure | None] = [ribbon(day), tilt_curve(day), hour_profile([day])]
    parts = [
        section("The day", *(figure.render() for figure in figures if figure)),
        *distribution_sections([day.summary]),
        lists.slouches([day]),
        lists.alerts([day]),
        exercises.sessions([day], pictures),
        lists.notes([day]),
        comparison.of_day(day.day, day.summary, earlier, least_min),
        validity([day]),
        all_numbers({day.day: day.summary}),
    ]
    subtitle = f"Posture report · {day.timezone} · {day.hours:g} h"
    return document(long_date(day.day), subtitle, day_tiles(day.summary), parts, is_simulated=is_simulated)

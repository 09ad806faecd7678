"""Periods: the day, week, month or year that a report is about."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from unslouch.analysis.zones import day_named
from unslouch.errors import BadInput

from .times import long_date


@dataclass(frozen=True)
class Period:
    """Some days on end."""

    kind: str
    """day, week, month or year"""
    first: date
    last: date

    @property
    def title(self) -> str:
        """What it is called, like "the week of 10 to 16 March 2025"."""
        first, last = self.first, self.last
        if self.kind == "day":
            return long_date(first)
        if self.kind == "month":
            return f"{first:%B %Y}"
        if self.kind == "year":
            return str(first.year)
        start = f"{first.day} {first:%B}" if first.month != last.month else str(first.day)
        return f"Week of {start} to {last.day} {last:%B %Y}"

    @property
    def dates(self) -> list[date]:
        """Its days."""
        return [self.first + timedelta(days=after) for after in range((self.last - self.first).days + 1)]


def period_named(kind: str, word: str, current: date) -> Period:
    """Return the day, week (Monday to Sunday), month or year that holds the day of a word; raises BadInput."""
    try:
        day = day_named(word, current)
    except ValueError as error:
        raise BadInput(f"{word!r} is no day: write today, yesterday or YYYY-MM-DD.") from error
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    if kind == "month":
        return Period(kind, day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))
    if kind == "year":
        return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31))
    return Period("day", day, day)


def default_name(period: Period, *, is_demo: bool) -> Path:
    """Return where a report goes if no path is given, like ./unslouch-report-2025-W11.html."""
    first = period.first
    year, week, _ = first.isocalendar()
    names = {"day": str(first), "week": f"{year}-W{week:02d}", "month": f"{first:%Y-%m}", "year": str(first.year)}
    return Path(f"unslouch-{'demo-' if is_demo else ''}report-{names[period.kind]}.html")

"""Times and angles as the report writes them, and the hours of a local day as ticks."""

from datetime import date, datetime, timedelta, tzinfo

from unslouch.analysis.zones import to_local, to_utc_ms

from .plot import Tick

_MS_PER_MIN = 60_000
_HOURS_ALONE_MIN = 100 * 60
"""From this length on the minutes say nothing."""


def clock(utc_ms: int, tz: tzinfo | None) -> str:
    """Return a local time like 09:05."""
    assert tz is not None
    return f"{to_local(utc_ms, tz):%H:%M}"


def clock_with_seconds(utc_ms: int, tz: tzinfo | None) -> str:
    """Return a local time like 09:05:30."""
    assert tz is not None
    return f"{to_local(utc_ms, tz):%H:%M:%S}"


def minutes(length_min: float | None) -> str:
    """Return a length like 7 min, 3 h 05 min, 20 s or 259 h; a dash for one that isn't known."""
    if length_min is None:
        return "–"
    if 0 < length_min < 1:
        return f"{length_min * 60:.0f} s"
    whole = round(length_min)
    if whole >= _HOURS_ALONE_MIN:
        return f"{round(length_min / 60)} h"
    return f"{whole // 60} h {whole % 60:02d} min" if whole >= 60 else f"{whole} min"


def minutes_of_ms(length_ms: float) -> str:
    """Return a length in ms as minutes() writes it."""
    return minutes(length_ms / _MS_PER_MIN)


def degrees(angle_deg: float) -> str:
    """Return an angle in whole degrees."""
    return f"{decimal(angle_deg, 0)}°"


def decimal(value: float, places: int) -> str:
    """Return a number with the minus sign of print, which a zero never has.

    >>> decimal(-6.04, 1), decimal(-0.04, 1)
    ('\u22126.0', '0.0')
    """
    return f"{value:z.{places}f}".replace("-", "\u2212")


def long_date(day: date) -> str:
    """Return a date like Friday, 14 March 2025."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """Return a date like Fri 14 Mar."""
    return f"{day:%a} {day.day} {day:%b}"


def date_cell(day: date) -> str:
    """Return a date like Fri 14 Mar for a cell, which must not break it."""
    return short_date(day).replace(" ", "\N{NO-BREAK SPACE}")


def hour_ticks(start: datetime, end: datetime) -> list[Tick]:
    """Return a tick every three hours of local time; on a day of 23 or 25 h they lie where the clock showed them."""
    start_ms, end_ms = to_utc_ms(start), to_utc_ms(end)
    ticks = []
    for hour in range(0, 24, 3):
        moment = datetime.combine(start.date(), datetime.min.time(), start.tzinfo) + timedelta(hours=hour)
        at = (to_utc_ms(moment) - start_ms) / (end_ms - start_ms)
        if 0 <= at < 1:
            ticks.append(Tick(at, f"{hour:02d}:00", is_minor=hour % 6 != 0))
    return [*ticks, Tick(1.0, "24:00")]


def date_ticks(dates: list[date]) -> list[Tick]:
    """Return labels for days that lie side by side, about seven of them."""
    every = max(1, -(-len(dates) // 7))
    return [
        Tick((at + 0.5) / len(dates), f"{day.day} {day:%b}", is_minor=at // every % 2 == 1)
        for at, day in enumerate(dates)
        if at % every == 0
    ]

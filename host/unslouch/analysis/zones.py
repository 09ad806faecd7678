"""Zones: the one place where UTC becomes local days."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unslouch.errors import BadInput


def zone(name: str | None = None) -> tzinfo:
    """Return the zone of an IANA name, or that of this machine; raises BadInput for a name that is none."""
    try:
        if name is None:
            from tzlocal import get_localzone

            return get_localzone()
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # the latter two for an empty name, a path, a folder
        which = "This computer's time zone is not known" if name is None else f"{name!r} is no time zone"
        raise BadInput(f"{which}: give one like Europe/Berlin, America/New_York or UTC with --timezone.") from error


def local_day(day: date, tz: tzinfo) -> tuple[datetime, datetime]:
    """Return the begin and end of a local day: 24 h apart, but for days on which the clocks change.

    Raises BadInput for a day before 1971 or after 9990, where no record can be.
    """
    if not 1971 <= day.year <= 9990:
        raise BadInput(f"Nothing can be recorded on {day}: name a day like 2025-03-14.")
    return _midnight(day, tz), _midnight(day + timedelta(days=1), tz)


def _midnight(day: date, tz: tzinfo) -> datetime:
    # By way of UTC, for a midnight that the clocks skip.
    return datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC).astimezone(tz)


def to_utc_ms(moment: datetime) -> int:
    """Return ms since 1970 of an aware moment."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def to_local(utc_ms: int, tz: tzinfo) -> datetime:
    """Return the local moment of ms since 1970; raises OverflowError beyond the year 9999."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc_ms)).astimezone(tz)


def day_named(word: str, current: date) -> date:
    """Return the date that `today`, `yesterday` or YYYY-MM-DD means; raises ValueError for anything else."""
    if word == "today":
        return current
    if word == "yesterday":
        return current - timedelta(days=1)
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
        raise ValueError(word)
    return date.fromisoformat(word)

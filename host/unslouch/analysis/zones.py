"""Zones: the one place where UTC becomes local days."""

import os
import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unslouch.errors import BadInput

_SETTING_FILES = ("/etc/localtime", "/etc/timezone")


def zone(name: str | None = None) -> tzinfo:
    """Return the zone of an IANA name, or this machine's as it is set now; raises BadInput for a name that is none."""
    try:
        return _machine_zone() if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # the latter two for an empty name, a path, a folder
        problem = "This computer's time zone is not known" if name is None else f"{name!r} is no time zone{_near(name)}"
        raise BadInput(f"{problem}: give one like Europe/Berlin, America/New_York or UTC with --timezone.") from error


def _near(name: str) -> str:
    """Return " (did you mean X?)" for the zone whose name or city is nearest to a name, "" if none is near."""
    import difflib
    from zoneinfo import available_timezones

    zones = {known.lower(): known for known in sorted(available_timezones())}
    cities = {known.rpartition("/")[2]: zone for known, zone in zones.items() if "/" in known}
    for names in (zones, cities):
        near = difflib.get_close_matches(name.lower().replace(" ", "_"), names, n=1, cutoff=0.75)
        if near:
            return f" (did you mean {names[near[0]]}?)"
    return ""


_machine: tuple[object, tzinfo] | None = None
"""The setting that _machine_zone() saw last, and the zone that it stands for."""


def _machine_zone() -> tzinfo:
    """Return this machine's zone. tzlocal keeps the first it finds, but a dashboard may stay open for a journey."""
    global _machine
    setting = _machine_setting()
    if _machine is None or _machine[0] != setting or setting is None:
        from tzlocal import reload_localzone

        if hasattr(time, "tzset"):
            time.tzset()  # or else tzlocal warns that the C library is of another opinion
        ZoneInfo.clear_cache()  # the rules of a zone may have been updated, too
        _machine = setting, reload_localzone()
    return _machine[1]


def _machine_setting() -> object:
    """Return what changes whenever the zone of this machine is set; None where that isn't known and asking is cheap."""
    if os.name == "nt":
        return None
    variable = os.environ.get("TZ")
    files = [*_SETTING_FILES, *([variable.removeprefix(":")] if variable else [])]
    return variable, [_identity(file) for file in files]


def _identity(file: str) -> tuple[str, int, int] | None:
    try:
        status = Path(file).stat()
        return str(Path(file).resolve()), status.st_ino, status.st_mtime_ns
    except OSError:
        return None


FIRST_UTC_MS = 31_536_000_000
"""1971-01-01: no record is earlier, whatever a wrong uptime makes of it."""
AFTER_LAST_UTC_MS = 253_118_304_000_000
"""9991-01-01: Python's dates end with 9999."""


def is_in_calendar(utc_ms: int) -> bool:
    """Return whether there is a local day for a UTC."""
    return FIRST_UTC_MS <= utc_ms < AFTER_LAST_UTC_MS


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

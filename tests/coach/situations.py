"""Situations for tests of the coach: a Monday in Berlin at a given clock time, with whatever else a test names."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from unslouch.coach.catalogue import Equipment, Exercise, Place
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.past import Past
from unslouch.coach.posture_today import PostureToday
from unslouch.coach.preferences import Preferences
from unslouch.coach.situation import Situation

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 3, 2)
CATALOGUE = builtin_catalogue()
MIN_MS = 60_000
HOUR_MS = 60 * MIN_MS
SERIES_DONE = dict.fromkeys(("chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave"), 1)
AT_HOME = Preferences(place=Place.HOME, equipment=frozenset(Equipment), minutes=15)
GENTLE = replace(AT_HOME, gentle=True)


def at(clock: str, day: date = MONDAY) -> int:
    """Return the UTC in ms of a clock time like 10:05."""
    hour, minute = map(int, clock.split(":"))
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).timestamp() * 1000)


def posture(**values: Any) -> PostureToday:
    return PostureToday(**{"until_utc_ms": at("12:00"), "measured_min": 60.0, **values})


def past(**values: Any) -> Past:
    return Past(**{"today": MONDAY, "last_done_utc_ms": SERIES_DONE, **values})


def situation(clock: str = "12:00", **values: Any) -> Situation:
    return Situation(CATALOGUE, at(clock), ZONE, **{"past": past(), "preferences": AT_HOME, **values})


def exercise(id: str) -> Exercise:
    found = CATALOGUE.find(id)
    assert found is not None
    return found

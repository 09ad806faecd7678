"""Plan: when the demo's wearer wears the sensor on a date, and how they sit. It follows from the date alone.

    Monday to Friday   at work, some nine hours, with a long break at noon
    Saturday           a short day with more walking
    Sunday             as Saturday, and every third one without the sensor

Every third night the sensor is charged, in the other nights it lies off the body. Over six weeks the wearer slumps
more and less in turn, and answers more and fewer alerts, so that trends have something to show.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date

from unslouch.twin.wearer.script import Habits

SATURDAY, SUNDAY = 5, 6
PERIOD_DAYS = 42
"""After so many days the wearer slumps as much as before."""
AT_WORK_MIN = (35.0, 95.0)
AT_HOME_MIN = (20.0, 50.0)
"""From one break to the next."""


@dataclass(frozen=True)
class Wear:
    """A time on the body, in seconds since local midnight."""

    start_s: int
    end_s: int


@dataclass(frozen=True)
class DayPlan:
    """What the wearer does on a date."""

    seed: int
    wear: tuple[Wear, ...]
    habits: Habits
    answers: float
    """The share of alerts after which the wearer sits up at once."""
    charges: bool
    """Whether the sensor is charged when it is taken off in the evening."""
    calibrates: bool
    """Whether the wearer calibrates when the sensor is put on first."""
    calibration_id: int
    """The calibration that is used on the date."""


def plan_of(day: date, wearer: int = 0) -> DayPlan:
    """Return the plan of a date, for one of several wearers; the same for the same arguments."""
    number = day.toordinal()
    seed = number * 16 + wearer
    draw = random.Random(seed)
    effort = 0.5 + 0.5 * math.sin(2 * math.pi * number / PERIOD_DAYS)
    return DayPlan(
        seed=seed,
        wear=_wear(day, draw),
        habits=_habits(day, effort),
        answers=0.35 + 0.45 * effort,
        charges=number % 3 == 0,
        calibrates=day.weekday() == 0,
        calibration_id=(number - 1) // 7 % 0xFFFF + 1,
    )


def _wear(day: date, draw: random.Random) -> tuple[Wear, ...]:
    week = day.toordinal() // 7
    if day.weekday() == SUNDAY and week % 3 == 0:
        return ()
    if day.weekday() >= SATURDAY:
        start_s = draw.randint(10 * 3600, 11 * 3600)
        return (Wear(start_s, start_s + draw.randint(5 * 3600, 7 * 3600)),)
    start_s = draw.randint(8 * 3600, 8 * 3600 + 2400)
    noon_s = draw.randint(12 * 3600, 12 * 3600 + 1800)
    return Wear(start_s, noon_s), Wear(noon_s + draw.randint(2400, 3600), draw.randint(17 * 3600, 19 * 3600))


def _habits(day: date, effort: float) -> Habits:
    at_work = day.weekday() < SATURDAY
    return Habits(
        slumps=(0.50 if at_work else 0.30) - 0.25 * effort,
        glances=0.25,
        reclines=0.10 if at_work else 0.30,
        sitting_min=AT_WORK_MIN if at_work else AT_HOME_MIN,
        walk_s=(90.0, 480.0) if at_work else (300.0, 1500.0),
        has_opening=False,
        has_occasions=False,
    )

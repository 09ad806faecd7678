"""Goals: what a wearer wants of a day, on which days it was reached, and how many days on end.

A day without enough valid time neither reaches a goal nor misses it: it is left out, and a streak goes on over it. So
does a day that is not over and hasn't reached the goal yet. The goals are ours; no standard says how upright is enough.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from unslouch_device.contract.states import SLOUCHING

from .comparison import VALID_DAY_MIN, is_valid
from .metrics.alerts import ALERTS_CORRECTED_SHARE
from .metrics.breaks import LONGEST_WITHOUT_BREAK
from .metrics.minutes import STATE_MINUTES
from .metrics.summary import Summary
from .metrics.upright import UPRIGHT_SHARE
from .ranges import week_of


@dataclass(frozen=True)
class Goal:
    """A limit for one metric of a day."""

    id: str
    title: str
    metric: str
    """The name of a metric in the registry."""
    limit: float
    is_least: bool
    """Whether the value has to be at least the limit; otherwise at most."""

    def is_reached_by(self, value: float) -> bool:
        """Return whether a value of the metric reaches the goal."""
        return value >= self.limit if self.is_least else value <= self.limit


def upright_goal(percent: int) -> Goal:
    """Return the goal of being upright for so much of the measured time."""
    return Goal("upright", f"upright at least {percent} %", UPRIGHT_SHARE.name, percent / 100, is_least=True)


def slouching_goal(minutes: int) -> Goal:
    """Return the goal of slouching for so long a day at most."""
    return Goal("slouching", f"at most {minutes} min slouching", STATE_MINUTES[SLOUCHING].name, minutes, is_least=False)


def breaks_goal(minutes: int) -> Goal:
    """Return the goal of a break at least so often."""
    return Goal("breaks", f"a break every {minutes} min", LONGEST_WITHOUT_BREAK.name, minutes, is_least=False)


GOALS = (
    upright_goal(70),
    breaks_goal(90),
    Goal("alerts", "half of alerts corrected", ALERTS_CORRECTED_SHARE.name, 0.5, is_least=True),
)
"""Those of a wearer who has set none."""


class Outcome(StrEnum):
    """What a day says of a goal."""

    REACHED = "reached"
    MISSED = "missed"
    UNKNOWN = "unknown"
    """Too little of the day is valid, its metric has no value, or the day is not over and may still reach it."""


@dataclass(frozen=True)
class Progress:
    """How a goal went over some days."""

    goal: Goal
    outcomes: Mapping[date, Outcome]
    """Of each day, in order."""
    streak: int
    """Days with the goal reached, on end up to the last known one; unknown days between them don't count."""
    best_streak: int

    @property
    def reached(self) -> int:
        """On how many days it was reached."""
        return sum(outcome is Outcome.REACHED for outcome in self.outcomes.values())

    @property
    def known(self) -> int:
        """Of how many days it is known whether it was reached."""
        return sum(outcome is not Outcome.UNKNOWN for outcome in self.outcomes.values())


def outcome_of(goal: Goal, summary: Summary, *, is_over: bool = True, least_min: float = VALID_DAY_MIN) -> Outcome:
    """Return what a day says of a goal; of a day that is not over only a goal that was missed for good is missed.

    A limit that may not be exceeded, such as the longest time without a break, is missed for good at once.
    """
    value = summary.values.get(goal.metric)
    if not isinstance(value, int | float) or not is_valid(summary, least_min):
        return Outcome.UNKNOWN
    if goal.is_reached_by(value):
        return Outcome.REACHED if is_over or goal.is_least else Outcome.UNKNOWN
    return Outcome.MISSED if is_over or not goal.is_least else Outcome.UNKNOWN


def progress(
    goal: Goal, summaries: Mapping[date, Summary], today: date | None = None, least_min: float = VALID_DAY_MIN
) -> Progress:
    """Return how a goal went, given the summaries of days in order; today is not over."""
    outcomes = {
        day: outcome_of(goal, summary, is_over=day != today, least_min=least_min) for day, summary in summaries.items()
    }
    streak = best = 0
    for outcome in outcomes.values():
        if outcome is Outcome.REACHED:
            streak += 1
            best = max(best, streak)
        elif outcome is Outcome.MISSED:
            streak = 0
    return Progress(goal, outcomes, streak, best)


@dataclass(frozen=True)
class WeeklyProgress:
    """How a goal for a week went."""

    streak: int
    """Weeks with the goal reached, on end up to the last known one; unknown weeks between them don't count."""
    best_streak: int
    reached: int
    known: int


def weekly_progress(least_days: int, done: Set[date], worn: Set[date], today: date) -> WeeklyProgress:
    """Return how the goal of doing something on so many days of a week went, from Monday to Sunday.

    done: the days on which it was done; worn: those on which the sensor was. A week with neither is not known, such as
    one away from home; neither is this week before the goal is reached.
    """
    this_week = week_of(today).first
    first = min((week_of(day).first for day in (*done, *worn)), default=this_week)
    streak = best = reached = known = 0
    while first <= this_week:
        week = {first + timedelta(days=after) for after in range(7)}
        is_reached = len(week & done) >= least_days
        if is_reached:
            reached, known, streak = reached + 1, known + 1, streak + 1
            best = max(best, streak)
        elif first < this_week and week & (done | worn):
            known, streak = known + 1, 0
        first += timedelta(days=7)
    return WeeklyProgress(streak, best, reached, known)

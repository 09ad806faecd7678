"""Goals: what a wearer wants of a day, on which days it was reached, and how many days on end.

A day without enough valid time neither reaches a goal nor misses it: it is left out, and a streak goes on over it. So
does a day that is not over and hasn't reached the goal yet. The goals are ours; no standard says how upright is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .comparison import VALID_DAY_MIN, is_valid
from .metrics.alerts import ALERTS_CORRECTED_SHARE
from .metrics.breaks import LONGEST_WITHOUT_BREAK
from .metrics.summary import Summary
from .metrics.upright import UPRIGHT_SHARE


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


GOALS = (
    Goal("upright", "upright at least 70 %", UPRIGHT_SHARE.name, 0.7, is_least=True),
    Goal("breaks", "a break every 90 min", LONGEST_WITHOUT_BREAK.name, 90, is_least=False),
    Goal("alerts", "half of alerts corrected", ALERTS_CORRECTED_SHARE.name, 0.5, is_least=True),
)


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

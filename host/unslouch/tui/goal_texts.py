"""Goal texts: the wearer's goals as rows of texts, and as the line of text in which they are set."""

from collections.abc import Mapping, Set
from datetime import date, timedelta

from unslouch.analysis.goals import (
    GOALS,
    Goal,
    Outcome,
    breaks_goal,
    progress,
    slouching_goal,
    upright_goal,
    weekly_progress,
)
from unslouch.analysis.metrics.minutes import WORN_MIN
from unslouch.analysis.metrics.summary import Summary
from unslouch.config.kinds import BadValue
from unslouch.config.model import GoalsConfig, section_keys

from .day_texts import Listing, Row

OUTCOME_MARKS = {Outcome.REACHED: "●", Outcome.MISSED: "○", Outcome.UNKNOWN: "·"}
GOAL_DAYS = 28
WORDS = {
    "upright": "upright_percent",
    "slouching": "slouching_min",
    "break": "longest_without_break_min",
    "exercise": "exercise_days_per_week",
}
"""How a goal is written in the line, and its key in the section `goals` of the settings file."""
EXPLANATION = """\
upright    per cent of the measured time, at least
slouching  minutes a day, at most
break      minutes without one, at most
exercise   days a week, at least

A goal that you leave out is none. Without any, unslouch's three count.
"""


BRIEF = "Per cent upright, minutes slouched, minutes without a break, and days with exercise a week:"


def goals_of(settings: GoalsConfig) -> tuple[Goal, ...]:
    """Return the goals for a day that the wearer has set; unslouch's own if there are none, nor one for a week."""
    goals = [
        make(limit)
        for make, limit in (
            (upright_goal, settings.upright_percent),
            (slouching_goal, settings.slouching_min),
            (breaks_goal, settings.longest_without_break_min),
        )
        if limit is not None
    ]
    return tuple(goals) if goals or settings.exercise_days_per_week is not None else GOALS


def goal_listing(
    summaries: Mapping[date, Summary],
    exercised: Set[date],
    today: date,
    settings: GoalsConfig,
    shown_days: int = GOAL_DAYS,
) -> Listing:
    """Return how each goal goes: the streak, and the last weeks day by day.

    exercised: the days on which an exercise was done. shown_days: how many there is room for.
    """
    rows = []
    days = [today - timedelta(days=back) for back in range(shown_days - 1, -1, -1)]
    ordered = dict(sorted(summaries.items()))
    for goal in goals_of(settings):
        went = progress(goal, ordered, today)
        marks = "".join(OUTCOME_MARKS[went.outcomes.get(day, Outcome.UNKNOWN)] for day in days)
        reached = f"{went.reached} of {went.known}"
        rows.append(Row(0, (goal.title, str(went.streak), str(went.best_streak), reached, marks)))
    if settings.exercise_days_per_week is not None:
        worn = {day for day, summary in summaries.items() if summary[WORN_MIN] > 0}
        weeks = weekly_progress(settings.exercise_days_per_week, exercised, worn, today)
        marks = "".join(OUTCOME_MARKS[Outcome.REACHED if day in exercised else Outcome.UNKNOWN] for day in days)
        reached = f"{weeks.reached} of {weeks.known}"
        title = f"exercise on {settings.exercise_days_per_week} days a week"
        rows.append(Row(0, (title, f"{weeks.streak} wk", f"{weeks.best_streak} wk", reached, marks)))
    return Listing("Goals", ("goal", "streak", "best", "reached", f"last {shown_days} days"), rows, "")


def goals_text(settings: GoalsConfig) -> str:
    """Return the wearer's goals as a line that parse_goals() reads."""
    named = ((word, getattr(settings, key)) for word, key in WORDS.items())
    return ", ".join(f"{word} {limit}" for word, limit in named if limit is not None)


def parse_goals(text: str) -> dict[str, int | None]:
    """Return the changes of the settings file, by names such as "goals.upright_percent", None for no such goal.

    Raises ValueError with a sentence for a text that is none.
    """
    changes: dict[str, int | None] = {f"goals.{key}": None for key in WORDS.values()}
    keys = section_keys("goals")
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, _, limit = part.partition(" ")
        key = WORDS.get(word)
        if key is None:
            raise ValueError(f"{word!r} is no goal: write {', '.join(WORDS)}, each with its number.")
        try:
            changes[f"goals.{key}"] = keys[key].kind.read(int(limit))
        except BadValue as error:
            raise ValueError(f"{word} {error}.") from error
        except ValueError as error:
            raise ValueError(f"{part!r} has no whole number: write it like {word} {keys[key].example}.") from error
    return changes

"""Adherence: of the exercises that the programme's rules ask for, how many were done on a day, in a week, and so far.

The rules are those of the sources: stretches every day, two different ones (B's "2 to 3 stretches each time", read as
two or three different stretches); strengthening on at least three days a week, abdominal exercises among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from unslouch.store import ExerciseSession

from .catalogue import Catalogue, Kind
from .past import local_date

DAYS = 42
"""Of the programme: at least six weeks."""
WEEK_DAYS = 7
STRETCHES_PER_DAY = 2
"""Different stretches: the smaller number of B's "2 to 3"."""
STRENGTH_DAYS_PER_WEEK = 3
ABDOMINALS_PER_WEEK = 2
"""Different ones: B's "a couple"."""


@dataclass(frozen=True)
class DayAdherence:
    """What was done on one local day; incomplete sessions are not done."""

    day: date
    done: tuple[str, ...]
    """The ids of the exercises in the order in which they were done, also those that were done again."""
    stretches: int
    """Different ones."""
    has_strength: bool
    abdominals: frozenset[str]

    @property
    def has_enough_stretches(self) -> bool:
        return self.stretches >= STRETCHES_PER_DAY


@dataclass(frozen=True)
class WeekAdherence:
    """What was done in seven days on end, or in fewer if the range is shorter."""

    first: date
    days: int
    stretch_days: int
    """Days with enough stretches."""
    strength_days: int
    abdominals: int
    """Different ones."""
    missed_days: int = 0
    """Days without any exercise."""
    was_last_day_used: bool = False

    @property
    def share(self) -> float:
        """The mean of three parts, each at most 1: of the stretch days, strength days and abdominals asked for."""
        part = self.days / WEEK_DAYS
        wanted = (self.days, STRENGTH_DAYS_PER_WEEK * part, ABDOMINALS_PER_WEEK * part)
        done = (self.stretch_days, self.strength_days, self.abdominals)
        return sum(min(1.0, some / all_) for some, all_ in zip(done, wanted, strict=True)) / 3


def adherence(
    catalogue: Catalogue, sessions: Iterable[ExerciseSession], first: date, last: date, tz: tzinfo
) -> list[DayAdherence]:
    """Return each day from one date to another, both included, also those without sessions."""
    exercises = {exercise.id: exercise for exercise in catalogue.exercises}
    done_on: dict[date, list[str]] = {}
    for session in sorted(sessions, key=lambda session: session.start_utc_ms):
        if session.is_complete:
            done_on.setdefault(local_date(session.start_utc_ms, tz), []).append(session.exercise)
    days = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        done = done_on.get(day, [])
        known = [exercises[id] for id in dict.fromkeys(done) if id in exercises]
        days.append(
            DayAdherence(
                day,
                tuple(done),
                sum(Kind.STRETCH in exercise.kinds for exercise in known),
                any(Kind.STRENGTH in exercise.kinds for exercise in known),
                frozenset(exercise.id for exercise in known if exercise.abdominal),
            )
        )
    return days


@dataclass(frozen=True)
class ProgrammeRecord:
    """How the programme went from its first day until today, week by week.

    What a week asks for is the same in every week, whatever was missed before. A missed day moves the end.
    """

    today: date
    days_done: int
    """Days on which an exercise was done; each is a day of the programme."""
    missed_days: int
    """Days since the first one without any, without today."""
    weeks: tuple[WeekAdherence, ...]
    """The last one is not over before its seventh day."""

    @property
    def earliest_end(self) -> date | None:
        """The day on which the programme ends if no more days are missed; None once it is over."""
        left = DAYS - self.days_done
        if left <= 0:
            return None
        is_today_open = not self.weeks[-1].was_last_day_used
        return self.today + timedelta(days=left - (1 if is_today_open else 0))


def programme_record(
    catalogue: Catalogue, sessions: Iterable[ExerciseSession], today: date, tz: tzinfo
) -> ProgrammeRecord | None:
    """Return how the programme went; None before its first exercise was done."""
    done = [session for session in sessions if session.is_complete]
    first = min((local_date(session.start_utc_ms, tz) for session in done), default=None)
    if first is None or first > today:
        return None
    days = adherence(catalogue, done, first, today, tz)
    used = sum(bool(day.done) for day in days)
    missed = len(days) - used - (0 if days[-1].done else 1)
    return ProgrammeRecord(today, used, missed, tuple(weeks(days)))


def weeks(days: Iterable[DayAdherence]) -> list[WeekAdherence]:
    """Return days on end week by week from the first day on; the last week may be shorter."""
    days = list(days)
    return [_week(days[begin : begin + WEEK_DAYS]) for begin in range(0, len(days), WEEK_DAYS)]


def _week(days: list[DayAdherence]) -> WeekAdherence:
    return WeekAdherence(
        days[0].day,
        len(days),
        sum(day.has_enough_stretches for day in days),
        sum(day.has_strength for day in days),
        len(frozenset[str]().union(*(day.abdominals for day in days))),
        sum(not day.done for day in days),
        bool(days[-1].done),
    )

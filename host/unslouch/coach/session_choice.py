"""Session choice: the exercises of a session that fits a time."""

from collections.abc import Iterable, Mapping

from .catalogue import Exercise
from .programme import Mode, plan_today, session_items
from .progress import Progress
from .session_plan import SessionItem, length_s
from .situation import Situation

SHORTEST_S = 30.0
"""What is left of the time is not filled with less (ours)."""


def todays_session(situation: Situation, minutes: int, mode: Mode = Mode.SINGLE) -> list[SessionItem]:
    """Return the exercises of today's plan, or, where nothing is left of it, those done longest ago that fit the time.

    An empty list means that no exercise is left for this place, this equipment and these conditions.
    """
    plan = plan_today(situation, minutes, mode)
    if plan.items:
        return session_items(plan.items, mode)
    wanted, past = situation.preferences, situation.past
    suitable = situation.catalogue.suitable(wanted.place, wanted.equipment, wanted.all_conditions)
    open_ones = [exercise for exercise in suitable if exercise.id not in past.not_today_until_utc_ms]
    return fitting(by_last_done(open_ones, past.last_done_utc_ms), past.progress, minutes * 60)


def by_last_done(exercises: Iterable[Exercise], last_done_utc_ms: Mapping[str, int]) -> list[Exercise]:
    """Return exercises in the order in which they are due: first those never done, then the one done longest ago."""
    return sorted(exercises, key=lambda exercise: last_done_utc_ms.get(exercise.id, -1))


def fitting(exercises: Iterable[Exercise], progress: Progress, time_s: float) -> list[SessionItem]:
    """Return the exercises, in their order, that fit a time with reading, set-up and dose.

    What hurt is left out. If not even one fits, the shortest one is returned, so that there is something to do; an
    empty list means that no exercise is left.
    """
    items: list[SessionItem] = []
    open_items = [
        SessionItem(exercise, progress.step_of(exercise))
        for exercise in exercises
        if exercise.id not in progress.hurt_utc_ms
    ]
    left_s = time_s
    for item in open_items:
        needed_s = length_s([item])
        if needed_s <= left_s:
            items.append(item)
            left_s -= needed_s
        if left_s < SHORTEST_S:
            break
    if not items and open_items:
        items = [min(open_items, key=lambda item: length_s([item]))]
    return in_order(items)


def in_order(items: list[SessionItem]) -> list[SessionItem]:
    """Return the items with each exercise behind the one that it is to come after."""
    ids = [item.exercise.id for item in items]
    ordered = list(items)
    for item in items:
        before = item.exercise.after
        if before in ids and ordered.index(item) < [one.exercise.id for one in ordered].index(before):
            ordered.remove(item)
            ordered.insert([one.exercise.id for one in ordered].index(before) + 1, item)
    return ordered

"""Programme: six weeks of exercises, one day at a time. The plan of today fits the minutes that the wearer gives.

The rules are the sources'. Stretches come every day, two or three different ones (B's "2 to 3 stretches each time" may
also mean repetitions; this is the reading that we took). Strengthening comes every second day, which makes at least
three days a week (B; C's author does it so), with abdominal exercises in it (B). A beginner learns one of article A's
five steps after another. Several exercises are done one by one with a minute's rest, or as a circuit (C).

A day of the programme is a day on which something was done, so days that were missed shift it and never pile up: every
plan is one day's.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .adherence import ABDOMINALS_PER_WEEK, DAYS, STRETCHES_PER_DAY
from .catalogue import Exercise, Kind, Position, Sensing
from .exclusion_rules import is_safe
from .session_plan import SessionItem
from .session_plan import length_s as session_length_s
from .situation import Situation

REST_S = 60
"""Between exercises done one by one, and between the rounds of a circuit (C)."""
STRENGTH_EVERY_DAYS = 2
MOST_STRENGTH = 3
MOST_STRETCHES = 3
CIRCUIT_ROUNDS = 2
OFFERED_MINUTES = (2, 5, 15)
"""The times that a wearer is asked to choose from."""


class Mode(StrEnum):
    """How several exercises are put together."""

    SINGLE = "single"
    """One by one, with a minute's rest."""
    CIRCUIT = "circuit"
    """One set of each, then another round."""


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise of the plan."""

    exercise: Exercise
    step: int
    """Index of the step to do."""
    sets: int
    """Fewer than the step's where the time is short. A circuit has one of them in each round."""
    why: str

    @property
    def length_s(self) -> int:
        """How long it takes on its own: reading, set-up and dose."""
        return math.ceil(session_length_s([SessionItem(self.exercise, self.step, self.sets)]))


@dataclass(frozen=True)
class Plan:
    """What to do today."""

    day: int
    """Of the programme, from 1; it goes on after DAYS."""
    minutes: int
    mode: Mode
    items: tuple[PlannedExercise, ...]
    """In the order in which to do them."""
    length_s: int
    """Of a session that leads through it, with rests."""
    is_strength_day: bool

    @property
    def week(self) -> int:
        """The week of the programme, from 1."""
        return (self.day - 1) // 7 + 1

    @property
    def is_over(self) -> bool:
        """Whether the six weeks are over: then it goes on as it is."""
        return self.day > DAYS

    @property
    def rounds(self) -> int:
        """Of a circuit; 1 if it isn't one."""
        return max((item.sets for item in self.items), default=1) if self.mode is Mode.CIRCUIT else 1


def plan_today(situation: Situation, minutes: int, mode: Mode = Mode.SINGLE) -> Plan:
    """Return the plan of a day; it is empty if everything is left out or nothing fits the time."""
    past = situation.past
    day = len([done for done in past.days_done if done < past.today]) + 1
    items: list[PlannedExercise] = []
    for exercise, why in _wanted(situation):
        planned = _fitted(exercise, why, items, situation, minutes * 60, mode)
        if planned is not None:
            items.append(planned)
    ordered = tuple(_in_order(items))
    return Plan(day, minutes, mode, ordered, _length_s(ordered, mode), is_strength_day(situation))


def is_strength_day(situation: Situation) -> bool:
    """Return whether strengthening is due today: the last time was the day before yesterday or earlier."""
    days = situation.past.days_of_kind.get(Kind.STRENGTH, frozenset())
    last = max((day for day in days if day <= situation.past.today), default=None)
    return last is None or (situation.past.today - last).days >= STRENGTH_EVERY_DAYS


def session_items(items: Sequence[PlannedExercise], mode: Mode) -> list[SessionItem]:
    """Return what a session leads through: one by one with a minute's rest, or set by set in the rounds of a circuit.

    What has fewer sets than a circuit has rounds is left out of the later ones.
    """
    if mode is Mode.SINGLE:
        return [
            SessionItem(item.exercise, item.step, item.sets, rest_before_s=REST_S if number else 0.0)
            for number, item in enumerate(items)
        ]
    rounds = max((item.sets for item in items), default=1)
    in_turn = [(round_, [item for item in items if item.sets >= round_]) for round_ in range(1, rounds + 1)]
    return [
        SessionItem(item.exercise, item.step, 1, REST_S if round_ > 1 and number == 0 else 0.0, round_, rounds)
        for round_, of_round in in_turn
        for number, item in enumerate(of_round)
    ]


def _length_s(items: Sequence[PlannedExercise], mode: Mode) -> int:
    return math.ceil(session_length_s(session_items(items, mode)))


def _wanted(situation: Situation) -> Iterable[tuple[Exercise, str]]:
    """Yield what the programme wants today, each exercise once, the most important first."""
    strengthens = is_strength_day(situation)
    open_ones = [one for one in situation.catalogue.exercises if _is_open(one, situation)]
    strength = _longest_ago(
        [one for one in open_ones if Kind.STRENGTH in one.kinds and not one.abdominal], situation, _strength_rank
    )
    abdominals = _longest_ago([one for one in open_ones if one.abdominal], situation)
    stretches = [
        one
        for one in _longest_ago([one for one in open_ones if Kind.STRETCH in one.kinds], situation)
        if one.id not in situation.past.stretches_today
    ]
    due_stretches = max(0, STRETCHES_PER_DAY - len(situation.past.stretches_today))
    wanted = [(one, "the next of the five steps that build on each other") for one in _next_of_series(situation)]
    if strengthens:
        # A couple of them a week are due before anything else; they strengthen, too.
        due_abdominals = len(situation.past.abdominals_this_week) < ABDOMINALS_PER_WEEK
        wanted += [(one, "abdominals belong to it") for one in abdominals[:due_abdominals]]
        wanted += [(one, "strengthening every second day") for one in strength[:1]]
    wanted += [(one, "stretches every day") for one in stretches[:due_stretches]]
    if strengthens:
        wanted += [(one, "abdominals belong to it") for one in abdominals[:ABDOMINALS_PER_WEEK]]
        wanted += [(one, "strengthening every second day") for one in strength[1:MOST_STRENGTH]]
    wanted += [(one, "a third stretch") for one in stretches[due_stretches:MOST_STRETCHES]]
    others = [one for one in open_ones if not {Kind.STRENGTH, Kind.STRETCH} & set(one.kinds)]
    wanted += [(one, "movement") for one in _longest_ago(others, situation)]
    seen: set[str] = set()
    for exercise, why in wanted:
        for each, reason in (*_release_before(exercise, situation), (exercise, why)):
            if each.id not in seen:
                seen.add(each.id)
                yield each, reason


def _is_open(exercise: Exercise, situation: Situation) -> bool:
    preferences = situation.preferences
    return (
        exercise.can_be_done(preferences.place, preferences.equipment)
        and is_safe(exercise, situation)
        and exercise.id not in situation.past.not_today_until_utc_ms
        and exercise.id not in situation.past.done_today
        and (exercise.series_step is None or exercise.id in situation.past.last_done_utc_ms)
    )


def _next_of_series(situation: Situation) -> list[Exercise]:
    """Return the first of article A's five that was never done, unless one was done for the first time today."""
    past, preferences = situation.past, situation.preferences
    series = sorted(
        (one for one in situation.catalogue.exercises if one.series_step is not None),
        key=lambda one: one.series_step or 0,
    )
    for one in series:
        if one.id in past.last_done_utc_ms or not is_safe(one, situation):
            continue
        can_do = one.can_be_done(preferences.place, preferences.equipment)
        return [one] if can_do and one.id not in past.not_today_until_utc_ms else []
    return []


def _strength_rank(exercise: Exercise, situation: Situation) -> int:
    """Return 0 for what is to come first: the gentle set if it is wanted, then what is done face down (B)."""
    if situation.preferences.wants_gentle_set and exercise.osteoporosis_set:
        return 0
    return 1 if exercise.positions[0] is Position.PRONE else 2


def _longest_ago(
    exercises: list[Exercise], situation: Situation, rank: Callable[[Exercise, Situation], int] | None = None
) -> list[Exercise]:
    """Return exercises by how many days ago they were done, those never done first; `rank` decides between equals."""
    past = situation.past

    def key(exercise: Exercise) -> tuple[int, int]:
        last_ms = past.last_done_utc_ms.get(exercise.id)
        days_ago = 10_000 if last_ms is None else (situation.now_utc_ms - last_ms) // 86_400_000
        return -int(days_ago), 0 if rank is None else rank(exercise, situation)

    return sorted(exercises, key=key)


def _release_before(exercise: Exercise, situation: Situation) -> Iterable[tuple[Exercise, str]]:
    partner = None if exercise.after is None else situation.catalogue.find(exercise.after)
    if partner is not None and _is_open(partner, situation):
        yield partner, f"comes before {exercise.name[0].lower()}{exercise.name[1:]}"


def _fitted(
    exercise: Exercise, why: str, before: list[PlannedExercise], situation: Situation, time_s: int, mode: Mode
) -> PlannedExercise | None:
    """Return an exercise with as many sets as fit the time that is left, None if not even one does."""
    index = situation.past.progress.step_of(exercise)
    step = exercise.steps[index]
    most = step.sets.least if step.sets else 1
    if mode is Mode.CIRCUIT:
        most = min(most, CIRCUIT_ROUNDS)
    for sets in range(most, 0, -1):
        planned = PlannedExercise(exercise, index, sets, why)
        if _length_s(_in_order([*before, planned]), mode) <= time_s:
            return planned
    return None


def _in_order(items: list[PlannedExercise]) -> list[PlannedExercise]:
    """Return exercises in the order to do them, so that the wearer gets down once and takes the sensor off once.

    Stretches come after strengthening, and after the release that belongs to them.
    """

    def key(item: PlannedExercise) -> tuple[bool, bool, bool]:
        exercise = item.exercise
        is_down = exercise.positions[0] not in (Position.SITTING, Position.STANDING)
        return exercise.sensing is Sensing.OFF, is_down, Kind.STRETCH in exercise.kinds

    ordered = sorted(items, key=key)
    for item in [item for item in ordered if item.exercise.after is not None]:
        ids = [one.exercise.id for one in ordered]
        if item.exercise.after in ids and ids.index(item.exercise.after) > ids.index(item.exercise.id):
            ordered.remove(item)
            ordered.insert([one.exercise.id for one in ordered].index(item.exercise.after) + 1, item)
    return ordered

"""Session plan: the stages of a guided exercise, one after another, each with its length.

A range of a dose is done up to its larger number; from the smaller one on the wearer may end the set at any time. A
short session aims at the smaller number. Strengthening exercises with two sides change sides with every repetition,
stretches after all of one side.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from .catalogue import SECONDS_PER_BREATH, SECONDS_PER_MOVEMENT, Amount, Exercise, Kind, Sensing, Step

COUNTDOWN_S = 3.0
CHANGE_SIDES_S = 5.0
SIDES = ("one side", "the other side")
REST_S = 30.0
"""Between sets, where the dose names no rest."""
SHORTEST_READING_S = 8.0
"""A shorter text is shown for so long before the next exercise begins."""


class Phase(StrEnum):
    """What the wearer does in a stage."""

    READ = "read"
    SET_UP = "set up"
    SETTLE = "settle"
    """Keep the start pose until the counter is armed."""
    COUNTDOWN = "countdown"
    MOVE = "move"
    HOLD = "hold"
    RETURN = "return"
    TIMED = "timed"
    """Go on until the time is over."""
    COUNTED = "counted"
    """Go on until the sensor has counted enough."""
    REST = "rest"
    CHANGE_SIDES = "change sides"


WORK = frozenset({Phase.MOVE, Phase.HOLD, Phase.RETURN, Phase.TIMED, Phase.COUNTED})


@dataclass(frozen=True)
class Stage:
    """One stage."""

    phase: Phase
    length_s: float | None
    """None: until the wearer or the sensor ends it."""
    headline: str
    set: int = 1
    sets: int = 1
    side: str = ""
    repetition: int = 0
    """Which one it belongs to, counted from 1 on each side; 0 for none."""
    repetitions: int = 0
    """How many the set aims at."""
    enough: int = 0
    """From how many on the wearer may end the set."""
    hold_s: float = 0.0
    """How long the far end is held, in a COUNTED stage."""


@dataclass(frozen=True)
class SessionItem:
    """An exercise of a session, and the index of the step to do."""

    exercise: Exercise
    step: int
    sets: int | None = None
    """None for as many as the step asks for."""
    rest_before_s: float = 0.0
    """The least time before it, in which its instructions are read."""
    round: int = 1
    """Of a circuit."""
    rounds: int = 1

    @property
    def dose(self) -> Step:
        """The step itself."""
        return self.exercise.steps[self.step]

    @property
    def read_s(self) -> float:
        """How long its instructions are shown before it; they are known in a later round of a circuit."""
        needed_s = self.exercise.reading_s if self.round == 1 else 0.0
        return max(SHORTEST_READING_S, self.rest_before_s, needed_s)

    @property
    def sets_at_least(self) -> int:
        """How many sets a short session has of it."""
        return self.sets or (self.dose.sets.least if self.dose.sets else 1)


def can_count(exercise: Exercise) -> bool:
    """Tell whether the sensor can count an exercise."""
    return exercise.sensing is Sensing.TILT and exercise.signature is not None


def alternates_sides(exercise: Exercise, step: Step) -> bool:
    """Tell whether the side changes with every repetition, not after all of one side."""
    return step.each_side and step.reps is not None and Kind.STRENGTH in exercise.kinds


def stages_of(item: SessionItem, *, counted: bool, is_short: bool, is_first: bool) -> list[Stage]:
    """Return the stages of an exercise.

    counted: let the sensor end the sets; is_first: wait for the wearer before it begins.
    """
    step = item.dose
    read = Stage(Phase.READ, None if is_first else item.read_s, _reading(item))
    set_up = Stage(Phase.SET_UP, _set_up_s(item.exercise), "Get into position")
    sets = item.sets or (_aim(step.sets, is_short) if step.sets else 1)
    return [read, set_up, *_sets(step, sets, counted, is_short, alternates_sides(item.exercise, step))]


def _sets(step: Step, sets: int, counted: bool, is_short: bool, alternates: bool) -> Iterator[Stage]:
    for number in range(1, sets + 1):
        for stage in _set(step, counted, is_short, alternates):
            yield replace(stage, set=number, sets=sets)
        if number < sets:
            rest_s = float(_aim(step.rest_s, is_short)) if step.rest_s else REST_S
            yield Stage(Phase.REST, rest_s, "Rest", set=number, sets=sets)


def length_s(items: Iterable[SessionItem]) -> float:
    """Return about how long a short session with these exercises takes: reading, rests, set-up and dose."""
    return sum(
        item.read_s
        + _set_up_s(item.exercise)
        + _dose_s(item.dose, item.sets_at_least, alternates_sides(item.exercise, item.dose))
        for item in items
    )


@lru_cache(maxsize=1024)
def _dose_s(step: Step, sets: int, alternates: bool) -> float:
    return sum(stage.length_s or 0.0 for stage in _sets(step, sets, False, True, alternates))


def _set_up_s(exercise: Exercise) -> float:
    return float(max(exercise.set_up_s, 1))


def _reading(item: SessionItem) -> str:
    if item.round > 1:
        return "Rest" if item.rest_before_s else "Next"
    return "Rest, and read how it is done" if item.rest_before_s else "Read how it is done"


def left_of(planned: Sequence[Stage], current: Stage, done: int) -> list[Stage]:
    """Return the stages that are left after a stage of another plan, in whose set so many repetitions are done.

    What sets come before the current one is left out, and of the current one what is done: a stretch's first side, and
    the repetitions of the current side. An empty list means that nothing is left.
    """
    left = []
    has_sides = any(stage.phase is Phase.CHANGE_SIDES for stage in planned)
    for stage in planned:
        if stage.set < current.set:
            continue
        if stage.set == current.set:
            if has_sides and current.side == SIDES[1] and stage.side == SIDES[0]:
                continue
            if not has_sides or stage.side == current.side:
                if 0 < stage.repetition <= done:
                    continue
                if stage.phase is Phase.COUNTED:
                    stage = replace(stage, repetitions=max(1, stage.repetitions - done))
        left.append(stage)
    return left if any(stage.phase in WORK for stage in left) else []


def _aim(amount: Amount, is_short: bool) -> int:
    return amount.least if is_short else amount.most


def _set(step: Step, counted: bool, is_short: bool, alternates: bool) -> Iterator[Stage]:
    sides = SIDES if step.each_side and not alternates else ("",)
    for nth, side in enumerate(sides):
        if nth:
            yield Stage(Phase.CHANGE_SIDES, CHANGE_SIDES_S, "Change sides", side=side)
        if counted:
            yield Stage(Phase.SETTLE, None, "Keep the start pose, still", side=side)
        else:
            yield Stage(Phase.COUNTDOWN, COUNTDOWN_S, "Ready", side=side)
        for stage in work_of(step, counted, is_short, alternates):
            yield replace(stage, side=side or stage.side)


def work_of(step: Step, counted: bool, is_short: bool, alternates: bool = False) -> Iterator[Stage]:
    """Yield the stages of one set, on one side, without what comes before it."""
    hold = step.hold_s
    if step.duration_s is not None:
        yield Stage(Phase.TIMED, float(_aim(step.duration_s, is_short)), "Go on")
    elif step.breaths is not None:
        yield from _breaths(_aim(step.breaths, is_short), step.breaths.least)
    elif counted:
        reps = _aim(step.reps, is_short) if step.reps else 1
        enough = step.reps.least if step.reps else 1
        hold_s = float(_aim(hold, is_short)) if hold else 0.0
        yield Stage(Phase.COUNTED, None, "Go on", repetitions=reps, enough=enough, hold_s=hold_s)
    elif step.reps is None and hold is not None:
        yield Stage(Phase.HOLD, float(_aim(hold, is_short)), "Hold", repetitions=1, repetition=1, enough=1)
    elif step.reps is not None:
        yield from _repetitions(step.reps, hold, is_short, alternates)


def _breaths(breaths: int, enough: int) -> Iterator[Stage]:
    half_s = SECONDS_PER_BREATH / 2
    for number in range(1, breaths + 1):
        breath = Stage(Phase.MOVE, half_s, "Breathe in", repetition=number, repetitions=breaths, enough=enough)
        yield breath
        yield replace(breath, phase=Phase.RETURN, headline="Breathe out")


def _repetitions(reps: Amount, hold: Amount | None, is_short: bool, alternates: bool) -> Iterator[Stage]:
    half_s = SECONDS_PER_MOVEMENT / 2
    count = _aim(reps, is_short)
    for number in range(1, count + 1):
        for side in SIDES if alternates else ("",):
            stage = Stage(Phase.MOVE, half_s, "Go", side=side, repetition=number, repetitions=count, enough=reps.least)
            yield stage
            if hold is not None:
                yield replace(stage, phase=Phase.HOLD, length_s=float(_aim(hold, is_short)), headline="Hold")
            yield replace(stage, phase=Phase.RETURN, headline="Back")

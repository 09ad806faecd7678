"""What goes into a guided session and comes out of it: answers, outputs, and the scene to show."""

from dataclasses import dataclass
from enum import StrEnum

from .catalogue import Exercise, Step
from .session_plan import Stage
from .session_sensing import Band


class Answer(StrEnum):
    """What the wearer may say at any time."""

    GO_ON = "go on"
    """Begin, or end the stage or the set here."""
    PAUSE = "pause"
    """Pause, or go on after a pause."""
    SKIP = "skip"
    """Leave the rest of this exercise."""
    TOO_HARD = "too hard"
    TOO_EASY = "too easy"
    HURTS = "it hurts"
    QUIT = "quit"


@dataclass(frozen=True)
class Say:
    """A sentence to show and to speak."""

    text: str


@dataclass(frozen=True)
class Buzz:
    """A beat of the metronome."""


@dataclass(frozen=True)
class StepChosen:
    """The wearer moved to another step of an exercise, to be stored."""

    exercise: Exercise
    step: int


@dataclass(frozen=True)
class Hurt:
    """An exercise hurt, to be stored: it is left out from now on."""

    exercise: Exercise


@dataclass(frozen=True)
class Done:
    """An exercise was done, to be stored; times as they came in."""

    exercise: Exercise
    start_s: float
    end_s: float
    repetitions: int | None
    """None if the sensor didn't count them all."""
    is_complete: bool


Output = Say | Buzz | StepChosen | Hurt | Done


class Ending(StrEnum):
    """How a session ended."""

    DONE = "done"
    QUIT = "quit"
    HURT = "hurt"
    NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Scene:
    """What to show now."""

    exercise: Exercise
    step: Step
    number: int
    """Which exercise of the session it is, counted from 1."""
    of_exercises: int
    round: int
    """Of a circuit, counted from 1."""
    rounds: int
    stage: Stage
    left_s: float | None
    """Of the stage, None if it has no fixed length."""
    cue: str
    note: str
    """What the sensor does."""
    done: int
    """Repetitions done in this set."""
    counted: int | None
    """Repetitions that the sensor has counted in this exercise, None where it doesn't."""
    held_s: float
    """For how long the far end has been held, where the sensor sees it."""
    curve: tuple[tuple[float, float], ...]
    band: Band | None
    figure_s: float
    """The time of the figure's movement."""
    is_paused: bool
    last_said: str

"""Rules: what speaks for an exercise, what against it, what excludes it, and what holds every suggestion back.

Each rule is a row of a table: an id, a sentence, and a small pure function of the situation (and an exercise). Points
are whole numbers, so that a ranking never depends on rounding. How many points a rule gives is ours; the sentence names
the source where a rule is one of the articles'.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .catalogue import Exercise
from .situation import Situation


class Role(StrEnum):
    """What a rule's points are for."""

    NEED = "need"
    """The posture asks for it now; without enough of these points nothing is suggested."""
    DUE = "due"
    """The programme asks for it."""
    SUITS = "suits"
    """It suits the wearer and the moment."""


@dataclass(frozen=True)
class Score:
    """What a rule says about an exercise; points above zero speak for it."""

    points: int
    why: str
    """What was observed, as a part of a sentence."""


@dataclass(frozen=True)
class Hold:
    """What holds every suggestion back, and when that ends."""

    why: str
    """A sentence."""
    until_utc_ms: int
    """Every hold ends by itself."""


@dataclass(frozen=True)
class ScoreRule:
    """A rule that gives points."""

    id: str
    role: Role
    sentence: str
    score: Callable[[Exercise, Situation], Score | None]


@dataclass(frozen=True)
class ExclusionRule:
    """A rule that leaves an exercise out; its function returns why, "" if it doesn't."""

    id: str
    sentence: str
    reason: Callable[[Exercise, Situation], str]


@dataclass(frozen=True)
class HoldRule:
    """A rule that holds every suggestion back."""

    id: str
    sentence: str
    hold: Callable[[Situation], Hold | None]

"""The catalogue: exercises with their doses, the patterns that lead to them, tips, and the articles they come from.

The exercises train awareness and keep the wearer moving; they treat nothing. `exercises.toml` beside this module holds
them; `catalogue_file` reads it. A wearer's own file adds to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from .counting import Signature
from .terms import Condition as Condition
from .terms import Equipment as Equipment
from .terms import Place as Place

OURS = "ours"
"""The source of what no article says."""

BRIEF_CHARACTERS = 105
"""What fits the smallest card."""


class Kind(StrEnum):
    """What an exercise is for."""

    AWARENESS = "awareness"
    STRENGTH = "strength"
    MOBILITY = "mobility"
    STRETCH = "stretch"
    RELEASE = "release"
    BREAK = "break"


class Position(StrEnum):
    """How the body starts."""

    SITTING = "sitting"
    STANDING = "standing"
    HANDS_AND_KNEES = "hands and knees"
    KNEELING = "kneeling"
    SUPINE = "supine"
    PRONE = "prone"


class Sensing(StrEnum):
    """What the sensor can do during an exercise."""

    TILT = "tilt"
    """The forward tilt shows the repetitions."""
    STILLNESS = "stillness"
    """The sensor shows that a hold is still."""
    TIMER = "timer"
    """The upper back hardly moves, so a timer runs."""
    OFF = "off"
    """The exercise presses on the sensor: take it off, a timer runs."""


class SpineFlexion(StrEnum):
    """How far an exercise rounds the spine."""

    NONE = "none"
    END_RANGE = "end-range"
    LOADED = "loaded"


class Cue(StrEnum):
    """An observation that leads to an exercise."""

    SLOUCH = "slouch"
    """The upper back stayed tilted forward beyond the threshold."""
    STILLNESS = "stillness"
    """Posture has not changed for a long time."""


CUE_BY_PATTERN = {
    "chest-tight": Cue.SLOUCH,
    "head-forward": Cue.SLOUCH,
    "ribs-sunk": Cue.SLOUCH,
    "still": Cue.STILLNESS,
}
"""The sensor sees a slouch, not which of three patterns lies behind it."""


@dataclass(frozen=True)
class Amount:
    """A number or a range of a dose, and the article that gives it."""

    least: int
    most: int
    source: str

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least}–{self.most}"


@dataclass(frozen=True)
class Step:
    """One level of an exercise: what to do differently from the level before, and the dose."""

    text: str
    source: str
    """A letter of an article, or OURS."""
    hold_s: Amount | None = None
    reps: Amount | None = None
    sets: Amount | None = None
    rest_s: Amount | None = None
    duration_s: Amount | None = None
    breaths: Amount | None = None
    each_side: bool = False

    @property
    def dose(self) -> str:
        """The dose as a phrase, with "(our dose)" where no article gives it."""
        side = " on each side" if self.each_side else ""
        parts = []
        if self.duration_s is not None:
            parts.append(f"{_duration(self.duration_s)}{side}")
            side = ""
        if self.breaths is not None:
            parts.append(f"{self.breaths} slow breaths")
        if self.hold_s is not None:
            parts.append(f"hold {_duration(self.hold_s)}")
        if self.reps is not None and self.sets is not None:
            parts.append(f"{self.sets} sets of {self.reps}{side}")
        elif self.reps is not None:
            parts.append(f"{self.reps} times{side}" if str(self.reps) != "1" else f"once{side}")
        if self.rest_s is not None:
            parts.append(f"{self.rest_s} s rest between sets")
        return ", ".join(parts) + self._whose()

    def _whose(self) -> str:
        amounts = (self.hold_s, self.reps, self.sets, self.rest_s, self.duration_s, self.breaths)
        sources = {amount.source for amount in amounts if amount is not None}
        if sources == {OURS}:
            return " (our dose)"
        return " (partly our dose)" if OURS in sources else ""

    @property
    def length_s(self) -> int:
        """About how long the dose takes, by its smaller numbers; a repetition's own movement counts 4 s (ours)."""
        sets, sides = self.sets.least if self.sets else 1, 2 if self.each_side else 1
        if self.duration_s is not None:
            return self.duration_s.least * sides
        if self.breaths is not None:
            return self.breaths.least * SECONDS_PER_BREATH
        hold_s = self.hold_s.least if self.hold_s else 0
        reps = self.reps.least if self.reps else 1
        rest_s = self.rest_s.least if self.rest_s else 0
        return sets * sides * reps * (hold_s + SECONDS_PER_MOVEMENT) + (sets - 1) * rest_s


SECONDS_PER_MOVEMENT = 4
SECONDS_PER_BREATH = 6
WORDS_PER_S = 3.0
"""At which instructions are read (ours)."""


def _duration(seconds: Amount) -> str:
    if seconds.least % 60 or seconds.most % 60:
        return f"{seconds} s"
    minutes = Amount(seconds.least // 60, seconds.most // 60, seconds.source)
    return f"{minutes} minute" if str(minutes) == "1" else f"{minutes} minutes"


@dataclass(frozen=True)
class Article:
    """A source of exercises."""

    letter: str
    title: str
    authors: str


@dataclass(frozen=True)
class Pattern:
    """What long sitting does to a body, which an exercise answers."""

    id: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Tip:
    """Advice that is no exercise."""

    id: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise."""

    id: str
    name: str
    kinds: tuple[Kind, ...]
    positions: tuple[Position, ...]
    """The usual one first."""
    places: tuple[Place, ...]
    needs: tuple[frozenset[Equipment], ...]
    """One piece of equipment out of each set."""
    set_up_s: int
    patterns: tuple[str, ...]
    primary: tuple[str, ...]
    """The muscles that it is for."""
    secondary: tuple[str, ...]
    sources: tuple[str, ...]
    """An article's letter, with the number that the article gives the exercise."""
    sensing: Sensing
    how: tuple[str, ...]
    """The instructions, to be read aloud in this order."""
    brief: str
    """The instructions in at most BRIEF_CHARACTERS, or all of them where the catalogue has no shorter text."""
    form: tuple[str, ...]
    mistakes: tuple[str, ...]
    steps: tuple[Step, ...]
    """The easiest first."""
    start: int
    """The index of the step to begin with."""
    excluded_by: frozenset[Condition] = frozenset()
    spine_flexion: SpineFlexion = SpineFlexion.NONE
    foam_rolling: bool = False
    osteoporosis_set: bool = False
    """One of the five that article B describes for osteoporosis."""
    abdominal: bool = False
    series_step: int | None = None
    """Its place among article A's five, which build on each other."""
    signature: Signature | None = None
    """What the sensor sees of a repetition, where it sees any."""
    after: str | None = None
    """The exercise that comes before it when both are done."""

    @property
    def cues(self) -> frozenset[Cue]:
        """The observations of the sensor that lead to it."""
        return frozenset(CUE_BY_PATTERN[pattern] for pattern in self.patterns)

    @property
    def dose(self) -> str:
        """The dose of the step to begin with."""
        return self.steps[self.start].dose

    @property
    def is_experimental(self) -> bool:
        """Whether the sensor counts or measures something of it that no recording of people backs."""
        if self.sensing is Sensing.TILT:
            return self.signature is None or not self.signature.recording
        return self.sensing is Sensing.STILLNESS

    @property
    def reading_s(self) -> float:
        """How long its short instructions take to read."""
        return len(self.brief.split()) / WORDS_PER_S

    def is_excluded_by(self, conditions: Iterable[Condition]) -> bool:
        """Tell whether a wearer with these conditions must not be offered it.

        Osteoporosis excludes loaded and end-range flexion of the spine and foam rolling (our rules), whatever the
        exercise itself lists.
        """
        conditions = frozenset(conditions)
        fragile = Condition.OSTEOPOROSIS in conditions
        return bool(conditions & self.excluded_by) or (
            fragile and (self.foam_rolling or self.spine_flexion is not SpineFlexion.NONE)
        )

    def can_be_done(self, place: Place | None, equipment: Iterable[Equipment] | None) -> bool:
        """Tell whether place and equipment allow it; None allows any."""
        at_hand = None if equipment is None else frozenset(equipment)
        return (place is None or place in self.places) and (
            at_hand is None or all(alternatives & at_hand for alternatives in self.needs)
        )


@dataclass(frozen=True)
class Catalogue:
    """All exercises, in the order in which they are first suggested, and what belongs to them."""

    exercises: tuple[Exercise, ...]
    articles: dict[str, Article] = field(default_factory=dict)
    patterns: dict[str, Pattern] = field(default_factory=dict)
    tips: tuple[Tip, ...] = ()

    def find(self, exercise_id: str) -> Exercise | None:
        """Return the exercise with an id, None if there is none."""
        return next((exercise for exercise in self.exercises if exercise.id == exercise_id), None)

    def titles(self, sources: Iterable[str]) -> tuple[str, ...]:
        """Return the titles of the articles that these sources name, each once."""
        letters = dict.fromkeys(source[0] for source in sources if source != OURS)
        return tuple(self.articles[letter].title for letter in letters if letter in self.articles)

    def suitable(
        self,
        place: Place | None = None,
        equipment: Iterable[Equipment] | None = None,
        conditions: Iterable[Condition] = (),
    ) -> tuple[Exercise, ...]:
        """Return the exercises that a wearer can and may do."""
        conditions, equipment = tuple(conditions), None if equipment is None else tuple(equipment)
        return tuple(
            exercise
            for exercise in self.exercises
            if exercise.can_be_done(place, equipment) and not exercise.is_excluded_by(conditions)
        )

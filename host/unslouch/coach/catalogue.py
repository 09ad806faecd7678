"""Exercises for the desk: what each is for, how to do it, how often, and which articles describe it.

They train awareness and keep the wearer moving; they treat nothing. Anyone with persistent pain, a recent fracture or
surgery, or pain that grows during an exercise should see a clinician first.
"""

from dataclasses import dataclass
from enum import StrEnum

ARTICLES = {
    "A": "Five posture-training exercises",
    "B": "Exercises for upper back pain and osteoporosis",
    "C": "Upper-back band exercises",
    "D": "Five upper back pain exercises",
    "E": "Upper back exercise for better posture",
}
"""The titles of the articles, by the letter with which an exercise cites them."""


class Cue(StrEnum):
    """An observation that leads to an exercise."""

    SLOUCH = "slouch"
    """The upper back stayed tilted forward beyond the threshold."""
    STILLNESS = "stillness"
    """Posture has not changed for a long time."""


@dataclass(frozen=True)
class Dose:
    """How long or how often to do an exercise; `ours` if no article says it."""

    text: str
    ours: bool

    def __str__(self) -> str:
        return f"{self.text} (our dose)" if self.ours else self.text


@dataclass(frozen=True)
class Exercise:
    """One exercise that needs a chair at most."""

    id: str
    name: str
    how: str
    dose: Dose
    cues: frozenset[Cue]
    sources: tuple[str, ...]
    """Letters of ARTICLES."""

    @property
    def source_titles(self) -> tuple[str, ...]:
        """The titles of the articles that describe it."""
        return tuple(ARTICLES[letter] for letter in self.sources)


DESK_EXERCISES = (
    Exercise(
        id="chin-tuck",
        name="Chin tuck",
        how="Sit tall and look straight ahead. Slide your head back, level, until your ears are above your shoulders.",
        dose=Dose("hold 5 s, 10 times", ours=False),
        cues=frozenset({Cue.SLOUCH}),
        sources=("A", "D"),
    ),
    Exercise(
        id="blade-squeeze",
        name="Shoulder blade squeeze",
        how="Let the arms hang. Draw the shoulder blades together as if to hold a pencil between them; shoulders low.",
        dose=Dose("hold 5 s, 10 times", ours=False),
        cues=frozenset({Cue.SLOUCH}),
        sources=("A", "D"),
    ),
    Exercise(
        id="rib-lift",
        name="Rib lift",
        how="Feet on the floor. Breathe in and float the ribcage up off the pelvis; breathe out and keep the height.",
        dose=Dose("5 slow breaths", ours=True),
        cues=frozenset({Cue.SLOUCH}),
        sources=("A",),
    ),
    Exercise(
        id="spine-wave",
        name="Spine wave",
        how="Roll pelvis, back and head forward into a curve, then unroll from the pelvis up until you sit tall.",
        dose=Dose("8 slow waves", ours=True),
        cues=frozenset({Cue.SLOUCH, Cue.STILLNESS}),
        sources=("A",),
    ),
    Exercise(
        id="posture-change",
        name="Change of posture",
        how="Stand up, walk a few steps, and sit down in another way than before, or go on working on your feet.",
        dose=Dose("1 to 2 minutes", ours=True),
        cues=frozenset({Cue.STILLNESS}),
        sources=("B",),
    ),
)
"""Exercises for a break at work, in the order in which they are first suggested."""

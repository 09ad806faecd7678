"""Situation: everything that a suggestion depends on, in one value. The same situation gives the same ranking."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from .catalogue import Catalogue, Exercise, Step
from .past import Past
from .posture_today import PostureToday
from .preferences import Preferences

WORDS_PER_S = 3.0
"""At which instructions are read (ours)."""


@dataclass(frozen=True)
class Situation:
    """A moment in the wearer's day."""

    catalogue: Catalogue
    now_utc_ms: int
    tz: tzinfo
    past: Past
    preferences: Preferences = field(default_factory=Preferences)
    posture: PostureToday | None = None
    """None without records of today: without a sensor, or before it is put on."""
    meeting_until_utc_ms: int | None = None
    """When the present meeting ends; None outside of meetings."""
    quiet_until_utc_ms: int | None = None
    """When the present quiet hours end; None outside of them."""

    @property
    def local(self) -> datetime:
        """The moment as the wearer's clock shows it."""
        return datetime.fromtimestamp(self.now_utc_ms / 1000, self.tz)

    def clock(self, utc_ms: int) -> str:
        """Return a moment as the wearer's clock shows it, like 14:05; with the date if it is another day."""
        moment = datetime.fromtimestamp(utc_ms / 1000, self.tz)
        return f"{moment:%H:%M}" if moment.date() == self.local.date() else f"{moment:%H:%M on %d %B}"

    def step_of(self, exercise: Exercise) -> Step:
        """Return the step of an exercise that the wearer is at."""
        return exercise.steps[self.past.progress.step_of(exercise)]

    def length_s(self, exercise: Exercise) -> int:
        """Return about how long an exercise takes from the suggestion on: reading, set-up and dose."""
        return round(reading_s(exercise)) + exercise.set_up_s + self.step_of(exercise).length_s


def reading_s(exercise: Exercise) -> float:
    """Return how long the short instructions of an exercise take to read."""
    return len(exercise.brief.split()) / WORDS_PER_S


def minutes_text(seconds: int) -> str:
    """Return a length as whole minutes, rounded, at least 1: "2 min"."""
    return f"{max(1, round(seconds / 60))} min"

"""Situation: everything that a suggestion depends on, in one value. The same situation gives the same ranking."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from .catalogue import Catalogue, Exercise, Step
from .past import Past
from .posture_today import PostureToday
from .preferences import Preferences
from .session_plan import SessionItem, length_s


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
        """Return about how long a session of an exercise takes: reading, set-up and dose."""
        return round(length_s([SessionItem(exercise, self.past.progress.step_of(exercise))]))


def minutes_text(seconds: int) -> str:
    """Return a length as whole minutes, rounded, at least 1: "2 min"."""
    return f"{max(1, round(seconds / 60))} min"

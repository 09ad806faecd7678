"""Posture today: what the day's records say about the wearer up to a moment, as the coach's rules read it."""

from dataclasses import dataclass

WINDOW_MIN = 60
"""Forward and lateral tilt are looked at over so long."""


@dataclass(frozen=True)
class DominantCell:
    """A class of forward tilt and a class of duration; together most of the day's bouts."""

    tilt: str
    """Like "20–30°"."""
    from_deg: float
    duration: str
    """Like "4–10 min"."""
    from_s: float
    share: float
    """Of the time sat or stood."""


@dataclass(frozen=True)
class PostureToday:
    """Everything is about the time up to `until_utc_ms`; what isn't known is None or 0, never good posture."""

    until_utc_ms: int
    """Where the records end that it was taken from."""
    measured_min: float = 0.0
    """Of the last WINDOW_MIN minutes, walking and lying left out."""
    forward_min: float = 0.0
    """How much of it the wearer leaned forward beyond the threshold."""
    lateral_deg: float | None = None
    """Median lateral tilt over it; + right."""
    held_min: float = 0.0
    """For how long the present posture has been held: no change of 5° for 10 s or more."""
    held_deg: float | None = None
    """Its median forward tilt."""
    sitting_since_utc_ms: int | None = None
    """When the last break ended, or where the day's first measured moment is; None during a break."""
    dominant: "DominantCell | None" = None
    """The cell of the day's EVA matrix with the most time."""
    is_slouching: bool = False
    """The sensor reports a slouch right now."""

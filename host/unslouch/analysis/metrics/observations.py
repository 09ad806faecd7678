"""Observations: what the metrics of a day are computed from."""

from dataclasses import dataclass, field

from unslouch.analysis.model import Alert, Episode, Epochs, Event, SensorMoved, Span
from unslouch.store import AlertMark, ExerciseSession


@dataclass(frozen=True)
class Observations:
    """One local day as numpy columns, spans and lists; a metric reads it and changes nothing."""

    hours: float
    """Length of the local day."""
    epochs: Epochs
    spans: list[Span]
    """The states of the day from end to end, up to its last record."""
    episodes: list[Episode]
    """The slouches that began on the day."""
    alerts: list[Alert]
    """The alerts that the wearer could feel."""
    worn_events: list[Event]
    """The day's events without those that happened while the sensor was off the body."""
    sensor_moved: list[SensorMoved]
    alert_marks: list[AlertMark] = field(default_factory=list)
    """What the wearer said of these alerts."""
    sessions: list[ExerciseSession] = field(default_factory=list)
    """The exercise sessions that began on the day."""

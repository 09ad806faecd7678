"""Observations: what the metrics of a day are computed from."""

from dataclasses import dataclass

from unslouch.analysis.model import Alert, Episode, Epochs, Event, SensorMoved, Span


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

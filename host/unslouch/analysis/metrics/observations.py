"""Observations: what the metrics of a day are computed from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from unslouch.analysis.model import Alert, Calibration, Episode, Epochs, Event, Interval, SensorMoved, Span
from unslouch.store import AlertMark, ExerciseSession

from .seconds import Seconds, measured_seconds
from .standing import StandingZero, standing_zeros

Result = TypeVar("Result")


@dataclass(frozen=True)
class Observations:
    """One local day as numpy columns, spans and lists; a metric reads it and changes nothing.

    Everything here stands in the exported log too, so that a reader of the log computes the same metrics. An epoch
    belongs to the day in which it begins.
    """

    start_utc_ms: int
    end_utc_ms: int
    """Where the local day begins and ends."""
    epochs: Epochs
    spans: list[Span]
    """The states of the day from end to end, up to its last record."""
    episodes: list[Episode]
    """The slouches of the day, cut at its begin and end."""
    alerts: list[Alert]
    """The alerts that the wearer could feel."""
    events: list[Event]
    sensor_moved: list[SensorMoved]
    calibrations: list[Calibration] = field(default_factory=list)
    firmware: dict[int, str] = field(default_factory=dict)
    """By journal, the versions of the firmware that wrote the day's records."""
    deleted: list[Interval] = field(default_factory=list)
    """What the wearer deleted of the day."""
    alert_marks: list[AlertMark] = field(default_factory=list)
    """What the wearer said of these alerts."""
    sessions: list[ExerciseSession] = field(default_factory=list)
    """The exercise sessions that began on the day."""

    @property
    def hours(self) -> float:
        """Length of the local day."""
        return (self.end_utc_ms - self.start_utc_ms) / 3_600_000

    @cached_property
    def seconds(self) -> Seconds:
        """The measured seconds of the day, each moment once."""
        return measured_seconds(self.epochs)

    @cached_property
    def zeros(self) -> dict[tuple[int, int], StandingZero]:
        """The standing zero of each (journal, calibration id) of the day's measured seconds."""
        return standing_zeros(self.seconds, self.calibrations)

    @cached_property
    def _kept(self) -> dict[object, object]:
        return {}

    def once(self, compute: "Callable[[Observations], Result]") -> Result:
        """Return what a function of these observations returns; it is computed once, however many metrics need it."""
        if compute not in self._kept:
            self._kept[compute] = compute(self)
        result: Result = self._kept[compute]  # type: ignore[assignment]
        return result

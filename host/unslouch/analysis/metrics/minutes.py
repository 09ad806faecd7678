"""Minutes: how long a day spent in each state, and how much of it was measured."""

from unslouch.analysis.model import Span
from unslouch.analysis.spans import MEASURED, WORN
from unslouch_device.contract.states import (
    CHARGING,
    LEANING,
    LYING,
    MOVING,
    OFF_BODY,
    RECLINED,
    SLOUCHING,
    STATE_NAMES,
    UNCALIBRATED,
    UNKNOWN,
    UPRIGHT,
)

from .metric import OURS, Metric, Unit
from .observations import Observations

_MS_PER_MIN = 60_000
VALID_TIME = "valid time as in the practice of Acti4"

_STATE_DEFINITIONS = {
    UNKNOWN: "time without a record",
    CHARGING: "time plugged in and lying still",
    OFF_BODY: "time off the body: stiller than a body for 2 minutes",
    UNCALIBRATED: "time worn without a calibration, so without a tilt",
    LYING: "time more than 60° off upright, from a minute on",
    MOVING: "time walking or in other vigorous motion",
    SLOUCHING: "time of slouches from their confirmation to their end",
    LEANING: "time above the threshold without a confirmed slouch",
    RECLINED: "time as far back as the threshold is forward",
    UPRIGHT: "time within the threshold either way",
}


def total_ms(spans: list[Span], states: tuple[int, ...]) -> int:
    """Return how long spans of any of these states last."""
    return sum(span.end_utc_ms - span.start_utc_ms for span in spans if span.state in states)


def _state_minutes(state: int) -> Metric[float]:
    def measure(observed: Observations) -> float:
        return total_ms(observed.spans, (state,)) / _MS_PER_MIN

    name = STATE_NAMES[state].replace(" ", "_")
    return Metric(name, Unit.MINUTES, _STATE_DEFINITIONS[state], OURS, decimals=3, measure=measure)


STATE_MINUTES = {state: _state_minutes(state) for state in range(len(STATE_NAMES))}
"""Minutes in each state, by its number; they add up to the day's length up to its last record."""


def _lost_while_worn_ms(spans: list[Span]) -> int:
    """Return the time without records between the day's first worn moment and its last."""
    worn = [index for index, span in enumerate(spans) if span.state in WORN]
    return total_ms(spans[worn[0] : worn[-1]], (UNKNOWN,)) if worn else 0


def _coverage(observed: Observations) -> float | None:
    worn_ms = total_ms(observed.spans, WORN)
    if not worn_ms:
        return None
    return total_ms(observed.spans, MEASURED) / (worn_ms + _lost_while_worn_ms(observed.spans))


DAY_LENGTH_H = Metric(
    "day_length",
    Unit.HOURS,
    "length of the local day: 24 h, or 23 or 25 where summer time begins or ends",
    OURS,
    decimals=3,
    measure=lambda observed: observed.hours,
)
MEASURED_MIN = Metric(
    "measured",
    Unit.MINUTES,
    "time worn, calibrated and measured",
    VALID_TIME,
    decimals=3,
    measure=lambda observed: total_ms(observed.spans, MEASURED) / _MS_PER_MIN,
)
WORN_MIN = Metric(
    "worn",
    Unit.MINUTES,
    "time neither charging nor off body nor lost",
    VALID_TIME,
    decimals=3,
    measure=lambda observed: total_ms(observed.spans, WORN) / _MS_PER_MIN,
)
COVERAGE = Metric(
    "coverage",
    Unit.SHARE,
    "`measured` ÷ (`worn` + time lost between the first worn moment and the last); empty if nothing was worn",
    OURS,
    decimals=4,
    measure=_coverage,
)

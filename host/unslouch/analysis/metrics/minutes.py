"""Minutes: how long a day spent in each state, and how much of it was measured."""

from unslouch.analysis.model import Interval, Span
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

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations

_MS_PER_MIN = 60_000
VALID_TIME = "valid time as in the practice of Acti4"

_STATE_DEFINITIONS = {
    UNKNOWN: "time without a record, up to the last record of all; what the wearer deleted is not part of it",
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


def _ms_by_state(observed: Observations) -> dict[int, int]:
    lengths: dict[int, int] = {}
    for span in observed.spans:
        lengths[span.state] = lengths.get(span.state, 0) + span.end_utc_ms - span.start_utc_ms
    return lengths


def total_ms(observed: Observations, states: tuple[int, ...]) -> int:
    """Return how long the day's spans of any of these states last."""
    lengths = observed.once(_ms_by_state)
    return sum(lengths.get(state, 0) for state in states)


def unrecorded_ms(observed: Observations, intervals: list[Interval]) -> int:
    """Return for how long of these intervals, which don't overlap each other, there is no record."""
    return sum(
        max(0, min(span.end_utc_ms, interval.end_utc_ms) - max(span.start_utc_ms, interval.start_utc_ms))
        for span in observed.spans
        if span.state == UNKNOWN
        for interval in intervals
    )


def _state_minutes(state: int) -> Metric[float]:
    def measure(observed: Observations) -> float:
        deleted_ms = unrecorded_ms(observed, observed.deleted) if state == UNKNOWN else 0
        return (total_ms(observed, (state,)) - deleted_ms) / _MS_PER_MIN

    name = STATE_NAMES[state].replace(" ", "_")
    return Metric(
        name,
        Unit.MINUTES,
        _STATE_DEFINITIONS[state],
        OURS,
        decimals=3,
        measure=measure,
        formula=f"Σ length of the spans of state {STATE_NAMES[state]}" + (" − `deleted`" if state == UNKNOWN else ""),
        theme=Theme.DAY,
    )


STATE_MINUTES = {state: _state_minutes(state) for state in range(len(STATE_NAMES))}
"""Minutes in each state, by its number; with `deleted` and `after_last_record` they add up to the day's length.

>>> parts = (OFF_BODY, 30), (CHARGING, 60), (UNCALIBRATED, 2), (UPRIGHT, 40), (SLOUCHING, 10), (LEANING, 3)
>>> day = lived(*parts, (RECLINED, 4), (UPRIGHT, 5), (MOVING, 15), (LYING, 20), (UNKNOWN, 7))
>>> values(day, "off_body", "charging", "uncalibrated", "upright", "slouching")
[30.0, 60.0, 2.0, 45.0, 10.0]
>>> values(day, "leaning", "reclined", "moving", "lying", "lost")
[3.0, 4.0, 15.0, 20.0, 7.0]
"""


def _lost_while_worn_ms(spans: list[Span]) -> int:
    """Return the time without records between the day's first worn moment and its last."""
    worn = [index for index, span in enumerate(spans) if span.state in WORN]
    between = spans[worn[0] : worn[-1]] if worn else []
    return sum(span.end_utc_ms - span.start_utc_ms for span in between if span.state == UNKNOWN)


def _coverage(observed: Observations) -> float | None:
    worn_ms = total_ms(observed, WORN)
    if not worn_ms:
        return None
    return total_ms(observed, MEASURED) / (worn_ms + _lost_while_worn_ms(observed.spans))


DAY_LENGTH_H = Metric(
    "day_length",
    Unit.HOURS,
    "length of the local day: 24 h, or another where its clocks are changed, such as 23 or 25 for summer time",
    OURS,
    decimals=3,
    measure=lambda observed: observed.hours,
    formula="end − start of the local day",
    theme=Theme.DAY,
)
"""
>>> values(lived((UPRIGHT, 30)), "day_length"), values(lived((UPRIGHT, 30), hours=23), "day_length")
([24.0], [23.0])
"""
MEASURED_MIN = Metric(
    "measured",
    Unit.MINUTES,
    "time worn, calibrated and measured",
    VALID_TIME,
    decimals=3,
    measure=lambda observed: total_ms(observed, MEASURED) / _MS_PER_MIN,
    formula="Σ length of the spans worn and calibrated",
    theme=Theme.VALIDITY,
)
"""
>>> values(lived((CHARGING, 60), (UNCALIBRATED, 5), (UPRIGHT, 40), (MOVING, 10), (UNKNOWN, 9)), "measured")
[50.0]
"""
WORN_MIN = Metric(
    "worn",
    Unit.MINUTES,
    "time neither charging nor off body nor lost",
    VALID_TIME,
    decimals=3,
    measure=lambda observed: total_ms(observed, WORN) / _MS_PER_MIN,
    formula="`measured` + `uncalibrated`",
    theme=Theme.VALIDITY,
)
"""
>>> values(lived((CHARGING, 60), (UNCALIBRATED, 5), (UPRIGHT, 40), (MOVING, 10), (UNKNOWN, 9)), "worn")
[55.0]
"""
COVERAGE = Metric(
    "coverage",
    Unit.SHARE,
    "`measured` ÷ (`worn` + time lost between the first worn moment and the last); empty if nothing was worn",
    OURS,
    decimals=4,
    measure=_coverage,
    formula="`measured` ÷ (`worn` + Σ spans of state lost between the first and the last worn one)",
    theme=Theme.VALIDITY,
)
"""
85 min are measured; 5 more are worn, and 10 are lost between the first worn moment and the last.

>>> parts = (UNKNOWN, 99), (UPRIGHT, 45), (UNKNOWN, 10), (UNCALIBRATED, 5), (UPRIGHT, 40), (UNKNOWN, 20)
>>> values(lived(*parts), "coverage")
[0.85]
"""

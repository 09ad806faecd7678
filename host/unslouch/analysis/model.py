"""What analysis makes of records: a day of epochs and spans, and its summary."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

NO_BOUND = -1
"""A utc_error_ms that nothing bounds: a boot that no host met, before or after all that one did."""


class Dating(StrEnum):
    """How well the UTC of a record is known."""

    FIRM = "firm"
    """Between two host clocks of the same boot."""
    PROVISIONAL = "provisional"
    """By one host clock: before the first or after the last of its boot, or between two that contradict each other."""
    UNCERTAIN = "uncertain"
    """No host met this boot: placed between its neighbours."""


@dataclass(frozen=True)
class Epochs:
    """Epochs as parallel arrays of length n, in order of (journal, boot, uptime)."""

    journal: NDArray[np.uint32]
    sequence: NDArray[np.uint32]
    boot: NDArray[np.uint16]
    uptime_ms: NDArray[np.int64]
    """Uptime at which the epoch begins."""
    utc_ms: NDArray[np.int64]
    """UTC at which the epoch begins, ms since 1970."""
    utc_error_ms: NDArray[np.int64]
    """NO_BOUND where nothing bounds the error."""
    dating: NDArray[np.uint8]
    """Index into list(Dating)."""
    state: NDArray[np.uint8]
    """What the sensor said, but off body or charging from the onset that it noticed only later."""
    activity: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    forward_cdeg: NDArray[np.int16]
    """TILT_UNKNOWN without a calibration."""
    lateral_cdeg: NDArray[np.int16]
    second_cdeg: NDArray[np.int32]
    """(n, 5): the mean forward tilt of each second."""
    speed_cdeg_s: NDArray[np.uint16]
    settings_revision: NDArray[np.uint16]
    calibration_id: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.state)


@dataclass(frozen=True)
class Event:
    """An event with its time."""

    journal: int
    sequence: int
    boot: int
    uptime_ms: int
    utc_ms: int
    utc_error_ms: int
    dating: Dating
    code: int
    name: str
    fields: dict[str, int]
    """As in contract.records.EVENTS, but with whole uptimes, and the whole `utc_ms` of a host clock."""


@dataclass(frozen=True)
class Span:
    """A stretch of one state on the day's time line; UNKNOWN spans are time without any record."""

    state: int
    start_utc_ms: int
    end_utc_ms: int


@dataclass(frozen=True)
class Episode:
    """One confirmed slouch, from its crossing to its end; it belongs to the day in which it begins."""

    start_utc_ms: int
    end_utc_ms: int | None
    """None while it lasts or where its end was never recorded."""
    peak_deg: float | None
    mean_deg: float | None
    alerts: int
    correction_latency_s: float | None
    """From the first alert to the correction."""


@dataclass(frozen=True)
class Summary:
    """The day in numbers. Minutes are of the local day; their sum is the day's length up to `until`."""

    minutes: dict[str, float]
    """By the name of every state in contract.states.STATE_NAMES; time without a record is `lost`."""
    episodes: int
    longest_episode_min: float
    alerts: int
    corrected: int
    measured_min: float
    """Worn, calibrated and measured."""
    worn_min: float
    """Neither charging nor off body nor lost."""
    coverage: float | None
    """measured / (worn + lost inside the worn span); None where nothing was worn."""


@dataclass(frozen=True)
class Day:
    """One local day of records."""

    day: date
    timezone: str
    start: datetime
    end: datetime
    hours: float
    """23, 24 or 25: the length of the local day."""
    until_utc_ms: int
    """The end of what can be known: the day's end, or the last record of a day that still runs."""
    epochs: Epochs
    events: list[Event]
    spans: list[Span]
    episodes: list[Episode]
    summary: Summary
    notes: list[str] = field(default_factory=list)
    """Sentences on what limits these numbers: DST, provisional times, gaps."""

"""Model: the types that a day of records consists of."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .metrics.summary import Summary

NO_BOUND = -1
"""A utc_error_ms that nothing bounds: a boot that no host met, before or after all that one did."""


class TimeQuality(StrEnum):
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
    time_quality: NDArray[np.uint8]
    """Index into list(TimeQuality)."""
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
    time_quality: TimeQuality
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


class Outcome(StrEnum):
    """What became of an alert."""

    CORRECTED = "corrected"
    """The slouch was corrected within 30 s."""
    LATE = "late"
    """30 s later it was not corrected."""
    INTERRUPTED = "interrupted"
    """The wearer got up, lay down or took the sensor off meanwhile, or samples are missing."""
    UNKNOWN = "unknown"
    """The records end before, or break off."""


@dataclass(frozen=True)
class Alert:
    """One vibration that the wearer could feel, and its outcome."""

    journal: int
    sequence: int
    utc_ms: int
    forward_deg: float
    number: int
    """Which it was in its slouch, from 1."""
    mode: str | None
    """`delay` or `budget`; None for one that this version doesn't know."""
    outcome: Outcome
    latency_s: float | None
    """From this alert to the correction that followed it, however late; None if another alert came first, or none."""


@dataclass(frozen=True)
class Calibration:
    """A calibration under which something was measured, or that was made, on the day; None is what no record tells."""

    journal: int
    calibration_id: int
    profile: int | None
    profile_name: str | None
    """As it was at the end of the day's records."""
    how: str | None
    made_utc_ms: int | None
    standing_forward_deg: float | None
    """Forward tilt of standing against this upright; None without a standing zero."""
    standing_lateral_deg: float | None
    standing_utc_ms: int | None
    """When the standing zero came into force."""


@dataclass(frozen=True)
class DelayStep:
    """The delay of alerts from a moment on."""

    journal: int
    utc_ms: int | None
    """The first step of a day may be older than the day."""
    delay_s: int
    why: str | None


@dataclass(frozen=True)
class SensorMoved:
    """A notice that the sensor may sit elsewhere: walking looks unlike before."""

    journal: int
    sequence: int
    utc_ms: int
    walking_deg: float
    """Median forward tilt of the latest walking."""
    usual_deg: float
    profile: int
    profile_name: str | None


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
    caveats: list[str] = field(default_factory=list)
    """Sentences on what limits these numbers: DST, provisional times, gaps, a sensor that may have moved."""
    alerts: list[Alert] = field(default_factory=list)
    calibrations: list[Calibration] = field(default_factory=list)
    """By journal and id."""
    delays: list[DelayStep] = field(default_factory=list)
    """For each journal the delay with which its day begins, if a record tells it, then every change."""
    sensor_moved: list[SensorMoved] = field(default_factory=list)

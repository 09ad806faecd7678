"""Model: the types of what a day of records consists of; the day itself is `day.Day`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NO_BOUND = -1
"""The utc_error_ms without an upper bound: of a boot without clock marks, before or after all boots that have some."""


class TimeQuality(StrEnum):
    """How well the UTC of a record is known."""

    FIRM = "firm"
    """Between two clock marks of the same boot."""
    PROVISIONAL = "provisional"
    """By one clock mark: before the first or after the last of its boot, or beyond a deep sleep from there."""
    UNCERTAIN = "uncertain"
    """The boot has no clock mark and is placed between its neighbours, or clocks contradict each other."""


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
    """The sensor's own state, except that off body and charging begin at the onset that the sensor noticed later."""
    activity: NDArray[np.uint8]
    flags: NDArray[np.uint8]
    forward_cdeg: NDArray[np.int16]
    """Mean forward tilt; TILT_UNKNOWN without a calibration."""
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
    """As in contract.records.EVENTS, but with complete uptimes and, for a host clock, its complete `utc_ms`."""
    off_body: bool = False
    """It happened while the sensor was off the body, as the sensor noticed later, so it says nothing of the wearer."""


@dataclass(frozen=True)
class Span:
    """An interval of one state on the day's time line; UNKNOWN is time without any record."""

    state: int
    start_utc_ms: int
    end_utc_ms: int


class Interval(NamedTuple):
    """A range of time, [start, end)."""

    start_utc_ms: int
    end_utc_ms: int


@dataclass(frozen=True)
class Episode:
    """One confirmed slouch, from crossing the threshold to its end. One over midnight is cut there."""

    start_utc_ms: int
    end_utc_ms: int | None
    """None while it lasts, or if its end was not recorded."""
    peak_deg: float | None
    mean_deg: float | None
    """Of the whole slouch, also where it is cut."""
    alerts: int
    correction_latency_s: float | None
    """From the first alert to the correction."""
    began_before: bool = False
    """It is the rest of a slouch that began on an earlier day."""
    goes_on: bool = False
    """It goes on after the end of the day."""


class Outcome(StrEnum):
    """The outcome of an alert."""

    CORRECTED = "corrected"
    """The slouch was corrected within 30 s."""
    LATE = "late"
    """The slouch was not corrected within 30 s."""
    INTERRUPTED = "interrupted"
    """Within 30 s the wearer got up, lay down or took the sensor off, or samples are missing."""
    UNKNOWN = "unknown"
    """The records end before 30 s have passed, or some are missing."""


@dataclass(frozen=True)
class Alert:
    """One vibration that the wearer could feel, and its outcome."""

    journal: int
    sequence: int
    utc_ms: int
    forward_deg: float
    number: int
    """Its number among the alerts of its slouch, from 1."""
    mode: str | None
    """`delay` or `budget`; None for a mode that this version doesn't know."""
    outcome: Outcome
    latency_s: float | None
    """From this alert to the next correction, however late; None if another alert came first or there is none."""


@dataclass(frozen=True)
class Calibration:
    """A calibration that was made or used on the day. None is what no record contains."""

    journal: int
    calibration_id: int
    profile: int | None
    profile_name: str | None
    """Its name at the end of the day's records."""
    how: str | None
    made_utc_ms: int | None
    standing_forward_deg: float | None
    """Forward tilt of standing upright against this calibration; None without a standing zero."""
    standing_lateral_deg: float | None
    standing_utc_ms: int | None
    """When the standing zero was set."""


@dataclass(frozen=True)
class DelayStep:
    """A change of the delay of alerts."""

    journal: int
    utc_ms: int | None
    """May be earlier than the day: the first step is the delay that the day begins with."""
    delay_s: int
    why: str | None


@dataclass(frozen=True)
class SensorMoved:
    """A notice of the sensor that it may sit elsewhere, because the tilt while walking has changed."""

    journal: int
    sequence: int
    utc_ms: int
    walking_deg: float
    """Median forward tilt of the last walking time."""
    usual_deg: float
    profile: int
    profile_name: str | None

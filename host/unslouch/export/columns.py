"""Columns: what the log holds of each epoch, as numpy arrays with a name and a meaning."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import NO_BOUND, Epochs, TimeQuality
from unslouch_device.contract.records import (
    EPOCH_ALERTED,
    EPOCH_MS,
    EPOCH_PARTIAL,
    EPOCH_SATURATED,
    EPOCH_SNOOZED,
    EPOCH_TRACKING_ONLY,
    SECONDS_PER_EPOCH,
    TILT_UNKNOWN,
)
from unslouch_device.contract.states import ACTIVITY_NAMES, STATE_NAMES

from .iso_times import iso_local_column, iso_utc_column


class Values(NamedTuple):
    """The values of one column, as long as the day has epochs."""

    array: NDArray[Any]
    """Integers, floats or texts."""
    known: NDArray[np.bool_] | None = None
    """False where the value is not known and the array's element means nothing; None if all are known."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the epochs."""

    name: str
    """Its name in the log, which never changes once it was exported."""
    meaning: str
    """What it holds, with its unit, as the data dictionary prints it."""
    read: Callable[[Epochs, tzinfo | None], Values]
    """Returns the values; the zone is that of local times."""


_STATES, _ACTIVITIES, _TIME_QUALITIES = (
    np.array(names, np.str_) for names in (STATE_NAMES, ACTIVITY_NAMES, [quality.value for quality in TimeQuality])
)


def _field(name: str, meaning: str) -> Column:
    """Return a column that is a field of Epochs as it is."""
    return Column(name, meaning, lambda epochs, tz: Values(getattr(epochs, name)))


def _flag(name: str, flag: int, meaning: str) -> Column:
    return Column(name, f"1: {meaning}", lambda epochs, tz: Values(((epochs.flags & flag) != 0).astype(np.uint8)))


def _degrees(cdeg: NDArray[Any]) -> Values:
    return Values(cdeg / 100, cdeg != TILT_UNKNOWN)


def _second(number: int) -> Column:
    return Column(
        f"forward_{number}_deg",
        f"mean forward tilt of second {number} of the epoch, degrees",
        lambda epochs, tz: _degrees(epochs.second_cdeg[:, number - 1]),
    )


COLUMNS: tuple[Column, ...] = (
    Column("utc", "UTC at which the epoch begins", lambda epochs, tz: Values(iso_utc_column(epochs.utc_ms))),
    Column(
        "local",
        "the same in local time, with its offset from UTC",
        lambda epochs, tz: Values(iso_local_column(epochs.utc_ms, tz)),
    ),
    Column("duration_s", "length of the epoch, s", lambda epochs, tz: Values(np.full(len(epochs), EPOCH_MS // 1000))),
    Column("state", "posture state that the epoch spent longest in", lambda epochs, tz: Values(_STATES[epochs.state])),
    Column("activity", f"one of {', '.join(ACTIVITY_NAMES)}", lambda epochs, tz: Values(_ACTIVITIES[epochs.activity])),
    Column(
        "forward_deg",
        "mean forward tilt against the calibrated upright, degrees, + forward",
        lambda epochs, tz: _degrees(epochs.forward_cdeg),
    ),
    Column("lateral_deg", "mean lateral tilt, degrees, + right", lambda epochs, tz: _degrees(epochs.lateral_cdeg)),
    *(_second(number) for number in range(1, SECONDS_PER_EPOCH + 1)),
    Column(
        "speed_deg_s",
        "mean |d(forward tilt)/dt|, degrees/s",
        lambda epochs, tz: Values(epochs.speed_cdeg_s / 100, epochs.forward_cdeg != TILT_UNKNOWN),
    ),
    _flag("partial", EPOCH_PARTIAL, "measured for less than four of its five seconds"),
    _flag("snoozed", EPOCH_SNOOZED, "alerts were snoozed"),
    _flag("tracking_only", EPOCH_TRACKING_ONLY, "the sensor was set not to alert"),
    _flag("alerted", EPOCH_ALERTED, "the sensor gave an alert"),
    _flag("saturated", EPOCH_SATURATED, "the motion went beyond what the sensor can measure"),
    _field("boot", "number of the sensor's boot"),
    _field("uptime_ms", "time from that boot to the beginning of the epoch, ms"),
    _field("journal", "number of the sensor's journal"),
    _field("sequence", "number of the epoch's record in that journal"),
    Column(
        "utc_error_s",
        "upper bound of the error of utc and local, s; empty if nothing bounds it",
        lambda epochs, tz: Values(epochs.utc_error_ms / 1000, epochs.utc_error_ms != NO_BOUND),
    ),
    Column(
        "dating",
        "how well the time is known: firm, provisional or uncertain",
        lambda epochs, tz: Values(_TIME_QUALITIES[epochs.time_quality]),
    ),
    _field("settings_revision", "revision of the settings that the epoch was measured under"),
    Column(
        "calibration_id",
        "number of the calibration that the epoch was measured under",
        lambda epochs, tz: Values(epochs.calibration_id, epochs.calibration_id != 0),
    ),
)
"""Every column, in the order in which it is exported. An empty field (null in JSON) is a value that is not known."""

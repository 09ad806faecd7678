"""Epochs as a table: one column for each part of an epoch, read from numpy arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.metrics.table import Values
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

from .columns import Column, Kind


@dataclass(frozen=True, eq=False)
class EpochColumn(Column):
    """A column of the epochs."""

    read: Callable[[Epochs], Values] = lambda epochs: Values(np.zeros(len(epochs)))


_TIME_QUALITIES = tuple(quality.value for quality in TimeQuality)


def _column(name: str, kind: Kind, meaning: str, read: Callable[[Epochs], Values]) -> EpochColumn:
    return EpochColumn(name, kind, meaning, None, read)


def _field(name: str, meaning: str) -> EpochColumn:
    """Return a column that is a field of Epochs as it is."""
    return _column(name, Kind.INTEGER, meaning, lambda epochs: Values(getattr(epochs, name)))


def _flag(name: str, flag: int, meaning: str) -> EpochColumn:
    def read(epochs: Epochs) -> Values:
        return Values(((epochs.flags & flag) != 0).astype(np.uint8))

    return _column(name, Kind.FLAG, f"1: {meaning}", read)


def _degrees(cdeg: NDArray[Any]) -> Values:
    return Values(cdeg / 100, cdeg != TILT_UNKNOWN)


def _second(number: int) -> EpochColumn:
    return _column(
        f"forward_{number}_deg",
        Kind.NUMBER,
        f"mean forward tilt of second {number} of the epoch, degrees",
        lambda epochs: _degrees(epochs.second_cdeg[:, number - 1]),
    )


EPOCH_COLUMNS: tuple[EpochColumn, ...] = (
    _column("utc", Kind.UTC, "UTC at which the epoch begins", lambda epochs: Values(epochs.utc_ms)),
    _column(
        "local", Kind.LOCAL, "the same in local time, with its offset from UTC", lambda epochs: Values(epochs.utc_ms)
    ),
    _column(
        "duration_s",
        Kind.INTEGER,
        "length of the epoch, s",
        lambda epochs: Values(np.full(len(epochs), EPOCH_MS // 1000)),
    ),
    _column(
        "state",
        Kind.TEXT,
        "posture state that the epoch spent longest in",
        lambda epochs: Values(epochs.state, names=STATE_NAMES),
    ),
    _column(
        "activity",
        Kind.TEXT,
        f"one of {', '.join(ACTIVITY_NAMES)}",
        lambda epochs: Values(epochs.activity, names=ACTIVITY_NAMES),
    ),
    _column(
        "forward_deg",
        Kind.NUMBER,
        "mean forward tilt against the calibrated upright, degrees, + forward",
        lambda epochs: _degrees(epochs.forward_cdeg),
    ),
    _column(
        "lateral_deg",
        Kind.NUMBER,
        "mean lateral tilt, degrees, + right",
        lambda epochs: _degrees(epochs.lateral_cdeg),
    ),
    *(_second(number) for number in range(1, SECONDS_PER_EPOCH + 1)),
    _column(
        "speed_deg_s",
        Kind.NUMBER,
        "mean |d(forward tilt)/dt|, degrees/s",
        lambda epochs: Values(epochs.speed_cdeg_s / 100, epochs.forward_cdeg != TILT_UNKNOWN),
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
    _column(
        "utc_error_s",
        Kind.NUMBER,
        "upper bound of the error of utc and local, s; empty if nothing bounds it",
        lambda epochs: Values(epochs.utc_error_ms / 1000, epochs.utc_error_ms != NO_BOUND),
    ),
    _column(
        "dating",
        Kind.TEXT,
        "how well the time is known: firm, provisional or uncertain",
        lambda epochs: Values(epochs.time_quality, names=_TIME_QUALITIES),
    ),
    _field("settings_revision", "revision of the settings that the epoch was measured under"),
    _column(
        "calibration_id",
        Kind.INTEGER,
        "number of the calibration that the epoch was measured under",
        lambda epochs: Values(epochs.calibration_id, epochs.calibration_id != 0),
    ),
)
"""Every column, in the order in which it is exported. An empty field (null in JSON) is a value that is not known."""

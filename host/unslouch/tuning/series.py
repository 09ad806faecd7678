"""Series: recorded epochs as the samples, one a second, that the firmware's detector takes."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import Epochs
from unslouch_device.contract.records import EPOCH_MS, EPOCH_SNOOZED, SECONDS_PER_EPOCH, TILT_UNKNOWN
from unslouch_device.contract.states import ACTIVITY_MOVING, CHARGING, OFF_BODY

_UNIT = 1 << 14
"""1 g in the detector's uprightness."""

POSTURE, WALKING, INERT, ON_CHARGER, WITHOUT_CALIBRATION = range(5)
"""What a sample is to the detector; only in POSTURE does its tilt matter."""


class Piece(NamedTuple):
    """Samples [start, end) that follow each other without a break."""

    start: int
    end: int
    gap_s: int | None
    """Seconds without samples before it; None where it continues the piece before it."""
    standing_cdeg: int
    """Forward tilt of standing under its calibration; 0 if that isn't known."""
    snooze_s: int
    """How long alerts were snoozed from its start on."""


@dataclass(frozen=True)
class Series:
    """The samples of one journal, one a second, in the order of the board's clock."""

    forward_cdeg: "array[int]"
    lateral_cdeg: "array[int]"
    """The mean of each epoch, since the journal has no lateral tilt for each second."""
    uprightness: "array[int]"
    """cos θ · cos φ in 2**-14."""
    kind: bytes
    pieces: list[Piece]
    epoch_utc_ms: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """UTC at which each epoch begins; sample n belongs to epoch n // 5."""

    def utc_ms_at(self, sample: int) -> int:
        """Return the UTC at which a sample begins; of the one after the last, at which the last ends."""
        epoch = min(sample // SECONDS_PER_EPOCH, len(self.epoch_utc_ms) - 1)
        return int(self.epoch_utc_ms[epoch]) + (sample - epoch * SECONDS_PER_EPOCH) * 1000

    def __len__(self) -> int:
        return len(self.kind)


def journal_series(epochs: Epochs, standing_cdeg: Mapping[tuple[int, int], int]) -> list[Series]:
    """Return a series for each journal of the epochs, which are in order of (journal, boot, uptime).

    standing_cdeg: the forward tilt of standing by (journal, calibration id), where it is known.
    """
    journals = np.unique(epochs.journal).tolist()
    return [_series(epochs, np.flatnonzero(epochs.journal == journal), journal, standing_cdeg) for journal in journals]


def _series(
    epochs: Epochs, rows: NDArray[np.intp], journal: int, standing_cdeg: Mapping[tuple[int, int], int]
) -> Series:
    is_measured = epochs.forward_cdeg[rows] != TILT_UNKNOWN
    kind = np.zeros(len(rows), np.uint8)
    kind[epochs.activity[rows] == ACTIVITY_MOVING] = WALKING
    kind[~is_measured] = WITHOUT_CALIBRATION
    kind[epochs.state[rows] == OFF_BODY] = INERT
    kind[epochs.state[rows] == CHARGING] = ON_CHARGER
    forward_cdeg = np.where(is_measured[:, None], epochs.second_cdeg[rows], 0).ravel()
    lateral_cdeg = np.repeat(np.where(is_measured, epochs.lateral_cdeg[rows], 0), SECONDS_PER_EPOCH)
    radians = np.pi / 18000
    uprightness = np.floor(_UNIT * np.cos(forward_cdeg * radians) * np.cos(lateral_cdeg * radians))
    return Series(
        forward_cdeg=_array("i", forward_cdeg.astype(np.int32)),
        lateral_cdeg=_array("h", lateral_cdeg.astype(np.int16)),
        uprightness=_array("h", uprightness.astype(np.int16)),
        kind=np.repeat(kind, SECONDS_PER_EPOCH).tobytes(),
        pieces=_pieces(epochs, rows, journal, standing_cdeg),
        epoch_utc_ms=epochs.utc_ms[rows],
    )


def _array(code: str, values: NDArray[np.signedinteger]) -> "array[int]":
    return array(code, values.tobytes())


def _pieces(
    epochs: Epochs, rows: NDArray[np.intp], journal: int, standing_cdeg: Mapping[tuple[int, int], int]
) -> list[Piece]:
    """Cut the epochs where samples are missing, the calibration changes, or a snooze begins or ends."""
    boot, uptime_ms, utc_ms = epochs.boot[rows], epochs.uptime_ms[rows], epochs.utc_ms[rows]
    calibration, snoozed = epochs.calibration_id[rows], (epochs.flags[rows] & EPOCH_SNOOZED) != 0
    since_ms = np.where(np.diff(boot) == 0, np.diff(uptime_ms), np.diff(utc_ms)) - EPOCH_MS
    breaks = (since_ms > 0) | (np.diff(boot) != 0) | (np.diff(calibration) != 0)
    starts = [0, *(np.flatnonzero(breaks | (np.diff(snoozed) != 0)) + 1).tolist(), len(rows)]
    pieces = []
    for start, end in pairwise(starts):
        is_break = start == 0 or breaks[start - 1]
        gap_s = max(0, round(int(since_ms[start - 1]) / 1000)) if start else 0
        pieces.append(
            Piece(
                start=start * SECONDS_PER_EPOCH,
                end=end * SECONDS_PER_EPOCH,
                gap_s=gap_s if is_break else None,
                standing_cdeg=standing_cdeg.get((journal, int(calibration[start])), 0),
                snooze_s=(end - start) * SECONDS_PER_EPOCH if snoozed[start] else 0,
            )
        )
    return pieces

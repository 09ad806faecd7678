"""Standing: the tilt of standing upright, which the zones of the standards count from.

It was set by hand, or it is taken from walking as Acti4 does, or it is not known. Then the zones count from seated
upright, and since people sit more flexed than they stand, they may understate.
"""

from bisect import insort
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unslouch.analysis.model import Calibration
from unslouch_device.contract.states import MOVING

from .seconds import Seconds, stretches

ACTI4 = "Acti4"
WALKING_S = 60
"""So much walking is needed."""
WALKING_LEAN_CDEG = 600
"""People lean forward by so much more when they walk than when they stand."""
WALKING_ERROR_CDEG = 600
"""The zero from walking may be off by so much either way."""
MOST_SHIFT_CDEG = 2000
"""A zero that differs from the one before by more is not taken."""
_LEAST_WALK_S = 10
"""Moving for less on end is not walking."""


class ZeroSource(StrEnum):
    """Where a standing zero comes from."""

    BY_HAND = "by hand"
    WALKING = "from walking"
    SEATED = "seated upright"
    """There is none: tilts count from seated upright, and zones may understate."""


class StandingZero(NamedTuple):
    """The tilt of standing upright against a calibration, in cdeg."""

    source: ZeroSource
    forward_cdeg: int = 0
    lateral_cdeg: int = 0
    error_cdeg: int = 0
    """The forward tilt may be off by so much either way."""


def standing_zeros(seconds: Seconds, calibrations: Iterable[Calibration]) -> dict[tuple[int, int], StandingZero]:
    """Return the standing zero of each calibration of the seconds."""
    by_hand = {
        (made.journal, made.calibration_id): StandingZero(
            ZeroSource.BY_HAND, round(made.standing_forward_deg * 100), round((made.standing_lateral_deg or 0) * 100)
        )
        for made in calibrations
        if made.standing_forward_deg is not None
    }
    zeros = {}
    for index, name in enumerate(seconds.calibrations):
        zero_cdeg = None if name in by_hand else zero_from_walking(_walking_cdeg(seconds, index))
        from_walking = zero_cdeg is not None and StandingZero(
            ZeroSource.WALKING, zero_cdeg, error_cdeg=WALKING_ERROR_CDEG
        )
        zeros[name] = by_hand.get(name) or from_walking or StandingZero(ZeroSource.SEATED)
    return zeros


def _walking_cdeg(seconds: Seconds, calibration: int) -> NDArray[np.int32]:
    walks = stretches((seconds.state == MOVING) & (seconds.calibration == calibration), seconds.run)
    long_enough = walks.length_s >= _LEAST_WALK_S
    parts = [
        seconds.forward_cdeg[first:after]
        for first, after in zip(walks.first[long_enough].tolist(), walks.after[long_enough].tolist(), strict=True)
    ]
    return np.concatenate(parts) if parts else seconds.forward_cdeg[:0]


def zero_from_walking(walking_cdeg: NDArray[np.int32]) -> int | None:
    """Return the forward tilt of standing from that of each second of walking; None for less than 60 s.

    It is the median of the walking less 6°. The walking is looked at minute by minute: a minute whose own zero is more
    than 20° off that of the minutes before does not count.

    >>> zero_from_walking(np.full(60, 1000, np.int32))
    400
    >>> zero_from_walking(np.full(59, 1000, np.int32)) is None
    True
    >>> zero_from_walking(np.repeat(np.array([1000, 3100, 1200, 3300, 1400], np.int32), 60))
    600
    """
    minutes = len(walking_cdeg) // WALKING_S
    if not minutes:
        return None
    ordered = np.sort(walking_cdeg[: minutes * WALKING_S].reshape(minutes, WALKING_S), axis=1)
    medians = ((ordered[:, WALKING_S // 2 - 1] + ordered[:, WALKING_S // 2]) / 2).tolist()
    kept: list[float] = []
    counts = []
    for minute in medians:
        counts.append(not kept or abs(minute - _median(kept)) <= MOST_SHIFT_CDEG)
        if counts[-1]:
            insort(kept, minute)
    of_minute = np.minimum(np.arange(len(walking_cdeg)) // WALKING_S, minutes - 1)
    return round(float(np.median(walking_cdeg[np.array(counts)[of_minute]]))) - WALKING_LEAN_CDEG


def _median(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

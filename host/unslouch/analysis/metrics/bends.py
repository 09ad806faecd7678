"""Bends: how often the trunk bent far forward or aside."""

import numpy as np

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations
from .posture import BOUNDS, has_uncertain_zero, tilt_sat_or_stood, tilt_upright_bodied, with_bounds
from .seconds import Stretches, stretches
from .standing import ACTI4
from .table import Kind, Table, TableColumn, Values

BEND_CDEG = 4500
LATERAL_CDEG = 1000
_BRIDGED_S = 2
_S_PER_HOUR = 3600
EN_LATERAL = "EN 1005-4 (10° and frequency per minute, read second-hand: a count, not a verdict)"


class _Bends:
    """The bends by the part of the zero's error."""

    def __init__(self, observed: Observations) -> None:
        self._tilt = observed.once(tilt_sat_or_stood)
        self._by_shift: dict[float, Stretches] = {}

    def at(self, shift: float = 0.0) -> Stretches:
        if shift not in self._by_shift:
            is_bent = self._tilt.is_at_least(BEND_CDEG, shift)
            self._by_shift[shift] = stretches(is_bent, self._tilt.seconds.run, _BRIDGED_S)
        return self._by_shift[shift]


def _bends_per_hour(observed: Observations, shift: float) -> float | None:
    length_s = len(observed.once(tilt_sat_or_stood).seconds)
    return len(observed.once(_Bends).at(shift).first) * _S_PER_HOUR / length_s if length_s else None


BENDS = with_bounds(
    "bends",
    Unit.COUNT,
    f"how often the forward tilt against standing upright rose to 45° and more, walking and lying left out{BOUNDS}",
    f"{ACTI4} parameter definitions (45°); bridged dips {OURS}",
    decimals=0,
    formula="number of bouts with θ ≥ 45°, 1 Hz, dips of 1–2 s bridged",
    theme=Theme.ZONES,
    value=lambda observed, shift: len(observed.once(_Bends).at(shift).first),
)
"""
A dip of 1 s is bridged, so the last one counts once.

>>> day = tilted(0, 50, 0, 0, 0, 46, 44, 47, 0, 0)
>>> values(day, "bends")
[2]
>>> values(tilted((46, 10), (8, 60, MOVING), calibrations=[]), *bounds("bends"))
[0, 0, 1]
"""
BENDS_PER_HOUR = with_bounds(
    "bends_per_hour",
    Unit.PER_HOUR,
    f"`bends` per hour of valid time, walking and lying left out{BOUNDS}",
    f"{ACTI4} parameter definitions (45°); bridged dips {OURS}",
    decimals=2,
    formula="`bends` ÷ hours",
    theme=Theme.ZONES,
    value=_bends_per_hour,
    is_score=True,
)
"""
Two bends in 10 s are 720 an hour.

>>> values(tilted(0, 50, 0, 0, 0, 46, 44, 47, 0, 0), "bends_per_hour")
[720.0]
>>> values(tilted((46, 10), (8, 60, MOVING), calibrations=[]), *bounds("bends_per_hour"))
[0.0, 0.0, 360.0]
"""


def _lateral_bends(observed: Observations) -> int:
    tilt = observed.once(tilt_upright_bodied)
    return len(stretches(np.abs(tilt.lateral_cdeg) >= LATERAL_CDEG, tilt.seconds.run).first)


def _lateral_per_min(observed: Observations) -> float | None:
    length_s = len(observed.once(tilt_upright_bodied).seconds)
    return observed.once(_lateral_bends) * 60 / length_s if length_s else None


LATERAL_BENDS = Metric(
    "lateral_bends",
    Unit.COUNT,
    "how often the lateral tilt rose to 10° and more either way; means of 5 s, so shorter bends don't show",
    EN_LATERAL,
    decimals=0,
    measure=_lateral_bends,
    formula="number of bouts with |φ| ≥ 10°, φ against standing where it was set by hand, lying left out",
    theme=Theme.ZONES,
    refers_to_standing=True,
)
"""
>>> values(tilted((0, 30), lateral_cdeg=np.array([-1100, 0, 999, 1000, 1500, 2500])), "lateral_bends")
[2]
"""
LATERAL_BENDS_PER_MIN = Metric(
    "lateral_bends_per_min",
    Unit.PER_MIN,
    "`lateral_bends` per minute of valid time, lying left out",
    EN_LATERAL,
    decimals=3,
    measure=_lateral_per_min,
    formula="`lateral_bends` ÷ minutes",
    theme=Theme.ZONES,
    is_score=True,
    refers_to_standing=True,
)
"""
Two bends in 30 s are four a minute.

>>> values(tilted((0, 30), lateral_cdeg=np.array([-1100, 0, 999, 1000, 1500, 2500])), "lateral_bends_per_min")
[4.0]
"""


def _bend_rows(observed: Observations) -> dict[str, Values]:
    tilt = observed.once(tilt_sat_or_stood)
    bends = observed.once(_Bends).at()
    edges = np.column_stack(bends).ravel()
    # A last element lets the last bend end at the end of the seconds; every second pair is one between bends.
    peaks_cdeg = np.maximum.reduceat(np.append(tilt.forward_cdeg(), 0), edges)[::2] if len(edges) else edges
    return {
        "start": Values(tilt.seconds.utc_ms[bends.first]),
        "length_s": Values(bends.length_s),
        "peak_from_standing_deg": Values(peaks_cdeg / 100),
        "zero_is_uncertain": Values(np.full(len(bends.first), has_uncertain_zero(observed))),
    }


BEND_TABLE = Table(
    "bends",
    "bends of 45° and more against standing upright, dips of 1–2 s bridged, walking and lying left out",
    f"{ACTI4} parameter definitions (45°); bridged dips {OURS}",
    Theme.ZONES,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the tilt rises to 45°"),
        TableColumn("length_s", Kind.INTEGER, Unit.SECONDS, "how long it stays there"),
        TableColumn("peak_from_standing_deg", Kind.NUMBER, Unit.DEGREES, "greatest forward tilt of a second", 2),
        TableColumn("zero_is_uncertain", Kind.FLAG, None, "the standing zero comes from walking and may be 6° off"),
    ),
    read=_bend_rows,
    refers_to_standing=True,
)

"""Variation: how the tilt was distributed and how long it stayed where it was."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract.states import MOVING

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations
from .posture import sat_or_stood
from .ranks import Ranks
from .seconds import classes_on_end
from .table import Axis, Distribution, Kind, Table, TableColumn, Values

APDF = "amplitude probability distribution function: Jonsson; BMC Med Res Methodol 12:36"
EVA = f"exposure variation analysis: Mathiassen & Winkel, Ergonomics 34 (1991); classes {OURS}"
SPEED = "doi 10.3390/s21165527"

AMPLITUDE_DEG = (-np.inf, 0.0, 10.0, 20.0, 30.0, 60.0, np.inf)
AMPLITUDES = ("less than 0°", "0–10°", "10–20°", "20–30°", "30–60°", "60° and more")
DURATION_S = (0.0, 10.0, 30.0, 60.0, 240.0, 600.0, np.inf)
DURATIONS = ("less than 10 s", "10–30 s", "30–60 s", "1–4 min", "4–10 min", "10 min and more")
_AMPLITUDE_CDEG = np.array(AMPLITUDE_DEG[1:-1]) * 100


def _not_walking(observed: Observations) -> Ranks:
    """Return the forward tilt of every valid second without walking, in cdeg."""
    return Ranks(observed.seconds.forward_cdeg[observed.seconds.state != MOVING])


def _walking(observed: Observations) -> Ranks:
    return Ranks(observed.seconds.forward_cdeg[observed.seconds.state == MOVING])


def _speed(observed: Observations) -> Ranks:
    return Ranks(observed.seconds.speed_cdeg_s)


def _percentile_of(ranks: Callable[[Observations], Ranks], percent: int) -> Callable[[Observations], float | None]:
    def measure(observed: Observations) -> float | None:
        value = observed.once(ranks).percentile(percent)
        return None if value is None else value / 100

    return measure


def _tilt_percentile(percent: int) -> Metric[float | None]:
    return Metric(
        f"tilt_p{percent}",
        Unit.DEGREES,
        f"{percent}th percentile of the forward tilt against seated upright, over valid time without walking",
        APDF,
        decimals=2,
        measure=_percentile_of(_not_walking, percent),
        formula=f"P{percent} of θ, 1 Hz, interpolated linearly",
        theme=Theme.VARIATION,
        is_score=True,
    )


def _tilt_range(observed: Observations) -> float | None:
    low, high = TILT_P10.measure(observed), TILT_P90.measure(observed)
    return None if low is None or high is None else high - low


TILT_P10, TILT_P50, TILT_P90 = (_tilt_percentile(percent) for percent in (10, 50, 90))
"""
Ten seconds from 0° to 90°; walking is left out. P10 is at (10 − 1) · 0.1 = 0.9 of the way from the first to the second.

>>> day = tilted(*range(0, 100, 10), (-50, 20, MOVING))
>>> values(day, "tilt_p10", "tilt_p50", "tilt_p90")
[9.0, 45.0, 81.0]
"""
TILT_RANGE = Metric(
    "tilt_range",
    Unit.DEGREES,
    "variation of the forward tilt over valid time without walking",
    APDF,
    decimals=2,
    measure=_tilt_range,
    formula="`tilt_p90` − `tilt_p10`",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
>>> values(tilted(*range(0, 100, 10), (-50, 20, MOVING)), "tilt_range")
[72.0]
"""
SPEED_P50, SPEED_P90 = (
    Metric(
        f"speed_p{percent}",
        Unit.DEGREES_PER_S,
        f"{percent}th percentile of the angular velocity of the forward tilt over valid time",
        SPEED,
        decimals=2,
        measure=_percentile_of(_speed, percent),
        formula=f"P{percent} of the epochs' mean |dθ/dt|, measured at the sample rate on the board; 63.75°/s at most",
        theme=Theme.VARIATION,
        is_score=True,
    )
    for percent in (50, 90)
)
"""
Eleven epochs from 0°/s to 10°/s.

>>> values(tilted((0, 55), speed_cdeg_s=np.arange(0, 1100, 100)), "speed_p50", "speed_p90")
[5.0, 9.0]
"""
WALKING_TILT, WALKING_TILT_P90 = (
    Metric(
        name,
        Unit.DEGREES,
        f"{words} forward tilt while walking, against seated upright; one that differs from other days may mean that "
        "the sensor sits elsewhere",
        f"{ours}",
        decimals=2,
        measure=_percentile_of(_walking, percent),
        formula=f"P{percent} of θ over valid time in state moving, 1 Hz",
        theme=Theme.VALIDITY,
    )
    for name, words, percent, ours in (
        ("walking_tilt", "median", 50, "Acti4 practice"),
        ("walking_tilt_p90", "90th percentile of the", 90, OURS),
    )
)
"""
>>> day = tilted((40, 20), *((degrees, 5, MOVING) for degrees in (2, 4, 6, 8, 10)))
>>> values(day, "walking_tilt", "walking_tilt_p90")
[6.0, 10.0]
"""

_HISTOGRAM_DEG = tuple(float(degrees) for degrees in range(-90, 181))


_INNER_CDEG = np.array(_HISTOGRAM_DEG[1:-1], np.int64) * 100


def _tilt_histogram(observed: Observations) -> NDArray[np.int64]:
    ranks = observed.once(_not_walking)
    return np.diff(ranks.counts_below(_INNER_CDEG), prepend=0, append=ranks.count)


TILT_HISTOGRAM = Distribution(
    "tilt_seconds",
    Unit.SECONDS,
    "valid time without walking by forward tilt against seated upright; its running sum is the APDF",
    "number of seconds with θ in each degree",
    APDF,
    Theme.VARIATION,
    (
        Axis(
            "forward_deg",
            Unit.DEGREES,
            (-np.inf, *_HISTOGRAM_DEG[1:-1], np.inf),
            tuple(f"{degrees:.0f}" for degrees in _HISTOGRAM_DEG[:-1]),
        ),
    ),
    measure=_tilt_histogram,
)
"""
>>> distribution("tilt_seconds", tilted(-95, -0.5, 0, 0.99, 179.5, (5, 5, MOVING)))
[(('-90',), 1), (('-1',), 1), (('0',), 2), (('179',), 1)]
"""


def _bouts(observed: Observations) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the start, the length in s and the amplitude class of every bout."""
    seconds = observed.once(sat_or_stood)
    amplitude = np.searchsorted(_AMPLITUDE_CDEG, seconds.forward_cdeg, side="right")
    bouts = classes_on_end(amplitude, seconds.run)
    return seconds.utc_ms[bouts.first], bouts.length_s, amplitude[bouts.first]


def eva_seconds(length_s: NDArray[np.int64], amplitude: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (6, 6): for how many seconds each amplitude class was held in bouts of each duration class.

    >>> eva_seconds(np.array([9, 10, 700]), np.array([1, 1, 5]))[[1, 1, 5], [0, 1, 5]].tolist()
    [9, 10, 700]
    """
    duration = np.searchsorted(DURATION_S, length_s, side="right") - 1
    matrix = np.zeros((len(AMPLITUDES), len(DURATIONS)), np.int64)
    np.add.at(matrix, (amplitude, duration), length_s)
    return matrix


def _eva_matrix(observed: Observations) -> NDArray[np.int64]:
    _, length_s, amplitude = observed.once(_bouts)
    return eva_seconds(length_s, amplitude)


def _eva_shares(observed: Observations) -> NDArray[np.float64] | None:
    matrix = observed.once(_eva_matrix)
    total_s = matrix.sum()
    return matrix / total_s if total_s else None


def entropy_bits(shares: NDArray[np.float64]) -> float:
    """Return the entropy of shares that add up to 1: 0 for one cell, log2(n) for n equal ones.

    >>> entropy_bits(np.array([[0.5, 0.25], [0.25, 0.0]]))
    1.5
    """
    some = shares[shares > 0]
    return float(-(some * np.log2(some)).sum()) + 0.0


def _eva_entropy(observed: Observations) -> float | None:
    shares = observed.once(_eva_shares)
    return None if shares is None else entropy_bits(shares)


def _dominant(observed: Observations) -> tuple[int, int] | None:
    if observed.once(_eva_shares) is None:
        return None
    amplitude, duration = divmod(int(observed.once(_eva_matrix).argmax()), len(DURATIONS))
    return amplitude, duration


def _dominant_cell(observed: Observations) -> str | None:
    cell = observed.once(_dominant)
    return None if cell is None else f"{AMPLITUDES[cell[0]]}, {DURATIONS[cell[1]]}"


def _dominant_share(observed: Observations) -> float | None:
    cell, shares = observed.once(_dominant), observed.once(_eva_shares)
    return None if cell is None or shares is None else float(shares[cell])


_EVA_TIME = "valid time, walking and lying left out,"
EVA_MATRIX = Distribution(
    "eva",
    Unit.SECONDS,
    f"{_EVA_TIME} in each class of forward tilt against seated upright, in uninterrupted bouts of each class of "
    "duration; ÷ its sum it is the share E[i, j]",
    "Σ length of the bouts of tilt class i and duration class j",
    EVA,
    Theme.VARIATION,
    (
        Axis("forward_deg", Unit.DEGREES, AMPLITUDE_DEG, AMPLITUDES),
        Axis("length_s", Unit.SECONDS, DURATION_S, DURATIONS),
    ),
    measure=_eva_matrix,
)
"""
9 s below 0°, 10 s at 5°, and 31 s at 15° in bouts of 21 s and 10 s, between which the wearer walked.

>>> day = tilted((-1, 9), (5, 10), (15, 21), (15, 5, MOVING), (15, 10))
>>> for cell, length_s in distribution("eva", day):
...     print(*cell, length_s, sep=", ")
less than 0°, less than 10 s, 9
0–10°, 10–30 s, 10
10–20°, 10–30 s, 31
"""
EVA_ENTROPY = Metric(
    "eva_entropy",
    Unit.BITS,
    f"how evenly the {_EVA_TIME} spreads over the 36 cells of the matrix `eva`: 0 in one cell, 5.17 evenly in all",
    f"{EVA}; entropy {OURS}",
    decimals=3,
    measure=_eva_entropy,
    formula="−Σ E[i, j] · log₂ E[i, j]",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
Half of the time in one cell and a quarter in each of two others: ½ · 1 + 2 · ¼ · 2 bits.

>>> values(tilted((5, 40), (15, 20), (25, 20)), "eva_entropy")
[1.5]
"""
EVA_DOMINANT_CELL = Metric(
    "eva_dominant_cell",
    Unit.NAME,
    "the cell of the matrix `eva` with the most time: class of tilt, class of duration",
    EVA,
    decimals=0,
    measure=_dominant_cell,
    formula="argmax E[i, j]; the lower tilt, then the shorter duration, of equal ones",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
>>> values(tilted((5, 40), (15, 20), (25, 20)), "eva_dominant_cell")
['0–10°, 30–60 s']
"""
EVA_DOMINANT_SHARE = Metric(
    "eva_dominant_share",
    Unit.SHARE,
    "share of the cell `eva_dominant_cell`",
    EVA,
    decimals=4,
    measure=_dominant_share,
    formula="max E[i, j]",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
>>> values(tilted((5, 40), (15, 20), (25, 20)), "eva_dominant_share")
[0.5]
"""


def _bounded(edges: NDArray[np.float64]) -> Values:
    known = np.isfinite(edges)
    return Values(np.where(known, edges, 0.0), known)


def _bout_rows(observed: Observations) -> dict[str, Values]:
    start_utc_ms, length_s, amplitude = observed.once(_bouts)
    edges = np.array(AMPLITUDE_DEG)
    return {
        "start": Values(start_utc_ms),
        "length_s": Values(length_s),
        "tilt_class": Values(np.array(AMPLITUDES)[amplitude]),
        "from_deg": _bounded(edges[amplitude]),
        "to_deg": _bounded(edges[amplitude + 1]),
    }


BOUTS = Table(
    "bouts",
    f"uninterrupted bouts in one class of forward tilt against seated upright: {_EVA_TIME} cut where records are "
    "missing or the calibration changes; any EVA matrix can be made from them",
    EVA,
    Theme.VARIATION,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the bout begins"),
        TableColumn("length_s", Kind.INTEGER, Unit.SECONDS, "how long it lasts"),
        TableColumn("tilt_class", Kind.TEXT, Unit.NAME, f"one of {', '.join(AMPLITUDES)}"),
        TableColumn("from_deg", Kind.NUMBER, Unit.DEGREES, "lower bound of the class, included; empty for none"),
        TableColumn("to_deg", Kind.NUMBER, Unit.DEGREES, "upper bound of the class, not included; empty for none"),
    ),
    read=_bout_rows,
)

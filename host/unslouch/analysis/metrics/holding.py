"""Holding: how long a tilt was held, how much of its allowed holding time that used up, and how often it changed."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations
from .posture import BOUNDS, has_uncertain_zero, sat_or_stood, tilt_sat_or_stood, with_bounds
from .seconds import Seconds, Stretches
from .table import Kind, Table, TableColumn, Values

ISO_11226 = "ISO 11226 (trunk, unsupported), linear between 4 min at 20° and 1 min at 60°"
CHANGES = f"{OURS}; compare 9 shifts per 15 min of seated people (lumbar), doi 10.1016/j.apergo.2024.104374"
LEAST_HOLD_S = 4
LEAST_MEDIAN_S = 5
WITHIN_CDEG = 500
"""A hold stays this close to its running median; a change of posture is at least this large."""
_S_PER_HOUR = 3600
_FIRST_STEP = 64
_MOST_STEP = 4096
"""So many tilts are looked at in one step at the begin of a hold, and later on at most."""
_PLACES_OF_EVEN = np.arange(_MOST_STEP) // 2
_PLACES_OF_ODD = np.arange(1, _MOST_STEP + 1) // 2
"""By how many places the median of an even or an odd number of tilts can move when so many are added."""


class Holds(NamedTuple):
    """Holds of at least 4 s as parallel arrays."""

    at: Stretches
    median_cdeg: NDArray[np.float64]
    """Against seated upright."""


def _seated(observed: Observations) -> Seconds:
    return observed.once(sat_or_stood)


def split_into_holds(tilts_cdeg: NDArray[np.int32]) -> tuple[list[int], list[float]]:
    """Return where holds begin in seconds on end, and their medians.

    Each lasts while the tilt is within 5° of the median of its seconds so far.

    >>> split_into_holds(np.array([0, 100, 0, 0, 2000, 2100, 2600, 2700], np.int32))
    ([0, 4, 6], [0.0, 2050.0, 2650.0])
    """
    begins, medians = [], []
    at = 0
    while at < len(tilts_cdeg):
        begins.append(at)
        at, ordered = _hold_end(tilts_cdeg, at)
        medians.append((int(ordered[(len(ordered) - 1) // 2]) + int(ordered[len(ordered) // 2])) / 2)
    return begins, medians


def _end_of_narrow(tilts_cdeg: NDArray[np.int32], begin: int) -> int:
    """Return up to where tilts from an index on lie within 5° of each other, and so within 5° of their median.

    No more than some are looked at.
    """
    some = tilts_cdeg[begin : begin + _FIRST_STEP]
    is_wide = np.maximum.accumulate(some) - np.minimum.accumulate(some) > WITHIN_CDEG
    return begin + (int(is_wide.argmax()) or len(some))  # the first one is never too wide


def _hold_end(tilts_cdeg: NDArray[np.int32], begin: int) -> tuple[int, NDArray[np.int32]]:
    """Return where the hold that begins at an index ends, and its tilts in order of size.

    Each step looks at as many tilts as the hold has. With i more tilts the median is one of those i / 2 places around
    where it is, so a tilt within 5° of all of them belongs to the hold if those before it do. The first tilt that isn't
    is compared with the median of those before it.
    """
    at = _end_of_narrow(tilts_cdeg, begin)
    ordered = np.sort(tilts_cdeg[begin:at])
    while at < len(tilts_cdeg):
        upper, lower = len(ordered) // 2, (len(ordered) - 1) // 2  # the same place for an odd number
        following = tilts_cdeg[at : at + min(len(ordered), _MOST_STEP)]
        places = (_PLACES_OF_ODD if upper == lower else _PLACES_OF_EVEN)[: len(following)]
        is_far = following < ordered[upper + places] - WITHIN_CDEG
        is_far |= following > ordered[lower - places] + WITHIN_CDEG
        near = int(is_far.argmax())
        if not is_far[near]:
            near = len(following)
        ordered = _merged(ordered, following[:near])
        at += near
        if near < len(following):
            if not _is_near_median(int(following[near]), ordered):
                break
            ordered = _merged(ordered, following[near : near + 1])
            at += 1
    return at, ordered


def _merged(ordered: NDArray[np.int32], more: NDArray[np.int32]) -> NDArray[np.int32]:
    if len(more):
        ordered = np.concatenate((ordered, more))
        ordered.sort()
    return ordered


def _is_near_median(tilt_cdeg: int, ordered_cdeg: NDArray[np.int32]) -> bool:
    upper, lower = len(ordered_cdeg) // 2, (len(ordered_cdeg) - 1) // 2
    return abs(2 * tilt_cdeg - int(ordered_cdeg[lower]) - int(ordered_cdeg[upper])) <= 2 * WITHIN_CDEG


def _holds(observed: Observations) -> Holds:
    seconds = _seated(observed)
    length = len(seconds)
    edges = [0, *(np.flatnonzero(np.diff(seconds.run)) + 1).tolist(), length] if length else [0]
    begins: list[int] = []
    medians_cdeg: list[float] = []
    for first, after in pairwise(edges):
        found, medians = split_into_holds(seconds.forward_cdeg[first:after])
        begins += [first + begin for begin in found]
        medians_cdeg += medians
    begin, end = np.array(begins, np.int64), np.array([*begins[1:], length][: len(begins)], np.int64)
    held = end - begin >= LEAST_HOLD_S
    return Holds(Stretches(begin[held], end[held]), np.array(medians_cdeg)[held])


_FREE_CDEG, _STEEP_CDEG = 2000, 6000
_SPENT_PER_S = 1 / (240 - 4.5 * (np.arange(_FREE_CDEG, _STEEP_CDEG + 2) / 100 - 20))
_SPENT_PER_S[0], _SPENT_PER_S[-1] = 0, 1 / LEAST_HOLD_S
"""By tilt in cdeg from 20° to just above 60°."""


def spent_per_s(tilt_cdeg: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return which part of its holding time one second at each tilt uses up.

    t_max is 240 s just above 20°, falls by 4.5 s a degree to 60 s at 60°, and is 4 s above.

    >>> (1 / spent_per_s(np.array([4000, 6000, 6001], np.int32))).round(6).tolist()
    [150.0, 60.0, 4.0]
    >>> spent_per_s(np.array([2000], np.int32)).tolist()
    [0.0]
    """
    return _SPENT_PER_S.take(tilt_cdeg - _FREE_CDEG, mode="clip")


class _Budgets:
    """The part of its holding time that each hold used, by the part of the zero's error."""

    def __init__(self, observed: Observations) -> None:
        holds = observed.once(_holds).at
        self._tilt = observed.once(tilt_sat_or_stood)
        self._count = len(holds.first)
        edges = np.column_stack(holds).ravel()
        lengths = np.diff(edges, prepend=0, append=len(self._tilt.seconds))
        # Before each hold, and after the last, there may be seconds of none.
        names = np.append(np.column_stack((np.full(self._count, -1), np.arange(self._count))), -1)
        self._hold_of_second = np.repeat(names, lengths)
        self._used: dict[float, NDArray[np.float64]] = {}

    def used(self, shift: float = 0.0) -> NDArray[np.float64]:
        if shift not in self._used:
            inclined = np.flatnonzero(self._tilt.is_at_least(_FREE_CDEG + 1, shift))
            hold = self._hold_of_second[inclined]
            inclined, hold = inclined[hold >= 0], hold[hold >= 0]
            spent = spent_per_s(self._tilt.forward_cdeg(shift)[inclined])
            self._used[shift] = np.bincount(hold, spent, self._count).astype(np.float64)
        return self._used[shift]


_OVER = 1 - 1e-9  # a sum of rounded parts


def _most_used(observed: Observations, shift: float) -> float | None:
    used = observed.once(_Budgets).used(shift)
    return float(used.max()) if len(used) else None


def _over(observed: Observations, shift: float) -> float:
    return int(np.count_nonzero(observed.once(_Budgets).used(shift) >= _OVER))


_HOLD = "A hold lasts 4 s or more within 5° of its running median, walking and lying left out"
BUDGET_USED_MOST = with_bounds(
    "budget_used_most",
    Unit.SHARE,
    f"the greatest part of its holding time that one hold used; 1 and more is longer than recommended. {_HOLD}{BOUNDS}",
    f"{ISO_11226}; hold {OURS}",
    decimals=4,
    formula="max over holds of ∫ dt / t_max(θ); t_max = 240 − 4.5 · (θ − 20) s for 20 < θ ≤ 60°, 4 s above, ∞ at 20° "
    "and less; θ against standing upright",
    theme=Theme.HOLDING,
    value=_most_used,
)
"""
100 s at 40° of 150 s, 60 s at 60° of 60 s, and 10 s at 70° of 4 s.

>>> values(tilted((40, 100), (60, 60), (70, 10)), "budget_used_most")
[2.5]

Standing is at 2°, give or take 6°: 42° are 40° from it, or 34° (t_max 177 s) to 46° (123 s).

>>> values(tilted((42, 75), (8, 60, MOVING), calibrations=[]), *bounds("budget_used_most"))
[0.5, 0.423729, 0.609756]
"""
HOLDS_OVER_BUDGET = with_bounds(
    "holds_over_budget",
    Unit.COUNT,
    f"holds that were longer than recommended. {_HOLD}{BOUNDS}",
    f"{ISO_11226}; hold {OURS}",
    decimals=0,
    formula="number of holds with ∫ dt / t_max(θ) ≥ 1, t_max as in `budget_used_most`",
    theme=Theme.HOLDING,
    value=_over,
)
"""
>>> values(tilted((40, 100), (60, 60), (70, 10)), "holds_over_budget")
[2]
>>> values(tilted((42, 150), (8, 60, MOVING), calibrations=[]), *bounds("holds_over_budget"))
[1, 0, 1]
"""


def _changes(observed: Observations) -> int:
    """Return how many successive holds of 5 s and more, within a run, have medians 5° or more apart."""
    holds = observed.once(_holds)
    long_enough = holds.at.length_s >= LEAST_MEDIAN_S
    run = _seated(observed).run[holds.at.first[long_enough]]
    steps_cdeg = np.abs(np.diff(holds.median_cdeg[long_enough]))
    return int(np.count_nonzero((steps_cdeg >= WITHIN_CDEG) & (np.diff(run) == 0)))


def _changes_per_hour(observed: Observations) -> float | None:
    length_s = len(_seated(observed))
    return observed.once(_changes) * _S_PER_HOUR / length_s if length_s else None


POSTURE_CHANGES = Metric(
    "posture_changes",
    Unit.COUNT,
    "changes of the forward tilt by 5° or more from one posture that was held for 5 s or more to the next, walking and "
    "lying left out",
    CHANGES,
    decimals=0,
    measure=_changes,
    formula="number of successive holds of ≥ 5 s without a gap between them whose medians are ≥ 5° apart",
    theme=Theme.VARIATION,
)
"""
0° → 10° is a change; the 3 s at 30° are too short to count, and 10° → 12° is less than 5°.

>>> values(tilted((0, 10), (10, 10), (30, 3), (12, 7)), "posture_changes")
[1]
"""
POSTURE_CHANGES_PER_HOUR = Metric(
    "posture_changes_per_hour",
    Unit.PER_HOUR,
    "`posture_changes` per hour of valid time, walking and lying left out",
    CHANGES,
    decimals=2,
    measure=_changes_per_hour,
    formula="`posture_changes` ÷ hours",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
One change in 30 s is 120 an hour.

>>> values(tilted((0, 10), (10, 10), (30, 3), (12, 7)), "posture_changes_per_hour")
[120.0]
"""


def _hold_rows(observed: Observations) -> dict[str, Values]:
    holds = observed.once(_holds)
    budgets = observed.once(_Budgets)
    seconds = _seated(observed)
    low, high = (budgets.used(shift) for shift in (1.0, -1.0))
    tilt = observed.once(tilt_sat_or_stood)
    zero_cdeg = tilt.zero_cdeg if len(tilt.zero_cdeg) <= 1 else tilt.zero_cdeg[holds.at.first]
    uncertain = np.full(len(low), has_uncertain_zero(observed))
    return {
        "start": Values(seconds.utc_ms[holds.at.first]),
        "length_s": Values(holds.at.length_s),
        "median_deg": Values(holds.median_cdeg / 100),
        "from_standing_deg": Values((holds.median_cdeg - zero_cdeg) / 100),
        "budget_used_share": Values(budgets.used()),
        "budget_used_low_share": Values(low, uncertain),
        "budget_used_high_share": Values(high, uncertain),
    }


HOLDS = Table(
    "holds",
    f"postures that were held. {_HOLD}; cut where records are missing or the calibration changes",
    f"{ISO_11226}; hold {OURS}",
    Theme.HOLDING,
    (
        TableColumn("start", Kind.TIME, Unit.TIME, "when the hold begins"),
        TableColumn("length_s", Kind.INTEGER, Unit.SECONDS, "how long it lasts"),
        TableColumn("median_deg", Kind.NUMBER, Unit.DEGREES, "median forward tilt against seated upright", 2),
        TableColumn("from_standing_deg", Kind.NUMBER, Unit.DEGREES, "the same against standing upright", 2),
        TableColumn(
            "budget_used_share",
            Kind.NUMBER,
            Unit.SHARE,
            "which part of its holding time the hold used: ∫ dt / t_max",
            4,
        ),
        TableColumn(
            "budget_used_low_share",
            Kind.NUMBER,
            Unit.SHARE,
            "for a standing zero 6° more; empty unless from walking",
            4,
        ),
        TableColumn(
            "budget_used_high_share",
            Kind.NUMBER,
            Unit.SHARE,
            "for a standing zero 6° less; empty unless from walking",
            4,
        ),
    ),
    read=_hold_rows,
    refers_to_standing=True,
)

"""Upright: the score of a day, and how fragmented its upright time was."""

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract.states import LEANING, RECLINED, SLOUCHING, UPRIGHT

from .metric import OURS, Metric, Theme, Unit
from .minutes import total_ms
from .observations import Observations

LEAST_BOUTS = 10
GGIR = f"as in GGIR's fragmentation of activity; of upright bouts {OURS}"
_MS_PER_MIN = 60_000
_SEATED = (UPRIGHT, SLOUCHING, LEANING, RECLINED)


def _upright_share(observed: Observations) -> float | None:
    seated_ms = total_ms(observed, _SEATED)
    return total_ms(observed, (UPRIGHT,)) / seated_ms if seated_ms else None


def _bouts_ms(observed: Observations) -> NDArray[np.int64]:
    lengths = [span.end_utc_ms - span.start_utc_ms for span in observed.spans if span.state == UPRIGHT]
    return np.array(lengths, np.int64)


def gini(lengths: NDArray[np.int64]) -> float:
    """Return the Gini coefficient: 0 for equal lengths, towards 1 the more a few of them hold.

    >>> gini(np.array([5, 5, 5]))
    0.0
    >>> gini(np.array([1, 3]))
    0.25
    """
    ordered = np.sort(lengths)
    count = len(ordered)
    ranks = 2 * np.arange(1, count + 1) - count - 1
    return float((ranks * ordered).sum() / (count * ordered.sum()))


def _gini(observed: Observations) -> float | None:
    lengths = observed.once(_bouts_ms)
    return gini(lengths) if len(lengths) >= LEAST_BOUTS else None


def _transitions_per_min(observed: Observations) -> float | None:
    lengths = observed.once(_bouts_ms)
    if len(lengths) < LEAST_BOUTS:
        return None
    followers = zip(observed.spans[:-1], observed.spans[1:], strict=True)
    left = sum(span.state == UPRIGHT and after.state in _SEATED for span, after in followers)
    return left * _MS_PER_MIN / float(lengths.sum())


UPRIGHT_SHARE = Metric(
    "upright_share",
    Unit.SHARE,
    "score: time within the wearer's threshold either way, of the valid time without walking and lying; `coverage` "
    "beside it",
    OURS,
    decimals=4,
    measure=_upright_share,
    formula="`upright` ÷ (`upright` + `slouching` + `leaning` + `reclined`)",
    theme=Theme.DAY,
    is_score=True,
)
"""
60 of 100 min; walking and lying are left out.

>>> parts = (UPRIGHT, 60), (SLOUCHING, 20), (LEANING, 10), (RECLINED, 10), (MOVING, 50), (LYING, 50)
>>> values(lived(*parts), "upright_share")
[0.6]
"""
UPRIGHT_BOUTS = Metric(
    "upright_bouts",
    Unit.COUNT,
    "how often the wearer was upright on end",
    OURS,
    decimals=0,
    measure=lambda observed: len(observed.once(_bouts_ms)),
    formula="number of spans of state upright",
    theme=Theme.VARIATION,
)
"""
>>> values(lived((UPRIGHT, 60), (SLOUCHING, 20), (UPRIGHT, 10)), "upright_bouts")
[2]
"""
UPRIGHT_GINI = Metric(
    "upright_gini",
    Unit.SHARE,
    "how unequal in length the upright bouts were: 0 for equal ones; empty for fewer than 10 bouts",
    GGIR,
    decimals=4,
    measure=_gini,
    formula="Gini coefficient of the lengths xᵢ in ascending order: Σ (2i − n − 1) · xᵢ ÷ (n · Σ xᵢ)",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
Five bouts of 1 min and five of 3 min: (Σ of −9, −7 … −1) · 1 + (Σ of 1, 3 … 9) · 3 = 50, ÷ 10 · 20.

>>> values(lived(*[(UPRIGHT, 1), (LEANING, 1), (UPRIGHT, 3), (LEANING, 1)] * 5), "upright_gini")
[0.25]
>>> values(lived(*[(UPRIGHT, 5), (SLOUCHING, 1)] * 9), "upright_gini")
[None]
"""
UPRIGHT_LEFT_PER_MIN = Metric(
    "upright_left_per_min",
    Unit.PER_MIN,
    "transition probability: how often an upright minute ended in another seated or standing posture; empty for fewer "
    "than 10 bouts",
    GGIR,
    decimals=4,
    measure=_transitions_per_min,
    formula="number of upright bouts that leaning, slouching or reclined follows ÷ `upright`",
    theme=Theme.VARIATION,
    is_score=True,
)
"""
Ten times in 50 upright minutes.

>>> values(lived(*[(UPRIGHT, 5), (SLOUCHING, 1)] * 10), "upright_left_per_min")
[0.2]
"""

"""Tilt zones: how long the trunk was inclined how far, in the classes of the standards."""

from collections.abc import Callable

import numpy as np

from .metric import OURS, Metric, Theme, Unit
from .observations import Observations
from .posture import BOUNDS, tilt_upright_bodied, with_bounds
from .standing import ACTI4

EN_ZONES = "EN 1005-4 / ISO 11226 zones as in doi 10.1186/s12995-020-00286-9, table 2"
RULA = "RULA: McAtamney & Corlett, doi 10.1016/0003-6870(93)90080-S"
REBA = "REBA: Hignett & McAtamney, doi 10.1016/S0003-6870(99)00039-3"
_S_PER_MIN = 60
_VALID = "valid time, lying left out,"

Metrics = tuple[Metric[float | None], ...]
Counted = Callable[[Observations, float], int]
"""Returns how many seconds lie in a zone, for a part of the zero's error."""


def _between(low_deg: int | None, high_deg: int | None) -> Counted:
    """Return what counts the seconds with low ≤ θ < high; None for no bound."""

    def count(observed: Observations, shift: float) -> int:
        tilt = observed.once(tilt_upright_bodied)
        above = len(tilt.seconds) if low_deg is None else tilt.at_least_s(low_deg * 100, shift)
        return above - (0 if high_deg is None else tilt.at_least_s(high_deg * 100, shift))

    return count


def _minutes(name: str, count: Counted, definition: str, source: str, formula: str) -> Metrics:
    return with_bounds(
        name,
        Unit.MINUTES,
        definition,
        source,
        decimals=3,
        formula=formula,
        theme=Theme.ZONES,
        value=lambda observed, shift: count(observed, shift) / _S_PER_MIN,
    )


def _share(name: str, count: Counted, source: str) -> Metrics:
    def share(observed: Observations, shift: float) -> float | None:
        length = len(observed.once(tilt_upright_bodied).seconds)
        return count(observed, shift) / length if length else None

    return with_bounds(
        f"{name}_share",
        Unit.SHARE,
        f"`{name}` as a share of all {_VALID} coverage beside it",
        source,
        decimals=4,
        formula=f"`{name}` ÷ Σ of all four zones",
        theme=Theme.ZONES,
        value=share,
        is_score=True,
    )


def _zone(name: str, text: str, low_deg: int | None, high_deg: int | None) -> Metrics:
    count = _between(low_deg, high_deg)
    definition = f"{_VALID} with a forward tilt of {text} against standing upright{BOUNDS}"
    formula = f"Σ seconds with θ in {text}, lower bound included, θ against standing upright, 1 Hz"
    return *_minutes(name, count, definition, EN_ZONES, formula), *_share(name, count, EN_ZONES)


FORWARD_ZONES = (
    *_zone("zone_below_0", "less than 0°", None, 0),
    *_zone("zone_0_20", "0–20°", 0, 20),
    *_zone("zone_20_60", "20–60°", 20, 60),
    *_zone("zone_60_up", "60° and more", 60, None),
)
"""
Each second counts in one zone, the lower bound with it.

>>> day = tilted(-5, -0.01, 0, 19.99, 20, 59.99, 60, 95, 10, 10)
>>> seconds(day, "zone_below_0", "zone_0_20", "zone_20_60", "zone_60_up")
[2, 4, 2, 2]
>>> values(day, "zone_below_0_share", "zone_0_20_share", "zone_20_60_share", "zone_60_up_share")
[0.2, 0.4, 0.2, 0.2]

Walking at 8° says that standing is at 8 − 6 = 2°, give or take 6°. So 22° are 20° from standing, or 14° to 26°.

>>> day = tilted((22, 100), (8, 60, MOVING), calibrations=[])
>>> seconds(day, *bounds("zone_below_0"), *bounds("zone_0_20"))
[0, 0, 0, 60, 60, 160]
>>> seconds(day, *bounds("zone_20_60"), *bounds("zone_60_up"))
[100, 0, 100, 0, 0, 0]
>>> values(day, *bounds("zone_below_0_share"), *bounds("zone_0_20_share"))
[0.0, 0.0, 0.0, 0.375, 0.375, 1.0]
>>> values(day, *bounds("zone_20_60_share"), *bounds("zone_60_up_share"))
[0.625, 0.0, 0.625, 0.0, 0.0, 0.0]
"""


def _lateral(name: str, text: str, low_deg: int, high_deg: int) -> tuple[Metric[float], Metric[float | None]]:
    def count(observed: Observations) -> int:
        aside_cdeg = np.abs(observed.once(tilt_upright_bodied).lateral_cdeg)
        return int(np.count_nonzero((aside_cdeg >= low_deg * 100) & (aside_cdeg < high_deg * 100)))

    def share(observed: Observations) -> float | None:
        length = len(observed.once(tilt_upright_bodied).seconds)
        return count(observed) / length if length else None

    minutes = Metric(
        name,
        Unit.MINUTES,
        f"{_VALID} with a lateral tilt of {text} either way; means of 5 s, so shorter bends don't show",
        EN_ZONES,
        decimals=3,
        measure=lambda observed: count(observed) / _S_PER_MIN,
        formula=f"Σ seconds with |φ| in {text}, lower bound included; φ against standing where it was set by hand",
        theme=Theme.ZONES,
        refers_to_standing=True,
    )
    of_all = Metric(
        f"{name}_share",
        Unit.SHARE,
        f"`{name}` as a share of all {_VALID} coverage beside it",
        EN_ZONES,
        decimals=4,
        measure=share,
        formula=f"`{name}` ÷ Σ of all three lateral zones",
        theme=Theme.ZONES,
        is_score=True,
        refers_to_standing=True,
    )
    return minutes, of_all


LATERAL_ZONES = (
    *_lateral("lateral_0_10", "0–10°", 0, 10),
    *_lateral("lateral_10_20", "10–20°", 10, 20),
    *_lateral("lateral_20_up", "20° and more", 20, 360),
)
"""
>>> day = tilted((0, 30), lateral_cdeg=np.array([-1100, 0, 999, 1000, 1500, 2500]))
>>> seconds(day, "lateral_0_10", "lateral_10_20", "lateral_20_up")
[10, 15, 5]
>>> values(day, "lateral_0_10_share", "lateral_10_20_share", "lateral_20_up_share")
[0.333333, 0.5, 0.166667]
"""


def _above(degrees: int) -> Metrics:
    return _minutes(
        f"above_{degrees}",
        _between(degrees, None),
        f"{_VALID} with a forward tilt of {degrees}° and more against standing upright{BOUNDS}",
        f"{ACTI4} parameter definitions",
        f"Σ seconds with θ ≥ {degrees}°, θ against standing upright, 1 Hz",
    )


def _longest_above_60_s(observed: Observations, shift: float) -> float:
    return int(observed.once(tilt_upright_bodied).bouts_s(6000, shift).max(initial=0))


LONGEST_ABOVE_60 = with_bounds(
    "longest_above_60",
    Unit.SECONDS,
    f"longest bout with a forward tilt of 60° and more against standing upright{BOUNDS}",
    f"{ACTI4} parameter definitions; median filter and bridged dips {OURS}",
    decimals=0,
    formula="longest run of θ ≥ 60° after a median filter of 5 s, dips of 1–2 s bridged, within a run without gap or "
    "recalibration",
    theme=Theme.ZONES,
    value=_longest_above_60_s,
)
TIME_ABOVE = (*_above(20), *_above(30), *_above(60), *_above(90), *LONGEST_ABOVE_60)
"""
>>> day = tilted(0, 19.99, 20, 30, 59.99, 60, 60, 60, 90, 91)
>>> seconds(day, "above_20", "above_30", "above_60", "above_90")
[8, 7, 5, 2]

Standing is at 2°, give or take 6°: 31° are 29° from it, or 23° to 35°.

>>> day = tilted((31, 100), (8, 60, MOVING), calibrations=[])
>>> seconds(day, *bounds("above_20"), *bounds("above_30"))
[100, 100, 100, 0, 0, 100]
>>> seconds(day, *bounds("above_60"), *bounds("above_90"))
[0, 0, 0, 0, 0, 0]

The spike of 2 s is filtered away; in the bout of 6 + 1 + 5 s the dip is bridged.

>>> day = tilted(0, 70, 70, 0, 0, 0, (70, 6), 50, (70, 5), 0, 0)
>>> values(day, "longest_above_60")
[12]
>>> values(tilted((65, 20), (8, 60, MOVING), calibrations=[]), *bounds("longest_above_60"))
[20, 0, 20]
"""


def _sum(*parts: Counted) -> Counted:
    return lambda observed, shift: sum(part(observed, shift) for part in parts)


def _scored(method: str, source: str, score: int, text: str, count: Counted) -> Metrics:
    return _minutes(
        f"{method.lower()}_{score}",
        count,
        f"{_VALID} in trunk zone {score} of {method}: {text}; a time, never a {method} score{BOUNDS}",
        source,
        f"Σ seconds with θ {text}, lower bound included, θ against standing upright, 1 Hz",
    )


_UNSCORED = _minutes(
    "rula_unscored",
    _between(None, 0),
    f"{_VALID} with a forward tilt of less than 0°, for which RULA has no trunk zone{BOUNDS}",
    RULA,
    "Σ seconds with θ < 0°, θ against standing upright, 1 Hz",
)
RULA_ZONES = (
    *_UNSCORED,
    *_scored("RULA", RULA, 2, "0–20°", _between(0, 20)),
    *_scored("RULA", RULA, 3, "20–60°", _between(20, 60)),
    *_scored("RULA", RULA, 4, "60° and more", _between(60, None)),
)
"""
>>> day = tilted(-25, -20, -19.99, -5, -4.99, 4.99, 5, 20, 60, 60)
>>> seconds(day, "rula_unscored", "rula_2", "rula_3", "rula_4")
[5, 2, 1, 2]

Standing is at 2°, give or take 6°: 22° are 20° from it, or 14° to 26°.

>>> day = tilted((22, 100), (8, 60, MOVING), calibrations=[])
>>> seconds(day, *bounds("rula_unscored"), *bounds("rula_2"))
[0, 0, 0, 60, 60, 160]
>>> seconds(day, *bounds("rula_3"), *bounds("rula_4"))
[100, 0, 100, 0, 0, 0]
"""


def _back(low_deg: int, high_deg: int | None) -> Counted:
    """Return what counts the seconds with low ≤ −θ < high, where low > 0."""

    def count(observed: Observations, shift: float) -> int:
        tilt = observed.once(tilt_upright_bodied)
        # In whole cdeg, −θ ≥ low is θ < −low + 1.
        outer = len(tilt.seconds) if high_deg is None else tilt.at_least_s(-high_deg * 100 + 1, shift)
        return outer - tilt.at_least_s(-low_deg * 100 + 1, shift)

    return count


def _within_5(observed: Observations, shift: float) -> int:
    """Return how many seconds have |θ| < 5°."""
    tilt = observed.once(tilt_upright_bodied)
    return tilt.at_least_s(-499, shift) - tilt.at_least_s(500, shift)


_REBA = f"{REBA}; upright within 5° {OURS}"
REBA_ZONES = (
    *_scored("REBA", _REBA, 1, "less than 5° either way", _within_5),
    *_scored("REBA", _REBA, 2, "5–20° either way", _sum(_between(5, 20), _back(5, 20))),
    *_scored("REBA", _REBA, 3, "20–60° forward, or 20° and more back", _sum(_between(20, 60), _back(20, None))),
    *_scored("REBA", _REBA, 4, "60° and more forward", _between(60, None)),
)
"""
>>> day = tilted(-25, -20, -19.99, -5, -4.99, 4.99, 5, 20, 60, 60)
>>> seconds(day, "reba_1", "reba_2", "reba_3", "reba_4")
[2, 3, 3, 2]

Standing is at 2°, give or take 6°: 22° are 20° from it, or 14° to 26°; walking at 8° is 6°, or 0° to 12°.
Of the zeros −4°, −2°, … 8° that are looked at none has both in zone 2.

>>> day = tilted((22, 100), (8, 60, MOVING), calibrations=[])
>>> seconds(day, *bounds("reba_1"), *bounds("reba_2"))
[0, 0, 60, 60, 60, 100]
>>> seconds(day, *bounds("reba_3"), *bounds("reba_4"))
[100, 0, 100, 0, 0, 0]
"""

"""Posture: the seconds of a day that the metrics of tilt are computed from, and their tilt against standing."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unslouch_device.contract.states import LYING, MOVING

from .metric import Metric, Theme, Unit
from .observations import Observations
from .ranks import Ranks
from .seconds import Seconds, median_of_five, stretches
from .standing import ZeroSource

SHIFTS = (-1.0, -2 / 3, -1 / 3, 0.0, 1 / 3, 2 / 3, 1.0)
"""Parts of the error of a standing zero for which a metric with bounds is computed: steps of 2° at ± 6°."""
BOUNDS = (
    "; a standing zero from walking may be 6° off either way (Acti4): then its least and greatest value stand beside it"
)


def upright_bodied(observed: Observations) -> Seconds:
    """Return the valid seconds without lying."""
    return observed.seconds.where(observed.seconds.state != LYING)


def sat_or_stood(observed: Observations) -> Seconds:
    """Return the valid seconds without lying and walking."""
    return observed.seconds.where((observed.seconds.state != LYING) & (observed.seconds.state != MOVING))


class StandingTilt:
    """The tilt of seconds against standing upright, for every part of the zero's error that is asked for."""

    def __init__(self, seconds: Seconds, observed: Observations) -> None:
        self.seconds = seconds
        zeros = [observed.zeros[name] for name in seconds.calibrations]
        forward, lateral, error = (
            np.array([getattr(zero, name) for zero in zeros], np.int32)
            for name in ("forward_cdeg", "lateral_cdeg", "error_cdeg")
        )
        self._error_cdeg = error
        self.zero_cdeg = self._of_each(forward)
        self._forward_cdeg = seconds.forward_cdeg - self.zero_cdeg
        self.lateral_cdeg = seconds.lateral_cdeg - self._of_each(lateral)
        self._by_shift: dict[float, NDArray[np.int32]] = {0.0: self._forward_cdeg}
        self._ranks: list[Ranks] | None = None
        self._smoothed_cdeg: NDArray[np.int32] | None = None

    def _of_each(self, of_calibration: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the value of each second's calibration; one for all seconds if it is the same for all."""
        if len(set(of_calibration.tolist())) <= 1:
            return of_calibration[:1] if len(self.seconds) else of_calibration[:0]
        return of_calibration[self.seconds.calibration]

    def forward_cdeg(self, shift: float = 0.0) -> NDArray[np.int32]:
        """Return the forward tilt of each second if the zero were higher by this part of its error."""
        if shift not in self._by_shift:
            self._by_shift[shift] = self._forward_cdeg - self._of_each(self._shifts_cdeg(shift))
        return self._by_shift[shift]

    def at_least_s(self, bound_cdeg: int, shift: float = 0.0) -> int:
        """Return for how many seconds the tilt is at least this."""
        ranks = self._ranks_of_calibrations()
        return sum(
            each.count - each.count_below(bound_cdeg + shift_cdeg)
            for each, shift_cdeg in zip(ranks, self._shifts_cdeg(shift).tolist(), strict=True)
        )

    def _ranks_of_calibrations(self) -> list[Ranks]:
        """Return the tilts in order of size, those of each calibration apart, for which a zero is as far off."""
        if self._ranks is None:
            calibrations = range(len(self._error_cdeg))
            parts = (
                [self._forward_cdeg]
                if len(calibrations) == 1
                else [self._forward_cdeg[self.seconds.calibration == each] for each in calibrations]
            )
            self._ranks = [Ranks(part) for part in parts]
        return self._ranks

    def _shifts_cdeg(self, shift: float) -> NDArray[np.int32]:
        """Return how much higher the zero of each calibration is for this part of its error."""
        shifts_cdeg: NDArray[np.int32] = np.rint(self._error_cdeg * shift).astype(np.int32)
        return shifts_cdeg

    def is_at_least(self, bound_cdeg: int, shift: float = 0.0) -> NDArray[np.bool_]:
        """Return for each second whether the tilt is at least this."""
        return self._forward_cdeg >= bound_cdeg + self._of_each(self._shifts_cdeg(shift))

    def smoothed_cdeg(self) -> NDArray[np.int32]:
        """Return the forward tilt after a median filter of 5 s."""
        if self._smoothed_cdeg is None:
            self._smoothed_cdeg = median_of_five(self._forward_cdeg, self.seconds.run)
        return self._smoothed_cdeg

    def bouts_s(self, bound_cdeg: int, shift: float = 0.0) -> NDArray[np.int64]:
        """Return how long each bout at or above a tilt lasted: after the filter, dips of 1–2 s bridged."""
        # Within a run the zero is the same, so a shift moves the median by as much.
        is_above = self.smoothed_cdeg() >= bound_cdeg + self._of_each(self._shifts_cdeg(shift))
        return stretches(is_above, self.seconds.run, bridge_s=2).length_s


def tilt_upright_bodied(observed: Observations) -> StandingTilt:
    """Return the tilt against standing of the valid seconds without lying."""
    return StandingTilt(observed.once(upright_bodied), observed)


def tilt_sat_or_stood(observed: Observations) -> StandingTilt:
    """Return the tilt against standing of the valid seconds without lying and walking."""
    return StandingTilt(observed.once(sat_or_stood), observed)


def has_uncertain_zero(observed: Observations) -> bool:
    """Return whether a standing zero of the day comes from walking, so that what refers to it is an interval."""
    return any(zero.source is ZeroSource.WALKING for zero in observed.zeros.values())


def with_bounds(
    name: str,
    unit: Unit,
    definition: str,
    source: str,
    *,
    decimals: int,
    formula: str,
    theme: Theme,
    value: Callable[[Observations, float], float | None],
    is_score: bool = False,
) -> tuple[Metric[float | None], ...]:
    """Return a metric that refers to standing upright, and those of its lower and upper bound.

    value: computes it for a zero that is higher by a part, -1 … 1, of its error. The bounds are not known unless the
    zero comes from walking.
    """

    def values(observed: Observations) -> list[float]:
        return [each for shift in SHIFTS if (each := value(observed, shift)) is not None]

    def bound(choose: Callable[[list[float]], float], observed: Observations) -> float | None:
        found = observed.once(values) if has_uncertain_zero(observed) else []
        return choose(found) if found else None

    metric = Metric(
        name,
        unit,
        definition,
        source,
        decimals=decimals,
        measure=lambda observed: value(observed, 0.0),
        formula=formula,
        theme=theme,
        is_score=is_score,
        refers_to_standing=True,
    )
    bounds = [
        Metric(
            f"{name}_{suffix}",
            unit,
            f"{word} value of `{name}` for a standing zero from walking, which may be 6° off either way (Acti4); empty "
            "for another zero",
            source,
            decimals=decimals,
            measure=partial(bound, choose),
            formula=f"{word} of `{name}` over zeros that are 6° off either way (Acti4), in steps of 2°",
            theme=theme,
            is_score=is_score,
            refers_to_standing=True,
            bound_of=name,
        )
        for suffix, word, choose in (("low", "least", min), ("high", "greatest", max))
    ]
    return metric, *bounds

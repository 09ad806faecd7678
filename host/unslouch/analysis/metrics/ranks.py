"""Ranks: percentiles and counts of whole numbers, from how many there are of each, which is faster than sorting."""

import numpy as np
from numpy.typing import NDArray


class Ranks:
    """Whole numbers in order of size."""

    def __init__(self, values: NDArray[np.int32]) -> None:
        self._least = int(values.min(initial=0))
        self._up_to: NDArray[np.int64] = np.cumsum(np.bincount(values - self._least))
        self.count = len(values)

    def at(self, rank: int) -> int:
        """Return the number with so many before it."""
        return int(self._up_to.searchsorted(rank, side="right")) + self._least

    def count_below(self, bound: int) -> int:
        """Return how many numbers are less than a bound."""
        place = min(bound - self._least, len(self._up_to)) - 1
        return int(self._up_to[place]) if place >= 0 else 0

    def counts_below(self, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many numbers are less than each bound."""
        up_to = np.concatenate((np.zeros(1, np.int64), self._up_to))
        return up_to[np.clip(bounds - self._least, 0, len(self._up_to))]

    def percentile(self, percent: int) -> float | None:
        """Return a percentile, interpolated between its neighbours; None of no numbers.

        >>> Ranks(np.array([200, 400, 0, 100], np.int32)).percentile(50)
        150.0
        """
        if not self.count:
            return None
        place = (self.count - 1) * percent / 100
        below = self.at(int(place))
        above = self.at(min(int(place) + 1, self.count - 1))
        return below + (above - below) * (place - int(place))

"""The last seconds of tilt as columns of braille dots, for a plot to draw.

A cell of braille is 2 dots wide and 4 high (https://www.unicode.org/charts/PDF/U2800.pdf). A column of dots stands
for a fixed stretch of uptime and holds the least and greatest tilt seen in it, so that adding a sample costs the same
however long the trace is, and only cells at the trace's end ever change.
"""

from collections import deque

BRAILLE = 0x2800
LEFT_DOTS = (0x01, 0x02, 0x04, 0x40)
RIGHT_DOTS = (0x08, 0x10, 0x20, 0x80)

WINDOW_S = 90.0

Range = tuple[float, float]


class TiltTrace:
    """Least and greatest tilt per column of dots, over the last WINDOW_S."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float | None]] = deque()
        self._ranges: dict[int, Range] = {}
        self._dot_s = 1.0
        self.newest = 0
        """Number of the newest column of dots, counted from uptime 0."""

    def resize(self, columns: int) -> None:
        """Spread the window over this many columns of dots."""
        self._dot_s = WINDOW_S / max(1, columns)
        self._ranges.clear()
        for uptime_s, degrees in self._samples:
            self._put(uptime_s, degrees)

    def add(self, uptime_s: float, degrees: float | None) -> None:
        """Append a sample; None means that the tilt is unknown. If the uptime goes back, the trace starts again."""
        if self._samples and uptime_s < self._samples[-1][0]:
            self._samples.clear()
            self._ranges.clear()
        self._samples.append((uptime_s, degrees))
        while self._samples[0][0] < uptime_s - WINDOW_S:
            self._samples.popleft()
        self._put(uptime_s, degrees)

    def _put(self, uptime_s: float, degrees: float | None) -> None:
        self.newest = column = int(uptime_s / self._dot_s)
        if degrees is None:
            return
        low, high = self._ranges.get(column, (degrees, degrees))
        self._ranges[column] = min(low, degrees), max(high, degrees)
        if len(self._ranges) > 2 * WINDOW_S / self._dot_s:
            oldest = column - int(WINDOW_S / self._dot_s)
            self._ranges = {key: value for key, value in self._ranges.items() if key >= oldest}

    def range_at(self, column: int) -> Range | None:
        """Return the tilts in a column of dots, joined to those of the column before it; None if they are unknown."""
        here = self._ranges.get(column)
        before = self._ranges.get(column - 1)
        if here is None or before is None:
            return here
        return min(here[0], before[1]), max(here[1], before[0])

    def extremes(self, end: int | None = None) -> Range | None:
        """Return the least and greatest tilt of the window that ends with a column of dots, by default the newest."""
        last = self.newest if end is None else end
        first = last - int(WINDOW_S / self._dot_s)
        known = [value for column, value in self._ranges.items() if first <= column <= last]
        return (min(low for low, _ in known), max(high for _, high in known)) if known else None

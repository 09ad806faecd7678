"""The last seconds or minutes of tilt as columns of braille dots, for a plot to draw.

A cell of braille is 2 dots wide and 4 high (https://www.unicode.org/charts/PDF/U2800.pdf). A column of dots stands
for a fixed stretch of uptime and holds the least and greatest tilt seen in it, so that adding a sample costs the same
however long the trace is, and only cells at the trace's end ever change.
"""

from collections import deque

BRAILLE = 0x2800
LEFT_DOTS = (0x01, 0x02, 0x04, 0x40)
RIGHT_DOTS = (0x08, 0x10, 0x20, 0x80)

DEFAULT_WINDOW_S = 90.0
KEPT_S = 600.0
"""The longest window."""
JOINED_WITHIN_S = 1.5
"""Two samples that are not further apart are joined by a line; a longer time without samples is a gap."""

Range = tuple[float, float]


class TiltTrace:
    """Least and greatest tilt per column of dots, over a window that can be changed."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float | None]] = deque()
        self._ranges: dict[int, Range] = {}
        self._columns = 1
        self.window_s = DEFAULT_WINDOW_S
        self._dot_s = DEFAULT_WINDOW_S
        self._last: tuple[float, float] | None = None
        """The newest sample with a known tilt; None after one without."""
        self.newest = 0
        """Number of the newest column of dots, counted from uptime 0."""

    def resize(self, columns: int, window_s: float | None = None) -> None:
        """Spread the window over this many columns of dots; window_s: its new length, at most KEPT_S."""
        self._columns = max(1, columns)
        self.window_s = self.window_s if window_s is None else window_s
        self._dot_s = self.window_s / self._columns
        self._ranges.clear()
        self._last = None
        for uptime_s, degrees in self._samples:
            self._put(uptime_s, degrees)

    def add(self, uptime_s: float, degrees: float | None) -> None:
        """Append a sample; None means that the tilt is unknown. If the uptime goes back, the trace starts again."""
        if self._samples and uptime_s < self._samples[-1][0]:
            self._samples.clear()
            self._ranges.clear()
            self._last = None
        self._samples.append((uptime_s, degrees))
        while self._samples[0][0] < uptime_s - KEPT_S:
            self._samples.popleft()
        self._put(uptime_s, degrees)
        if len(self._ranges) > 2 * self._columns:
            oldest = self.newest - self._columns
            self._ranges = {key: value for key, value in self._ranges.items() if key >= oldest}

    def column_at(self, uptime_s: float) -> int:
        """Return the number of the column of dots for a moment."""
        return int(uptime_s / self._dot_s)

    @property
    def dot_s(self) -> float:
        """The time that a column of dots stands for."""
        return self._dot_s

    def _put(self, uptime_s: float, degrees: float | None) -> None:
        self.newest = column = self.column_at(uptime_s)
        if degrees is None:
            self._last = None
            return
        self._join(column, uptime_s, degrees)
        low, high = self._ranges.get(column, (degrees, degrees))
        self._ranges[column] = min(low, degrees), max(high, degrees)

    def _join(self, column: int, uptime_s: float, degrees: float) -> None:
        """Fill the columns since the sample before with a straight line, where samples are sparser than columns."""
        before, self._last = self._last, (uptime_s, degrees)
        if before is None or uptime_s - before[0] > JOINED_WITHIN_S:
            return
        first = self.column_at(before[0])
        for between in range(first + 1, column):
            share = ((between + 0.5) * self._dot_s - before[0]) / (uptime_s - before[0])
            value = before[1] + share * (degrees - before[1])
            self._ranges[between] = value, value

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
        first = last - self._columns
        known = [value for column, value in self._ranges.items() if first <= column <= last]
        return (min(low for low, _ in known), max(high for _, high in known)) if known else None

"""Time window: which part of a day a timeline shows, and the moment that its cursor is at."""

from dataclasses import dataclass, field

MINUTE_MS = 60_000
ZOOMS_MS = tuple(minutes * MINUTE_MS for minutes in (12 * 60, 6 * 60, 3 * 60, 60, 30, 10, 3))
"""Lengths of the window, from the widest to the narrowest; before the first of them comes the whole stretch."""


@dataclass
class TimeWindow:
    """Times are UTC in ms; the window lies within [first, last) and holds the cursor."""

    first_ms: int
    last_ms: int
    cursor_ms: int
    _length_ms: int = 0
    _start_ms: int = field(default=0)

    def __post_init__(self) -> None:
        self._length_ms = self.whole_ms
        self.move_to(self.cursor_ms)

    @property
    def whole_ms(self) -> int:
        """Length of the whole stretch."""
        return self.last_ms - self.first_ms

    @property
    def start_ms(self) -> int:
        """Where the window begins."""
        return self._start_ms

    @property
    def end_ms(self) -> int:
        """Where the window ends."""
        return self._start_ms + self._length_ms

    @property
    def is_whole(self) -> bool:
        """Whether the window shows the whole stretch."""
        return self._length_ms == self.whole_ms

    def move_to(self, cursor_ms: int) -> None:
        """Put the cursor at a moment, and move the window only as far as it takes to show it."""
        self.cursor_ms = max(self.first_ms, min(self.last_ms - 1, cursor_ms))
        start_ms = self._start_ms
        if not start_ms <= self.cursor_ms < start_ms + self._length_ms:
            start_ms = self.cursor_ms - self._length_ms // 2
        self._start_ms = max(self.first_ms, min(self.last_ms - self._length_ms, start_ms))

    def zoom_in(self) -> None:
        """Show less, around the cursor."""
        self._zoom_to(next((zoom for zoom in ZOOMS_MS if zoom < self._length_ms), self._length_ms))

    def zoom_out(self) -> None:
        """Show more, around the cursor."""
        self._zoom_to(next((zoom for zoom in reversed(ZOOMS_MS) if zoom > self._length_ms), self.whole_ms))

    def zoom_whole(self) -> None:
        """Show the whole stretch."""
        self._zoom_to(self.whole_ms)

    def show(self, start_ms: int, end_ms: int) -> None:
        """Show a part of the stretch, and put the cursor into it."""
        start_ms = max(self.first_ms, min(self.last_ms - 1000, start_ms))
        self._length_ms = max(1000, min(self.last_ms, end_ms) - start_ms)
        self._start_ms = min(start_ms, self.last_ms - self._length_ms)
        self.move_to(max(self._start_ms, min(self.end_ms - 1, self.cursor_ms)))

    def _zoom_to(self, length_ms: int) -> None:
        length_ms = min(length_ms, self.whole_ms)
        share = (self.cursor_ms - self._start_ms) / self._length_ms
        self._length_ms = length_ms
        start_ms = self.cursor_ms - min(length_ms - 1, int(share * length_ms))
        self._start_ms = max(self.first_ms, min(self.last_ms - length_ms, start_ms))

    def extend(self, first_ms: int, last_ms: int) -> None:
        """Take another whole stretch, such as that of a day that has gone on; zoom and cursor stay."""
        was_whole = self.is_whole
        self.first_ms, self.last_ms = first_ms, last_ms
        self._length_ms = self.whole_ms if was_whole else min(self._length_ms, self.whole_ms)
        self.move_to(self.cursor_ms)

    def cell_of(self, utc_ms: int, cells: int) -> int | None:
        """Return the cell of a row of so many that a moment falls into; None outside of the window."""
        if not self.start_ms <= utc_ms < self.end_ms:
            return None
        return (utc_ms - self.start_ms) * cells // self._length_ms

    def moment_of(self, cell: int, cells: int) -> int:
        """Return the moment in the middle of a cell."""
        return self.start_ms + (2 * cell + 1) * self._length_ms // (2 * cells)

    def step_ms(self, cells: int) -> int:
        """Return the time that one cell of so many stands for; at least a second."""
        return max(1000, self._length_ms // max(1, cells))

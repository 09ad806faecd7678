"""The live plot of forward tilt in braille, with lines at the threshold and at the tilt at which a slouch ends."""

from collections import deque
from itertools import groupby
from math import ceil, floor
from operator import itemgetter
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from .tilt_trace import BRAILLE, LEFT_DOTS, RIGHT_DOTS, TiltTrace

AXIS_CELLS = 5
BLANK, RELEASE, THRESHOLD, TRACE, ABOVE = range(5)
COMPONENTS = ("plot--blank", "plot--release", "plot--threshold", "plot--trace", "plot--above")

WINDOWS_S = (5, 10, 30, 90, 180, 300, 600)
"""The times that the plot can show."""

Cell = tuple[str, int]
"""A character and which of COMPONENTS colours it."""


class TiltPlot(Widget):
    """Scrolls by whole cells; between two scrolls only those cells of the last column that change are drawn."""

    can_focus = True
    HELP = """## Plot of your forward tilt

Zero is your calibrated upright, forward is up. Above the upper dotted line a slouch begins to count; it ends below the
lower one. `p` holds the plot, `+` and `-` show a shorter or a longer time, from 5 s to 10 min.
"""
    COMPONENT_CLASSES: ClassVar[set[str]] = {*COMPONENTS, "plot--axis"}
    DEFAULT_CSS = """
    TiltPlot { border: round $frame; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        height: 1fr; min-height: 5; }
    TiltPlot:focus { border: round $frame-accent; }
    TiltPlot > .plot--axis { color: $text-muted; }
    TiltPlot > .plot--blank { color: $text-muted; }
    TiltPlot > .plot--threshold { color: $state-slouching; }
    TiltPlot > .plot--release { color: $state-leaning; }
    TiltPlot > .plot--trace { color: $state-upright; }
    TiltPlot > .plot--above { color: $state-slouching; text-style: bold; }
    TiltPlot.-stale > .plot--trace, TiltPlot.-stale > .plot--above { color: $text-disabled; text-style: none; }
    """

    def __init__(self, threshold_deg: int, hysteresis_deg: int) -> None:
        super().__init__(id="plot")
        self.paused = False
        self._threshold_deg = threshold_deg
        self._hysteresis_deg = hysteresis_deg
        self._message = ""
        self._trace = TiltTrace()
        self._columns: deque[list[Cell]] = deque()
        self._end = 0  # cell column of the trace at the right edge
        self._bottom_deg, self._top_deg = -10, 30
        self._axis: list[str] = []
        self._styles: list[Style] = []

    def on_mount(self) -> None:
        """Name the plot and its lines."""
        self._caption()

    def set_thresholds(self, threshold_deg: int, hysteresis_deg: int) -> None:
        """Move the lines to the sensor's settings."""
        if (threshold_deg, hysteresis_deg) != (self._threshold_deg, self._hysteresis_deg):
            self._threshold_deg, self._hysteresis_deg = threshold_deg, hysteresis_deg
            self._caption()
            self._redraw()

    def set_paused(self, paused: bool) -> None:
        """Hold the plot, or let it run on; samples that come meanwhile are kept."""
        self.paused = paused
        self._caption()
        self.advance()

    def zoom(self, steps: int) -> None:
        """Show a shorter time (steps > 0) or a longer one; at either end nothing changes."""
        at = WINDOWS_S.index(round(self._trace.window_s)) - steps
        if 0 <= at < len(WINDOWS_S):
            end_s = 2 * self._end * self._trace.dot_s
            self._trace.resize(self._dot_columns, WINDOWS_S[at])
            self._end = self._trace.column_at(end_s) // 2
            self._caption()
            self._redraw()

    def set_message(self, message: str) -> None:
        """Write across the plot why there is no tilt; an empty message removes that."""
        if message != self._message:
            self._message = message
            self.set_class(bool(message), "-stale")
            self.refresh()

    def add(self, uptime_s: float, forward_deg: float | None) -> None:
        """Add a sample, which the next `advance` draws."""
        self._trace.add(uptime_s, forward_deg)

    def clear(self) -> None:
        """Remove all samples: those of another sensor follow."""
        window_s, self._trace = self._trace.window_s, TiltTrace()
        self._trace.resize(self._dot_columns, window_s)
        self._resize()

    def advance(self) -> None:
        """Draw the samples that came since the last call: in the last column of cells, or by scrolling."""
        if self.size.width <= AXIS_CELLS or not self.size.height:
            return
        if (len(self._columns), len(self._axis)) != (self.size.width - AXIS_CELLS, self.size.height):
            self._resize()  # the frame came before the event
            return
        if self.paused:
            return
        end = self._trace.newest // 2
        scrolled = end - self._end
        scales = self._scale() if scrolled else (self._bottom_deg, self._top_deg)
        if not 0 <= scrolled < len(self._columns) or scales != (self._bottom_deg, self._top_deg):
            self._redraw()
            return
        self._end = end
        before, self._columns[-1] = self._columns[-1], self._column(end - scrolled)
        for cell in range(end - scrolled + 1, end + 1):
            self._columns.popleft()
            self._columns.append(self._column(cell))
        if scrolled:
            self.refresh()
        elif changed := [y for y, cell in enumerate(self._columns[-1]) if cell != before[y]]:
            self.refresh(*(Region(self.size.width - 1, y, 1, 1) for y in changed))

    def on_resize(self, event: events.Resize) -> None:
        """Spread the same window over another width."""
        self._caption()
        self._resize()

    def notify_style_update(self) -> None:
        """Look the colours up again after a change of theme."""
        self._styles.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Draw one row: axis, then the cells in runs of one colour."""
        if not self._axis or y >= len(self._axis):
            return Strip.blank(self.size.width, self.rich_style)
        if not self._styles:
            self._styles = [self.get_component_rich_style(name) for name in COMPONENTS]
        width = len(self._columns)
        segments = [Segment(self._axis[y], self.get_component_rich_style("plot--axis"))]
        if self._message and y == len(self._axis) // 2:
            text = self._message[: width - 2].center(width)
            segments.append(Segment(text, self._styles[BLANK]))
        else:
            row = [column[y] for column in self._columns]
            for kind, run in groupby(row, key=itemgetter(1)):
                segments.append(Segment("".join([character for character, _ in run]), self._styles[kind]))
        return Strip(segments, AXIS_CELLS + width)

    def _caption(self) -> None:
        release_deg = self._threshold_deg - self._hysteresis_deg
        self.border_title = f"Forward tilt, last {describe_window(self._trace.window_s)}" + (
            " · PAUSED" if self.paused else ""
        )
        long = f"⠒⠒ slouch above {self._threshold_deg}° · ⠂⠂ ends below {release_deg}°"
        short = f"⠒⠒ above {self._threshold_deg}° · ⠂⠂ below {release_deg}°"
        self.border_subtitle = long if self.size.width >= len(long) + 4 else short

    @property
    def _dot_columns(self) -> int:
        return 2 * max(1, self.size.width - AXIS_CELLS)

    def _resize(self) -> None:
        self._trace.resize(self._dot_columns)
        self._end = self._trace.newest // 2
        self._redraw()

    def _redraw(self) -> None:
        """Compute every cell again, for another size, scale or threshold."""
        width, height = self.size.width - AXIS_CELLS, self.size.height
        if width < 1 or height < 1:
            self._columns.clear()
            return
        if not self.paused:
            self._end = self._trace.newest // 2
        self._bottom_deg, self._top_deg = self._scale()
        self._axis = self._axis_labels(height)
        self._columns = deque((self._column(cell) for cell in range(self._end - width + 1, self._end + 1)), width)
        self.refresh()

    def _scale(self) -> tuple[int, int]:
        """Return the least and greatest degrees on the axis: −10 to 30, or as many tens as threshold and trace need."""
        low, high = self._trace.extremes(2 * self._end + 1 if self.paused else None) or (0.0, 0.0)
        bottom = min(-10, 10 * floor(low / 10))
        top = max(30, 10 * ceil((self._threshold_deg + 5) / 10), 10 * ceil(high / 10))
        return max(-90, bottom), min(180, top)

    def _dot_row(self, degrees: float) -> int:
        """Return the row of dots, counted from the top, that is nearest to an angle."""
        last = 4 * self.size.height - 1
        row = round((self._top_deg - degrees) / (self._top_deg - self._bottom_deg) * last)
        return max(0, min(last, row))

    def _column(self, cell: int) -> list[Cell]:
        """Return the cells of one column, from the top."""
        dots = [0] * self.size.height
        threshold_row = self._dot_row(self._threshold_deg)
        for column, bits in ((2 * cell, LEFT_DOTS), (2 * cell + 1, RIGHT_DOTS)):
            tilts = self._trace.range_at(column)
            if tilts is not None:
                for row in range(self._dot_row(tilts[1]), self._dot_row(tilts[0]) + 1):
                    dots[row // 4] |= bits[row % 4]
        kinds = [(ABOVE if 4 * y + 1 < threshold_row else TRACE) if bits else BLANK for y, bits in enumerate(dots)]
        release_row = self._dot_row(self._threshold_deg - self._hysteresis_deg)
        for row, kind, mark in (
            (threshold_row, THRESHOLD, LEFT_DOTS[threshold_row % 4] | RIGHT_DOTS[threshold_row % 4]),
            (release_row, RELEASE, LEFT_DOTS[release_row % 4]),
        ):
            y = row // 4
            dots[y] |= mark
            if kinds[y] in (BLANK, RELEASE):
                kinds[y] = kind
        return [(chr(BRAILLE | bits) if bits else " ", kind) for bits, kind in zip(dots, kinds, strict=True)]

    def _axis_labels(self, height: int) -> list[str]:
        """Return the rows of the axis: labels for the threshold, zero, and as many tens as don't collide."""
        labels: dict[int, int] = {self._dot_row(self._threshold_deg) // 4: self._threshold_deg}
        tens = range(self._bottom_deg, self._top_deg + 1, 10)
        for degrees in sorted(tens, key=lambda ten: (ten % 20, abs(ten))):
            row = self._dot_row(degrees) // 4
            if not {row - 1, row, row + 1} & labels.keys():
                labels[row] = degrees
        return [f"{labels[y]:3d}°┤" if y in labels else "    │" for y in range(height)]


def describe_window(seconds: float) -> str:
    """Return the time that the plot shows, such as "90 s" or "5 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

"""The timeline of the Day mode: tilt, states, alerts and notes of a day, with a cursor and a zoom."""

from bisect import bisect_left, bisect_right
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from unslouch.tui.bindings import binding
from unslouch.tui.palette import GLYPHS, STATES_SHOWN, css_name
from unslouch.tui.time_window import MINUTE_MS, TimeWindow
from unslouch_device.contract.records import SECONDS_PER_EPOCH, TILT_UNKNOWN
from unslouch_device.contract.states import UNKNOWN

from .tilt_trace import BRAILLE, LEFT_DOTS, RIGHT_DOTS
from .timeline import TICK_CELLS, TICK_STEPS_MIN, shown_stretch, states_by_cell

if TYPE_CHECKING:
    from unslouch.analysis.day import Day

FIXED_ROWS = 3
"""States, marks and hours; the rows above them show the tilt."""
LEAST_GRAPH_ROWS = 2
BOTTOM_DEG, TOP_DEG = -20, 40
ALERT, WRONG_ALERT, NOTE = "▲", "△", "✎"
FAST_CELLS = 10
_HELP = """## The timeline

From top to bottom: your forward tilt with the threshold as a dotted line, the state of each moment, alerts and notes,
and the hours.

- The **cursor** marks a moment. Move it with the arrow keys, from one event to the next with Tab's neighbours `,` and
  `.`, or click. Enter shows that moment on Live, as it was.
- **Zoom** with `+`, `-` and `0`, or with the wheel.
- `▲` is an alert, `△` one that you marked as wrong, `✎` a note.
"""


class DayTimeline(Widget, can_focus=True):
    """Draws a day; the cursor's moment is sent whenever it moves."""

    HELP = _HELP
    COMPONENT_CLASSES = {f"state--{css_name(state)}" for state in STATES_SHOWN} | {
        "day-timeline--ticks",
        "day-timeline--tilt",
        "day-timeline--above",
        "day-timeline--threshold",
        "day-timeline--alert",
        "day-timeline--note",
        "day-timeline--cursor",
    }
    DEFAULT_CSS = """
    DayTimeline { height: 3; }
    DayTimeline > .day-timeline--ticks { color: $text-muted; }
    DayTimeline > .day-timeline--threshold { color: $text-muted; }
    DayTimeline > .day-timeline--tilt { color: $state-upright; }
    DayTimeline > .day-timeline--above { color: $state-slouching; }
    DayTimeline > .day-timeline--alert { color: $state-slouching; text-style: bold; }
    DayTimeline > .day-timeline--note { color: $text-accent; text-style: bold; }
    DayTimeline > .day-timeline--cursor { color: $text-muted; }
    DayTimeline:focus > .day-timeline--cursor { color: $text-accent; text-style: bold; }
    """ + "\n".join(
        f"DayTimeline > .state--{css_name(state)} {{ background: $state-{css_name(state)}; color: $background; }}"
        for state in STATES_SHOWN
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("timeline", "left", "move(-1)", "Earlier", "Move the cursor back.", show=False, name="earlier"),
        binding("timeline", "right", "move(1)", "Later", "Move the cursor on.", show=False, name="later"),
        binding(
            "timeline", "shift+left", f"move(-{FAST_CELLS})", "Much earlier", "Move the cursor back by ten cells.",
            show=False, name="much_earlier",
        ),
        binding(
            "timeline", "shift+right", f"move({FAST_CELLS})", "Much later", "Move the cursor on by ten cells.",
            show=False, name="much_later",
        ),
        binding(
            "timeline", "comma", "jump(-1)", "Event before", "Go to the slouch, alert or note before the cursor.",
            show=False, name="event_before", key_display=",",
        ),
        binding(
            "timeline", "full_stop", "jump(1)", "Event after", "Go to the slouch, alert or note after the cursor.",
            show=False, name="event_after", key_display=".",
        ),
        binding(
            "timeline", "plus,equals_sign", "zoom(1)", "Zoom in", "Show less of the day, in more detail.",
            show=False, name="zoom_in", key_display="+",
        ),
        binding(
            "timeline", "minus", "zoom(-1)", "Zoom out", "Show more of the day.",
            show=False, name="zoom_out", key_display="-",
        ),
        binding("timeline", "0", "zoom(0)", "Whole day", "Show the whole day.", show=False, name="zoom_whole"),
        binding("timeline", "home", "edge(0)", "Begin", "Go to the first record.", show=False, name="begin"),
        binding("timeline", "end", "edge(1)", "End", "Go to the last record.", show=False, name="end"),
        binding(
            "timeline", "enter", "show_moment", "On Live", "Show the cursor's moment on Live, as it was.",
            name="show_moment",
        ),
    ]  # fmt: skip

    class Moved(Message):
        """The cursor is at another moment."""

        def __init__(self, utc_ms: int) -> None:
            super().__init__()
            self.utc_ms = utc_ms

    class Chosen(Message):
        """The wearer wants to see the cursor's moment."""

        def __init__(self, utc_ms: int) -> None:
            super().__init__()
            self.utc_ms = utc_ms

    def __init__(self) -> None:
        super().__init__(id="day-timeline")
        self.window: TimeWindow | None = None
        self._is_moved = False
        self._day: Day | None = None
        self._threshold_deg = 12
        self._seconds = np.zeros(0, np.int64), np.zeros(0, np.int32)
        self._marks: list[tuple[int, str]] = []
        self._drawn: tuple[object, ...] = ()
        self._states_row = 0
        self._graph: list[list[tuple[str, str]]] = []

    def show(self, day: "Day", threshold_deg: int) -> None:
        """Draw a day that was just read; for the same date, zoom and cursor stay."""
        is_same = self._day is not None and self._day.day == day.day
        self._day, self._threshold_deg = day, threshold_deg
        self._seconds = _tilt_by_second(day)
        wrong = {(mark.journal, mark.sequence) for mark in day.alert_marks}
        self._marks = sorted(
            [
                *(
                    (alert.utc_ms, WRONG_ALERT if (alert.journal, alert.sequence) in wrong else ALERT)
                    for alert in day.alerts
                ),
                *((note.utc_ms, NOTE) for note in day.moment_notes),
            ]
        )
        first_ms, last_ms = shown_stretch(day)
        if self.window is None or not is_same or not self._is_moved:
            self.window = TimeWindow(first_ms, last_ms, _first_cursor_ms(day))
            self.window.show(*worn_stretch(day))
            self._is_moved = False
        elif (first_ms, last_ms) != (self.window.first_ms, self.window.last_ms):
            self.window.extend(first_ms, last_ms)
        self._redraw()
        self._announce()

    def clear(self) -> None:
        """Show nothing until a day is read."""
        self.window = self._day = None
        self._is_moved = False
        self._redraw()

    def go_to(self, utc_ms: int) -> None:
        """Put the cursor at a moment."""
        if self.window is not None:
            self._is_moved = True
            self.window.move_to(utc_ms)
            self._redraw()
            self._announce()

    @property
    def cursor_ms(self) -> int | None:
        """The cursor's moment; None before a day is shown."""
        return None if self.window is None else self.window.cursor_ms

    # Keys and mouse

    def action_move(self, cells: int) -> None:
        """Move the cursor by cells."""
        if self.window is not None:
            self.go_to(self.window.cursor_ms + cells * self.window.step_ms(self.size.width))

    def action_jump(self, direction: int) -> None:
        """Go to the next event in a direction."""
        if self.window is None or self._day is None:
            return
        moments = sorted({at for at, _ in self._marks} | {episode.start_utc_ms for episode in self._day.episodes})
        cursor_ms = self.window.cursor_ms
        at = bisect_right(moments, cursor_ms) if direction > 0 else bisect_left(moments, cursor_ms) - 1
        if 0 <= at < len(moments):
            self.go_to(moments[at])

    def action_zoom(self, direction: int) -> None:
        """Zoom in (1), out (-1) or to the whole day (0)."""
        if self.window is not None:
            self._is_moved = True
            (self.window.zoom_whole, self.window.zoom_in, self.window.zoom_out)[direction]()
            self._redraw()

    def action_edge(self, edge: int) -> None:
        """Go to the first (0) or the last (1) record."""
        if self._day is not None and self._day.spans:
            known = [span for span in self._day.spans if span.state != UNKNOWN] or self._day.spans
            self.go_to(known[-1].end_utc_ms - 1 if edge else known[0].start_utc_ms)

    def action_show_moment(self) -> None:
        """Ask for the cursor's moment on Live."""
        if self.window is not None:
            self.post_message(self.Chosen(self.window.cursor_ms))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the click was; a second click shows that moment on Live."""
        if self.window is not None and self.size.width:
            self.go_to(self.window.moment_of(min(event.x, self.size.width - 1), self.size.width))
            if event.chain == 2:
                self.action_show_moment()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in at the cursor."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self.action_zoom(-1)

    def _announce(self) -> None:
        if self.window is not None:
            self.post_message(self.Moved(self.window.cursor_ms))

    # Drawing

    def _redraw(self) -> None:
        self._drawn = ()
        self.refresh()

    def notify_style_update(self) -> None:
        """Look the colours up again after a change of theme."""
        self._drawn = ()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self.window is None or self._day is None or not width:
            return Strip.blank(width, self.rich_style)
        if self._drawn != (width, height):
            self._drawn = (width, height)
            self._draw(width, height)
        cells = list(self._graph[y]) if y < len(self._graph) else []
        cursor = self.window.cell_of(self.window.cursor_ms, width)
        if cursor is not None and y != self._states_row:
            if cells[cursor][0] == " " and y != len(self._graph) - 1:
                cells[cursor] = "│", "day-timeline--cursor"
            cursor = None
        segments: list[Segment] = []
        at = 0
        for name, run in groupby(enumerate(cells), key=lambda cell: (cell[1][1], cell[0] == cursor)):
            text = "".join([cell[1][0] for cell in run])
            style = self.get_component_rich_style(name[0]) if name[0] else self.rich_style
            if name[1]:
                style += Style(reverse=True, bold=True)
            segments.append(Segment(text, style))
            at += len(text)
        return Strip(segments, width).adjust_cell_length(width, self.rich_style)

    def _draw(self, width: int, height: int) -> None:
        assert self.window is not None
        assert self._day is not None
        window, day = self.window, self._day
        graph_rows = height - FIXED_ROWS
        rows: list[list[tuple[str, str]]] = []
        if graph_rows >= LEAST_GRAPH_ROWS:
            rows += self._tilt_rows(width, graph_rows)
        self._states_row = len(rows)
        states = states_by_cell(day.spans, window.start_ms, min(window.end_ms, day.until_utc_ms), window.end_ms, width)
        rows.append([(" ", "") if s is None else (GLYPHS[s], f"state--{css_name(s)}") for s in states])
        marks = [(" ", "")] * width
        for at_ms, mark in self._marks:
            cell = window.cell_of(at_ms, width)
            if cell is not None:
                marks[cell] = mark, f"day-timeline--{'note' if mark == NOTE else 'alert'}"
        ticks = aligned_ticks(window, day.start.tzinfo, width)
        if height >= FIXED_ROWS:
            rows.append(marks)
        rows.append([(character, "day-timeline--ticks") for character in ticks])
        self._graph = rows

    def _tilt_rows(self, width: int, rows: int) -> list[list[tuple[str, str]]]:
        """Return the rows of the graph: least to greatest tilt of each column of dots, and the threshold."""
        assert self.window is not None
        dots = np.zeros((rows, width), np.int64)
        is_above = np.zeros((rows, width), np.bool_)
        threshold = self._dot_row(self._threshold_deg, rows)
        for column, low_deg, high_deg in self._columns(2 * width):
            bits = RIGHT_DOTS if column % 2 else LEFT_DOTS
            for row in range(self._dot_row(high_deg, rows), self._dot_row(low_deg, rows) + 1):
                dots[row // 4, column // 2] |= bits[row % 4]
                is_above[row // 4, column // 2] |= row < threshold
        drawn = []
        dotted = chr(BRAILLE | LEFT_DOTS[threshold % 4] | RIGHT_DOTS[threshold % 4])
        for row in range(rows):
            blank = (dotted, "day-timeline--threshold") if row == threshold // 4 else (" ", "")
            drawn.append(
                [
                    blank if not bits else (chr(BRAILLE | bits), f"day-timeline--{'above' if above else 'tilt'}")
                    for bits, above in zip(dots[row].tolist(), is_above[row].tolist(), strict=True)
                ]
            )
        return drawn

    def _columns(self, count: int) -> list[tuple[int, float, float]]:
        """Return (number, least, greatest tilt) of each column of dots with data, of so many in the window."""
        assert self.window is not None
        times_ms, tilts_cdeg = self._seconds
        start_ms, length_ms = self.window.start_ms, self.window.end_ms - self.window.start_ms
        first, last = np.searchsorted(times_ms, [start_ms, self.window.end_ms]).tolist()
        if first == last:
            return []
        column = (times_ms[first:last] - start_ms) * count // length_ms
        begins = np.flatnonzero(np.diff(column, prepend=-1))
        least = np.minimum.reduceat(tilts_cdeg[first:last], begins) / 100
        most = np.maximum.reduceat(tilts_cdeg[first:last], begins) / 100
        return list(zip(column[begins].tolist(), least.tolist(), most.tolist(), strict=True))

    def _dot_row(self, degrees: float, rows: int) -> int:
        last = 4 * rows - 1
        top = max(TOP_DEG, 10 * ceil((self._threshold_deg + 5) / 10))
        row = round((top - degrees) / (top - BOTTOM_DEG) * last)
        return max(0, min(last, row))


def _tilt_by_second(day: "Day") -> "tuple[np.ndarray, np.ndarray]":
    """Return the UTC in ms and the forward tilt in cdeg of every measured second, by time."""
    epochs = day.epochs
    rows = np.flatnonzero(epochs.forward_cdeg != TILT_UNKNOWN)
    rows = rows[np.argsort(epochs.utc_ms[rows], kind="stable")]
    times_ms = epochs.utc_ms[rows][:, None] + np.arange(SECONDS_PER_EPOCH) * 1000
    return times_ms.ravel(), epochs.second_cdeg[rows].ravel()


def _first_cursor_ms(day: "Day") -> int:
    """Return where the cursor begins: at the end of what was worn, or else of all records."""
    from unslouch.analysis.spans import WORN

    known = [span for span in day.spans if span.state in WORN] or [s for s in day.spans if s.state != UNKNOWN]
    return known[-1].end_utc_ms - 1 if known else day.until_utc_ms - 1


def worn_stretch(day: "Day") -> tuple[int, int]:
    """Return from when to when the sensor was worn, as shown_stretch() extends it; without wear, all records."""
    from unslouch.analysis.spans import WORN

    worn = [number for number, span in enumerate(day.spans) if span.state in WORN]
    if not worn:
        return shown_stretch(day)
    spans = day.spans[worn[0] : worn[-1] + 1]
    return shown_stretch(replace(day, spans=spans, until_utc_ms=spans[-1].end_utc_ms))


def aligned_ticks(window: TimeWindow, zone: tzinfo | None, cells: int) -> str:
    """Return local times at round minutes and hours, each from the cell on in which it lies."""
    minutes = (window.end_ms - window.start_ms) / MINUTE_MS
    step_min = next((step for step in TICK_STEPS_MIN if cells * step / minutes >= TICK_CELLS), TICK_STEPS_MIN[-1])
    begin = datetime.fromtimestamp(window.start_ms / 1000, zone)
    offset_ms = round((begin.utcoffset() or timedelta()).total_seconds() * 1000)
    row = [" "] * cells
    tick_ms = window.start_ms + -(window.start_ms + offset_ms) % (step_min * MINUTE_MS)
    while (cell := window.cell_of(tick_ms, cells)) is not None:
        label = "╵" + datetime.fromtimestamp(tick_ms / 1000, zone).strftime("%H:%M")
        if cell + len(label) <= cells:
            row[cell : cell + len(label)] = label
        tick_ms += step_min * MINUTE_MS
    return "".join(row)

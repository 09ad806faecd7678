"""The timeline: today as one row of states, with the hours below."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, css_name
from unslouch_device.contract.states import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from unslouch.analysis.day import Day
    from unslouch.analysis.model import Span

HOUR_MS = 3_600_000
NOTHING_RECORDED = "nothing recorded today yet"
FIRST_MINUTES = "recording; the first minutes appear here soon"
STRETCH_STEPS_MS = ((HOUR_MS, HOUR_MS // 6), (3 * HOUR_MS, HOUR_MS // 2))
"""A time that is shorter than the first is extended to whole multiples of the second."""
TICK_STEPS_MIN = (1, 2, 5, 10, 20, 30, 60, 120, 180, 240, 360)
TICK_CELLS = 7


class Timeline(Widget):
    """Reaches from the first record to the last, so that a short recording can be seen too."""

    COMPONENT_CLASSES = {f"state--{css_name(state)}" for state in STATES_SHOWN} | {"timeline--ticks"}
    DEFAULT_CSS = """
    Timeline { height: 2; }
    Timeline > .timeline--ticks { color: $text-muted; }
    """ + "\n".join(
        f"Timeline > .state--{css_name(state)} {{ background: $state-{css_name(state)}; color: $state-ink; }}"
        for state in STATES_SHOWN
    )

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._spans: Sequence[Span] = ()
        self._stored_until_ms = 0
        self._zone: tzinfo | None = None
        self._cells: list[tuple[int | None, bool]] = []
        self._ticks = ""
        self._is_recording = False
        self._is_read = False

    def show(self, spans: "Sequence[Span]", stored_until_ms: int, zone: tzinfo | None) -> None:
        """Draw a day's spans, which may be none; those after `stored_until_ms` are drawn as not stored yet.

        zone: of the times below; None: this computer's.
        """
        self._spans, self._stored_until_ms, self._zone = spans, stored_until_ms, zone
        self._lay_out()

    def set_read(self, is_read: bool) -> None:
        """Choose whether to say that nothing is recorded: not before the store was read."""
        if is_read != self._is_read:
            self._is_read = is_read
            self.refresh()

    def on_resize(self) -> None:
        """Spread the day over another width."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Compute the cells, and draw them if any has changed."""
        width = self.size.width
        cells: list[tuple[int | None, bool]] = []
        ticks = ""
        if self._spans and width:
            start_ms, end_ms = stretch_with_records(self._spans, self._zone)
            cell_ms = (end_ms - start_ms) / width
            until_ms = min(end_ms, self._spans[-1].end_utc_ms)
            states = states_by_cell(self._spans, start_ms, until_ms, end_ms, width)
            cells = [
                (state, start_ms + (cell + 0.5) * cell_ms < self._stored_until_ms) for cell, state in enumerate(states)
            ]
            ticks = tick_row(start_ms, end_ms, self._zone, width)
        if (cells, ticks) != (self._cells, self._ticks):
            self._cells, self._ticks = cells, ticks
            self.refresh()

    def set_recording(self, is_recording: bool) -> None:
        """Choose what to say while nothing is stored."""
        if is_recording != self._is_recording:
            self._is_recording = is_recording
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the states (row 0) or the hours (row 1)."""
        width = self.size.width
        ticks_style = self.get_component_rich_style("timeline--ticks")
        if not self._cells:
            text = FIRST_MINUTES if self._is_recording else NOTHING_RECORDED
            shown = text if y == 0 and self._is_read else ""
            return Strip([Segment(shown.ljust(width), ticks_style)])
        if y == 1:
            return Strip([Segment(self._ticks.ljust(width)[:width], ticks_style)])
        return Strip([self._segment(*cell) for cell in self._cells])

    def _segment(self, state: int | None, is_stored: bool) -> Segment:
        if state is None:
            return Segment(" ", self.rich_style)
        style: Style = self.get_component_rich_style(f"state--{css_name(state)}")
        if not is_stored:
            style = self.rich_style + Style(color=style.bgcolor, underline=True)
        return Segment(GLYPHS[state], style)


def shown_stretch(day: "Day") -> tuple[int, int]:
    """Return the UTC in ms of a day's first and last record, extended; of a day without spans, its first minutes."""
    start_ms = int(day.start.timestamp() * 1000)
    if not day.spans:
        return start_ms, start_ms + STRETCH_STEPS_MS[0][1]
    return stretch_with_records(day.spans, day.start.tzinfo)


def stretch_with_records(spans: "Sequence[Span]", zone: tzinfo | None) -> tuple[int, int]:
    """Return the UTC in ms of the first and last record, extended to whole hours, half hours or ten minutes."""
    first = next((span for span in spans if span.state != UNKNOWN), spans[0])
    midnight = datetime.fromtimestamp(first.start_utc_ms / 1000, zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    day_start_ms = int(midnight.timestamp() * 1000)
    first_ms = first.start_utc_ms - day_start_ms
    last_ms = spans[-1].end_utc_ms - day_start_ms
    step_ms = next((step for most, step in STRETCH_STEPS_MS if last_ms - first_ms < most), HOUR_MS)
    steps_before = first_ms // step_ms
    steps_until = max(steps_before + 1, -(-last_ms // step_ms))
    return day_start_ms + steps_before * step_ms, day_start_ms + steps_until * step_ms


def states_by_cell(spans: "Sequence[Span]", start_ms: int, until_ms: int, end_ms: int, cells: int) -> list[int | None]:
    """Return the state that fills most of each cell's share of the time; None after `until_ms`."""
    cell_ms = (end_ms - start_ms) / cells
    shares: list[dict[int, float]] = [{} for _ in range(cells)]
    for span in spans:
        begin_ms, finish_ms = max(span.start_utc_ms, start_ms), min(span.end_utc_ms, until_ms)
        if begin_ms >= finish_ms:
            continue
        first, last = int((begin_ms - start_ms) / cell_ms), int((finish_ms - start_ms) / cell_ms)
        for cell in range(first, min(last, cells - 1) + 1):
            left_ms, right_ms = start_ms + cell * cell_ms, start_ms + (cell + 1) * cell_ms
            overlap_ms = min(finish_ms, right_ms) - max(begin_ms, left_ms)
            if overlap_ms > 0:
                shares[cell][span.state] = shares[cell].get(span.state, 0.0) + overlap_ms
    return [max(share, key=lambda state: share[state]) if share else None for share in shares]


def tick_row(start_ms: int, end_ms: int, zone: tzinfo | None, cells: int) -> str:
    """Return local times, each below the cell at which it begins, as close together as can be read."""
    minutes = (end_ms - start_ms) / 60_000
    step_min = next((step for step in TICK_STEPS_MIN if cells * step / minutes >= TICK_CELLS), TICK_STEPS_MIN[-1])
    row = [" "] * cells
    tick_ms = start_ms
    while tick_ms < end_ms:
        cell = int((tick_ms - start_ms) / (end_ms - start_ms) * cells)
        label = "╵" + datetime.fromtimestamp(tick_ms / 1000, zone).strftime("%H:%M")
        if cell + len(label) <= cells:
            row[cell : cell + len(label)] = label
        tick_ms += step_min * 60_000
    return "".join(row)

"""Hour bars: how each hour of a day was spent, one bar a line."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from unslouch.tui.palette import GLYPHS, STATES_SHOWN, css_name
from unslouch_device.contract.states import SLOUCHING, UNKNOWN

from .timeline import HOUR_MS

if TYPE_CHECKING:
    from unslouch.analysis.day import Day

LABEL_CELLS = 6
VALUE_CELLS = 14
HOUR_MIN = 60.0


class HourBars(ScrollView, can_focus=True):
    """A bar for each hour with records; its whole length is sixty minutes."""

    HELP = """## Hour by hour

A line for each hour of the day. The bar is sixty minutes long: each state has its share, in the shapes and colours of
the timeline; what is left empty was not recorded. At its end stands how long you slouched in that hour.
"""
    COMPONENT_CLASSES = {f"state--{css_name(state)}" for state in STATES_SHOWN} | {"hour-bars--label"}
    DEFAULT_CSS = """
    HourBars { height: 1fr; overflow-x: hidden; }
    HourBars > .hour-bars--label { color: $text-muted; }
    """ + "\n".join(
        f"HourBars > .state--{css_name(state)} {{ background: $state-{css_name(state)}; color: $background; }}"
        for state in STATES_SHOWN
    )

    def __init__(self) -> None:
        super().__init__(id="hour-bars")
        self._hours: list[tuple[str, dict[int, float]]] = []
        self._is_read = False

    def show(self, day: "Day") -> None:
        """Draw a day that was just read."""
        self._hours, self._is_read = minutes_by_hour(day), True
        self.virtual_size = Size(0, max(1, len(self._hours)))
        self.refresh()

    def clear(self) -> None:
        """Show nothing until a day is read."""
        self._hours, self._is_read = [], False
        self.virtual_size = Size(0, 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        width = self.size.width
        label_style = self.get_component_rich_style("hour-bars--label")
        if number >= len(self._hours):
            text = "nothing recorded" if number == 0 and self._is_read else ""
            return Strip([Segment(text, label_style)]).adjust_cell_length(width, self.rich_style)
        label, minutes = self._hours[number]
        cells = max(1, width - LABEL_CELLS - (VALUE_CELLS if width > 50 else 0))
        segments = [Segment(f"{label:<{LABEL_CELLS}}", label_style)]
        used, reached_min = 0, 0.0
        for state in STATES_SHOWN:
            if state == UNKNOWN or not minutes.get(state):
                continue
            reached_min += minutes[state]
            end = min(cells, round(reached_min / HOUR_MIN * cells))
            if end > used:
                style = self.get_component_rich_style(f"state--{css_name(state)}")
                segments.append(Segment(GLYPHS[state] * (end - used), style))
                used = end
        segments.append(Segment(" " * (cells - used), self.rich_style))
        if width > 50 and minutes.get(SLOUCHING):
            segments.append(Segment(f" {GLYPHS[SLOUCHING]} {minutes[SLOUCHING]:.0f} min", label_style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)


def minutes_by_hour(day: "Day") -> list[tuple[str, dict[int, float]]]:
    """Return (local hour such as "09:00", minutes by state) of each hour from the first to the last that was worn.

    Without wear these are all hours with records.

    On the day when clocks are set back the same hour comes twice, one after the other.
    """
    from unslouch.analysis.spans import WORN
    from unslouch.analysis.zones import to_local, to_utc_ms

    assert day.start.tzinfo is not None
    start_ms = to_utc_ms(day.start)
    hours: dict[int, dict[int, float]] = {}
    for span in day.spans:
        if span.state == UNKNOWN:
            continue
        for hour in range((span.start_utc_ms - start_ms) // HOUR_MS, (span.end_utc_ms - 1 - start_ms) // HOUR_MS + 1):
            begin_ms = start_ms + hour * HOUR_MS
            length_ms = min(span.end_utc_ms, begin_ms + HOUR_MS) - max(span.start_utc_ms, begin_ms)
            minutes = hours.setdefault(hour, {})
            minutes[span.state] = minutes.get(span.state, 0.0) + length_ms / 60_000
    shown = [hour for hour, minutes in hours.items() if not minutes.keys().isdisjoint(WORN)] or list(hours)
    if not shown:
        return []
    return [
        (f"{to_local(start_ms + hour * HOUR_MS, day.start.tzinfo):%H:%M}", hours.get(hour, {}))
        for hour in range(min(shown), max(shown) + 1)
    ]

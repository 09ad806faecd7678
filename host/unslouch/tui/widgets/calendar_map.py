"""The calendar of the History mode: a cell for each day, a column for each week, fuller the greater the value."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from unslouch.tui.bindings import binding

LABEL_CELLS = 4
WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
MOST_WEEKS = 53
LEAST_WEEKS = 13
"""So many weeks are shown although the first recorded day is more recent."""
MOST_CELLS = 4
"""How wide a day is at most."""
LEVELS = "░▒▓█"
NOT_COUNTED, NOT_WORN = "○", "·"
ROWS = 8
_HELP = """## The calendar

Each cell is a day, each column a week. The fuller a cell, the greater the chosen value, between the least and the
greatest of the days that are shown. `·` was not worn; `○` was worn too shortly to count, and is judged neither good nor
bad.

Arrow keys move from day to day and week to week. Enter opens the day. `v` and `V` choose the value.
"""


class CalendarMap(Widget, can_focus=True):
    """Draws the recorded weeks of the last year, as wide as fits."""

    HELP = _HELP
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "calendar--label", "calendar--good", "calendar--bad", "calendar--none", "calendar--cursor",
    }  # fmt: skip
    DEFAULT_CSS = """
    CalendarMap { height: 8; }
    CalendarMap > .calendar--label { color: $text-muted; }
    CalendarMap > .calendar--good { color: $state-upright; }
    CalendarMap > .calendar--bad { color: $state-slouching; }
    CalendarMap > .calendar--none { color: $text-disabled; }
    CalendarMap > .calendar--cursor { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("calendar", "left", "move(-7)", "Week before", "Go to the same day a week before.", show=False,
                name="week_before"),
        binding("calendar", "right", "move(7)", "Week after", "Go to the same day a week later.", show=False,
                name="week_after"),
        binding("calendar", "up", "move(-1)", "Day before", "Go to the day before.", show=False, name="day_before"),
        binding("calendar", "down", "move(1)", "Day after", "Go to the day after.", show=False, name="day_after"),
        binding("calendar", "home", "edge(0)", "First day", "Go to the first day that is shown.", show=False,
                name="first"),
        binding("calendar", "end", "edge(1)", "Last day", "Go to the last day.", show=False, name="last"),
        binding("calendar", "enter", "open", "Open day", "Show the chosen day in the Day mode."),
    ]  # fmt: skip

    class Moved(Message):
        """The cursor is on another day."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    class Chosen(Message):
        """The wearer wants to see a day."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self) -> None:
        super().__init__(id="calendar")
        self.cursor: date | None = None
        self._today: date | None = None
        self._values: Mapping[date, float | None] = {}
        self._worn: set[date] = set()
        self._is_more_better = True

    def show(self, values: Mapping[date, float | None], worn: set[date], today: date, *, is_more_better: bool) -> None:
        """Draw values by day; None is a day that does not count. worn: the days with any wear."""
        follows = self.cursor is None or self.cursor == self._today
        self._values, self._worn, self._today, self._is_more_better = values, worn, today, is_more_better
        if follows:
            self.cursor = today
        self.refresh()

    def clear(self) -> None:
        """Show nothing until days are read."""
        self.cursor = self._today = None
        self._values, self._worn = {}, set()
        self.refresh()

    @property
    def shown_weeks(self) -> list[date]:
        """The Mondays of the columns, oldest first: from the first week that was worn on, as far as they fit."""
        if self._today is None:
            return []
        last = self._today - timedelta(days=self._today.weekday())
        return [last - timedelta(weeks=back) for back in range(self._week_count - 1, -1, -1)]

    @property
    def _week_count(self) -> int:
        assert self._today is not None
        recorded = (self._today - min(self._worn, default=self._today)).days // 7 + 2
        return max(1, min(MOST_WEEKS, max(LEAST_WEEKS, recorded), self.size.width - LABEL_CELLS))

    @property
    def _cell_width(self) -> int:
        return max(1, min(MOST_CELLS, (self.size.width - LABEL_CELLS) // self._week_count))

    def action_move(self, days: int) -> None:
        """Move the cursor by days, within what is shown."""
        weeks = self.shown_weeks
        if self.cursor is not None and self._today is not None and weeks:
            self._go_to(max(weeks[0], min(self._today, self.cursor + timedelta(days=days))))

    def action_edge(self, edge: int) -> None:
        """Go to the first (0) or the last (1) day."""
        if self._today is not None:
            self._go_to(self._today if edge else self.shown_weeks[0])

    def action_open(self) -> None:
        """Ask for the day."""
        if self.cursor is not None:
            self.post_message(self.Chosen(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor onto the day under the mouse; a second click opens it."""
        weeks = self.shown_weeks
        column = (event.x - LABEL_CELLS) // self._cell_width if weeks else -1
        if not (0 <= column < len(weeks) and 1 <= event.y < ROWS) or self._today is None:
            return
        day = weeks[column] + timedelta(days=event.y - 1)
        if day <= self._today:
            self._go_to(day)
            if event.chain == 2:
                self.action_open()

    def _go_to(self, day: date) -> None:
        self.cursor = day
        self.refresh()
        self.post_message(self.Moved(day))

    def render_line(self, y: int) -> Strip:
        """Draw the months (row 0), or one weekday of all weeks."""
        width = self.size.width
        label_style = self.get_component_rich_style("calendar--label")
        if self._today is None or y >= ROWS:
            return Strip.blank(width, self.rich_style)
        weeks = self.shown_weeks
        if y == 0:
            return Strip([Segment(self._months(weeks), label_style)]).adjust_cell_length(width, self.rich_style)
        segments = [Segment(f"{WEEKDAYS[y - 1]:<{LABEL_CELLS}}", label_style)]
        least, most = self._limits(weeks)
        for monday in weeks:
            day = monday + timedelta(days=y - 1)
            text, name = self._cell(day, least, most)
            style = self.get_component_rich_style(name) if name else self.rich_style
            if day == self.cursor:
                style += Style(reverse=True, bold=self.has_focus)
            segments.append(Segment(text * self._cell_width, style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _limits(self, weeks: list[date]) -> tuple[float, float]:
        shown = [value for day, value in self._values.items() if value is not None and day >= weeks[0]]
        return min(shown, default=0.0), max(shown, default=0.0)

    def _cell(self, day: date, least: float, most: float) -> tuple[str, str]:
        assert self._today is not None
        if day > self._today:
            return " ", ""
        value = self._values.get(day)
        if value is None:
            return (NOT_COUNTED if day in self._worn else NOT_WORN), "calendar--none"
        share = (value - least) / (most - least) if most > least else 1.0
        return LEVELS[
            min(len(LEVELS) - 1, int(share * len(LEVELS)))
        ], f"calendar--{'good' if self._is_more_better else 'bad'}"

    def _months(self, weeks: list[date]) -> str:
        """Return the names of the months, each above the first week that begins in it."""
        row = [" "] * (LABEL_CELLS + len(weeks) * self._cell_width + 3)
        free_from = 0
        for number, monday in enumerate(weeks):
            is_first = number == 0 or monday.month != weeks[number - 1].month
            at = LABEL_CELLS + number * self._cell_width
            if is_first and at >= free_from and (number > 0 or monday.day <= 21):
                name = f"{monday:%b}"
                row[at : at + len(name)] = name
                free_from = at + len(name) + 1
        return "".join(row)

"""The Day mode: one recorded day, today or any other."""

from collections.abc import Hashable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Static, TabPane

from unslouch.errors import NoData
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.day_timeline import DayTimeline
from unslouch.tui.widgets.lists import Lists

from .day_copies import DayCopies
from .day_reading import Reading
from .day_words import DayWords

if TYPE_CHECKING:
    from unslouch.analysis.history import History

READING = "The day is being read."
NOTHING = "Nothing is recorded yet. What the sensor records appears here within seconds."


class Step(Static):
    """An arrow that shows the day before or after."""

    def __init__(self, text: str, action: str, tooltip: str) -> None:
        super().__init__(text, markup=False)
        self._action = action
        self.tooltip = tooltip

    async def on_click(self) -> None:
        """Show that day."""
        await self.screen.run_action(self._action)


class DayScreen(DayWords, DayCopies):
    """Shows a day that is read again while it is today's."""

    MODE = "day"
    keys_need_data = True
    HELP = """## Day

One recorded day: its timeline, slouches, alerts and notes, and the hours and numbers. `[` and `]` show the day before
and after, `t` today, `g` any date.

**Time travel.** Put the cursor on a moment, or choose a slouch or an alert, and press Enter: Live shows that moment as
it was, plainly marked as the past.
"""
    DEFAULT_CSS = """
    DayScreen #head { height: 1; padding: 0 1; }
    DayScreen #head Step { width: 3; content-align: center middle; color: $text-accent; }
    DayScreen #head Step:hover { background: $lifted; }
    DayScreen #date { width: auto; text-style: bold; }
    DayScreen #figures { width: 1fr; text-align: right; color: $text-muted; }
    DayScreen #narrow-figures { display: none; height: auto; padding: 0 1; color: $text-muted; }
    DayScreen #moment { height: auto; padding: 0 1; }
    DayScreen DayTimeline { margin: 0 1; }
    DayScreen.-medium DayTimeline { height: 6; }
    DayScreen.-tall DayTimeline { height: 30%; min-height: 12; }
    DayScreen #tables { height: 1fr; min-height: 8; }
    DayScreen TabbedContent { height: 1fr; width: 1fr; }
    DayScreen TabPane { padding: 0 1; }
    DayScreen ContentSwitcher { height: 1fr; }
    DayScreen.-normal #left { width: 44; }
    DayScreen.-narrow #tables { layout: vertical; height: auto; }
    DayScreen.-narrow TabbedContent { height: 11; }
    DayScreen.-narrow #figures { display: none; }
    DayScreen.-narrow #narrow-figures { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding(
            "day", "left_square_bracket", "step(-1)", "Day before", "Show the recorded day before this one.",
            name="before", key_display="[",
        ),
        binding(
            "day", "right_square_bracket", "step(1)", "Day after", "Show the recorded day after this one.",
            name="after", key_display="]",
        ),
        binding("day", "t", "today", "Today", "Show today."),
        binding("day", "g", "go_to", "Date", "Show the day of a date.", show=False),
        binding("day", "w", "mark_wrong", "Wrong", "Mark the chosen alert as wrong, or take the mark away."),
        binding("day", "n", "note", "Note", "Write a note to the cursor's moment, or change the chosen one."),
        binding("day", "m", "show_moment", "Show on Live", "Show the cursor's moment on Live, as it was.", show=False),
        binding("day", "i", "explain", "Explain", "Say what the chosen number means.", show=False),
        binding("day", "e", "export", "Export", "Write the day into a file, in any format."),
        binding("day", "y", "copy('markdown')", "Copy table", "Copy it as Markdown.", name="copy", show=False),
        binding(
            "day", "Y", "copy('csv')", "Copy CSV", "Copy the shown table as CSV.", show=False, name="copy_csv",
        ),
    ]  # fmt: skip

    def compose_body(self) -> ComposeResult:
        from unslouch.tui.widgets.day_table import AlertTable, NoteTable, NumberTable, SlouchTable

        tables = SlouchTable("slouches"), AlertTable("alerts"), NoteTable("notes"), NumberTable("numbers")
        self._tables = {str(table.id): table for table in tables}
        with Horizontal(id="head"):
            yield Step("‹", "step(-1)", "The recorded day before this one.")
            yield Static("", id="date", markup=False)
            yield Step("›", "step(1)", "The recorded day after this one.")
            yield Static("", id="figures", markup=False)
        yield Static("", id="narrow-figures", markup=False)
        yield self._timeline
        yield Static(READING, id="moment", markup=False)
        with Horizontal(id="tables"):
            with Lists(id="left"):
                for id in ("slouches", "alerts", "notes"):
                    with TabPane(id.capitalize(), id=f"tab-{id}"):
                        yield self._tables[id]
            with Lists(id="right"):
                with TabPane("Hours", id="tab-hours"):
                    yield self._bars
                with TabPane("Numbers", id="tab-numbers"):
                    yield self._tables["numbers"]

    def on_mount(self) -> None:
        """Begin with the timeline, whose cursor is what most keys are about."""
        self._timeline.focus()

    # Reading

    async def refresh_data(self) -> None:
        """Read the day again if it is today's, if another one is wanted, or if days begin elsewhere now."""
        reading, now_ms = self._reading, self.shared.coach.utc_ms
        if reading is not None and self._wanted == reading.day.day:
            today, zone = await self.shared.read_history(
                lambda history: (history.current_date(now_ms), str(history.tz))
            )
            if self._wanted != today and zone == reading.day.timezone:
                self._reading = replace(reading, today=today)
                self._show_head()
                return
        await self._read(self._wanted)

    async def _read(self, wanted: date | None) -> None:
        now_ms = self.shared.coach.utc_ms

        def read(history: "History") -> Reading:
            today = history.current_date(now_ms)
            return Reading(today, history.day(wanted or today), history.store.sensors(), history.store.simulated)

        try:
            reading = await self.shared.read_history(read)
        except NoData:
            self.query_one("#moment", Static).update(NOTHING)
            return
        self._show(reading)

    def _show(self, reading: Reading) -> None:
        from unslouch.tui.day_texts import LISTINGS

        self._reading = reading
        day = reading.day
        self._show_head()
        for id, table in self._tables.items():
            table.show(LISTINGS[id](day))
        self._bars.show(day)
        self._timeline.show(day, self.shared.sensor.settings["threshold"])
        self.refresh_bindings()

    def _show_head(self) -> None:
        """Write the date, and as many numbers beside or below it as fit."""
        from unslouch.tui.day_texts import figures_of, short_figures_of, title_of

        if self._reading is None:
            return
        day, room = self._reading.day, self.size.width - 10
        title, figures, brief = title_of(day), figures_of(day), short_figures_of(day)
        if day.day == self._reading.today and room > len(title) + len(brief) + 10:
            title += " (today)"
        self.query_one("#date", Static).update(title)
        self.query_one("#figures", Static).update(figures if room >= len(title) + len(figures) else brief)
        self.query_one("#narrow-figures", Static).update(brief)

    def on_resize(self) -> None:
        """Choose the numbers that fit."""
        self._show_head()

    def forget_sensor(self) -> None:
        """Show today of the other sensor's database, once it is read."""
        self._wanted = self._reading = None
        self._timeline.clear()
        self._bars.clear()
        for table in self._tables.values():
            table.forget()
        for id in ("#date", "#figures", "#narrow-figures"):
            self.query_one(id, Static).update("")
        self.query_one("#moment", Static).update(READING)

    def key_state(self) -> Hashable:
        reading = self._reading
        return super().key_state(), None if reading is None else (reading.day.day, reading.today)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        reading = self._reading
        if action in ("step", "today", "mark_wrong", "note", "show_moment", "explain", "export", "copy", "go_to"):
            if reading is None:
                return False
            if (action, *parameters) == ("step", 1) or action == "today":
                return reading.day.day < reading.today
        return super().check_action(action, parameters)

    # Moments

    def on_day_timeline_moved(self, event: DayTimeline.Moved) -> None:
        """Say what was at the cursor's moment."""
        from unslouch.tui.day_texts import moment_text

        if self._reading is not None:
            settings = self.shared.sensor.settings
            text = moment_text(self._reading.day, event.utc_ms, settings, is_brief=self.size.width < 50)
            self.query_one("#moment", Static).update(text)

    def on_day_timeline_chosen(self, event: DayTimeline.Chosen) -> None:
        """Show a moment on Live."""
        self._show_on_live(event.utc_ms)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Move the timeline's cursor along with the table that has the focus."""
        table = self._tables.get(event.data_table.id or "")
        if table is not None and table.has_focus and table.chosen_ms:
            self._timeline.go_to(table.chosen_ms)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Show a slouch, an alert or a note on Live, and explain a number."""
        table = self._tables.get(event.data_table.id or "")
        if table is self._tables["numbers"]:
            self.action_explain()
        elif table is not None and table.chosen_ms:
            self._show_on_live(table.chosen_ms)

    def action_show_moment(self) -> None:
        """Show the cursor's moment on Live."""
        if self._timeline.cursor_ms is not None:
            self._show_on_live(self._timeline.cursor_ms)

    def _show_on_live(self, utc_ms: int) -> None:
        reading = self._reading
        if reading is None:
            return
        settings = self.shared.sensor.settings

        async def show() -> str:
            from unslouch.tui.past import past_state

            self.shared.moment = await self.shared.disk.call(
                lambda: past_state(reading.day, utc_ms, settings, reading.sensors)
            )
            await self.run_action("app.mode('live')")
            return ""

        self.run_in_turn(show)

    # Days

    def action_step(self, direction: int) -> None:
        """Show the recorded day before or after."""
        reading = self._reading
        if reading is None:
            return

        async def step() -> str:
            near = await self.shared.read_history(lambda history: history.nearest_days(reading.day.day))
            days = [day for day in near if (day < reading.day.day) == (direction < 0)]
            if direction > 0 and reading.today > reading.day.day:
                days.append(reading.today)
            if not days:
                return "There is no recorded day before this one." if direction < 0 else "This is the last day."
            await self._go_to(min(days) if direction > 0 else max(days))
            return ""

        self.run_in_turn(step)

    def action_today(self) -> None:
        """Show today."""
        self.run_in_turn(self._go_to, None)

    def show_day(self, day: date) -> None:
        """Show the day of a date; another mode chose it."""
        self.run_in_turn(self._go_to, day)

    async def _go_to(self, day: date | None) -> str:
        """Show a day; today goes on to the next day at midnight."""
        is_today = self._reading is not None and day == self._reading.today
        self._wanted = None if is_today else day
        await self._read(self._wanted)
        return ""

    def action_go_to(self) -> None:
        """Ask for a date."""
        from unslouch.analysis.zones import day_named

        from .ask_text import AskTextScreen

        reading = self._reading
        if reading is None:
            return
        today = reading.today

        def refuse(text: str) -> str:
            try:
                wanted = day_named(text.strip().lower(), today)
            except ValueError:
                return f"{text!r} is no day: write today, yesterday or a date like {today}."
            return f"{wanted} has not begun yet." if wanted > today else ""

        def answer(text: str | None) -> None:
            if text is not None:
                self.run_in_turn(self._go_to, day_named(text.strip().lower(), today))

        self.app.push_screen(
            AskTextScreen("Show a day", "Which date?", str(reading.day.day), "YYYY-MM-DD", refuse), answer
        )

    # Numbers

    def action_explain(self) -> None:
        """Explain the number that is chosen."""
        from unslouch.export.report.numbers import value_text
        from unslouch.tui.day_texts import by_theme

        from .explain import ExplainScreen

        reading, table = self._reading, self._tables["numbers"]
        if reading is None:
            return
        metric = by_theme()[table.cursor_row]
        value = value_text(metric.name, reading.day.summary.values.get(metric.name))
        self.app.push_screen(ExplainScreen(metric, value))

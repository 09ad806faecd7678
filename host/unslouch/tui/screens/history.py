"""The History mode: a year of days at a glance, and what weeks, months, two ranges and goals say."""

from collections.abc import Hashable
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus
from textual.widgets import DataTable, Static, TabPane

from unslouch.tui.bindings import binding
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.calendar_map import LEVELS, NOT_COUNTED, NOT_WORN, CalendarMap
from unslouch.tui.widgets.day_table import ListingTable
from unslouch.tui.widgets.history_tables import CompareTable, GoalTable, MonthTable, WeekTable
from unslouch.tui.widgets.lists import Lists
from unslouch.tui.widgets.programme_row import ProgrammeRow
from unslouch.tui.widgets.trend_plot import TrendPlot

from .export_days import ExportsDays
from .history_reading import HistoryReader
from .set_goals import SetsGoals

if TYPE_CHECKING:
    from unslouch.analysis.history import History
    from unslouch.analysis.ranges import DayRange
    from unslouch.tui.day_texts import Listing
    from unslouch.tui.history_texts import Comparison

READING = "The recorded days are being read."
NOTHING = "Nothing is recorded yet. Each day with records becomes a cell here."
EXPORTED_DAYS = 28
"""So many days are suggested for an export."""


GOAL_DAYS_FROM = 96
"""From so many cells on there is room for all days of the goals."""


class HistoryScreen(HistoryReader, ExportsDays, SetsGoals):
    """A calendar, and below it a trend and tables of the same days."""

    MODE = "history"
    HELP = """## History

The last year as a calendar, with the same days as weeks, months and a trend, two ranges beside each other, and goals.
`v` and `V` choose the value that is shown, `g` sets your goals, `e` writes a range of days into a file. Days with less
than 4 h measured are not judged; every mean says over how many days it is, and with which coverage.
"""
    DEFAULT_CSS = """
    HistoryScreen #title { height: 1; padding: 0 1; text-style: bold; }
    HistoryScreen CalendarMap { margin: 0 1; }
    HistoryScreen #day-line { height: auto; padding: 0 1; }
    HistoryScreen TabbedContent { height: 1fr; min-height: 9; }
    HistoryScreen TabPane { padding: 0 1; }
    HistoryScreen ContentSwitcher { height: 1fr; }
    HistoryScreen .note { height: auto; color: $text-muted; }
    HistoryScreen.-short #title, HistoryScreen.-short ProgrammeRow { display: none; }
    HistoryScreen.-narrow TabbedContent { height: 12; }
    HistoryScreen.-narrow.-short TabbedContent { height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("history", "v", "metric(1)", "Value", "Show the next value.", name="next_value"),
        binding("history", "V", "metric(-1)", "Value before", "Show the value before.", show=False, name="last_value"),
        binding("history", "c", "compare", "Compare", "Compare the next two ranges of days."),
        binding("history", "C", "compare_any", "Compare any", "Compare any two ranges of days.", show=False),
        binding("history", "g", "set_goals", "Goals", "Set your goals."),
        binding("history", "e", "export", "Export", "Write a range of days into a file or folder, in any format."),
        binding("history", "y", "copy", "Copy table", "Copy it as Markdown.", show=False),
        binding("history", "Y", "copy_csv", "Copy CSV", "Copy the summaries of all shown days as CSV.", show=False),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._metric = 0
        self._comparison: Comparison | None = None
        self._calendar = CalendarMap()
        self._trend = TrendPlot()
        self._tables: dict[str, ListingTable] = {}

    def compose_body(self) -> ComposeResult:
        tables = WeekTable("weeks"), MonthTable("months"), CompareTable("compare"), GoalTable("goals")
        self._tables = {str(table.id): table for table in tables}
        yield Static("", id="title", markup=False)
        yield self._calendar
        yield Static(READING, id="day-line", markup=False)
        yield ProgrammeRow()
        with Lists(id="periods"):
            with TabPane("Trend", id="tab-trend"):
                yield self._trend
            for id in self._tables:
                with TabPane(id.capitalize(), id=f"tab-{id}"), Vertical():
                    yield Static("", id=f"note-{id}", classes="note", markup=False)
                    yield self._tables[id]

    def on_mount(self) -> None:
        """Begin with the calendar."""
        self._calendar.focus()

    def _show(self) -> None:
        from unslouch.analysis.metrics.minutes import COVERAGE, WORN_MIN
        from unslouch.tui.history_texts import LEFT_OUT, RULE, SHOWN_METRICS, value_of

        if self._today is None:
            return
        metric, today, summaries = SHOWN_METRICS[self._metric], self._today, self._summaries
        values = {day: value_of(summaries, day, metric.name) for day in summaries}
        worn = {day for day, summary in summaries.items() if summary[WORN_MIN] > 0}
        self._calendar.show(values, worn, today, is_more_better=metric.is_more_better)
        self.query_one("#title", Static).update(self._title(values))
        self._show_day()
        coverage = {day: summaries[day][COVERAGE] for day in summaries}
        self._show_trend(values, coverage)
        self._show_table()
        notes = {"weeks": RULE, "months": RULE, "compare": self._compared.title, "goals": LEFT_OUT}
        for id, note in notes.items():
            self.query_one(f"#note-{id}", Static).update(f"{note[:1].upper()}{note[1:]}")
        self.refresh_bindings()

    def _show_table(self) -> None:
        """Fill the table that is in sight; the others wait until they are."""
        id = self.query_one("#periods", Lists).active.removeprefix("tab-")
        if id in self._tables and self._today is not None:
            self._tables[id].show(self._listing(id))

    def on_tabbed_content_tab_activated(self) -> None:
        """Fill the table that came into sight."""
        self._show_table()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Have all of the lists in sight once one of them, or their tabs, have the keys."""
        if self.query_one("#periods") in event.widget.ancestors:
            self._show_lists()

    def _show_tab(self, id: str) -> None:
        """Bring a list into sight with what it has now."""
        self.query_one("#periods", Lists).active = id
        self._show()
        self._show_lists()

    def _show_lists(self) -> None:
        if self.has_class("-short"):
            self.call_after_refresh(self.query_one("#periods").scroll_visible, top=True, animate=False)

    def _title(self, values: "dict[date, float | None]") -> str:
        """Return the name of the value and, where there is room, what the cells of the calendar mean."""
        from unslouch.export.report.numbers import value_text
        from unslouch.tui.history_texts import SHOWN_METRICS

        metric = SHOWN_METRICS[self._metric]
        title = f"{metric.title[0].upper()}{metric.title[1:]}"
        known = [value for value in values.values() if value is not None]
        if not known or self.size.width < 76:
            return title
        least, most = value_text(metric.name, min(known)), value_text(metric.name, max(known))
        levels = f"{LEVELS[0]} {least} to {LEVELS[-1]} {most}"
        return f"{title}    {levels}   {NOT_COUNTED} doesn't count   {NOT_WORN} not worn"

    def _show_trend(self, values: "dict[date, float | None]", coverage: "dict[date, float | None]") -> None:
        from unslouch.export.report.numbers import value_text
        from unslouch.tui.history_texts import SHOWN_METRICS

        assert self._today is not None
        name = SHOWN_METRICS[self._metric].name
        known = [value for value in values.values() if value is not None]
        least, most = min(known, default=0.0), max(known, default=0.0)
        texts = value_text(name, least), value_text(name, most)
        if least == most:
            texts = "", texts[1]
        self._trend.show(values, coverage, self._today, (least, most), texts)

    def _show_day(self) -> None:
        from unslouch.tui.history_texts import SHOWN_METRICS, brief_day_text, day_text

        if self._calendar.cursor is None or not self._summaries:
            self._show_nothing()
            return
        name = SHOWN_METRICS[self._metric].name
        write = brief_day_text if self.size.width < 60 else day_text
        self.query_one("#day-line", Static).update(write(self._summaries, self._calendar.cursor, name))

    def _show_nothing(self) -> None:
        self.query_one("#day-line", Static).update(NOTHING)

    def forget_sensor(self) -> None:
        """Say that the other sensor's days are being read."""
        super().forget_sensor()
        self._calendar.clear()
        self._trend.clear()
        for table in self._tables.values():
            table.forget()
        self.query_one("#title", Static).update("")
        self.query_one("#day-line", Static).update(READING)

    def show_goals(self) -> None:
        """Bring the goals into sight."""
        self._show_tab("tab-goals")

    @property
    def _compared(self) -> "Comparison":
        from unslouch.tui.history_texts import comparisons

        assert self._today is not None
        return self._comparison or comparisons(self._today)[0]

    def _listing(self, id: str) -> "Listing":
        from unslouch.tui import history_texts
        from unslouch.tui.goal_texts import GOAL_DAYS, goal_listing

        assert self._today is not None
        name = history_texts.SHOWN_METRICS[self._metric].name
        if id == "weeks":
            return history_texts.week_listing(self._summaries, name)
        if id == "months":
            return history_texts.month_listing(self._summaries, name)
        if id == "compare":
            return history_texts.compare_listing(self._compared.one, self._compared.other, self._summaries)
        shown_days = GOAL_DAYS if self.size.width >= GOAL_DAYS_FROM else GOAL_DAYS // 2
        return goal_listing(self._summaries, self._exercised, self._today, self.shared.config.goals, shown_days)

    def key_state(self) -> Hashable:
        return super().key_state(), bool(self._summaries)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys that would do something."""
        if action in ("metric", "compare", "compare_any", "set_goals", "export", "copy", "copy_csv"):
            return bool(self._summaries)
        return super().check_action(action, parameters)

    # Keys

    def on_calendar_map_moved(self, event: CalendarMap.Moved) -> None:
        """Say what is known of the chosen day."""
        self._show_day()

    async def on_calendar_map_chosen(self, event: CalendarMap.Chosen) -> None:
        """Show a day in the Day mode."""
        from .day import DayScreen

        await self.run_action("app.mode('day')")
        screen = self.app.screen
        if isinstance(screen, DayScreen):
            screen.show_day(event.day)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Leave a chosen row as it is: there is nothing behind it."""

    def action_metric(self, step: int) -> None:
        """Show another value."""
        from unslouch.tui.history_texts import SHOWN_METRICS

        self._metric = (self._metric + step) % len(SHOWN_METRICS)
        self._show()

    def action_compare(self) -> None:
        """Show the comparison, and with it already shown the next one."""
        from unslouch.tui.history_texts import comparisons

        if self._today is None:
            return
        tabs = self.query_one("#periods", Lists)
        if tabs.active == "tab-compare":
            offered = comparisons(self._today)
            titles = [each.title for each in offered]
            at = titles.index(self._compared.title) if self._compared.title in titles else -1
            self._comparison = offered[(at + 1) % len(offered)]
            self._show()
        tabs.active = "tab-compare"
        self._show_lists()

    def action_compare_any(self) -> None:
        """Ask for two ranges."""
        from unslouch.tui.history_texts import parse_ranges

        from .ask_text import AskTextScreen, refusal_of

        today = self._today
        if today is None:
            return

        def read(text: str) -> "Comparison":
            return parse_ranges(text, today)

        def answer(text: str | None) -> None:
            if text is not None:
                self._comparison = read(text)
                self._show_tab("tab-compare")

        one, other = self._compared.one, self._compared.other
        text = f"{one.first} to {one.last}, {other.first} to {other.last}"
        self.app.push_screen(AskTextScreen("Compare", "Which two ranges of days?", text, "", refusal_of(read)), answer)

    def action_export(self) -> None:
        """Ask for a range of days, then for format and file, and write them."""
        from unslouch.tui.history_texts import parse_range

        from .ask_text import AskTextScreen, refusal_of

        today = self._today
        if today is None:
            return

        def read(text: str) -> "DayRange":
            return parse_range(text, today)

        def answer(text: str | None) -> None:
            if text is not None:
                self.run_in_turn(self._choose_file, read(text))

        text = f"{today - timedelta(days=EXPORTED_DAYS - 1)} to {today}"
        self.app.push_screen(
            AskTextScreen("Export", "Which days, from the first to the last?", text, "", refusal_of(read)), answer
        )

    async def _choose_file(self, days: "DayRange") -> str:
        from unslouch.tui.history_texts import range_title

        tz, simulated = await self.shared.read_history(lambda history: (history.tz, history.store.simulated))
        self.ask_export(f"Export {range_title(days)}", days.first, days.last, tz, simulated)
        return ""

    def action_copy(self) -> None:
        """Copy the shown table as Markdown."""
        from unslouch.tui.day_texts import markdown_table

        shown = self.query_one("#periods", Lists).active.removeprefix("tab-")
        if not self._summaries:
            return
        listing = self._listing(shown if shown in self._tables else "weeks")
        lines = [f"## {listing.title}", "", *markdown_table(listing.headings, (row.texts for row in listing.rows))]
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        self.notify(f"{listing.title} copied as Markdown.", markup=False)

    def action_copy_csv(self) -> None:
        """Copy the summaries of all days that were worn as CSV."""
        self.run_command(self._copy_csv)

    async def _copy_csv(self) -> str:
        from unslouch.analysis.metrics.minutes import WORN_MIN
        from unslouch.export.export_log import export_to_stream
        from unslouch.export.formats import FORMATS
        from unslouch.export.tables import SUMMARY
        from unslouch.export.writer import Contents

        worn = [day for day, summary in self._summaries.items() if summary[WORN_MIN] > 0]
        if not worn:
            return "No day was worn yet."
        parts: list[bytes] = []

        def write(history: "History") -> None:
            contents = Contents(min(worn), max(worn), history.tz, table=SUMMARY, is_range=True)
            export_to_stream(history, contents, FORMATS["csv"], parts.append)

        await self.shared.read_history(write)
        self.app.copy_to_clipboard(b"".join(parts).decode())
        return f"The summaries of {len(worn)} days copied as CSV."

"""The keys of the Day mode that give the day away: into a file, or into the clipboard."""

from typing import TYPE_CHECKING

from unslouch.errors import BadInput
from unslouch.tui.widgets.lists import Lists

from .day_reading import DayReader
from .export_days import ExportsDays

if TYPE_CHECKING:
    from unslouch.analysis.day import Day
    from unslouch.tui.day_texts import Listing


class DayCopies(DayReader, ExportsDays):
    """Exports the day, and copies its tables."""

    def action_export(self) -> None:
        """Ask for format and file, and write the day."""
        from unslouch.tui.day_texts import title_of

        reading = self._reading
        if reading is not None:
            assert reading.day.start.tzinfo is not None
            day = reading.day.day
            self.ask_export(f"Export {title_of(reading.day)}", day, day, reading.day.start.tzinfo, reading.is_simulated)

    def action_copy(self, format: str) -> None:
        """Copy the table that has the focus, or the one that is shown."""
        from unslouch.tui.day_texts import as_markdown

        reading, listing = self._reading, self._shown_listing()
        if reading is None or listing is None:
            return
        if format == "markdown":
            self.app.copy_to_clipboard(as_markdown(reading.day, listing))
            self.notify(f"{listing.title} copied as Markdown.", markup=False)
        else:
            self.run_command(self._copy_csv, reading.day, listing)

    async def _copy_csv(self, day: "Day", listing: "Listing") -> str:
        from unslouch.export.export_log import export_to_stream
        from unslouch.export.formats import FORMATS
        from unslouch.export.tables import TABLES
        from unslouch.export.writer import Contents

        if day.start.tzinfo is None:
            raise BadInput("The day has no time zone.")
        contents = Contents(day.day, day.day, day.start.tzinfo, table=TABLES[listing.table])
        parts: list[bytes] = []
        await self.shared.read_history(
            lambda history: export_to_stream(history, contents, FORMATS["csv"], parts.append)
        )
        self.app.copy_to_clipboard(b"".join(parts).decode())
        return f"{listing.title} copied as CSV."

    def _shown_listing(self) -> "Listing | None":
        """Return the table that has the focus, or else the one that is shown at the left."""
        from unslouch.tui.day_texts import LISTINGS

        if self._reading is None:
            return None
        is_right = any(widget.has_focus for widget in (self._bars, self._tables["numbers"]))
        tabs = self.query_one("#right" if is_right else "#left", Lists)
        return LISTINGS[tabs.active.removeprefix("tab-")](self._reading.day)

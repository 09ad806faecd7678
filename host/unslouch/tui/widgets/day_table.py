"""Tables of listings: those of a recorded day, whose rows are about a moment or a metric."""

from rich.cells import cell_len
from rich.text import Text
from textual.events import Click
from textual.widgets import DataTable

from unslouch.tui.day_texts import Listing

NARROW_CELLS = 60
"""Below so many cells of the screen the columns stand closer together."""


class ListingTable(DataTable[Text]):
    """Shows a listing; rows keep their place when it is read again. Brackets in a note are no markup."""

    DEFAULT_CSS = """
    ListingTable { height: 1fr; min-height: 5; background: $background; scrollbar-size-horizontal: 1;
        scrollbar-size-vertical: 1; scrollbar-color: $frame; scrollbar-background: $background; }
    ListingTable > .datatable--header { background: $background; color: $text-muted; text-style: none; }
    ListingTable > .datatable--cursor { background: $lifted; color: $text; text-style: bold; }
    ListingTable:focus > .datatable--cursor { background: $accent; color: $background; }
    ListingTable:ansi > .datatable--header { background: ansi_default; }
    ListingTable:ansi > .datatable--cursor { background: ansi_default; text-style: bold underline; }
    ListingTable:ansi:focus > .datatable--cursor { color: $accent; text-style: bold reverse; }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self._listing: Listing | None = None

    def on_click(self, event: Click) -> None:
        """Ignore a click on the headings: while a table is empty and has none, Textual (8.2) raises IndexError."""
        if event.style.meta.get("row") == -1:
            event.prevent_default()

    def show(self, listing: Listing) -> None:
        """Show a listing that was just made."""
        if self._listing is not None and listing == self._listing:
            return
        row = self.cursor_row if self._listing is not None else 0
        if self._is_narrow or self._listing is None or listing.headings != self._listing.headings:
            self.clear(columns=True)
            self._add_headings(listing)
        else:
            self.clear()
        self._listing = listing
        self.add_rows([Text(text, no_wrap=True, end="") for text in entry.texts] for entry in listing.rows)
        if listing.rows:
            self.move_cursor(row=min(row, len(listing.rows) - 1), animate=False)

    def forget(self) -> None:
        """Show nothing, until another listing is shown."""
        self._listing = None
        self.clear(columns=True)

    def _add_headings(self, listing: Listing) -> None:
        """Add the columns; on a narrow screen with one cell between them instead of two and one at each end."""
        self.cell_padding = 0 if self._is_narrow else 1
        for number, heading in enumerate(listing.headings):
            cells = max(cell_len(text) for text in (heading, *(row.texts[number] for row in listing.rows)))
            self.add_column(heading, width=cells + 1 if self._is_narrow else None)

    @property
    def _is_narrow(self) -> bool:
        return self.app.size.width < NARROW_CELLS

    def on_resize(self) -> None:
        """Put the columns closer together, or further apart."""
        listing = self._listing
        if listing is not None and (self.cell_padding == 0) != self._is_narrow:
            row = self.cursor_row
            self._listing = None
            self.show(listing)
            self.move_cursor(row=row, animate=False)

    @property
    def listing(self) -> Listing | None:
        """What is shown."""
        return self._listing

    @property
    def chosen_ms(self) -> int | None:
        """The moment of the row that the cursor is on; None without rows."""
        if self._listing is None or not 0 <= self.cursor_row < len(self._listing.rows):
            return None
        return self._listing.rows[self.cursor_row].utc_ms


class SlouchTable(ListingTable):
    """The slouches of a day."""

    HELP = """## Slouches

Each confirmed slouch of the day: when you crossed the threshold, how long it lasted, its greatest forward tilt, and how
long after the first alert you sat up. `…` marks one without a recorded end. Moving through the table moves the cursor
of the timeline; Enter shows the beginning of the slouch on Live, as it was.
"""


class AlertTable(ListingTable):
    """The alerts of a day."""

    HELP = """## Alerts

Each vibration that you could feel, and what became of it within 30 s. `w` marks one as a wrong alarm, or takes the mark
away: the share of wrong alarms is among the day's numbers. Enter shows the moment on Live, as it was.
"""


class NoteTable(ListingTable):
    """The notes and exercises of a day."""

    HELP = """## Notes

Your notes to moments of the day, and the exercises that you did. `n` writes one to the cursor's moment, or changes the
one that is chosen here; an empty text deletes it.
"""


class NumberTable(ListingTable):
    """The metrics of a day."""

    HELP = """## Numbers

Every metric of the day, as the exported summary has it. `i` or Enter explains the one that is chosen: what it is, how
it is computed and where the definition comes from.
"""

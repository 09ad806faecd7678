"""The database of journal pages: takes them in once each, verbatim, and finds them again."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from unslouch.errors import StoreError
from unslouch_device.contract.records import SLOUCH_ENDED

from .connection import connect_reader, connect_writer
from .faults import explained
from .pages import HOLDS_EPOCH, PageRow, holds_event, page_row
from .schema import SIMULATED_ID, pragma

BUSY_TIMEOUT_S = 5.0


class PageConflict(StoreError):
    """A page claims sequences that are already stored with other records."""


class BootExtent(NamedTuple):
    """What is stored of one boot of a journal."""

    journal: int
    boot: int
    first_sequence: int
    last_uptime_ms: int
    """Where its last record ends."""


class Sensor(NamedTuple):
    """The sensor that a journal came from."""

    journal: int
    device_id: str
    board: str
    firmware_version: str


class Store:
    """An open database. Every method raises StoreError if the database can't be used; none leaves half a change behind.

    One Store serves one thread at a time; any number of processes may have the same file open.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        simulated: bool | None,
        readonly: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> Self:
        """Open a database of a wearer (False), of a simulated one (True) or of either kind (None).

        Created if missing, as a wearer's unless simulated is True, with mode 0600; an older schema is migrated. With
        readonly a missing or empty one raises NoData. A database of the other kind, of another program or of a newer
        unslouch raises StoreError and is left as it is.
        """
        connect = connect_reader if readonly else connect_writer
        return cls(connect(path, simulated, busy_timeout_s), path)

    def close(self) -> None:
        """Close the database; what was stored is stored."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def simulated(self) -> bool:
        """True for the database of simulated wearers."""
        with explained(str(self.path)):
            return pragma(self._connection, "application_id") == SIMULATED_ID

    # Taking in

    def add_pages(self, pages: Iterable[bytes]) -> int:
        """Store pages and return how many records were new; a page that is already stored is left out.

        The batch is stored as a whole or not at all, so that whatever raised, it can be sent again: PageError (a
        ValueError) for bytes that are no page or whose CRC is wrong, PageConflict for a page whose sequences are stored
        with other records.
        """
        rows = [page_row(data) for data in pages]
        with self._transaction():
            fresh = self._without_stored(rows)
            self._connection.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
        return sum(row.next_sequence - row.first_sequence for row in fresh)

    def _without_stored(self, rows: list[PageRow]) -> list[PageRow]:
        ends: dict[int, int] = {}
        fresh: dict[tuple[int, int], PageRow] = {}
        for row in sorted(rows, key=lambda row: row[:2]):
            before = fresh.get(row[:2])
            if before is None:
                if row.journal not in ends:
                    ends[row.journal] = self._page_end(row.journal)
                if row.first_sequence >= ends[row.journal]:
                    fresh[row[:2]] = row
                    ends[row.journal] = row.next_sequence
                    continue
                before = self._overlapped(row, fresh)
            if before is None:
                fresh[row[:2]] = row
                ends[row.journal] = max(ends[row.journal], row.next_sequence)
            elif before.data != row.data:
                raise PageConflict(
                    f"The sensor sent other records {row.first_sequence} to {row.next_sequence - 1} of journal "
                    f"{row.journal:08x} than {self.path} holds: the stored ones are kept. If its flash was restored "
                    "from a copy, wipe its journal."
                )
        return list(fresh.values())

    def _page_end(self, journal: int) -> int:
        query = "SELECT next_sequence FROM page WHERE journal = ? ORDER BY first_sequence DESC LIMIT 1"
        found = self._connection.execute(query, (journal,)).fetchone()
        return int(found[0]) if found else 0

    def _overlapped(self, row: PageRow, fresh: dict[tuple[int, int], PageRow]) -> PageRow | None:
        """Return the page, of those stored and those about to be, that shares a sequence with a row."""
        query = "SELECT * FROM page WHERE journal = ? AND first_sequence < ? ORDER BY first_sequence DESC LIMIT 1"
        found = self._connection.execute(query, (row.journal, row.next_sequence)).fetchone()
        if found and PageRow(*found).next_sequence > row.first_sequence:
            return PageRow(*found)
        # Rows come sorted, so only the last of the fresh can reach into this one.
        last = fresh[next(reversed(fresh))] if fresh else None
        if last and last.journal == row.journal and last.next_sequence > row.first_sequence:
            return last
        return None

    def add_gap(self, journal: int, first_sequence: int, next_sequence: int) -> None:
        """Store that the records from first_sequence up to next_sequence were dropped before any host fetched them."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO gap VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET next_sequence = max(next_sequence, excluded.next_sequence)",
                (journal, first_sequence, next_sequence),
            )

    def add_sensor(self, sensor: Sensor) -> None:
        """Store, or bring up to date, which sensor a journal comes from."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO sensor VALUES (?, ?, ?, ?)", sensor)

    # Finding again

    def cursor(self, journal: int) -> int:
        """Return the sequence to fetch next: the one after all pages and gaps of a journal, 0 for an unknown one."""
        with explained(str(self.path)):
            query = "SELECT max(next_sequence) FROM gap WHERE journal = ?"
            gap_end = self._connection.execute(query, (journal,)).fetchone()[0] or 0
            return max(self._page_end(journal), gap_end)

    def journals(self) -> list[int]:
        """Return the ids of all journals of which pages are stored, ascending."""
        return [int(row[0]) for row in self._all("SELECT DISTINCT journal FROM page ORDER BY journal")]

    def sensors(self) -> list[Sensor]:
        """Return the sensors of all journals that were announced by add_sensor()."""
        return [Sensor(*row) for row in self._all("SELECT * FROM sensor ORDER BY journal")]

    def gaps(self, journal: int) -> list[tuple[int, int]]:
        """Return the gaps of a journal as (first sequence, next sequence)."""
        query = "SELECT first_sequence, next_sequence FROM gap WHERE journal = ? ORDER BY first_sequence"
        return [(first, after) for first, after in self._all(query, journal)]

    def records(self, journal: int | None = None) -> int:
        """Return how many records are stored, of one journal or of all."""
        query = "SELECT coalesce(sum(next_sequence - first_sequence), 0) FROM page"
        found = self._all(query) if journal is None else self._all(query + " WHERE journal = ?", journal)
        return int(found[0][0])

    def pages(self, journal: int | None = None, since_sequence: int = 0) -> list[bytes]:
        """Return the pages of one journal or all that hold since_sequence or later, by journal and sequence."""
        query = "SELECT data FROM page WHERE next_sequence > ?"
        if journal is None:
            found = self._all(query + " ORDER BY journal, first_sequence", since_sequence)
        else:
            found = self._all(query + " AND journal = ? ORDER BY first_sequence", since_sequence, journal)
        return [row[0] for row in found]

    def boots(self) -> list[BootExtent]:
        """Return every boot of every journal, in the order in which they happened within each journal."""
        query = "SELECT journal, boot, min(first_sequence), max(last_uptime_ms) FROM page GROUP BY journal, boot"
        return sorted((BootExtent(*row) for row in self._all(query)), key=lambda extent: (extent.journal, extent[2]))

    def clock_pages(self) -> list[bytes]:
        """Return the pages that hold a host clock, by journal and sequence."""
        return [row[0] for row in self._all("SELECT data FROM page WHERE holds & 4 ORDER BY journal, first_sequence")]

    def pages_with(self, codes: Iterable[int]) -> list[bytes]:
        """Return the pages that hold an event of any of these codes, by journal and sequence."""
        # The index is a tenth of the table, and the pages in question are few.
        named = "SELECT journal, first_sequence FROM page INDEXED BY page_by_time WHERE holds & ?"
        query = f"SELECT data FROM page WHERE (journal, first_sequence) IN ({named}) ORDER BY journal, first_sequence"
        return [row[0] for row in self._all(query, sum({holds_event(code) for code in codes}))]

    def last_page_with(self, code: int, journal: int, before_sequence: int) -> list[bytes]:
        """Return the last page of a journal that begins before a sequence and holds an event of this code, if any."""
        named = (
            "SELECT max(first_sequence) FROM page INDEXED BY page_by_time "
            "WHERE journal = ? AND first_sequence < ? AND holds & ?"
        )
        query = f"SELECT data FROM page WHERE journal = ? AND first_sequence = ({named})"
        return [row[0] for row in self._all(query, journal, journal, before_sequence, holds_event(code))]

    def page_times(self) -> list[tuple[int, int, int, int]]:
        """Return (journal, boot, base uptime in ms, uptime in ms at which the last record ends) of every page."""
        return list(self._all("SELECT journal, boot, base_uptime_ms, last_uptime_ms FROM page ORDER BY 1, 2, 3"))

    def pages_around(self, journal: int, boot: int, start_uptime_ms: int, end_uptime_ms: int) -> list[bytes]:
        """Return the pages of a boot that tell about [start, end) of its uptime, by sequence.

        Besides those that lie in it, they are all from the last earlier one with an epoch on, for the state in which
        the stretch begins, and up to the first later ones with an epoch and with a slouch's end, for how it goes on.
        """
        select = "SELECT {} FROM page WHERE journal = ? AND boot = ? AND "
        earlier = select.format("max(base_uptime_ms)") + "base_uptime_ms < ? AND last_uptime_ms < ? AND holds & ?"
        later = select.format("min(base_uptime_ms)") + "base_uptime_ms > ? AND holds & ?"
        between = select.format("data") + "base_uptime_ms BETWEEN ? AND ? ORDER BY first_sequence"
        first_ms = self._all(earlier, journal, boot, start_uptime_ms, start_uptime_ms, HOLDS_EPOCH)[0][0] or 0
        last_ms = end_uptime_ms
        for bit in (HOLDS_EPOCH, holds_event(SLOUCH_ENDED)):
            found = self._all(later, journal, boot, end_uptime_ms, bit)[0][0]
            # Without such a page, all that follows counts.
            last_ms = max(last_ms, 1 << 62 if found is None else found)
        return [row[0] for row in self._all(between, journal, boot, first_ms, last_ms)]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all that is read inside be of one moment, whatever another process stores meanwhile."""
        with explained(str(self.path)):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def _all(self, query: str, *values: int) -> list[Any]:
        with explained(str(self.path)):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(str(self.path)):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                # A full disk may already have rolled back.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

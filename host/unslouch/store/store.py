"""Store: the database of journal pages, which are stored once each, byte for byte."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from unslouch.errors import StoreError

from . import copies, deletion
from .connection import connect_reader, connect_writer
from .database_file import connect
from .deletion import Deletion, SequenceRange
from .faults import explained
from .pages import PageRow, page_row
from .queries import KeptSummary, Queries, Sensor
from .schema import SIMULATED_ID, pragma
from .transactions import transaction

BUSY_TIMEOUT_S = 5.0


class PageConflict(StoreError):
    """A page claims sequences that are already stored with other records."""


class Store(Queries):
    """An open database. Every method raises StoreError if the database can't be used, and changes all or nothing.

    One Store serves one thread at a time; any number of processes may have the same file open.
    """

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        simulated: bool | None,
        readonly: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> Self:
        """Open the database of a real wearer (False), of a simulated one (True) or of either (None).

        A missing database is created with mode 0600, for a real wearer unless simulated is True. An older schema is
        migrated. With readonly, a missing or empty database raises NoData. A file that is not the database that is
        asked for (of the other kind, of another program, of a newer unslouch) raises StoreError and stays as it is.
        """
        connect = connect_reader if readonly else connect_writer
        return cls(connect(path, simulated, busy_timeout_s), path)

    def close(self) -> None:
        """Close the database; a writer first moves into the file what the write-ahead log holds.

        SQLite does so only when the last connection is closed, and not if that one is a reader's.
        """
        with suppress(sqlite3.Error):  # a reader may not, and another program may be at work
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
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

    def add_pages(self, pages: Iterable[bytes]) -> int:
        """Store pages and return the number of new records; a page that is stored already is left out.

        Records that the wearer has deleted are left out, so of some pages only parts are stored.
        The batch is stored as a whole or not at all, so after any error it can be sent again. Raises PageError (a
        ValueError) for bytes that are no page or have a wrong CRC, PageConflict for a page whose sequences are stored
        with other records.
        """
        rows = [page_row(data) for data in pages]
        with self._transaction():
            fresh = self._without_stored(self._without_deleted(rows))
            self._connection.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)
        return sum(row.next_sequence - row.first_sequence for row in fresh)

    def _without_deleted(self, rows: list[PageRow]) -> list[PageRow]:
        """Return the rows without records that the wearer has deleted; a page is cut around them."""
        deleted: dict[int, list[tuple[int, int]]] = {}
        for journal in {row.journal for row in rows}:
            query = "SELECT first_sequence, next_sequence FROM deleted WHERE journal = ?"
            deleted[journal] = self._connection.execute(query, (journal,)).fetchall()
        remaining: list[PageRow] = []
        for row in rows:
            overlapped = [
                (first, after)
                for first, after in deleted[row.journal]
                if first < row.next_sequence and after > row.first_sequence
            ]
            remaining += map(page_row, deletion.without(row.data, overlapped)) if overlapped else [row]
        return remaining

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

    def _overlapped(self, row: PageRow, fresh: dict[tuple[int, int], PageRow]) -> PageRow | None:
        """Return the page, stored or about to be, that shares a sequence with a row; None if there is none."""
        query = "SELECT * FROM page WHERE journal = ? AND first_sequence < ? ORDER BY first_sequence DESC LIMIT 1"
        columns = self._connection.execute(query, (row.journal, row.next_sequence)).fetchone()
        if columns and PageRow(*columns).next_sequence > row.first_sequence:
            return PageRow(*columns)
        # The rows are sorted, so only the last new one can overlap this one.
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
        """Store or update which sensor a journal comes from."""
        with self._transaction():
            self._connection.execute("INSERT OR REPLACE INTO sensor VALUES (?, ?, ?, ?)", sensor)

    def keep_summaries(self, zone: str, summaries: Iterable[KeptSummary]) -> bool:
        """Keep the summaries of days in a zone, in place of earlier ones; return whether they were kept.

        They are not kept while another process is writing, or if this one may not write. A summary can always be
        computed again, so nothing waits for it.
        """
        rows = [(zone, *summary) for summary in summaries]
        try:
            connection = connect(self.path, "rw", busy_timeout_s=0)
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT OR REPLACE INTO summary VALUES (?, ?, ?, ?)", rows)
                connection.execute("COMMIT")
            finally:
                connection.close()
        except sqlite3.Error:
            return False
        return True

    def delete(self, what: Deletion) -> int:
        """Delete records and the wearer's words of a time; return how many records that were.

        They are in no query any more when this returns, and erase() takes their bytes out of the files.
        """
        with self._transaction():
            return deletion.delete(self._connection, what)

    def delete_everything(self, start_utc_ms: int | None, end_utc_ms: int | None) -> int:
        """Delete all records, words and kept numbers; return how many records that were. Call erase() afterwards.

        The given time is shown as deleted. The sensors' cursors stay, or go on to the last record that was imported.
        """
        with self._transaction():
            imported = dict(
                self._connection.execute("SELECT journal, max(sequence) + 1 FROM imported_record GROUP BY journal")
            )
            query = "SELECT journal FROM page UNION SELECT journal FROM gap UNION SELECT journal FROM deleted"
            journals = {row[0] for row in self._connection.execute(query)} | imported.keys()
            cursors = [
                SequenceRange(journal, 0, max(self.cursor(journal), imported.get(journal, 0)))
                for journal in sorted(journals)
            ]
            return deletion.delete_everything(self._connection, cursors, (start_utc_ms, end_utc_ms))

    def erase(self) -> None:
        """Take the bytes of what was deleted out of the database's files, as deletion.erase() describes."""
        deletion.erase(self._connection, self.path)

    def backup(self, target: Path, progress: copies.Progress | None = None) -> bool:
        """Write a copy into a private file, as copies.copy_database() describes; return whether a deletion can name it.

        It can't if this process may not write the database.
        """
        copies.copy_database(self._connection, self.path, target, progress)
        try:
            with closing(connect(self.path, "rw", BUSY_TIMEOUT_S)) as connection:
                copies.remember_backup(connection, target)
        except sqlite3.Error:
            return False
        return True

    def backups(self) -> list[Path]:
        """Return the backups of this database that still exist where they were written."""
        with explained(str(self.path)):
            return copies.backups(self._connection)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with transaction(self._connection, self.path):
            yield

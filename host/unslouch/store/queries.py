"""Queries: reading what is stored, by index.

The cost of each method depends on what it returns, not on what is stored: a day costs the same with ten years stored.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from unslouch_device.contract.records import DEEP_SLEEP_ENDED, SLOUCH_ENDED, SLOUCH_STARTED

from .coach_answers import CoachAnswers
from .deletion import SequenceRange
from .faults import explained
from .imports import Imports
from .pages import HOLDS_EPOCH, holds_event
from .transactions import read_all
from .words import Words

LAST_UPTIME_MS = 1 << 62
"""After every uptime."""


class StoredBoot(NamedTuple):
    """What is stored of one boot of a journal."""

    journal: int
    boot: int
    first_sequence: int
    last_uptime_ms: int
    """Where its last record ends."""
    records: int
    setups: int
    """Number of its events about calibrations, profiles and delays."""
    clocks: int
    """Number of its host clocks that can be right."""
    earliest_clock: str | None
    """The least UTC of those, in ms since 1970, as 12 hexadecimal digits; None without any."""
    latest_clock: str | None
    change: int
    """Grows with every page that is stored."""


class StoredEvent(NamedTuple):
    """An event as it is in its page, which begins at base_uptime_ms."""

    journal: int
    boot: int
    sequence: int
    base_uptime_ms: int
    record: bytes


class Sensor(NamedTuple):
    """The sensor that a journal came from."""

    journal: int
    device_id: str
    board: str
    firmware_version: str


class KeptSummary(NamedTuple):
    """The metrics of a local day, and the fingerprint of what they were computed from."""

    day: str
    fingerprint: str
    values: str
    """JSON."""


class Revisions(NamedTuple):
    """Numbers that grow with each change that any process makes; 0 for what has never changed."""

    pages: int
    """Of the pages."""
    words: int
    """Of the wearer's words."""
    imports: int
    """Of imported records and states."""
    deletions: int
    """Of deleted ranges."""


NO_REVISIONS = Revisions(0, 0, 0, 0)
_REVISIONS = "SELECT coalesce((SELECT max(change) FROM boot), 0), " + ", ".join(
    f"(SELECT number FROM revision WHERE name = '{name}')" for name in Revisions._fields[1:]
)


class Queries:
    """Reads an open database. Every method raises StoreError if it can't be read."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        self.words = Words(connection, path)
        """What the wearer says of the records."""
        self.coach_answers = CoachAnswers(connection, path)
        """What the coach suggested, and what the wearer answered."""
        self.imports = Imports(connection, path)
        """What came back from exported logs."""

    def cursor(self, journal: int) -> int:
        """Return the sequence to fetch next, 0 for an unknown journal.

        It is the one after all pages, gaps and deleted records of the journal.
        """
        ends = (f"SELECT max(next_sequence) FROM {table} WHERE journal = ?" for table in ("gap", "deleted"))
        return max(self._page_end(journal), *(self._one(query, journal) or 0 for query in ends))

    def _page_end(self, journal: int) -> int:
        query = "SELECT next_sequence FROM page WHERE journal = ? ORDER BY first_sequence DESC LIMIT 1"
        return self._one(query, journal) or 0

    def journals(self) -> list[int]:
        """Return the ids of all journals of which pages are stored, ascending."""
        return [int(row[0]) for row in self._all("SELECT DISTINCT journal FROM boot ORDER BY journal")]

    def sensors(self) -> list[Sensor]:
        """Return the sensors of all journals that were announced by add_sensor()."""
        return [Sensor(*row) for row in self._all("SELECT * FROM sensor ORDER BY journal")]

    def gaps(self, journal: int) -> list[tuple[int, int]]:
        """Return the gaps of a journal as (first sequence, next sequence)."""
        query = "SELECT first_sequence, next_sequence FROM gap WHERE journal = ? ORDER BY first_sequence"
        return [(first, after) for first, after in self._all(query, journal)]

    def revisions(self) -> Revisions:
        """Return how often what is stored has changed."""
        return Revisions(*self._all(_REVISIONS)[0])

    def deleted_times(self, start_utc_ms: int, end_utc_ms: int) -> list[tuple[int, int]]:
        """Return the [start, end) of the times in a range whose records the wearer has deleted, in order."""
        query = (
            "SELECT DISTINCT max(start_utc_ms, ?), min(end_utc_ms, ?) FROM deleted "
            "WHERE start_utc_ms < ? AND end_utc_ms > ? ORDER BY start_utc_ms, end_utc_ms"
        )
        joined: list[tuple[int, int]] = []
        for start_ms, end_ms in self._all(query, start_utc_ms, end_utc_ms, end_utc_ms, start_utc_ms):
            if joined and start_ms <= joined[-1][1]:
                start_ms, end_ms = joined[-1][0], max(end_ms, joined.pop()[1])
            joined.append((start_ms, end_ms))
        return joined

    def deleted_ranges(self) -> list[SequenceRange]:
        """Return the records that the wearer has deleted."""
        query = "SELECT journal, first_sequence, next_sequence FROM deleted ORDER BY journal, first_sequence"
        return [SequenceRange(*row) for row in self._all(query)]

    def records(self) -> int:
        """Return how many records are stored, those that were imported included."""
        fetched = self._one("SELECT sum(records) FROM boot") or 0
        return fetched + (self._one("SELECT count(*) FROM imported_record") or 0)

    def pages(self, journal: int | None = None, since_sequence: int = 0) -> list[bytes]:
        """Return the pages of one journal or all that hold since_sequence or later, by journal and sequence."""
        query = "SELECT data FROM page WHERE next_sequence > ?"
        if journal is None:
            rows = self._all(query + " ORDER BY journal, first_sequence", since_sequence)
        else:
            rows = self._all(query + " AND journal = ? ORDER BY first_sequence", since_sequence, journal)
        return [row[0] for row in rows]

    def boots(self, since_change: int = 0) -> list[StoredBoot]:
        """Return every boot of which a page was stored after revisions().pages had a value."""
        # The index on `change` would cost more than it saves where all boots are asked for.
        newer = "WHERE change > ?" if since_change else "WHERE +change > ?"
        return list(map(StoredBoot._make, self._all(f"SELECT * FROM boot {newer}", since_change)))

    def pages_after_deep_sleep(self, since_change: int = 0) -> list[bytes]:
        """Return the first page of each of those boots that began after a deep sleep."""
        query = (
            "SELECT data FROM boot JOIN page USING (journal, first_sequence) WHERE boot.change > ? AND page.holds & ?"
        )
        return [row[0] for row in self._all(query, since_change, holds_event(DEEP_SLEEP_ENDED))]

    def clocks(self, journal: int, boot: int) -> list[StoredEvent]:
        """Return every host clock of a boot, by sequence."""
        query = (
            "SELECT {} FROM event INDEXED BY clock_by_boot WHERE journal = ? AND boot = ? AND code = 2 "
            "ORDER BY sequence"
        )
        return self._events(query, journal, boot)

    def setups(self, journal: int, code: int, until_sequence: int) -> list[StoredEvent]:
        """Return a journal's events of one of derived.SETUP_CODES up to a sequence, that one included, in order."""
        query = (
            "SELECT {} FROM event INDEXED BY setup_by_subject WHERE journal = ? AND code = ? AND code <> 2 "
            "AND sequence <= ? ORDER BY sequence"
        )
        return self._events(query, journal, code, until_sequence)

    def last_setup(self, journal: int, code: int, subject: bytes, until_sequence: int) -> list[StoredEvent]:
        """Return the last event of setups() that is about a subject, if any.

        The subject is the calibration's id or the setting's as it stands in the record; a changed delay has none.
        """
        query = (
            "SELECT {} FROM event INDEXED BY setup_by_subject WHERE journal = ? AND code = ? AND code <> 2 "
            "AND subject = ? AND sequence <= ? ORDER BY sequence DESC LIMIT 1"
        )
        return self._events(query, journal, code, subject.hex().upper(), until_sequence)

    def _events(self, query: str, *values: int | str) -> list[StoredEvent]:
        return [StoredEvent(*row) for row in self._all(query.format(", ".join(StoredEvent._fields)), *values)]

    def page_window(self, journal: int, boot: int, start_uptime_ms: int, end_uptime_ms: int) -> tuple[int, int]:
        """Return the base uptimes of the first and the last page of a boot that matter for [start, end) of its uptime.

        Besides the pages inside, that is the last earlier page with an epoch, which shows the state at the start, and
        the first later pages with an epoch and with the end of a slouch, which show how long the last state and the
        last slouch go on.
        """
        select = "SELECT {} FROM page WHERE journal = ? AND boot = ? AND "
        earlier = select.format("max(base_uptime_ms)") + "base_uptime_ms < ? AND last_uptime_ms < ? AND holds & ?"
        later = select.format("min(base_uptime_ms)") + "base_uptime_ms > ? AND holds & ?"
        first_ms = self._one(earlier, journal, boot, start_uptime_ms, start_uptime_ms, HOLDS_EPOCH) or 0
        epoch_ms = self._one(later, journal, boot, end_uptime_ms, HOLDS_EPOCH)
        # A slouch that begins later has an end of its own.
        slouch = holds_event(SLOUCH_ENDED) | holds_event(SLOUCH_STARTED)
        slouch_ms = self._one(later, journal, boot, end_uptime_ms, slouch)
        # Without a later epoch, all that follows says how the last state ends.
        return first_ms, max(LAST_UPTIME_MS if epoch_ms is None else epoch_ms, slouch_ms or 0)

    def count_pages(self, journal: int, boot: int, first_base_ms: int, last_base_ms: int) -> int:
        """Return how many pages of a boot begin in an uptime window, both ends included."""
        query = "SELECT count(*) FROM page WHERE journal = ? AND boot = ? AND base_uptime_ms BETWEEN ? AND ?"
        return self._one(query, journal, boot, first_base_ms, last_base_ms) or 0

    def pages_between(self, journal: int, boot: int, first_base_ms: int, last_base_ms: int) -> list[bytes]:
        """Return the pages of a boot that begin in an uptime window, both ends included, in order of their begin."""
        window = journal, boot, first_base_ms, last_base_ms
        return [page for pages in self.page_batches(*window, size=1 << 16) for page in pages]

    def page_batches(
        self, journal: int, boot: int, first_base_ms: int, last_base_ms: int, *, size: int
    ) -> Iterator[list[bytes]]:
        """Yield the same pages, so many at a time."""
        query = "SELECT data FROM page WHERE journal = ? AND boot = ? AND base_uptime_ms BETWEEN ? AND ? "
        with explained(str(self.path)):
            rows = self._connection.execute(
                query + "ORDER BY base_uptime_ms", (journal, boot, first_base_ms, last_base_ms)
            )
            while batch := rows.fetchmany(size):
                yield [row[0] for row in batch]

    def pages_holding(
        self, codes: Iterable[int], journal: int, boot: int, first_base_ms: int, last_base_ms: int
    ) -> list[bytes]:
        """Return those of the same pages that hold an event of any of these codes."""
        query = "SELECT data FROM page WHERE journal = ? AND boot = ? AND base_uptime_ms BETWEEN ? AND ? AND holds & ?"
        holds = sum({holds_event(code) for code in codes})
        return [row[0] for row in self._all(query, journal, boot, first_base_ms, last_base_ms, holds)]

    def page_uptimes(self, journal: int, boot: int, first_base_ms: int, last_base_ms: int) -> list[int]:
        """Return the uptimes at which those pages begin, ascending."""
        query = (
            "SELECT base_uptime_ms FROM page WHERE journal = ? AND boot = ? AND base_uptime_ms BETWEEN ? AND ? "
            "ORDER BY base_uptime_ms"
        )
        return [int(row[0]) for row in self._all(query, journal, boot, first_base_ms, last_base_ms)]

    def kept_summaries(self, zone: str, first_day: str, last_day: str) -> list[KeptSummary]:
        """Return what keep_summaries() kept for a zone, from one ISO date to another, both included."""
        query = 'SELECT day, fingerprint, "values" FROM summary WHERE zone = ? AND day BETWEEN ? AND ?'
        return [KeptSummary(*row) for row in self._all(query, zone, first_day, last_day)]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Make all reads inside see one moment, whatever another process stores meanwhile."""
        with explained(str(self.path)):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    def _one(self, query: str, *values: int | str) -> int | None:
        rows = self._all(query, *values)
        value: int | None = rows[0][0] if rows else None
        return value

    def _all(self, query: str, *values: int | str) -> list[Any]:
        return read_all(self._connection, self.path, query, *values)

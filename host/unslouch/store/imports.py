"""Imports: records and states that came back from exported logs, beside the pages that supersede them."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from unslouch_device.contract.records import EPOCH_MS, EVENT_MARK, HOST_CLOCK

from .deletion import KnownSpan
from .own_tables import IS_DERIVED
from .transactions import read_all, transaction

_CLOCK = f"x'{EVENT_MARK | HOST_CLOCK:02X}'"
_IS_EPOCH = f"record < x'{EVENT_MARK:02X}'"


class ImportedRecord(NamedTuple):
    """A record of an exported log, with the time that the log gives it."""

    journal: int
    sequence: int
    boot: int
    uptime_ms: int
    """Where an epoch begins, or when an event happened."""
    utc_ms: int
    utc_error_ms: int
    """model.NO_BOUND where nothing bounds it."""
    time_quality: int
    """Index into list(model.TimeQuality): less is better."""
    settings_revision: int
    """0 if the log doesn't say it."""
    calibration_id: int
    """0 if the log doesn't say it."""
    record: bytes
    """The 12 bytes of the contract."""


STANDING_ZERO_ALONE = "standing zero"
"""The kind of a standing zero of a calibration of which a log, such as Parquet, says nothing else."""


class ImportedSetup(NamedTuple):
    """What a log says of a calibration or a delay whose event it doesn't hold."""

    kind: str
    """`calibration`, `delay`, `firmware`, or STANDING_ZERO_ALONE."""
    journal: int
    subject: int
    """The calibration's id, or the UTC in ms from which the delay or the firmware applied."""
    values: str
    """JSON."""


class ImportCount(NamedTuple):
    """What became of the records of a log."""

    added: int
    """Stored now, or known with a better time now."""
    known: int
    """Already there, as pages or from an earlier import."""
    deleted: int
    """Left out because the wearer has deleted them."""

    def plus(self, other: "ImportCount") -> "ImportCount":
        """Return the sums."""
        return ImportCount(*(mine + more for mine, more in zip(self, other, strict=True)))


class Imports:
    """The imported records of an open database; every method raises StoreError if the database can't be used."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def add(
        self,
        records: Iterable[ImportedRecord],
        spans: Iterable[KnownSpan] = (),
        setups: Iterable[ImportedSetup] = (),
        *,
        with_deleted: bool = False,
    ) -> ImportCount:
        """Store what a log says, all of it or nothing; return what became of its records.

        A record that a stored page holds is left out. One that was imported before is replaced only if its time is
        known better now. Deleted records stay deleted, unless with_deleted; then their time no longer shows as deleted.
        """
        records, count = list(records), ImportCount(0, 0, 0)
        with transaction(self._connection, self._path):
            if with_deleted and records:
                times = [record.utc_ms for record in records]
                self._connection.execute(
                    "UPDATE deleted SET start_utc_ms = NULL, end_utc_ms = NULL "
                    "WHERE start_utc_ms <= ? AND end_utc_ms > ?",
                    (max(times), min(times)),
                )
            for record in records:
                count = count.plus(self._add_record(record, with_deleted))
            for span in spans:
                self._add_span(span, with_deleted)
            self._connection.executemany("INSERT OR IGNORE INTO imported_setup VALUES (?, ?, ?, ?)", setups)
        return count

    def _add_record(self, record: ImportedRecord, with_deleted: bool) -> ImportCount:
        names = record.journal, record.sequence
        if not with_deleted and self._is_in("deleted", *names):
            return ImportCount(0, 0, 1)
        if self._is_in("page", *names):
            return ImportCount(0, 1, 0)
        cursor = self._connection.execute(
            "INSERT INTO imported_record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "utc_ms = excluded.utc_ms, utc_error_ms = excluded.utc_error_ms, time_quality = excluded.time_quality, "
            "record = excluded.record WHERE excluded.time_quality < time_quality",
            record,
        )
        return ImportCount(1, 0, 0) if cursor.rowcount > 0 else ImportCount(0, 1, 0)

    def _is_in(self, table: str, journal: int, sequence: int) -> bool:
        row = self._connection.execute(
            f"SELECT next_sequence FROM {table} WHERE journal = ? AND first_sequence <= ? "
            "ORDER BY first_sequence DESC LIMIT 1",
            (journal, sequence),
        ).fetchone()
        return row is not None and row[0] > sequence

    def _add_span(self, span: KnownSpan, with_deleted: bool) -> None:
        parts = [span]
        query = "SELECT start_utc_ms, end_utc_ms FROM deleted WHERE start_utc_ms < ? AND end_utc_ms > ?"
        overlapping = self._connection.execute(query, (span.end_utc_ms, span.start_utc_ms)).fetchall()
        for start_ms, end_ms in overlapping if not with_deleted else ():
            parts = [
                part._replace(start_utc_ms=max(part.start_utc_ms, low_ms), end_utc_ms=min(part.end_utc_ms, high_ms))
                for part in parts
                for low_ms, high_ms in ((part.start_utc_ms, start_ms), (end_ms, part.end_utc_ms))
                if max(part.start_utc_ms, low_ms) < min(part.end_utc_ms, high_ms)
            ]
        self._connection.executemany("INSERT OR IGNORE INTO imported_span VALUES (?, ?, ?)", parts)

    def around(self, start_utc_ms: int, end_utc_ms: int) -> list[ImportedRecord]:
        """Return the records in [start, end), and those before and after that show the states at both ends.

        They are in order of journal and sequence.
        """
        before = f"SELECT max(utc_ms) FROM imported_record WHERE utc_ms < ? AND {_IS_EPOCH}"
        after = f"SELECT min(utc_ms) FROM imported_record WHERE utc_ms >= ? AND {_IS_EPOCH}"
        first_ms = self._one(before, start_utc_ms)
        last_ms = self._one(after, end_utc_ms)
        return self.between(start_utc_ms if first_ms is None else first_ms, 1 << 62 if last_ms is None else last_ms + 1)

    def between(self, start_utc_ms: int, end_utc_ms: int) -> list[ImportedRecord]:
        """Return the records in [start, end), in order of journal and sequence."""
        query = "SELECT * FROM imported_record WHERE utc_ms >= ? AND utc_ms < ? ORDER BY journal, sequence"
        return [ImportedRecord(*row) for row in read_all(self._connection, self._path, query, start_utc_ms, end_utc_ms)]

    def has_any(self, start_utc_ms: int, end_utc_ms: int) -> bool:
        """Return whether anything was imported for [start, end)."""
        records = "SELECT 1 FROM imported_record WHERE utc_ms >= ? AND utc_ms < ? LIMIT 1"
        return self._one(records, start_utc_ms, end_utc_ms) is not None or bool(self.spans(start_utc_ms, end_utc_ms))

    def spans(self, start_utc_ms: int, end_utc_ms: int) -> list[KnownSpan]:
        """Return the states in [start, end) that no record in the database shows."""
        query = (
            "SELECT * FROM imported_span WHERE start_utc_ms < ? AND end_utc_ms > ? "
            "ORDER BY start_utc_ms, end_utc_ms, state"
        )
        return [KnownSpan(*row) for row in read_all(self._connection, self._path, query, end_utc_ms, start_utc_ms)]

    def setup_events(self, journal: int, until_sequence: int) -> list[ImportedRecord]:
        """Return a journal's records of derived.SETUP_CODES up to a sequence, that one included, in order."""
        return self._events(f"sequence <= ? AND substr(record, 1, 1) <> {_CLOCK}", journal, until_sequence)

    def clocks(self, journal: int, boot: int) -> list[ImportedRecord]:
        """Return every imported host clock of a boot, by sequence."""
        return self._events(f"boot = ? AND substr(record, 1, 1) = {_CLOCK}", journal, boot)

    def _events(self, condition: str, *values: int) -> list[ImportedRecord]:
        query = (
            f"SELECT * FROM imported_record INDEXED BY imported_event WHERE journal = ? AND {IS_DERIVED} "
            f"AND {condition} ORDER BY sequence"
        )
        return [ImportedRecord(*row) for row in read_all(self._connection, self._path, query, *values)]

    def setups(self, kind: str, journal: int) -> list[ImportedSetup]:
        """Return what logs say of a journal's calibrations, delays or firmware, in order of their subjects."""
        query = "SELECT * FROM imported_setup WHERE kind = ? AND journal = ? ORDER BY subject"
        return [ImportedSetup(*row) for row in read_all(self._connection, self._path, query, kind, journal)]

    def end_utc_ms(self) -> int | None:
        """Return where what was imported ends; None if nothing was."""
        ends = self._one("SELECT max(end_utc_ms) FROM imported_span"), self._record_end_ms()
        return max((end for end in ends if end is not None), default=None)

    def _record_end_ms(self) -> int | None:
        query = f"SELECT utc_ms + iif({_IS_EPOCH}, {EPOCH_MS}, 0) FROM imported_record ORDER BY utc_ms DESC LIMIT 1"
        return self._one(query)

    def nearest(self, before_utc_ms: int, from_utc_ms: int) -> tuple[int | None, int | None]:
        """Return the time of the last record before one moment and of the first from another on."""
        return (
            self._one("SELECT max(utc_ms) FROM imported_record WHERE utc_ms < ?", before_utc_ms),
            self._one("SELECT min(utc_ms) FROM imported_record WHERE utc_ms >= ?", from_utc_ms),
        )

    def _one(self, query: str, *values: int) -> int | None:
        rows = read_all(self._connection, self._path, query, *values)
        return None if not rows or rows[0][0] is None else int(rows[0][0])

"""Deletion: takes records and the wearer's words out of a database, so that no byte of them is left in its files.

A deletion has two steps. The first is one transaction: afterwards no query returns what was deleted. The second step,
erase(), writes the file anew and empties the write-ahead log, where the bytes may still be. If a program is ended in
between, or another one is reading at that time, the next start for writing takes the second step.

What stays of a deleted range of records is its journal, its sequences and the time that was deleted, so that a sensor
is not asked for them again. As long as other records of a journal are stored, its clock marks, calibrations, profiles
and delays stay, too, since the times and the angles of those records depend on them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from unslouch.errors import StoreError
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, pack_page, unpack_page
from unslouch_device.contract.records import EPOCH_MS, EVENT_MARK, RECORD_BYTES

from .coach_answers import delete_answers
from .faults import explained
from .pages import PageRow, page_row

_EVERYTHING = (
    "page",
    "gap",
    "event",
    "boot",
    "sensor",
    "alert_mark",
    "moment_note",
    "exercise_session",
    "coach_answer",
    "imported_record",
    "imported_span",
    "imported_setup",
    "summary",
)
"""The tables that hold nothing any more once everything is deleted."""
_ZONES_DIFFER_BY = timedelta(days=2)
"""More than the local dates of one moment differ by."""


class SequenceRange(NamedTuple):
    """Records of one journal, from a sequence up to another one."""

    journal: int
    first_sequence: int
    next_sequence: int


class KnownSpan(NamedTuple):
    """A state that is known although no record in the database shows it."""

    start_utc_ms: int
    end_utc_ms: int
    state: int


class Deletion(NamedTuple):
    """What to delete."""

    ranges: Sequence[SequenceRange]
    """Records."""
    start_utc_ms: int
    """From here on, up to end_utc_ms, the wearer's words and the states of imported logs."""
    end_utc_ms: int
    beside: Sequence[KnownSpan] = ()
    """States next to the deleted time that only the deleted records show, to be kept."""


def delete(connection: sqlite3.Connection, deletion: Deletion) -> int:
    """Delete records and words inside a transaction; return how many records that were. Call erase() afterwards."""
    count = 0
    for sequences in deletion.ranges:
        count += _delete_records(connection, sequences, deletion.start_utc_ms, deletion.end_utc_ms)
    for journal in {sequences.journal for sequences in deletion.ranges}:
        _forget_empty(connection, journal)
    window = deletion.start_utc_ms, deletion.end_utc_ms
    connection.execute("DELETE FROM alert_mark WHERE alert_utc_ms >= ? AND alert_utc_ms < ?", window)
    connection.execute("DELETE FROM moment_note WHERE utc_ms >= ? AND utc_ms < ?", window)
    connection.execute("DELETE FROM exercise_session WHERE start_utc_ms >= ? AND start_utc_ms < ?", window)
    delete_answers(connection, *window)
    _cut_spans(connection, *window)
    connection.executemany("INSERT OR IGNORE INTO imported_span VALUES (?, ?, ?)", deletion.beside)
    connection.execute("DELETE FROM summary WHERE day BETWEEN ? AND ?", _dates_around(*window))
    connection.execute("UPDATE revision SET number = number + 1 WHERE name IN ('deletions', 'erasing')")
    return count


def delete_everything(
    connection: sqlite3.Connection, cursors: Iterable[SequenceRange], time: tuple[int | None, int | None]
) -> int:
    """Delete all records, words and kept numbers inside a transaction; return how many records that were.

    cursors: for each journal the sequences that are not to be fetched again; time: the [start, end) of time that is
    shown as deleted. Call erase() afterwards.
    """
    count = connection.execute("SELECT coalesce(sum(next_sequence - first_sequence), 0) FROM page").fetchone()[0]
    count += connection.execute("SELECT count(*) FROM imported_record").fetchone()[0]
    for table in _EVERYTHING:
        connection.execute(f"DELETE FROM {table}")
    for sequences in cursors:
        connection.execute("DELETE FROM deleted WHERE journal = ?", (sequences.journal,))
        connection.execute("INSERT INTO deleted VALUES (?, ?, ?, ?, ?)", (*sequences, *time))
    connection.execute("UPDATE revision SET number = number + 1 WHERE name IN ('deletions', 'erasing', 'imports')")
    return int(count)


def _delete_records(
    connection: sqlite3.Connection, sequences: SequenceRange, start_utc_ms: int | None, end_utc_ms: int | None
) -> int:
    journal, first, after = sequences
    pages = connection.execute(
        "SELECT * FROM page WHERE journal = ? AND first_sequence > ? AND first_sequence < ? AND next_sequence > ?",
        (journal, first - RECORDS_PER_PAGE, after, first),
    ).fetchall()
    count = 0
    for row in map(PageRow._make, pages):
        connection.execute("DELETE FROM page WHERE journal = ? AND first_sequence = ?", row[:2])
        connection.execute(
            "UPDATE boot SET records = records - ?, change = (SELECT max(change) + 1 FROM boot) "
            "WHERE journal = ? AND boot = ?",
            (row.next_sequence - row.first_sequence, journal, row.boot),
        )
        for part in without(row.data, [(first, after)]):
            connection.execute("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", page_row(part))
        count += min(row.next_sequence, after) - max(row.first_sequence, first)
    imported = connection.execute(
        "DELETE FROM imported_record WHERE journal = ? AND sequence >= ? AND sequence < ?", sequences
    )
    connection.execute("DELETE FROM alert_mark WHERE journal = ? AND sequence >= ? AND sequence < ?", sequences)
    connection.execute(
        "INSERT INTO deleted VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "next_sequence = max(next_sequence, excluded.next_sequence), "
        "start_utc_ms = min(start_utc_ms, excluded.start_utc_ms), end_utc_ms = max(end_utc_ms, excluded.end_utc_ms)",
        (*sequences, start_utc_ms, end_utc_ms),
    )
    return count + imported.rowcount


def without(data: bytes, ranges: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return the parts of a page that remain without ranges of sequences, in order, as pages with their own CRCs.

    The same page and ranges give the same bytes; a page that holds none of them stays as it is.
    """
    page = unpack_page(data)
    ranges = list(ranges)
    kept = [
        not any(first <= sequence < after for first, after in ranges)
        for sequence in range(page.first_sequence, page.next_sequence)
    ]
    if all(kept):
        return [data]
    parts: list[Page] = []
    epochs = 0
    for at, is_kept in enumerate(kept):
        record = page.records[at * RECORD_BYTES : (at + 1) * RECORD_BYTES]
        if is_kept and at and kept[at - 1]:
            parts[-1].records += record
        elif is_kept:
            base_ms = page.base_uptime_ms + epochs * EPOCH_MS
            sequence = page.first_sequence + at
            names = page.journal, page.boot, sequence, base_ms, page.settings_revision, page.calibration_id
            parts.append(Page(*names, record))
        epochs += record[0] < EVENT_MARK
    return [pack_page(part) for part in parts]


def _forget_empty(connection: sqlite3.Connection, journal: int) -> None:
    """Delete what is known of a journal's boots if nothing of it is stored any more."""
    query = "SELECT EXISTS (SELECT 1 FROM {} WHERE journal = ?)"
    if any(connection.execute(query.format(table), (journal,)).fetchone()[0] for table in ("page", "imported_record")):
        return
    for table in ("event", "boot", "imported_setup"):
        connection.execute(f"DELETE FROM {table} WHERE journal = ?", (journal,))


def _cut_spans(connection: sqlite3.Connection, start_utc_ms: int, end_utc_ms: int) -> None:
    query = "SELECT * FROM imported_span WHERE start_utc_ms < ? AND end_utc_ms > ?"
    for span in map(KnownSpan._make, connection.execute(query, (end_utc_ms, start_utc_ms)).fetchall()):
        connection.execute("DELETE FROM imported_span WHERE start_utc_ms = ? AND end_utc_ms = ? AND state = ?", span)
        parts = (span._replace(end_utc_ms=start_utc_ms), span._replace(start_utc_ms=end_utc_ms))
        connection.executemany(
            "INSERT OR IGNORE INTO imported_span VALUES (?, ?, ?)",
            [part for part in parts if part.start_utc_ms < part.end_utc_ms],
        )


def _dates_around(start_utc_ms: int, end_utc_ms: int) -> tuple[str, str]:
    first, last = (datetime.fromtimestamp(utc_ms / 1000, UTC).date() for utc_ms in (start_utc_ms, end_utc_ms))
    return (first - _ZONES_DIFFER_BY).isoformat(), (last + _ZONES_DIFFER_BY).isoformat()


def is_erasing(connection: sqlite3.Connection) -> bool:
    """Return whether deleted bytes may still be in the files of a database."""
    return bool(connection.execute("SELECT number FROM revision WHERE name = 'erasing'").fetchone()[0])


def erase(connection: sqlite3.Connection, path: Path) -> None:
    """Write the database anew and empty its write-ahead log, so that deleted bytes are gone from both.

    Needs room for a second copy while it lasts. Raises StoreError if another program reads or writes meanwhile; then
    the next start for writing does it.
    """
    with explained(str(path)):
        # A deletion that begins after this one has a step of its own.
        number = connection.execute("SELECT number FROM revision WHERE name = 'erasing'").fetchone()[0]
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("VACUUM")
        with closing(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")) as cursor:
            is_blocked = cursor.fetchone()[0]
        if is_blocked:
            raise StoreError(
                f"The deleted records are in no log any more, but {path} could not be cleaned, because another program "
                "is reading it: close that one, and start any unslouch command that writes, such as `unslouch record`."
            )
        connection.execute("UPDATE revision SET number = 0 WHERE name = 'erasing' AND number = ?", (number,))

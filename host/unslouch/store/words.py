"""Words: what the wearer says of the records: marks on alerts, notes to moments, and exercise sessions."""

import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from unslouch.errors import BadInput

from .transactions import read_all, transaction

WRONG_ALARM = "wrong alarm"
"""The mark on an alert that the wearer thinks was none."""
MARKS = (WRONG_ALARM,)
MOST_CHARACTERS = 10_000
"""The most characters of a note."""
_ID_BYTES = 8


class AlertMark(NamedTuple):
    """What the wearer said of an alert."""

    journal: int
    sequence: int
    """Of the alert's record."""
    alert_utc_ms: int
    """When the alert was, as far as it was known when it was marked."""
    mark: str
    """One of MARKS."""


class MomentNote(NamedTuple):
    """The wearer's note to a moment."""

    note_id: str
    utc_ms: int
    text: str


class ExerciseSession(NamedTuple):
    """An exercise that the wearer did."""

    session_id: str
    start_utc_ms: int
    end_utc_ms: int
    exercise: str
    """Its key in the coach's catalogue."""
    repetitions: int | None
    """None if they were not counted."""
    is_complete: bool
    """False if the wearer ended it early."""


class Words:
    """The wearer's words in an open database.

    Every method raises StoreError if the database can't be used. A note and a session are named by a random id, so that
    an exported one can be imported again. Ranges of time are [start, end) in ms of UTC.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def mark_alert(self, mark: AlertMark) -> None:
        """Mark an alert, in place of an earlier mark; raises BadInput for a mark that is not in MARKS."""
        self.add([mark])

    def unmark_alert(self, journal: int, sequence: int) -> bool:
        """Take the mark from an alert; return whether it had one."""
        return self._delete("alert_mark WHERE journal = ? AND sequence = ?", journal, sequence)

    def add_note(self, utc_ms: int, text: str) -> MomentNote:
        """Store a note to a moment; raises BadInput if it is empty or too long."""
        note = MomentNote(secrets.token_hex(_ID_BYTES), utc_ms, text)
        self.add([note])
        return note

    def change_note(self, note: MomentNote) -> None:
        """Store a note in place of the one with its id; raises BadInput as add_note()."""
        self.add([note])
        self._empty_log()

    def delete_note(self, note_id: str) -> bool:
        """Delete a note; return whether there was one."""
        return self._delete("moment_note WHERE note_id = ?", note_id)

    def add_session(
        self, exercise: str, start_utc_ms: int, end_utc_ms: int, *, repetitions: int | None, is_complete: bool
    ) -> ExerciseSession:
        """Store an exercise session; raises BadInput if it ends before it begins."""
        session_id = secrets.token_hex(_ID_BYTES)
        session = ExerciseSession(session_id, start_utc_ms, end_utc_ms, exercise, repetitions, is_complete)
        self.add([session])
        return session

    def has_sessions(self) -> bool:
        """Return whether any exercise session is stored."""
        return bool(read_all(self._connection, self._path, "SELECT 1 FROM exercise_session LIMIT 1"))

    def delete_session(self, session_id: str) -> bool:
        """Delete an exercise session; return whether there was one."""
        return self._delete("exercise_session WHERE session_id = ?", session_id)

    def add(self, words: Iterable[AlertMark | MomentNote | ExerciseSession], *, replace: bool = True) -> int:
        """Store words as they are, in place of those with the same names; return how many were new or different.

        Without replace, words whose names are stored already are left out.
        All of them are stored or, after an error, none. Raises BadInput for words that can't be stored.
        """
        words = list(words)
        for word in words:
            _check(word)
        changed = 0
        with transaction(self._connection, self._path):
            for word in words:
                changed += self._put(word, replace)
        return changed

    def _put(self, word: AlertMark | MomentNote | ExerciseSession, replace: bool) -> bool:
        table, names = _TABLES[type(word)]
        same = " AND ".join(f"{column} IS ?" for column in word._fields)
        if self._connection.execute(f"SELECT 1 FROM {table} WHERE {same}", word).fetchone():
            return False
        places = ", ".join("?" * len(word))
        others = ", ".join(f"{column} = excluded.{column}" for column in word._fields if column not in names)
        change = f"UPDATE SET {others}" if replace else "NOTHING"
        cursor = self._connection.execute(
            f"INSERT INTO {table} ({', '.join(word._fields)}) VALUES ({places}) "
            f"ON CONFLICT ({', '.join(names)}) DO {change}",
            word,
        )
        return cursor.rowcount > 0

    def alert_marks(self, start_utc_ms: int, end_utc_ms: int) -> list[AlertMark]:
        """Return the marks of alerts in a range of time, by time."""
        query = (
            "SELECT journal, sequence, alert_utc_ms, mark FROM alert_mark "
            "WHERE alert_utc_ms >= ? AND alert_utc_ms < ? ORDER BY alert_utc_ms, journal, sequence"
        )
        return [AlertMark(*row) for row in self._between(query, start_utc_ms, end_utc_ms)]

    def notes(self, start_utc_ms: int, end_utc_ms: int) -> list[MomentNote]:
        """Return the notes to moments in a range of time, by time."""
        query = (
            "SELECT note_id, utc_ms, text FROM moment_note WHERE utc_ms >= ? AND utc_ms < ? ORDER BY utc_ms, note_id"
        )
        return [MomentNote(*row) for row in self._between(query, start_utc_ms, end_utc_ms)]

    def sessions(self, start_utc_ms: int, end_utc_ms: int) -> list[ExerciseSession]:
        """Return the exercise sessions that begin in a range of time, by time."""
        query = (
            "SELECT session_id, start_utc_ms, end_utc_ms, exercise, repetitions, is_complete FROM exercise_session "
            "WHERE start_utc_ms >= ? AND start_utc_ms < ? ORDER BY start_utc_ms, session_id"
        )
        return [
            ExerciseSession(*row)._replace(is_complete=bool(row[-1]))
            for row in self._between(query, start_utc_ms, end_utc_ms)
        ]

    def _between(self, query: str, start_utc_ms: int, end_utc_ms: int) -> list[Any]:
        return read_all(self._connection, self._path, query, start_utc_ms, end_utc_ms)

    def _delete(self, row: str, *values: int | str) -> bool:
        with transaction(self._connection, self._path):
            is_deleted = self._connection.execute(f"DELETE FROM {row}", values).rowcount > 0
        self._empty_log()
        return is_deleted

    def _empty_log(self) -> None:
        """Empty the write-ahead log, where a text may still be that was deleted or changed.

        While another program reads or writes, it can't be; then Store.close() does it.
        """
        with suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


_TABLES: dict[type, tuple[str, tuple[str, ...]]] = {
    AlertMark: ("alert_mark", ("journal", "sequence")),
    MomentNote: ("moment_note", ("note_id",)),
    ExerciseSession: ("exercise_session", ("session_id",)),
}
"""For each kind of words its table, and the columns that name a row."""


def _check(word: AlertMark | MomentNote | ExerciseSession) -> None:
    match word:
        case AlertMark(mark=mark) if mark not in MARKS:
            raise BadInput(f"{mark!r} is no mark of an alert: use {' or '.join(map(repr, MARKS))}.")
        case MomentNote(text=text) if not text.strip():
            raise BadInput("A note without text can't be stored: write something, or delete it.")
        case MomentNote(text=text) if len(text) > MOST_CHARACTERS:
            raise BadInput(
                f"A note has at most {MOST_CHARACTERS:,} characters, and this one has {len(text):,}: shorten it."
            )
        case ExerciseSession(start_utc_ms=start_ms, end_utc_ms=end_ms) if end_ms < start_ms:
            raise BadInput("An exercise session can't end before it begins: check both times.")
